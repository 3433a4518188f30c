"""What a camera's microphone hears: a tone that begins anew each second, coded once for all cameras."""

import functools
from dataclasses import dataclass
from fractions import Fraction

import av
import av.audio.codeccontext
import numpy as np
import numpy.typing as npt
from av.codec import CodecContext

TONE_HZ = 440
TONE_S = 0.25
"""The tone fills the first quarter of each second, silence the rest."""

ROUND_S = 8
"""Then it begins anew; so many seconds are a whole number of AAC's access units."""

_PCM_TYPES = {"pcmu": 0, "pcma": 8}
_AAC_TYPE = 98
_AAC_RATE, _PCM_RATE = 16_000, 8_000
_PCM_BYTES = 160


@dataclass(frozen=True, slots=True)
class SoundClip:
    """Coded sound, played in a loop.

    Attributes:
        kind: ``aac``, ``pcma`` or ``pcmu``.
        payload_type: of its RTP packets.
        rate: samples a second, the RTP clock.
        ticks: of one unit.
        config: the AudioSpecificConfig of AAC.
        units: an AAC access unit, or 20 ms of G.711, each.
    """

    kind: str
    payload_type: int
    rate: int
    ticks: int
    config: bytes
    units: tuple[bytes, ...]

    def payload(self, number: int) -> bytes:
        """Return the payload of an RTP packet: one unit, for AAC with its size (RFC 3640, 3.3.6)."""
        unit = self.units[number % len(self.units)]
        if self.kind != "aac":
            return unit
        return (16).to_bytes(2, "big") + (len(unit) << 3).to_bytes(2, "big") + unit

    def media_lines(self) -> list[str]:
        """Return the lines of a session description that say how it is coded."""
        kind = self.payload_type
        if self.kind != "aac":
            return [f"m=audio 0 RTP/AVP {kind}", f"a=rtpmap:{kind} {self.kind.upper()}/{self.rate}"]
        sizes = "sizelength=13;indexlength=3;indexdeltalength=3"
        return [
            f"m=audio 0 RTP/AVP {kind}",
            f"a=rtpmap:{kind} MPEG4-GENERIC/{self.rate}/1",
            f"a=fmtp:{kind} streamtype=5;profile-level-id=1;mode=AAC-hbr;{sizes};config={self.config.hex()}",
        ]


@functools.cache
def sound_clip(kind: str) -> SoundClip:
    """Return the sound coded as ``aac``, ``pcma`` or ``pcmu``.

    Raises:
        ValueError: it is none of these.
    """
    if kind == "aac":
        config, units = _encoded("aac", _AAC_RATE, 1024)
        return SoundClip(kind, _AAC_TYPE, _AAC_RATE, 1024, config[:2], tuple(units))
    if kind in _PCM_TYPES:
        codec = {"pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}[kind]
        _, units = _encoded(codec, _PCM_RATE, _PCM_BYTES)
        return SoundClip(kind, _PCM_TYPES[kind], _PCM_RATE, _PCM_BYTES, b"", tuple(units))
    raise ValueError(f"expected aac, pcma or pcmu, got {kind!r}")


def heard(rate: int) -> npt.NDArray[np.int16]:
    """Return one round of what the microphone hears, int16, shape (1, samples)."""
    at_s = np.arange(ROUND_S * rate) / rate
    tone = np.sin(2 * np.pi * TONE_HZ * at_s) * (at_s % 1 < TONE_S)
    return np.round(tone * 12_000).astype(np.int16)[None]


def _encoded(codec: str, rate: int, samples: int) -> tuple[bytes, list[bytes]]:
    """Return an encoder's extradata and what it makes of one round, cut into so many samples each."""
    encoder = CodecContext.create(codec, "w")
    assert isinstance(encoder, av.audio.codeccontext.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.time_base = rate, "mono", Fraction(1, rate)
    encoder.format = "fltp" if codec == "aac" else "s16"
    encoder.open()
    sound, units = heard(rate), []
    for begin in range(0, sound.shape[1], samples):
        part = np.ascontiguousarray(sound[:, begin : begin + samples])
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        units += [bytes(packet) for packet in encoder.encode(frame)]
    units += [bytes(packet) for packet in encoder.encode(None)]
    # What the encoder gives first lies before the sound (its lead), as a camera would not send it.
    lead = 1 if codec == "aac" else 0
    return bytes(encoder.extradata or b""), units[lead : lead + ROUND_S * rate // samples]
