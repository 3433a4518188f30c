"""Parts of a large picture that are worth a closer look, and what was seen in them joined with the rest.

A model that looks at 416 pixels across sees a picture of 1920 at a fifth of its size: somebody who is 150
pixels tall has 32 left, which no model finds. So beside the whole picture the surroundings of what moves are
looked at in the model's own size. (Akyon et al., Slicing Aided Hyper Inference, 2022, slice the whole of it;
motion tells which slices are worth it.)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.boxes import Boxes, areas, shared_areas
from detectors.contract import Detections, ModelInput

SMALL_PX = 64
"""What is shorter than this in the model's input, its longer side, is worth a closer look.

Measured with the people of the shared clip, scaled down: YOLOX-Nano (416) finds 98 % of those who are 51
pixels tall, 45 % at 41 and 8 % at 32; YOLO11n (640) 98 % at 46, 62 % at 39 and 27 % at 31. The rest is for
pictures that are less clear."""
LEAST_SHRINKING = 1.5
"""A picture that is scaled down by less is not cut: a crop would show nothing much larger."""
MARGIN_RATIO = 0.5
"""Surroundings on each side of a place, in its longer sides: models want to see them, and motion is rough."""
EDGE_RATIO = 0.01
"""A box that comes that close to a crop's border, in sides of the crop, is cut off by it."""
MAX_IOU = 0.5
"""Two looks saw one thing if their boxes share more than this of their union,"""
MAX_PART = 0.7
"""or of the smaller one: the whole picture shows two people as one, a crop each of them."""
MAX_ANY_IOU = 0.8
"""Two boxes that share more than this of their union are one thing, whatever each look calls it."""
MOST_PLACES = 64
"""So many are looked through in one picture: a tree in the wind has more, and most of them share crops."""
MAX_CUT_PART = 0.5
"""A box that a crop's border cuts off is a part of what another look saw, if that much of it lies there."""


