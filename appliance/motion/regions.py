"""From a mask to boxes: which regions are one thing, and which of them move."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from appliance.motion.background import Mask
from appliance.motion.settings import Settings

Boxes = npt.NDArray[np.float32]

_PART_OF_REGION = 0.15
_STACKED_GAP_RATIO = 0.05
_BESIDE_GAP_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class Regions:
    """What moves in one picture of the model's size.

    Attributes:
        boxes: float32, shape (n, 4), xyxy in pixels of the model.
        mask: 255 on every pixel of a moving region.
    """

    boxes: Boxes
    mask: Mask


def moving_regions(different: Mask, changed: Mask, settings: Settings) -> Regions:
    """Return the regions of ``different`` of which a part lies in ``changed``.

    Args:
        different: 255 where the picture differs from the background.
        changed: 255 where it changed lately.
        settings: the limits.
    """
    height, width = different.shape
    joined = _closed(cv2.medianBlur(different, 3), settings.join_ratio * width)
    mask = np.zeros_like(joined)
    x, y, w, h = cv2.boundingRect(joined)
    if not w:
        return Regions(np.empty((0, 4), np.float32), mask)
    lively = cv2.bitwise_and(changed, different)
    # Labelling costs more than all the rest; most pictures hold little to label.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined[y : y + h, x : x + w], connectivity=8)
    moves = _moving(labels, stats, lively[y : y + h, x : x + w], width * height, settings)
    mask[y : y + h, x : x + w] = np.where(moves, np.uint8(255), np.uint8(0))[labels]
    boxes = _corners(stats[moves]) + np.array([x, y, x, y], np.float32)
    areas_px = stats[moves, cv2.CC_STAT_AREA]
    large_px = settings.split_area_ratio * width * height
    if (areas_px >= large_px).any():
        boxes = _split(boxes, areas_px, _cores(lively, settings), large_px)
    return Regions(_merged(boxes, width, height), mask)


def _moving(
    labels: MatLike, stats: MatLike, lively: Mask, picture_px: int, settings: Settings
) -> npt.NDArray[np.bool_]:
    """Return for each label whether its region is large enough and has changed lately."""
    lively_px = np.bincount(labels[lively > 0], minlength=len(stats))
    area_px = stats[:, cv2.CC_STAT_AREA]
    large_enough = area_px >= settings.min_area_ratio * picture_px
    moves: npt.NDArray[np.bool_] = large_enough & (lively_px >= settings.changed_ratio * area_px)
    moves[0] = False
    return moves


def _closed(mask: Mask, reach_px: float) -> Mask:
    """Join parts, further in height than in width: people and cars are cut by belts and windscreens."""
    across = max(1, round(reach_px)) | 1
    along = max(1, round(reach_px * 1.8)) | 1
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((along, across), np.uint8))


def _corners(stats: MatLike) -> Boxes:
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    corners: Boxes = np.stack([left, top, right, bottom], axis=1).astype(np.float32)
    return corners


def _cores(lively: Mask, settings: Settings) -> tuple[Boxes, MatLike]:
    """Return boxes and areas of what really changed: the shadow between two cars did not."""
    joined = _closed(cv2.medianBlur(lively, 3), settings.join_ratio * lively.shape[1])
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    return _corners(stats[1:]), stats[1:, cv2.CC_STAT_AREA]


def _split(
    boxes: Boxes,
    areas_px: MatLike,
    cores: tuple[Boxes, MatLike],
    large_px: float,
) -> Boxes:
    """Replace a large box by those of its cores where these stand side by side."""
    result = []
    for box, area in zip(boxes, areas_px, strict=True):
        parts = _large_cores(box, area, cores) if area >= large_px else boxes[:0]
        result.append(parts if len(parts) > 1 and _side_by_side(parts) else box[None])
    return np.concatenate(result) if result else boxes


def _large_cores(box: Boxes, area: int, cores: tuple[Boxes, MatLike]) -> Boxes:
    core_boxes, core_areas = cores
    centre_x = (core_boxes[:, 0] + core_boxes[:, 2]) / 2
    centre_y = (core_boxes[:, 1] + core_boxes[:, 3]) / 2
    inside = (centre_x >= box[0]) & (centre_x <= box[2]) & (centre_y >= box[1]) & (centre_y <= box[3])
    large: Boxes = core_boxes[inside & (core_areas >= _PART_OF_REGION * area)]
    return large


def _side_by_side(boxes: Boxes) -> bool:
    ordered = boxes[np.argsort(boxes[:, 0])]
    return bool((ordered[1:, 0] >= np.maximum.accumulate(ordered[:, 2])[:-1]).all())


def _merged(boxes: Boxes, width: int, height: int) -> Boxes:
    """Merge boxes that overlap or, one above the other, nearly touch, until none do."""
    rest = list(boxes)
    done: list[Boxes] = []
    while rest:
        box = rest.pop()
        near = [i for i, other in enumerate(rest) if _belong_together(box, other, width, height)]
        if not near:
            done.append(box)
            continue
        together = np.stack([box, *(rest[i] for i in near)])
        rest = [other for i, other in enumerate(rest) if i not in near]
        rest.append(np.concatenate([together[:, :2].min(axis=0), together[:, 2:].max(axis=0)]))
    return np.stack(done) if done else np.empty((0, 4), np.float32)


def _belong_together(one: Boxes, other: Boxes, width: int, height: int) -> bool:
    gap_x = max(one[0], other[0]) - min(one[2], other[2])
    gap_y = max(one[1], other[1]) - min(one[3], other[3])
    narrower = min(one[2] - one[0], other[2] - other[0])
    stacked = -gap_x >= narrower / 2 and gap_y <= _STACKED_GAP_RATIO * height
    touching = gap_x <= _BESIDE_GAP_RATIO * width and gap_y <= 0 and _small_beside(one, other)
    return bool(stacked or touching)


def _small_beside(one: Boxes, other: Boxes) -> bool:
    """Return whether one of two is a splinter of the other rather than its equal."""
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return bool(min(areas) < max(areas) / 4)
