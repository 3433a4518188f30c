"""What an owner drew on a camera's picture: zones, lines and masks.

All points are in unit coordinates, 0 to 1 of the picture's width and height, so that they stay where they are
when the camera's resolution changes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ZoneId = NewType("ZoneId", str)
LineId = NewType("LineId", str)
MaskId = NewType("MaskId", str)
SHAPE_ID = r"[a-z0-9_-]{1,64}"
"""What the id of a zone, line or mask may look like; unique among those of its kind at its camera."""

Point = tuple[float, float]
"""x and y, 0 to 1 of the picture's width and height; the origin is at the top left."""


class Requirement(StrEnum):
    """What an object must have been in a zone for."""

    NONE = "none"
    ALERTS = "alerts"
    EVENTS = "events"


class MaskKind(StrEnum):
    """What is not looked for under a mask: motion, or objects."""

    MOTION = "motion"
    OBJECTS = "objects"


class CountedDirection(StrEnum):
    """Which crossings of a line count; forward is from its left to its right, seen from ``a`` to ``b``."""

    BOTH = "both"
    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on the ground; an object is in it when its foot point is.

    Attributes:
        points: 3 to 64 corners of a polygon that does not cross itself.
        labels: the labels that it is for; ``None`` for all.
        min_area_ratio: boxes smaller than that part of the picture are not in it; 0 to 1.
        max_area_ratio: boxes larger than that part of the picture are not in it; 0 to 1.
        min_score: tracks whose best score is lower are not in it; 0 to 1.
        enter_s: an object is in it once it was there for so long without a break; 0 to 60.
        leave_s: and it has left when it was not there for so long; 0 to 60.
        required_for: whether only what was in this zone, or in another one so marked, makes events or alerts.
        sides_m: the real lengths of the four sides of a zone of four corners, in metres and in their order,
            for speeds; ``None`` where they are not known.
    """

    id: ZoneId
    name: str
    points: tuple[Point, ...]
    labels: frozenset[str] | None = None
    min_area_ratio: float = 0.0
    max_area_ratio: float = 1.0
    min_score: float = 0.0
    enter_s: float = 0.4
    leave_s: float = 1.0
    required_for: Requirement = Requirement.NONE
    sides_m: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line from ``a`` to ``b`` that the foot points of objects cross.

    Attributes:
        labels: the labels that count; ``None`` for all.
        min_score: tracks whose best score is lower do not count; 0 to 1.
        counts: the direction that counts.
    """

    id: LineId
    name: str
    a: Point
    b: Point
    labels: frozenset[str] | None = None
    min_score: float = 0.0
    counts: CountedDirection = CountedDirection.BOTH


@dataclass(frozen=True, slots=True)
class Mask:
    """A polygon in which nothing is looked for.

    Attributes:
        points: 3 to 64 corners.
        kind: motion there wakes nobody; or objects whose foot point lies there are ignored.
        labels: of a mask of objects: the labels it ignores; ``None`` for all.
    """

    id: MaskId
    name: str
    points: tuple[Point, ...]
    kind: MaskKind = MaskKind.OBJECTS
    labels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn on one camera's picture, in the owner's order."""

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    masks: tuple[Mask, ...] = ()


EMPTY_SCENE = Scene()
