"""Whether a point is in a polygon."""

from collections.abc import Sequence

from appliance.domain.scene import Point
from appliance.places.foot import snapped

ON_SIDE = 1e-9
"""Points nearer to a side than that, in squares of unit coordinates, are on it: rounding, not distance."""


class Area:
    """The inside of a polygon in unit coordinates, its sides and corners included.

    Corners next to the picture's edge are on it: the strip between is nobody's.
    """

    def __init__(self, corners: Sequence[Point]) -> None:
        points = [snapped(corner) for corner in corners]
        self._sides = tuple(zip(points[-1:] + points[:-1], points, strict=True))
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self._bounds = min(xs) - ON_SIDE, min(ys) - ON_SIDE, max(xs) + ON_SIDE, max(ys) + ON_SIDE

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point lies inside, or on a side or corner.

        The even-odd rule: a ray from inside meets the sides of a polygon an odd number of times
        (M. Shimrat, Algorithm 112, Communications of the ACM 5, 1962). A side owns one of its ends alone, so
        that a ray through a corner meets it once.
        """
        left, top, right, bottom = self._bounds
        if not (left <= x <= right and top <= y <= bottom):
            return False
        is_inside = False
        for (ax, ay), (bx, by) in self._sides:
            turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if abs(turn) <= ON_SIDE and _spans(ax, bx, x) and _spans(ay, by, y):
                return True
            if (ay > y) != (by > y) and (turn > 0) == (by > ay):
                is_inside = not is_inside
        return is_inside


def _spans(one: float, other: float, value: float) -> bool:
    return min(one, other) - ON_SIDE <= value <= max(one, other) + ON_SIDE
