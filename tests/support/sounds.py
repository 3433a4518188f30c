"""Sound as a source gives it, coded in any way, and what is heard in AAC."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import av
import av.audio.codeccontext
import numpy as np
import numpy.typing as npt
from av.codec import CodecContext

from appliance.domain.packet import SoundStream
from appliance.packets.sound_input import RawSound, SoundInput

Samples = npt.NDArray[np.float32]
Options = Mapping[str, str]
NO_OPTIONS: Options = {}
AudioContext = av.audio.codeccontext.AudioCodecContext


def beeps(seconds: float, rate: int, hz: float = 440.0) -> Samples:
    """Return a tone in the first half of each second and silence in the other: float32, shape (samples,)."""
    at_s = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hz * at_s) * (at_s % 1 < 0.5)).astype(np.float32)


def coded(
    codec: str, samples: Samples, rate: int, each: int, *, channels: int = 1, options: Options = NO_OPTIONS
) -> tuple[bytes, list[bytes]]:
    """Return an encoder's extradata and its packets.

    Args:
        codec: of the encoder.
        samples: float32, shape (samples,), of every channel.
        rate: samples a second.
        each: samples that the encoder gets at once.
        channels: how many.
        options: the encoder's own.
    """
    encoder = _context(codec, "w", rate, channels, options)
    encoder.time_base = Fraction(1, rate)
    form = "fltp" if encoder.codec.audio_formats is None else encoder.codec.audio_formats[0].name
    encoder.format = form
    encoder.open()
    layout, packets = encoder.layout.name, []
    for begin in range(0, len(samples), each):
        part = np.ascontiguousarray(np.repeat(samples[None, begin : begin + each], channels, axis=0))
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return bytes(encoder.extradata or b""), packets


def input_of(
    codec: str,
    rate: int,
    *,
    channels: int = 1,
    extradata: bytes = b"",
    is_timed_with_pictures: bool = False,
    options: Options = NO_OPTIONS,
) -> SoundInput:
    """Return a stream as a container describes it; ``options`` are the decoder's."""
    decoder = _context(codec, "r", rate, channels, options)
    if extradata:
        decoder.extradata = extradata
    name = decoder.codec.canonical_name
    return SoundInput(1, name, extradata, Fraction(1, rate), decoder, is_timed_with_pictures)


def raw(
    stream: SoundInput,
    packets: Iterable[bytes],
    each_s: float,
    *,
    begin_s: float = 0.0,
    late_s: float = 0.0,
    sender_us: int | None = None,
) -> list[RawSound]:
    """Return packets as a source gives them, each of which arrives ``late_s`` after it began.

    Args:
        stream: theirs.
        packets: their bytes.
        each_s: how long one lasts.
        begin_s: when the first begins; time stamps and arrivals count from 0.
        late_s: see above.
        sender_us: the sender's wall time at 0, if it reports.
    """
    found = []
    for i, data in enumerate(packets):
        at_s = begin_s + i * each_s
        sent_us = None if sender_us is None else sender_us + round(at_s * 1e6)
        found.append(RawSound(stream, data, at_s, round((at_s + late_s) * 1e9), sent_us))
    return found


def decoded(stream: SoundStream, units: Iterable[bytes]) -> Samples:
    """Return what a player makes of AAC: float32, shape (samples,), of the first channel."""
    decoder = _context("aac", "r", stream.sample_rate, stream.channels, NO_OPTIONS)
    decoder.extradata = stream.config
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def loudness(samples: Samples, rate: int, begin_s: float, end_s: float) -> float:
    """Return the root mean square between two moments."""
    return float(np.sqrt(np.mean(samples[round(begin_s * rate) : round(end_s * rate)] ** 2)))


def _context(codec: str, mode: str, rate: int, channels: int, options: Options) -> AudioContext:
    context = CodecContext.create(codec, mode)  # type: ignore[call-overload]
    assert isinstance(context, AudioContext)
    context.sample_rate, context.layout = rate, {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    context.options = dict(options)
    return context
