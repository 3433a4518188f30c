"""What somebody, or the wind, did to a camera."""

from enum import StrEnum


class Tampering(StrEnum):
    """How a camera's picture is spoilt."""

    COVERED = "covered"
    MOVED = "moved"
    OUT_OF_FOCUS = "out_of_focus"