class Crop(NamedTuple):
    """A part of a picture: whole, even pixels, from the first one in to the first one out."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    def cut(self, i420: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return that part of a picture (I420), as a picture of its own."""
        rows = i420.shape[0] * 2 // 3
        chroma = i420[rows:].reshape(2, rows // 2, i420.shape[1] // 2)
        luma = i420[self.top : self.bottom, self.left : self.right]
        colours = chroma[:, self.top // 2 : self.bottom // 2, self.left // 2 : self.right // 2]
        return np.concatenate([luma, colours.reshape(self.height // 2, self.width)])


def choose(size: tuple[int, int], places: Boxes, into: ModelInput, at_most: int, turn: int = 0) -> list[Crop]:
    """Return the parts of a picture that show small things at the model's own size, or near it.

    Args:
        size: width and height of the picture, pixels, even.
        places: where something moves or is followed, float32 (n, 4), xyxy pixels of the picture.
        into: at which size the model looks.
        at_most: how many parts may be looked at.
        turn: which of them comes first; counted up, each has its turn where not all can be looked at.
    """
    scale = min(into.width / size[0], into.height / size[1])
    if at_most <= 0 or scale * LEAST_SHRINKING > 1.0:
        return []
    small = _small(_clipped(places, size), scale)
    small = np.roll(small, -turn * MOST_PLACES, axis=0)[:MOST_PLACES]
    crops: list[Crop] = []
    while len(small):
        crop, small = _first_crop(small, size, into)
        crops.append(crop)
    first = turn % max(1, len(crops))
    return (crops[first:] + crops[:first])[:at_most]


def merge(
    size: tuple[int, int], into: ModelInput, whole: Detections, parts: Sequence[tuple[Crop, Detections]]
) -> Detections:
    """Return what was seen in a picture and its crops, each thing once, best score first.

    Of what is large in the whole picture its box there stays; of what is small, that of a crop which shows
    all of it. A box that a crop's border cuts off stays only where no other look has the thing. Boxes of one
    look are left alone: the detector has compared them.

    Args:
        size: width and height of the picture, pixels.
        into: at which size the model looks.
        whole: what was seen in the whole picture, in its pixels.
        parts: what was seen in each crop, in pixels of the crop.
    """
    xyxy = np.concatenate([whole.xyxy, *(found.xyxy + _origin(crop) for crop, found in parts)])
    xyxy = _clipped(xyxy, size)
    scores = np.concatenate([whole.scores, *(found.scores for _, found in parts)])
    class_ids = np.concatenate([whole.class_ids, *(found.class_ids for _, found in parts)])
    looks = np.repeat(np.arange(1 + len(parts)), [len(whole), *(len(found) for _, found in parts)])
    is_cut = np.concatenate(
        [np.zeros(len(whole), np.bool_), *(_is_cut(crop, found, size) for crop, found in parts)]
    )
    if parts:
        scale = min(into.width / size[0], into.height / size[1])
        rank = np.select([is_cut, looks > 0, _longer_sides(xyxy) * scale >= SMALL_PX], [3, 1, 0], 2)
        order = np.lexsort((-scores, rank))
        xyxy, scores, class_ids = xyxy[order], scores[order], class_ids[order]
        kept, scores = _joined(xyxy, scores, class_ids, looks[order], is_cut[order])
        xyxy, class_ids, scores = xyxy[kept], class_ids[kept], scores[kept]
    there = np.flatnonzero(areas(xyxy) > 0)
    best_first = there[np.lexsort((*xyxy[there].T, class_ids[there], -scores[there]))]
    return Detections(xyxy[best_first], scores[best_first], class_ids[best_first])


def _first_crop(places: Boxes, size: tuple[int, int], into: ModelInput) -> tuple[Crop, Boxes]:
    """Return a crop around the first place and the neighbours that it has room for, and the other places."""
    wanted = _clipped(_with_margin(places), size)
    around, rest = wanted[0], np.arange(1, len(places))
    room = np.array([into.width, into.height], np.float32)
    while len(rest):
        low, high = np.minimum(around[:2], wanted[rest, :2]), np.maximum(around[2:], wanted[rest, 2:])
        filled = ((high - low) / room).max(axis=1)
        nearest = int(filled.argmin())
        if filled[nearest] > 1.0:
            break
        around, rest = np.concatenate([low[nearest], high[nearest]]), np.delete(rest, nearest)
    crop = _crop_around(around, size, into)
    is_inside = (wanted[rest, :2] >= crop[:2]).all(axis=1) & (wanted[rest, 2:] <= crop[2:]).all(axis=1)
    return crop, places[rest[~is_inside]]


def _crop_around(box: npt.NDArray[np.float32], size: tuple[int, int], into: ModelInput) -> Crop:
    """Return the crop with that box in its middle: as large as the input, or larger where it must be."""
    larger = max(1.0, float(box[2] - box[0]) / into.width, float(box[3] - box[1]) / into.height)
    left, right = _span(float(box[0] + box[2]) / 2, into.width * larger, size[0])
    top, bottom = _span(float(box[1] + box[3]) / 2, into.height * larger, size[1])
    return Crop(left, top, right, bottom)


def _span(middle: float, length: float, limit: int) -> tuple[int, int]:
    """Return where a stretch begins and ends, even and within 0 and the limit, which is even."""
    even = min(limit, 2 * int(np.ceil(length / 2)))
    begin = 2 * round((middle - even / 2) / 2)
    begin = max(0, min(begin, limit - even))
    return begin, begin + even


def _clipped(boxes: Boxes, size: tuple[int, int]) -> Boxes:
    limits = np.array([*size, *size], np.float32)
    return np.asarray(np.clip(boxes, np.float32(0), limits), np.float32)


def _small(places: Boxes, scale: float) -> Boxes:
    return places[(areas(places) > 0) & (_longer_sides(places) * scale < SMALL_PX)]


def _with_margin(places: Boxes) -> Boxes:
    margin = (_longer_sides(places) * np.float32(MARGIN_RATIO))[:, None]
    return np.hstack([places[:, :2] - margin, places[:, 2:] + margin])


def _longer_sides(boxes: Boxes) -> npt.NDArray[np.float32]:
    return np.asarray(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]), np.float32)


def _origin(crop: Crop) -> npt.NDArray[np.float32]:
    return np.array([crop.left, crop.top, crop.left, crop.top], np.float32)


def _is_cut(crop: Crop, found: Detections, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return which boxes end where the crop does and the picture does not."""
    near_x, near_y = EDGE_RATIO * crop.width, EDGE_RATIO * crop.height
    left, top, right, bottom = found.xyxy.T
    is_cut: npt.NDArray[np.bool_] = (left <= near_x) & (crop.left > 0)
    is_cut |= (top <= near_y) & (crop.top > 0)
    is_cut |= (right >= crop.width - near_x) & (crop.right < size[0])
    is_cut |= (bottom >= crop.height - near_y) & (crop.bottom < size[1])
    return is_cut


def _joined(
    xyxy: Boxes,
    scores: npt.NDArray[np.float32],
    class_ids: npt.NDArray[np.int64],
    looks: npt.NDArray[np.int64],
    is_cut: npt.NDArray[np.bool_],
) -> tuple[list[int], npt.NDArray[np.float32]]:
    """Return which boxes stay, if each gives way to those that stay before it, and everybody's score.

    All are in the order of rank. A thing is as sure as the look that was surest of it.
    """
    shared, own = shared_areas(xyxy, xyxy), areas(xyxy)
    of_other_look = looks[:, None] != looks[None, :]
    union = own[:, None] + own[None, :] - shared
    is_alike = of_other_look & (class_ids[:, None] == class_ids[None, :])
    is_same = is_alike & (shared > MAX_IOU * union)
    gives_way = is_same | (of_other_look & (shared > MAX_ANY_IOU * union))
    gives_way |= is_alike & (shared > MAX_PART * np.minimum(own[:, None], own[None, :]))
    gives_way |= of_other_look & is_cut[:, None] & (shared > MAX_CUT_PART * own[:, None])
    kept: list[int] = []
    for index in range(len(xyxy)):
        if not gives_way[index, kept].any():
            kept.append(index)
    surest = np.where(is_same & ~is_cut[None, :], scores[None, :], np.float32(0)).max(axis=1, initial=0)
    return kept, np.maximum(scores, surest)
