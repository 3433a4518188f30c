"""How fast an object goes over the ground of a zone whose four sides were measured."""

import itertools
import math
from collections.abc import Sequence
from statistics import median

import numpy as np

from appliance.domain.scene import Point, Zone
from appliance.domain.time import US_PER_S
from appliance.places.memory import Sight, SpeedMemory

LEAST_US = round(0.7 * US_PER_S)
"""A shorter way says more of the box's tremble than of the speed."""
WINDOW_US = round(1.5 * US_PER_S)
LEAST_SIGHTS = 3
LEAST_APART_US = round(0.3 * US_PER_S)
"""Two sights nearer in time make no slope: their error is divided by next to nothing."""
STEADY_RATIO = 0.15
"""Steady is a way whose places lie about that part of its length off a straight and even one, at most."""
KMH_PER_MPS = 3.6


class Ground:
    """The ground of a zone as a plane in metres, by a homography from the zone's four corners.

    Four sides leave one angle of a quadrilateral open; it is taken to be the one of the largest area, whose
    corners lie on a circle (Brahmagupta's): a rectangle where opposite sides are equal.
    """

    def __init__(self, corners: Sequence[Point], places: Sequence[Point]) -> None:
        rows, wanted = [], []
        for (x, y), (u, v) in zip(corners, places, strict=True):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            wanted += [u, v]
        solved = np.linalg.solve(np.array(rows, np.float64), np.array(wanted, np.float64))
        self._h = tuple(float(value) for value in solved)

    @classmethod
    def of(cls, zone: Zone) -> "Ground | None":
        """Return the ground of a zone; ``None`` without four sides that can be one's of such a shape."""
        if zone.sides_m is None or len(zone.points) != 4 or not _is_convex(zone.points):
            return None
        places = _largest_quadrilateral(zone.sides_m)
        return None if places is None else cls(zone.points, places)

    def place(self, x: float, y: float) -> Point:
        """Return where a point of the picture within the zone lies on the ground, in metres."""
        a, b, c, d, e, f, g, h = self._h
        scale = g * x + h * y + 1.0
        return (a * x + b * y + c) / scale, (d * x + e * y + f) / scale


def travel(memory: SpeedMemory, ground: Ground, sight: Sight) -> None:
    """Take in the next sight of a track within the zone.

    The speed is the highest at which two sights in a row agree, so that no single wrong box makes it.
    """
    memory.places.append((sight.at_us, *ground.place(sight.x, sight.y)))
    memory.places = [place for place in memory.places if sight.at_us - place[0] <= WINDOW_US]
    speed = steady_mps(memory.places)
    memory.best_mps = max(memory.best_mps, min(speed, memory.last_mps))
    memory.last_mps = speed


def rest(memory: SpeedMemory) -> None:
    """Take in that the track was not in the zone, or its feet were not seen: what follows is another way."""
    memory.places, memory.last_mps = [], 0.0


def steady_mps(places: Sequence[tuple[int, float, float]]) -> float:
    """Return the speed along places (microseconds, metres, metres) in order; 0 where it is short or unsteady.

    The median of the slopes of all pairs, for each axis (H. Theil, 1950; P. K. Sen, 1968): a third of the
    places may be wrong.
    """
    if len(places) < LEAST_SIGHTS or places[-1][0] - places[0][0] < LEAST_US:
        return 0.0
    pairs = [
        (one, other)
        for one, other in itertools.combinations(places, 2)
        if other[0] - one[0] >= LEAST_APART_US
    ]
    vx, vy = (
        median((other[axis] - one[axis]) / (other[0] - one[0]) for one, other in pairs) * US_PER_S
        for axis in (1, 2)
    )
    speed = math.hypot(vx, vy)
    way = speed * (places[-1][0] - places[0][0]) / US_PER_S
    return speed if way > 0 and _scatter(places, vx, vy) <= STEADY_RATIO * way else 0.0


def _scatter(places: Sequence[tuple[int, float, float]], vx: float, vy: float) -> float:
    """Return how far the places lie off the even way, as a median, in metres."""
    off = [(x - vx * at / US_PER_S, y - vy * at / US_PER_S) for at, x, y in _from_first(places)]
    middle_x, middle_y = median(x for x, _ in off), median(y for _, y in off)
    return median(math.hypot(x - middle_x, y - middle_y) for x, y in off)


def _from_first(places: Sequence[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    return [(at - places[0][0], x, y) for at, x, y in places]


def _is_convex(corners: Sequence[Point]) -> bool:
    """Return whether all corners turn the same way: what is flat on the ground looks convex in a picture."""
    turns = []
    for n, (x, y) in enumerate(corners):
        (px, py), (nx, ny) = corners[n - 1], corners[(n + 1) % len(corners)]
        turns.append((x - px) * (ny - y) - (y - py) * (nx - x))
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def _largest_quadrilateral(sides: tuple[float, float, float, float]) -> tuple[Point, ...] | None:
    """Return the corners, in metres, of the largest quadrilateral with these sides; ``None`` for none.

    The angle between the first and the last side follows from the law of cosines on both halves, since
    opposite angles of a quadrilateral on a circle make a straight one.
    """
    a, b, c, d = sides
    if min(sides) <= 0 or 2 * max(sides) >= sum(sides):
        return None
    cosine = (a * a + d * d - b * b - c * c) / (2 * (a * d + b * c))
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    second, fourth = (a, 0.0), (d * cosine, d * sine)
    return (0.0, 0.0), second, _far_corner(second, fourth, b, c), fourth


def _far_corner(second: Point, fourth: Point, b: float, c: float) -> Point:
    """Return the corner at ``b`` from the second and ``c`` from the fourth one, away from the first."""
    dx, dy = fourth[0] - second[0], fourth[1] - second[1]
    e = math.hypot(dx, dy)
    along = (b * b - c * c + e * e) / (2 * e)
    across = math.sqrt(max(0.0, b * b - along * along))
    return second[0] + (along * dx + across * dy) / e, second[1] + (along * dy - across * dx) / e
