"""The raw outputs of YOLO models, turned into boxes, scores and class ids in pixels of the model's input.

Three families differ in their output for one picture:

* **YOLOX** (raw grid): (cells, 5 + classes); each row holds the box relative to its cell of three grids
  (strides 8, 16 and 32: Ge et al., YOLOX, 2021, section 2.1), the chance of an object, and of each class
  given one.
* **Ultralytics v8 and 11**: (4 + classes, cells); each column holds centre, width and height in pixels, and
  the score of each class.
* **NMS-free** (v10, 26): (boxes, 6); each row is a finished box: x1, y1, x2, y2, score, class.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

STRIDES = (8, 16, 32)

Floats = npt.NDArray[np.float32]


class Raw(NamedTuple):
    """Candidates: xyxy float32 (n, 4) in input pixels, scores float32 (n,), class ids int64 (n,)."""

    xyxy: Floats
    scores: Floats
    class_ids: npt.NDArray[np.int64]


def cells(width: int, height: int) -> int:
    """Return the number of grid cells of an input of that size, over all strides."""
    return sum((width // stride) * (height // stride) for stride in STRIDES)


def yolox(output: Floats, width: int, height: int, min_score: float) -> Raw:
    """Decode (cells, 5 + classes): row by row through the grid of each stride, finest first."""
    rows = np.flatnonzero(output[:, 4] >= min_score)  # the chance of an object bounds every class's score
    grid, stride = _grid(width, height)
    found, stride = output[rows], stride[rows]
    centre = (found[:, 0:2] + grid[rows]) * stride
    half = np.exp(found[:, 2:4]) * stride / 2
    scores = found[:, 5:] * found[:, 4:5]
    return _best(np.hstack([centre - half, centre + half]), scores, min_score)


def ultralytics(output: Floats, min_score: float) -> Raw:
    """Decode (4 + classes, cells)."""
    columns = np.flatnonzero(output[4:].max(axis=0) >= min_score)
    found = output[:, columns].T
    half = found[:, 2:4] / 2
    return _best(np.hstack([found[:, :2] - half, found[:, :2] + half]), found[:, 4:], min_score)


def nms_free(output: Floats, min_score: float) -> Raw:
    """Decode (boxes, 6); unused rows have a score of 0."""
    found = output[output[:, 4] >= min_score]
    return Raw(found[:, :4], found[:, 4], found[:, 5].astype(np.int64))


def _best(xyxy: Floats, scores: Floats, min_score: float) -> Raw:
    if not len(scores):
        return Raw(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))
    class_ids = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), class_ids]
    enough = best >= min_score
    return Raw(xyxy[enough].astype(np.float32), best[enough], class_ids[enough].astype(np.int64))


@lru_cache(maxsize=4)
def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return each cell's column and row, (cells, 2), and its stride in pixels, (cells, 1)."""
    grids: list[Floats] = []
    strides: list[Floats] = []
    for stride in STRIDES:
        across, down = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        grids.append(np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32))
        strides.append(np.full((across.size, 1), stride, np.float32))
    return np.concatenate(grids), np.concatenate(strides)
