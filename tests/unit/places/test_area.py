"""What is inside a polygon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.scene import Point
from appliance.places.area import Area

SQUARE: tuple[Point, ...] = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
L_SHAPE: tuple[Point, ...] = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.5), (0.5, 0.5), (0.5, 0.8), (0.2, 0.8))
share = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("corners", "point", "wanted"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.1, 0.5), False),
        (SQUARE, (0.9, 0.5), False),
        (SQUARE, (0.5, 0.1), False),
        (SQUARE, (0.2, 0.5), True),
        (SQUARE, (0.8, 0.5), True),
        (SQUARE, (0.5, 0.8), True),
        (SQUARE, (0.2, 0.2), True),
        (SQUARE, (0.8, 0.8), True),
        (SQUARE, (0.1, 0.2), False),
        (SQUARE, (0.9, 0.8), False),
        (L_SHAPE, (0.3, 0.7), True),
        (L_SHAPE, (0.7, 0.7), False),
        (L_SHAPE, (0.5, 0.6), True),
        (L_SHAPE, (0.1, 0.5), False),
        (L_SHAPE, (0.3, 0.5), True),
    ],
)
def test_a_point_is_in_or_out(corners: tuple[Point, ...], point: Point, wanted: bool) -> None:
    """Sides and corners are inside; a ray through a corner does not mislead."""
    assert Area(corners).contains(*point) is wanted
    assert Area(corners[::-1]).contains(*point) is wanted


def test_what_is_drawn_nearly_to_the_edge_reaches_it() -> None:
    """Feet at the lower edge of the picture are in a zone that was drawn up to there by hand."""
    assert Area(((0.2, 0.5), (0.8, 0.5), (0.8, 0.985), (0.2, 0.99))).contains(0.5, 1.0)
    assert not Area(((0.2, 0.5), (0.8, 0.5), (0.8, 0.95), (0.2, 0.95))).contains(0.5, 1.0)


@given(share, share, share, st.integers(0, 2))
def test_every_point_of_a_triangle_is_in_it(first: float, second: float, third: float, turn: int) -> None:
    """Whatever corner it is drawn from: means of the corners lie inside."""
    corners = ((0.1, 0.15), (0.9, 0.3), (0.4, 0.85))
    total = first + second + third
    weights = (first / total, second / total, third / total) if total > 1e-6 else (1.0, 0.0, 0.0)
    x = sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True))
    y = sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True))
    assert Area(corners[turn:] + corners[:turn]).contains(x, y)


@given(st.floats(0.03, 0.97), st.floats(0.03, 0.97))
def test_two_halves_make_the_whole(x: float, y: float) -> None:
    """A point of the square is in one of the halves on both sides of its diagonal, and no other is."""
    upper, lower = Area(SQUARE[:3]), Area((SQUARE[0], SQUARE[2], SQUARE[3]))
    assert Area(SQUARE).contains(x, y) == (upper.contains(x, y) or lower.contains(x, y))
