"""Small pictures, frames and motion for tests."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, US_PER_S, MediaTime, MonotonicNs, WallUs
from detectors.contract import Picture

GREY, WHITE = 90, 235


def boxes(*rows: tuple[float, float, float, float]) -> npt.NDArray[np.float32]:
    """Return boxes as float32 (n, 4)."""
    return np.array(rows, np.float32).reshape(-1, 4)


def i420(
    width: int = 64, height: int = 48, white: tuple[int, int, int, int] | None = None
) -> npt.NDArray[np.uint8]:
    """Return a grey picture, with one white rectangle (xyxy) if asked for."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = GREY
    if white is not None:
        left, top, right, bottom = white
        picture[top:bottom, left:right] = WHITE
    return picture


def picture(
    width: int = 64,
    height: int = 48,
    white: tuple[int, int, int, int] | None = None,
    motion: npt.NDArray[np.float32] | None = None,
    followed: npt.NDArray[np.float32] | None = None,
) -> Picture:
    """Return a picture for a detector."""
    return Picture(
        i420(width, height, white),
        boxes() if motion is None else motion,
        boxes() if followed is None else followed,
    )


def frame(
    at_s: float = 0.0,
    camera: str = "front",
    white: tuple[int, int, int, int] | None = None,
    is_corrupt: bool = False,
) -> Frame:
    """Return a frame of 64×48 that arrived ``at_s`` seconds after the monotonic clock's origin."""
    return Frame(
        CameraId(camera),
        i420(white=white),
        MediaTime(round(at_s * 90_000), Fraction(1, 90_000)),
        WallUs(round(at_s * US_PER_S)),
        MonotonicNs(round(at_s * NS_PER_S)),
        is_corrupt,
    )


def moving(*rows: tuple[float, float, float, float]) -> Motion:
    """Return motion with these boxes; without any, nothing moved."""
    return Motion(boxes(*rows), 0.1 if rows else 0.0)
