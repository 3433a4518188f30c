"""Geometry of boxes: float32 arrays of shape (n, 4), xyxy."""

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float32]


def areas(boxes: Boxes) -> npt.NDArray[np.float32]:
    """Return each box's area, float32 (n,)."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], np.float32(0))
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def shared_areas(one: Boxes, other: Boxes) -> npt.NDArray[np.float32]:
    """Return the area that each of the n boxes shares with each of the m others, float32 (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    sides = np.maximum(high - low, np.float32(0))
    return np.asarray(sides[..., 0] * sides[..., 1], np.float32)


def covered_ratio(boxes: Boxes, by: Boxes) -> npt.NDArray[np.float32]:
    """Return how much of each box its best single cover hides, float32 (n,), 0 to 1."""
    if not len(by):
        return np.zeros(len(boxes), np.float32)
    most = shared_areas(boxes, by).max(axis=1)
    return np.asarray(most / np.maximum(areas(boxes), np.float32(1e-6)), np.float32)
