"""Non-maximum suppression: of boxes of one class that lie on each other, only the best is kept."""

import numpy as np
import numpy.typing as npt


def suppress(
    xyxy: npt.NDArray[np.float32],
    scores: npt.NDArray[np.float32],
    class_ids: npt.NDArray[np.int64],
    max_iou: float,
    at_most: int,
) -> npt.NDArray[np.int64]:
    """Return the indices of the boxes that stay, best score first.

    Greedy suppression within each class: boxes of different classes are moved apart before they are compared,
    so that one pass serves all classes.

    Args:
        xyxy: float32, shape (n, 4).
        scores: float32, shape (n,).
        class_ids: int64, shape (n,), at least 0.
        max_iou: 0 to 1; a box that overlaps a better one by more (intersection over union) goes.
        at_most: how many boxes stay at most.
    """
    if not len(scores):
        return np.empty(0, np.int64)
    apart = float(xyxy.max() - min(0.0, float(xyxy.min()))) + 1.0
    boxes = xyxy.astype(np.float64) + (class_ids * apart)[:, None]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    waiting = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(waiting) and len(kept) < at_most:
        best, waiting = int(waiting[0]), waiting[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[waiting, :2])
        high = np.minimum(boxes[best, 2:], boxes[waiting, 2:])
        shared = np.prod(np.maximum(high - low, 0.0), axis=1)
        union = areas[best] + areas[waiting] - shared
        waiting = waiting[shared <= max_iou * union]
    return np.array(kept, np.int64)
