import math

import numpy as np
import numpy.typing as npt
import pytest

from detectors import decode

WIDTH, HEIGHT, CLASSES = 96, 64, 3

Row = tuple[float, float, float, float, float, int]


def random_yolox(seed: int) -> npt.NDArray[np.float32]:
    """Return a raw output as a network might give it."""
    dice = np.random.default_rng(seed)
    n = decode.cells(WIDTH, HEIGHT)
    return np.hstack([dice.normal(0, 1, (n, 4)), dice.random((n, 1 + CLASSES))]).astype(np.float32)


def slow_yolox(output: npt.NDArray[np.float32], min_score: float) -> list[Row]:
    """Decode cell by cell, written from the paper's description and nothing else."""
    found: list[Row] = []
    index = 0
    for stride in (8, 16, 32):
        for row in range(HEIGHT // stride):
            for column in range(WIDTH // stride):
                x, y, w, h, objectness, *classes = (float(v) for v in output[index])
                index += 1
                best = max(range(CLASSES), key=lambda c: classes[c])
                if objectness * classes[best] < min_score:
                    continue
                middle_x, middle_y = (x + column) * stride, (y + row) * stride
                half_w, half_h = math.exp(w) * stride / 2, math.exp(h) * stride / 2
                corners = (middle_x - half_w, middle_y - half_h, middle_x + half_w, middle_y + half_h)
                found.append((*corners, objectness * classes[best], best))
    return found


def rows(raw: decode.Raw) -> list[list[float]]:
    """Return candidates as plain rows."""
    return [[*map(float, b), float(s), int(c)] for b, s, c in zip(*raw, strict=True)]


@pytest.mark.parametrize("min_score", [0.0, 0.3, 0.7, 2.0])
def test_the_yolox_grid_is_decoded_as_the_paper_says(min_score: float) -> None:
    """The fast decoder agrees with a slow one on every cell of every stride."""
    output = random_yolox(seed=3)
    fast = rows(decode.yolox(output, WIDTH, HEIGHT, min_score))
    slow = slow_yolox(output, min_score)
    assert len(fast) == len(slow)
    np.testing.assert_allclose(
        np.array(fast).reshape(-1, 6), np.array(slow).reshape(-1, 6), rtol=1e-4, atol=1e-3
    )


def test_ultralytics_columns_are_decoded() -> None:
    """Centre and size become corners, and the best class counts."""
    output = np.array([[50, 10], [40, 10], [20, 4], [10, 4], [0.1, 0.0], [0.8, 0.2], [0.3, 0.1]], np.float32)
    np.testing.assert_allclose(rows(decode.ultralytics(output, 0.5)), [[40, 35, 60, 45, 0.8, 1]], rtol=1e-6)
    assert len(decode.ultralytics(output, 0.9).scores) == 0


def test_finished_boxes_are_taken_as_they_are() -> None:
    """A model without NMS has done it all itself; unused rows have no score."""
    output = np.array([[1, 2, 3, 4, 0.6, 2], [0, 0, 0, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(rows(decode.nms_free(output, 0.3)), [[1, 2, 3, 4, 0.6, 2]], rtol=1e-6)


@pytest.mark.parametrize("found", [decode.ultralytics, decode.nms_free])
def test_no_candidate_is_still_well_formed(found: "object") -> None:
    """Nothing found has the shapes and types of something found."""
    raw = found(np.zeros((8, 6), np.float32), 0.5)  # type: ignore[operator]
    assert (raw.xyxy.shape, raw.scores.shape, raw.class_ids.shape) == ((0, 4), (0,), (0,))
    assert (raw.xyxy.dtype, raw.scores.dtype, raw.class_ids.dtype) == (np.float32, np.float32, np.int64)
