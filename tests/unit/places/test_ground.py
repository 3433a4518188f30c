"""How fast somebody goes over ground whose sides were measured."""

import math
import random

import pytest

from appliance.domain.passage import Passages
from appliance.domain.scene import Point, Scene, Zone, ZoneId
from appliance.places.ground import Ground, steady_mps
from tests.support.paths import gone, times

CORNERS: tuple[Point, ...] = ((0.40, 0.30), (0.60, 0.30), (0.90, 0.90), (0.10, 0.90))
SIDES = (8.0, 20.0, 8.0, 20.0)
PICTURE = Ground(((0.0, 0.0), (8.0, 0.0), (8.0, 20.0), (0.0, 20.0)), CORNERS)
"""Where a place on the street is in the picture."""
STREET = Zone(ZoneId("street"), "Street", CORNERS, sides_m=SIDES)


@pytest.mark.parametrize("sides", [SIDES, (8.0, 20.0, 8.0, 20.0), (3.0, 5.0, 4.0, 6.0), (9.0, 4.0, 2.0, 7.0)])
def test_the_sides_of_the_ground_are_as_long_as_was_measured(
    sides: tuple[float, float, float, float],
) -> None:
    """Whatever four lengths they are."""
    ground = Ground.of(Zone(ZoneId("a"), "A", CORNERS, sides_m=sides))
    assert ground is not None
    places = [ground.place(*corner) for corner in CORNERS]
    lengths = [math.dist(places[n], places[(n + 1) % 4]) for n in range(4)]
    assert lengths == pytest.approx(sides)


def test_equal_opposite_sides_make_a_rectangle() -> None:
    """A stretch of road is one, and most of what people measure."""
    ground = Ground.of(STREET)
    assert ground is not None
    first, _, third, _ = (ground.place(*corner) for corner in CORNERS)
    assert math.dist(first, third) == pytest.approx(math.hypot(8.0, 20.0))


@pytest.mark.parametrize(
    ("corners", "sides"),
    [
        (CORNERS, None),
        (CORNERS, (1.0, 2.0, 3.0, 6.0)),
        (CORNERS, (0.0, 2.0, 2.0, 2.0)),
        (CORNERS[:3], SIDES),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.2), (0.5, 0.9)), SIDES),
    ],
)
def test_what_is_no_flat_ground_has_no_speed(
    corners: tuple[Point, ...], sides: tuple[float, float, float, float] | None
) -> None:
    """No four sides, sides that do not meet, three corners, or a corner that turns in."""
    assert Ground.of(Zone(ZoneId("a"), "A", corners, sides_m=sides)) is None


def driven(kmh: float, fps: float, jitter: float = 0.0, wrong: int = -1) -> Passages:
    """Return what a car did that drove along the street; ``wrong`` is a frame with a box far off."""
    dice = random.Random(1)
    frames = times(30.0, fps)

    def path(at_s: float) -> Point | None:
        v = 19.0 - kmh / 3.6 * at_s
        if v < 1.0:
            return None
        x, y = PICTURE.place(4.0, v)
        off = 0.1 if frames.index(at_s) == wrong else 0.0
        return x + jitter * dice.gauss(0, 1), y - off + jitter * dice.gauss(0, 1)

    return gone(Scene(zones=(STREET,)), path, frames)


@pytest.mark.parametrize("fps", [3.0, 5.0, 10.0])
@pytest.mark.parametrize("kmh", [5.0, 14.4, 30.0])
def test_an_even_speed_is_told_at_any_rate(kmh: float, fps: float) -> None:
    """Perspective and the time between frames do not matter."""
    assert driven(kmh, fps).speed_kmh == pytest.approx(kmh, rel=0.01)


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_trembling_boxes_and_a_wrong_one_make_no_record(fps: float) -> None:
    """The highest steady speed is not that of the worst box: within a seventh of the truth."""
    assert driven(14.4, fps, jitter=0.002, wrong=round(2 * fps)).speed_kmh == pytest.approx(14.4, rel=0.15)


def test_a_short_way_has_no_speed() -> None:
    """Less than 0.7 s, or nothing but tremble."""
    assert steady_mps([(0, 0.0, 0.0), (300_000, 1.0, 0.0), (600_000, 2.0, 0.0)]) == 0.0
    assert steady_mps([(0, 0.0, 0.0), (400_000, 1.0, 0.0), (800_000, 2.0, 0.0)]) == pytest.approx(2.5)
    dice = random.Random(1)
    still = [(n * 200_000, dice.gauss(0, 0.05), dice.gauss(0, 0.05)) for n in range(8)]
    assert steady_mps(still) == 0.0


def test_nobody_outside_of_the_zone_has_a_speed() -> None:
    """The ground is known where it was measured alone."""

    def path(at_s: float) -> Point:
        return 0.05 + 0.1 * at_s, 0.2

    assert gone(Scene(zones=(STREET,)), path, times(5.0, 5.0)).speed_kmh is None
