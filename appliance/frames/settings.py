"""What can be tuned about decoding."""

from dataclasses import dataclass
from enum import StrEnum


class WantedDecoder(StrEnum):
    """What should decode: the best that the machine has, its processor, or a device by name."""

    AUTO = "auto"
    SOFTWARE = "software"
    CUDA = "cuda"
    QSV = "qsv"


@dataclass(frozen=True, slots=True)
class Settings:
    """Decoding on demand, and sampling.

    Attributes:
        decoder: what decodes; where a device cannot, software does, and the camera's state says why.
        all_below_ratio: a stream of at most this many times the wanted rate is not thinned out: dropping
            every sixth picture makes motion stutter and saves little.
        remembered_packets: time stamps kept for pictures that the decoder still holds; a codec reorders over
            16 pictures at most.
        quiet_after_s: without motion for that long, only keyframes are decoded.
        doubt_s: where packets stood out and no motion is found, already after that long.
        long_quiet_s: quiet for that long, fewer keyframes are decoded:
        glance_every_s: one in that time.
        calm_after_s: without motion for that long, the sizes of packets are those of the quiet scene.
        learn_s: that much of it must be known before sizes are relied on,
        decide_s: and after that long it is said if they cannot be.
        smallest_ratio: the part of the picture that an object covers which sizes must be able to show.
        longest_gop_s: where keyframes come more rarely, everything is decoded.
        behind_s: what lies further back than this while everything is decoded is left out up to the next
            keyframe: the machine is too slow.
        slice_s: one camera is decoded for that long before the next one's turn.
    """

    decoder: WantedDecoder = WantedDecoder.AUTO
    all_below_ratio: float = 1.25
    remembered_packets: int = 64
    quiet_after_s: float = 4.0
    doubt_s: float = 0.4
    long_quiet_s: float = 60.0
    glance_every_s: float = 8.0
    calm_after_s: float = 1.5
    learn_s: float = 20.0
    decide_s: float = 45.0
    smallest_ratio: float = 0.008
    longest_gop_s: float = 4.0
    behind_s: float = 3.0
    slice_s: float = 0.03
