"""Where an object stands: its foot point, the middle of its box's lower edge."""

from appliance.domain.scene import Point
from appliance.domain.track import Box
from appliance.places.memory import Sight

EDGE_RATIO = 0.02
"""What comes that close to the picture's edge is at it, in widths or heights of the picture: detectors end
the box of an object that is cut off some pixels before the edge, and no hand draws closer to it."""


def sight_of(box: Box, at_us: int) -> Sight:
    """Return the foot point of a box, xyxy in unit coordinates.

    Where the picture's lower edge cuts an object off, its feet are somewhere below; the point then lies on
    the edge, and zones and lines that are drawn up to the edge reach it.
    """
    left, top, right, bottom = box
    is_cut_off = bottom >= 1.0 - EDGE_RATIO
    y = 1.0 if is_cut_off else bottom
    return Sight(at_us, (left + right) / 2, y, right - left, bottom - top, is_cut_off)


def between(one: Sight, other: Sight, at_us: int) -> Sight:
    """Return where an object is believed to have been between two sights: it went straight on, evenly."""
    part = (at_us - one.at_us) / max(1, other.at_us - one.at_us)
    x, y = one.x + part * (other.x - one.x), one.y + part * (other.y - one.y)
    width, height = (
        one.width + part * (other.width - one.width),
        one.height + part * (other.height - one.height),
    )
    return Sight(at_us, x, y, width, height, one.is_cut_off or other.is_cut_off)


def snapped(point: Point) -> Point:
    """Return a drawn point, moved onto the picture's edge where it lies nearly there."""
    x, y = (0.0 if v <= EDGE_RATIO else 1.0 if v >= 1.0 - EDGE_RATIO else v for v in point)
    return x, y
