"""How far outside of a zone something stayed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.places.area import Area
from appliance.places.nearness import outside_by

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.4, 0.4, 0.0),
        (0.2, 0.4, 0.0),
        (0.4, 0.63, 0.03),
        (0.1, 0.4, 0.1),
        (0.63, 0.64, 0.05),
        (0.9, 0.2, 0.3),
    ],
)
def test_the_foot_point_is_measured_to_the_nearest_side(x: float, y: float, expected: float) -> None:
    """Inside and on a side it is 0; past a corner the corner counts."""
    box = (x - 0.05, y - 0.15, x + 0.05, y)
    assert outside_by(SQUARE, box) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.06, 0.94), st.floats(0.2, 0.97))
def test_what_is_inside_is_not_outside(x: float, y: float) -> None:
    """The distance is 0 for just those whom the zone holds."""
    box = (x - 0.05, y - 0.15, x + 0.05, y)
    foot_x = (box[0] + box[2]) / 2
    assert (outside_by(SQUARE, box) == 0) is Area(SQUARE).contains(foot_x, y)
