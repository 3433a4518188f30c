"""Coded sound of any kind → AAC access units: copied where it is AAC, else decoded and encoded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import av
import av.audio.codeccontext
import av.error
from av.codec import CodecContext

from appliance.domain.packet import SoundStream
from appliance.errors import NotRecordable
from appliance.packets.aac_config import SAMPLE_RATES, AacConfig, has_adts, parse_config, without_adts
from appliance.packets.sound_input import RawSound, SoundInput

LOWEST_RATE, HIGHEST_RATE = 16_000, 48_000
"""Samples a second of what is encoded. The 8,000 of a telephone are doubled: an access unit would last
128 ms, which live view would wait for."""

BITS_PER_CHANNEL = {16_000: 48_000, 22_050: 48_000}
"""In a second, by the sample rate."""

_USUAL_BITS_PER_CHANNEL = 64_000

_ENCODER = {"aac_coder": "fast"}
"""A second of noise from G.711 costs 1.7 ms of a core instead of 5.5, a tone 4.3 instead of 6.7, and at
48 kbit/s the noise comes out nearer to what went in (32 dB of signal to noise instead of 25)."""

DAMAGED_IN_A_ROW = 50
"""So many packets that cannot be decoded are noise on the way; more are a stream that never can be."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """A piece of AAC.

    Attributes:
        samples: of each channel, at the stream's rate.
        begin_s: seconds of sound before it since the first that was fed; below 0 for the encoder's lead.
    """

    stream: SoundStream
    data: bytes = field(repr=False)
    samples: int
    begin_s: float

    @property
    def duration_s(self) -> float:
        """How long it sounds."""
        return self.samples / self.stream.sample_rate


class AacTrack(Protocol):
    """Makes AAC of one sound stream; used on one thread."""

    @property
    def fed_s(self) -> float:
        """How many seconds of sound were fed; where the next packet begins."""
        ...

    def feed(self, sound: RawSound) -> list[AccessUnit]:
        """Take the next packet; return what is ready, in order.

        Raises:
            NotRecordable: no AAC can be made of it.
        """
        ...


def aac_track(first: RawSound) -> AacTrack:
    """Return what makes AAC of a stream that begins with this packet.

    Raises:
        NotRecordable: it says that it is AAC, and not of what kind.
    """
    if first.stream.codec == "aac":
        config = without_adts(first.data)[0] if has_adts(first.data) else parse_config(first.stream.extradata)
        if config.is_played:
            return CopiedAac(config)
    return EncodedAac(first.stream)


class CopiedAac:
    """Hands AAC on byte for byte, without the ADTS header that it may have.

    Args:
        config: what holds for packets without such a header.
    """

    def __init__(self, config: AacConfig) -> None:
        self._config = config
        self._stream = _copied_stream(config)
        self._fed_s = 0.0

    @property
    def fed_s(self) -> float:
        """How many seconds of sound were fed."""
        return self._fed_s

    def feed(self, sound: RawSound) -> list[AccessUnit]:
        """Take the next access unit.

        Raises:
            NotRecordable: an ADTS header that says what cannot be played.
        """
        data = sound.data
        if has_adts(data):
            config, data = without_adts(data)
            if config.data != self._config.data:
                self._take_up(config)
        unit = AccessUnit(self._stream, data, self._config.samples, self._fed_s)
        self._fed_s += unit.duration_s
        return [unit] if data else []

    def _take_up(self, config: AacConfig) -> None:
        if not config.is_played:
            raise NotRecordable(f"the AAC has become one that is not played: {config}")
        self._config, self._stream = config, _copied_stream(config)


class EncodedAac:
    """Decodes whatever libav can decode and encodes it as AAC-LC, mono or stereo.

    The sample rate stays where AAC has it, from 16 to 48 kHz. Some damaged packets are skipped. Other
    samples than before (a rate, channels) begin another stream.
    """

    def __init__(self, stream: SoundInput) -> None:
        self._decoder = stream.decoder
        self._codec = stream.codec
        self._encoder: _Encoder | None = None
        self._damaged = 0
        self._fed_s = 0.0

    @property
    def fed_s(self) -> float:
        """How many seconds of sound were fed."""
        return self._fed_s

    def feed(self, sound: RawSound) -> list[AccessUnit]:
        """Decode the next packet, and encode what it held.

        Raises:
            NotRecordable: too many packets in a row were damaged, or libav cannot encode what was in them.
        """
        return [unit for frame in self._decoded(sound) for unit in self._encoded(frame)]

    def _decoded(self, sound: RawSound) -> list[av.AudioFrame]:
        try:
            frames = self._decoder.decode(av.Packet(sound.data))
        except av.error.FFmpegError as err:
            self._damaged += 1
            if self._damaged > DAMAGED_IN_A_ROW:
                raise NotRecordable(f"the sound ({self._codec}) cannot be decoded: {err.strerror}") from err
            return []
        self._damaged = 0
        return [frame for frame in frames if frame.samples]

    def _encoded(self, frame: av.AudioFrame) -> Iterator[AccessUnit]:
        begin_s, self._fed_s = self._fed_s, self._fed_s + frame.samples / frame.sample_rate
        try:
            if self._encoder is None or not self._encoder.takes(frame):
                self._encoder = _Encoder(frame, begin_s)
            yield from self._encoder.encode(frame)
        except av.error.FFmpegError as err:
            raise NotRecordable(f"the sound ({self._codec}) cannot be encoded: {err.strerror}") from err


class _Encoder:
    """libav's own AAC encoder, for decoded sound of one form; PyAV converts and cuts it to size.

    Args:
        begin_s: seconds of sound before its first.
    """

    def __init__(self, frame: av.AudioFrame, begin_s: float) -> None:
        self._form = _form(frame)
        self._begin_s = begin_s
        self._samples = 0
        channels = min(max(frame.layout.nb_channels, 1), 2)
        rate = encoded_rate(frame.sample_rate)
        context = CodecContext.create("aac", "w")
        assert isinstance(context, av.audio.codeccontext.AudioCodecContext)
        context.sample_rate, context.layout, context.format = rate, ("mono", "stereo")[channels - 1], "fltp"
        context.bit_rate = channels * BITS_PER_CHANNEL.get(rate, _USUAL_BITS_PER_CHANNEL)
        context.time_base, context.options = Fraction(1, rate), dict(_ENCODER)
        context.open()
        self._context = context
        self._stream = SoundStream(bytes(context.extradata or b""), rate, channels)

    def takes(self, frame: av.AudioFrame) -> bool:
        """Return whether it was made for sound of this form."""
        return _form(frame) == self._form

    def encode(self, frame: av.AudioFrame) -> Iterator[AccessUnit]:
        """Encode the next frame; its first access unit begins before the sound, by the encoder's lead."""
        frame.pts, frame.time_base = self._samples, Fraction(1, frame.sample_rate)
        self._samples += frame.samples
        for packet in self._context.encode(frame):
            assert packet.pts is not None
            begin_s = self._begin_s + packet.pts / self._stream.sample_rate
            yield AccessUnit(self._stream, bytes(packet), self._context.frame_size, begin_s)


def encoded_rate(rate: int) -> int:
    """Return the sample rate to encode at: the same, or the next higher of AAC's from 16 to 48 kHz."""
    usable = sorted(one for one in SAMPLE_RATES if LOWEST_RATE <= one <= HIGHEST_RATE)
    return next((one for one in usable if one >= rate), HIGHEST_RATE)


def _copied_stream(config: AacConfig) -> SoundStream:
    return SoundStream(config.data, config.sample_rate, config.channels)


def _form(frame: av.AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.layout.name, frame.format.name
