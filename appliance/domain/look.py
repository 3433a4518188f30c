"""How a place looks: 64 bits that say little about the light and much about what stands there."""

import math

import numpy as np
import numpy.typing as npt

CELLS = 10
"""A box is cut into 10 by 10 cells; the 8 by 8 inner ones, each with four neighbours, give the bits."""
SAMPLES = 6
"""A cell is the mean of 6 by 6 points of it, however large it is."""
STEPS = (np.arange(CELLS * SAMPLES) + 0.5) / (CELLS * SAMPLES)
"""Where the points lie between two sides of a box, 0 to 1."""
MEANS = np.kron(np.eye(CELLS, dtype=np.float32), np.full((1, SAMPLES), 1 / SAMPLES, np.float32))
"""Times points it is their cells: float32, shape (10, 60)."""
STEPS.flags.writeable = MEANS.flags.writeable = False
FLOOR_LEVELS = 8.0
"""Added before the logarithm: below it a level more or less is noise."""
LEAST_RATIO = 0.3
"""A cell must be that much brighter than its surroundings, of what the cells of the box differ on average,"""
LEAST_CONTRAST = 0.017
"""and by that part of the light in any case: 1.7 % is what noise of three levels leaves of 36 points."""
SAME_BITS = 16
"""Looks that differ in more bits than that show different things.

Measured on boxes of the two shared clips, whole and at a quarter of their size. The same place in other
light (half and one and a half times as bright, night with strong noise, a headlight's cone in three places by
day and at night, the edge of a cloud's shadow, rain, JPEG of quality 30, H.264 at CRF 32 and 38) differs in 2
bits (median), 12 (99 %) and never more than 14. The empty place, or another person or car there, also at
night or in headlights, differs in 28 (median) and never less than 19. A person who hides a quarter of the
place changes 6 to 21 bits, one who hides a half 12 to 25. Places of people who stand there for 10 to 23 s
differ by 2 to 9 (median) from the middle of that time. A look takes 31 µs of one core.
"""


def look(luma: npt.NDArray[np.uint8], box: npt.ArrayLike) -> int:
    """Return how a box of a picture looks: 64 bits, row by row, the first one the highest.

    A bit says that a cell is brighter than its four neighbours are on average. That is a difference hash (N.
    Krawetz, Kind of Like That, 2013) of the second derivative, on logarithms: a light that is stronger,
    weaker, or falls off across the box changes none of it, which first differences and a median hash do not
    stand (by the measurement at ``SAME_BITS`` their equal and different looks overlap).

    Args:
        luma: uint8, shape (height, width); read only.
        box: xyxy in pixels; clipped to the picture.
    """
    height, width = luma.shape
    left, top, right, bottom = np.asarray(box, np.float64).tolist()
    points = luma.take(_points(top, bottom, height), axis=0).take(_points(left, right, width), axis=1)
    means = MEANS @ points.astype(np.float32) @ MEANS.T
    cells = np.log(means + np.float32(FLOOR_LEVELS))
    around = cells[:-2, 1:-1] + cells[2:, 1:-1] + cells[1:-1, :-2] + cells[1:-1, 2:]
    relief = (cells[1:-1, 1:-1] - around * np.float32(0.25)).ravel()
    least = max(LEAST_CONTRAST, LEAST_RATIO * math.sqrt(float(relief @ relief) / len(relief)))
    return int.from_bytes(np.packbits(relief > least).tobytes(), "big")


def looks(luma: npt.NDArray[np.uint8], boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """Return the look of each box (float32, shape (n, 4), xyxy pixels): uint64, shape (n,)."""
    return np.array([look(luma, box) for box in boxes], np.uint64)


def difference(one: int, other: int) -> int:
    """Return in how many bits two looks differ, 0 to 64."""
    return (one ^ other).bit_count()


def _points(low: float, high: float, size: int) -> npt.NDArray[np.intp]:
    """Return the picture's rows or columns that are looked at between two sides of a box."""
    points = (low + STEPS * (high - low)).astype(np.intp)
    return np.clip(points, 0, size - 1, out=points)
