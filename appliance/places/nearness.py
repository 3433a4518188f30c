"""How far outside of a zone something stayed."""

import math
from collections.abc import Sequence

from appliance.domain.scene import Point
from appliance.domain.track import Box
from appliance.places.area import Area
from appliance.places.foot import sight_of, snapped


def outside_by(corners: Sequence[Point], box: Box) -> float:
    """Return how far a box's foot point lies from a polygon; 0 inside.

    The distance is in parts of the picture's width sideways and of its height up and down.
    """
    foot = sight_of(box, 0)
    if Area(corners).contains(foot.x, foot.y):
        return 0.0
    points = [snapped(corner) for corner in corners]
    sides = zip(points[-1:] + points[:-1], points, strict=True)
    return min(_to_side((foot.x, foot.y), begin, end) for begin, end in sides)


def _to_side(point: Point, begin: Point, end: Point) -> float:
    """Return the distance of a point from a line between two others."""
    along_x, along_y = end[0] - begin[0], end[1] - begin[1]
    length = along_x**2 + along_y**2
    part = 0.0
    if length > 0:
        part = ((point[0] - begin[0]) * along_x + (point[1] - begin[1]) * along_y) / length
    part = min(1.0, max(0.0, part))
    return math.hypot(point[0] - begin[0] - part * along_x, point[1] - begin[1] - part * along_y)
