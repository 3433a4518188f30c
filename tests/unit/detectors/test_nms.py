import numpy as np
import numpy.typing as npt
import pytest

from detectors.nms import suppress
from tests.support.pictures import boxes

TABLE = [
    pytest.param(boxes(), [], [], [], id="none"),
    pytest.param(boxes((0, 0, 9, 9)), [0.5], [0], [0], id="one"),
    pytest.param(boxes((0, 0, 9, 9), (0, 0, 9, 9)), [0.5, 0.6], [0, 0], [1], id="the better of two equal"),
    pytest.param(boxes((0, 0, 9, 9), (0, 0, 9, 9)), [0.5, 0.6], [0, 1], [1, 0], id="of different classes"),
    pytest.param(boxes((0, 0, 9, 9), (20, 0, 29, 9)), [0.5, 0.6], [0, 0], [1, 0], id="apart"),
    pytest.param(boxes((0, 0, 10, 10), (0, 5, 10, 15)), [0.5, 0.6], [0, 0], [1, 0], id="a third shared"),
    pytest.param(boxes((0, 0, 10, 10), (0, 2, 10, 12)), [0.5, 0.6], [0, 0], [1], id="two thirds shared"),
    pytest.param(boxes((-9, -9, 0, 0), (-9, -9, 0, 0)), [0.5, 0.6], [2, 3], [1, 0], id="left of the picture"),
    pytest.param(boxes((3, 3, 3, 3), (3, 3, 3, 3)), [0.5, 0.6], [0, 0], [1, 0], id="points share no area"),
]


@pytest.mark.parametrize(("xyxy", "scores", "classes", "kept"), TABLE)
def test_of_boxes_on_each_other_the_best_of_each_class_stays(
    xyxy: npt.NDArray[np.float32], scores: list[float], classes: list[int], kept: list[int]
) -> None:
    """One object of one class is one box, whatever else overlaps it."""
    found = suppress(xyxy, np.array(scores, np.float32), np.array(classes, np.int64), 0.5, 100)
    assert found.tolist() == kept
    assert found.dtype == np.int64


def test_no_more_boxes_stay_than_asked_for() -> None:
    """A detector gone wild costs a bounded amount of work."""
    n = 50
    apart = np.arange(n, dtype=np.float32)[:, None] * 20 + np.array([0, 0, 9, 9], np.float32)
    kept = suppress(apart, np.linspace(0, 1, n, dtype=np.float32), np.zeros(n, np.int64), 0.5, 7)
    assert kept.tolist() == [49, 48, 47, 46, 45, 44, 43]
