import numpy as np
import numpy.typing as npt
import pytest

from detectors.boxes import areas, covered_ratio
from tests.support.pictures import boxes


@pytest.mark.parametrize(
    ("given", "by", "expected"),
    [
        (boxes(), boxes(), []),
        (boxes(), boxes((0, 0, 1, 1)), []),
        (boxes((0, 0, 1, 1)), boxes(), [0]),
        (boxes((0, 0, 10, 10)), boxes((0, 0, 10, 10)), [1]),
        (boxes((0, 0, 10, 10)), boxes((0, 0, 5, 10), (0, 0, 2, 10)), [0.5]),
        (boxes((0, 0, 10, 10), (20, 20, 30, 30)), boxes((0, 0, 5, 5)), [0.25, 0]),
        (boxes((3, 3, 3, 9)), boxes((0, 0, 10, 10)), [0]),
    ],
    ids=["nothing", "no boxes", "no cover", "whole", "the best cover", "two boxes", "no area"],
)
def test_how_much_of_a_box_is_covered(
    given: npt.NDArray[np.float32], by: npt.NDArray[np.float32], expected: list[float]
) -> None:
    """The largest part that a single other box hides."""
    np.testing.assert_allclose(covered_ratio(given, by), expected, atol=1e-6)


def test_a_box_turned_inside_out_has_no_area() -> None:
    """Nonsense counts as nothing."""
    assert areas(boxes((5, 5, 1, 9), (0, 0, 2, 3))).tolist() == [0.0, 6.0]
