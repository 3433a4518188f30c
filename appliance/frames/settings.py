"""What can be tuned about decoding."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Decoding and sampling.

    Attributes:
        all_below_ratio: a stream of at most this many times the wanted rate is not thinned out: dropping
            every sixth picture makes motion stutter and saves little.
        remembered_packets: time stamps kept for pictures that the decoder still holds; a codec reorders over
            16 pictures at most.
    """

    all_below_ratio: float = 1.25
    remembered_packets: int = 64
