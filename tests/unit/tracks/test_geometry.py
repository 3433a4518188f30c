"""Boxes against boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.tracks.geometry import FEW, Boxes, areas, buffered, covered_ratio, iou, overlaps, shared_ratio

NONE = np.empty((0, 4))

side = st.floats(0, 1, width=32)
box = st.tuples(side, side, side, side).map(
    lambda s: [min(s[0], s[1]), min(s[2], s[3]), max(s[0], s[1]), max(s[2], s[3])]
)
boxes = st.lists(box, max_size=4).map(lambda rows: np.array(rows, np.float64).reshape(-1, 4))


def of(*rows: tuple[float, float, float, float]) -> Boxes:
    """Return the boxes as an array."""
    return np.array(rows, np.float64).reshape(-1, 4)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (of((0, 0, 1, 1)), of((0, 0, 1, 1)), 1.0),
        (of((0, 0, 1, 1)), of((0.5, 0, 1, 1)), 0.5),
        (of((0, 0, 0.5, 1)), of((0.5, 0, 1, 1)), 0.0),
        (of((0, 0, 0.2, 0.2)), of((0.6, 0.6, 1, 1)), 0.0),
        (of((0.5, 0.5, 0.5, 0.5)), of((0.5, 0.5, 0.5, 0.5)), 0.0),
        (of((0, 0, 0.4, 0.4)), of((0.2, 0.2, 0.6, 0.6)), 0.04 / 0.28),
    ],
)
def test_intersection_over_union_of_two_boxes(a: Boxes, b: Boxes, expected: float) -> None:
    """Touching boxes share nothing, and a box without area is like no other."""
    assert iou(a, b)[0, 0] == pytest.approx(expected)


def test_the_empty_array_is_always_a_row() -> None:
    """No boxes give empty results of the right shape, on either side."""
    one = of((0, 0, 1, 1))
    assert areas(NONE).shape == (0,)
    assert buffered(NONE, 0.5).shape == (0, 4)
    for measure in (iou, overlaps, shared_ratio):
        assert measure(NONE, one).shape == (0, 1)
        assert measure(one, NONE).shape == (1, 0)
    assert covered_ratio(NONE, one).shape == (0,)
    assert covered_ratio(one, NONE).tolist() == [0.0]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ([(0, 0, 1, 1)], 1.0),
        ([(0, 0, 0.5, 1)], 0.5),
        ([(0, 0, 0.5, 1), (0.5, 0, 1, 1)], 1.0),
        ([(0, 0, 0.5, 1), (0, 0, 0.5, 1)], 0.5),
        ([(2, 2, 3, 3)], 0.0),
    ],
)
def test_the_part_of_a_box_that_was_searched(
    region: list[tuple[float, float, float, float]], expected: float
) -> None:
    """Regions count together, and what two of them share counts once."""
    assert covered_ratio(of((0, 0, 1, 1)), of(*region))[0] == pytest.approx(expected)


def test_a_grown_box_grows_by_its_mean_side() -> None:
    """A narrow box grows as much to its sides as upwards: that is where an upright person walks."""
    grown = buffered(of((0.4, 0.2, 0.5, 0.6)), 0.5)[0]
    assert grown == pytest.approx([0.3, 0.1, 0.6, 0.7])


@given(boxes, boxes)
def test_overlap_is_a_ratio_and_the_same_both_ways(a: Boxes, b: Boxes) -> None:
    """Measures lie between 0 and 1 and do not depend on the order; the smaller box's part is the larger."""
    for measure in (iou, shared_ratio):
        forth = measure(a, b)
        assert ((forth >= 0) & (forth <= 1 + 1e-9)).all()
        assert forth == pytest.approx(measure(b, a).T)
    assert (shared_ratio(a, b) >= iou(a, b) - 1e-9).all()


@given(boxes, boxes)
def test_few_boxes_are_measured_as_many_are(a: Boxes, b: Boxes) -> None:
    """To the last bit: how much something else there is in the picture decides nothing."""
    crowd = np.tile(of((0.0, 0.0, 0.5, 0.5)), (FEW + 1, 1))
    many_a, many_b = np.vstack([a, crowd]), np.vstack([b, crowd])
    for measure in (iou, overlaps, shared_ratio):
        assert measure(a, b).tolist() == measure(many_a, many_b)[: len(a), : len(b)].tolist()
    assert areas(a).tolist() == areas(many_a)[: len(a)].tolist()
    assert buffered(a, 0.3).tolist() == buffered(many_a, 0.3)[: len(a)].tolist()
