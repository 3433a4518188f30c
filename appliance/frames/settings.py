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
    """Decoding and sampling.

    Attributes:
        decoder: what decodes; where a device cannot, software does, and the camera's state says why.
        all_below_ratio: a stream of at most this many times the wanted rate is not thinned out: dropping
            every sixth picture makes motion stutter and saves little.
        remembered_packets: time stamps kept for pictures that the decoder still holds; a codec reorders over
            16 pictures at most.
    """

    decoder: WantedDecoder = WantedDecoder.AUTO
    all_below_ratio: float = 1.25
    remembered_packets: int = 64
