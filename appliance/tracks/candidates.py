"""The boxes of one analysed frame as the tracker takes them: in unit coordinates, one for each object."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import MOTION_LABEL, Detections
from appliance.tracks.geometry import Boxes, area_of, iou_of, shared_by

SAME_IOU = 0.65
"""Two boxes that agree that well are one object under two labels: suppression works label by label."""
EXPLAINED_RATIO = 0.4
"""A motion box is dropped when something known covers that part of it: it is what moved there."""
EDGE_RATIO = 0.01
"""A box that comes that close to the picture's edge, in widths or heights of it, is cut off by it."""


class Candidates(NamedTuple):
    """What there is to be matched with tracks.

    Attributes:
        boxes: float64, shape (n, 4), xyxy in unit coordinates.
        corners: the same in plain floats.
        scores: n confidences, 0 to 1.
        labels: n label names.
        is_motion: n answers: nothing is known of the box but that it moves.
        is_cut_off: n answers: the picture's edge cuts the box off.
        looks: uint64, shape (n,): how each box looks; 0 where nobody looked.
        keepers: n indices: which box stands for the object; its own index where it does itself.
    """

    boxes: Boxes
    corners: Sequence[Sequence[float]]
    scores: Sequence[float]
    labels: tuple[str, ...]
    is_motion: Sequence[bool]
    is_cut_off: Sequence[bool]
    looks: npt.NDArray[np.uint64]
    keepers: Sequence[int]

    @staticmethod
    def of(detections: Detections) -> "Candidates":
        """Return the boxes of an analysed frame."""
        # Plain floats: of the few boxes of a picture numpy's calls cost more than the sums.
        labels = detections.labels
        if not labels:
            return Candidates(NO_BOXES, [], [], (), [], [], detections.looks, [])
        width, height = detections.width, detections.height
        corners = [
            [_within(left / width), _within(top / height), _within(right / width), _within(bottom / height)]
            for left, top, right, bottom in detections.xyxy.tolist()
        ]
        is_cut_off = [
            left <= EDGE_RATIO or top <= EDGE_RATIO or 1.0 - right <= EDGE_RATIO or 1.0 - bottom <= EDGE_RATIO
            for left, top, right, bottom in corners
        ]
        scores = detections.scores.tolist()
        is_motion = [label == MOTION_LABEL for label in labels]
        keepers = _keepers(corners, scores, is_motion)
        boxes = np.array(corners, np.float64)
        return Candidates(boxes, corners, scores, labels, is_motion, is_cut_off, detections.looks, keepers)

    def by_score(self, high: float, low: float) -> tuple[list[int], list[int]]:
        """Return the boxes that stand for an object: the sure ones, and the unsure ones.

        Args:
            high: from this score on a box is sure; motion always is.
            low: from this score on it counts at all.
        """
        sure: list[int] = []
        unsure: list[int] = []
        for index, (keeper, score, is_motion) in enumerate(
            zip(self.keepers, self.scores, self.is_motion, strict=True)
        ):
            if index != keeper:
                continue
            if score >= high or is_motion:
                sure.append(index)
            elif score >= low:
                unsure.append(index)
        return sure, unsure


NO_BOXES: Boxes = np.zeros((0, 4), np.float64)
NO_BOXES.flags.writeable = False


def _within(value: float) -> float:
    """Return a coordinate within the picture."""
    return 0.0 if value <= 0.0 else min(value, 1.0)


def _keepers(
    corners: Sequence[Sequence[float]], scores: Sequence[float], is_motion: Sequence[bool]
) -> list[int]:
    """Return for each box the one that stands for its object: the surest, and motion last."""
    count = len(corners)
    if count < 2:
        return list(range(count))
    # The last keys settle ties: however the boxes are listed, the same one stands.
    order = sorted(range(count), key=lambda i: (is_motion[i], -scores[i], *reversed(corners[i])))
    keepers = list(range(count))
    for position, index in enumerate(order):
        for better in order[:position]:
            if keepers[better] != better:
                continue
            is_explained = is_motion[index] and not is_motion[better]
            if _is_same(corners[index], corners[better], is_explained=is_explained):
                keepers[index] = better
                break
    return keepers


def _is_same(box: Sequence[float], better: Sequence[float], *, is_explained: bool) -> bool:
    if iou_of(box, better) >= SAME_IOU:
        return True
    return is_explained and shared_by(box, better) / max(area_of(box), 1e-9) >= EXPLAINED_RATIO
