"""Boxes against boxes, in unit coordinates (0 to 1 of the picture's width and height)."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]
"""Shape (n, 4), xyxy."""

SAMPLES = 6
"""A box is sampled at 6 by 6 points to see how much of it was searched."""
FEW = 24
"""Up to so many pairs are compared one by one: for one box and one track numpy's calls cost 30 µs, Python's
floats 3; for 24 pairs both cost the same. The results are the same to the last bit."""

Corners = Sequence[float]
"""xyxy of one box."""
Pair = Callable[[Corners, Corners], float]


def areas(boxes: Boxes) -> npt.NDArray[np.float64]:
    """Return each box's area, shape (n,); 0 for a box turned inside out."""
    if len(boxes) <= FEW:
        return np.array([area_of(box) for box in boxes.tolist()], np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float64)


def overlaps(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    """Return the area that each box of ``a`` shares with each of ``b``, shape (n, m)."""
    if len(a) * len(b) <= FEW:
        return _each(a, b, shared_by)
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(bottom_right - top_left, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float64)


def iou(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    """Return intersection over union of each pair, shape (n, m), 0 to 1; 0 for boxes without area."""
    if len(a) * len(b) <= FEW:
        return _each(a, b, iou_of)
    shared = overlaps(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def shared_ratio(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    """Return the shared part of the smaller box of each pair, shape (n, m), 0 to 1."""
    if len(a) * len(b) <= FEW:
        return _each(a, b, _shared_ratio)
    smaller = np.minimum(areas(a)[:, None], areas(b)[None, :])
    shared = overlaps(a, b)
    return np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)


def buffered(boxes: Boxes, ratio: float) -> Boxes:
    """Return the boxes grown on every side by ``ratio`` of their mean side.

    Overlap of grown boxes still sees a small or quick object that left its own box between two frames:
    F. Yang et al., Hard To Track Objects With Irregular Motions and Similar Appearances? (2023). They grow
    each side by its own length; an upright person is narrow exactly where it walks, hence the mean.
    """
    if len(boxes) <= FEW:
        return np.array([grown(box, ratio) for box in boxes.tolist()], np.float64).reshape(-1, 4)
    grow = np.sqrt(areas(boxes))[:, None] * ratio
    return np.hstack([boxes[:, :2] - grow, boxes[:, 2:] + grow])


def covered_ratio(boxes: Boxes, regions: Boxes) -> npt.NDArray[np.float64]:
    """Return the part of each box that lies in the union of the regions, shape (n,), by sampling."""
    if len(boxes) == 0 or len(regions) == 0:
        return np.zeros(len(boxes))
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    xs = boxes[:, 0, None] + steps * (boxes[:, 2] - boxes[:, 0])[:, None]
    ys = boxes[:, 1, None] + steps * (boxes[:, 3] - boxes[:, 1])[:, None]
    is_in_x = (xs[..., None] >= regions[:, 0]) & (xs[..., None] <= regions[:, 2])
    is_in_y = (ys[..., None] >= regions[:, 1]) & (ys[..., None] <= regions[:, 3])
    is_in = (is_in_x[:, :, None, :] & is_in_y[:, None, :, :]).any(axis=-1)
    return np.asarray(is_in.mean(axis=(1, 2)), np.float64)


def _each(a: Boxes, b: Boxes, measure: Pair) -> npt.NDArray[np.float64]:
    others = b.tolist()
    values = [measure(one, other) for one in a.tolist() for other in others]
    return np.array(values, np.float64).reshape(len(a), len(b))


def area_of(box: Corners) -> float:
    """Return a box's area; 0 for one turned inside out."""
    left, top, right, bottom = box
    return (right - left) * (bottom - top) if right > left and bottom > top else 0.0


def shared_by(one: Corners, other: Corners) -> float:
    """Return the area that two boxes share."""
    left, right = max(one[0], other[0]), min(one[2], other[2])
    top, bottom = max(one[1], other[1]), min(one[3], other[3])
    return (right - left) * (bottom - top) if right > left and bottom > top else 0.0


def iou_of(one: Corners, other: Corners) -> float:
    """Return intersection over union of two boxes, 0 to 1."""
    # Written out, since it is asked of each box and track three times a frame, and each call costs as much as
    # the sums. Boxes that share something are not turned inside out.
    left, top, right, bottom = one
    other_left, other_top, other_right, other_bottom = other
    width = min(right, other_right) - max(left, other_left)
    height = min(bottom, other_bottom) - max(top, other_top)
    if width <= 0 or height <= 0 or (shared := width * height) <= 0:
        return 0.0
    own, others = (right - left) * (bottom - top), (other_right - other_left) * (other_bottom - other_top)
    return shared / (own + others - shared)


def _shared_ratio(one: Corners, other: Corners) -> float:
    shared = shared_by(one, other)
    return shared / min(area_of(one), area_of(other)) if shared > 0 else 0.0


def grown(box: Corners, ratio: float) -> tuple[float, float, float, float]:
    """Return a box as ``buffered`` grows it."""
    left, top, right, bottom = box
    grow = math.sqrt(area_of(box)) * ratio
    return left - grow, top - grow, right + grow, bottom + grow
