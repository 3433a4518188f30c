"""What somebody, or the wind, did to a camera."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId
from appliance.errors import InvalidInput


class Tampering(StrEnum):
    """How a camera's picture is spoilt."""

    COVERED = "covered"
    MOVED = "moved"
    OUT_OF_FOCUS = "out_of_focus"


def tampering_of(word: bytes) -> Tampering | None:
    """Return what a word stands for that was kept; ``None`` for none.

    Raises:
        InvalidInput: it stands for nothing.
    """
    try:
        return Tampering(word.decode()) if word else None
    except ValueError as err:
        raise InvalidInput(f"expected a word for what is done to a camera, got {word!r}") from err


@dataclass(frozen=True, slots=True)
class TamperingReport:
    """What is done to a camera from now on; ``None`` where nothing is."""

    camera_id: CameraId
    how: Tampering | None
