"""A yard seen from above its gate: objects on straight ways over the ground, as boxes in the picture."""

import math
from dataclasses import dataclass

from appliance.domain.scene import Point
from appliance.domain.track import Box

CAMERA_M = 4.0
PITCH_RAD = math.radians(25.0)
FOCAL_X, FOCAL_Y = 0.75, 1.33
"""In widths and heights of a picture of 16:9; about 67° across."""


@dataclass(frozen=True, slots=True)
class Body:
    """How large something is, in metres."""

    width_m: float
    height_m: float


PERSON = Body(0.55, 1.7)
CAR = Body(3.2, 1.5)


@dataclass(frozen=True, slots=True)
class Walk:
    """A way over the ground at an even speed.

    Attributes:
        begin: metres to the right of the camera and in front of it.
        end: likewise.
        speed_mps: metres in a second.
        begin_s: when it sets out.
        pause_s: how long it stands in the middle of the way.
    """

    body: Body
    begin: Point
    end: Point
    speed_mps: float
    begin_s: float
    pause_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When it is at the end of its way."""
        return self.begin_s + math.dist(self.begin, self.end) / self.speed_mps + self.pause_s

    def ground(self, at_s: float) -> Point:
        """Return where it is on the ground."""
        half_s = math.dist(self.begin, self.end) / self.speed_mps / 2
        gone_s = at_s - self.begin_s
        going_s = min(gone_s, half_s) + max(0.0, gone_s - half_s - self.pause_s)
        part = going_s / (2 * half_s)
        return (
            self.begin[0] + part * (self.end[0] - self.begin[0]),
            self.begin[1] + part * (self.end[1] - self.begin[1]),
        )

    def foot(self, at_s: float) -> Point:
        """Return its foot point in the picture."""
        return seen(*self.ground(at_s), 0.0)

    def box(self, at_s: float) -> Box | None:
        """Return its box, not cut off; ``None`` before and after its way, and out of the picture."""
        if not self.begin_s <= at_s <= self.end_s:
            return None
        right_m, ahead_m = self.ground(at_s)
        (x, bottom), (_, top) = seen(right_m, ahead_m, 0.0), seen(right_m, ahead_m, self.body.height_m)
        half = FOCAL_X * self.body.width_m / 2 / depth(ahead_m, 0.0)
        visible_x = min(x + half, 1.0) - max(x - half, 0.0)
        visible_y = min(bottom, 1.0) - max(top, 0.0)
        is_visible = visible_x > half and visible_y > (bottom - top) / 2
        return (x - half, top, x + half, bottom) if is_visible else None


def depth(ahead_m: float, above_m: float) -> float:
    """Return how far in front of the lens a point is, in metres."""
    return ahead_m * math.cos(PITCH_RAD) + (CAMERA_M - above_m) * math.sin(PITCH_RAD)


def seen(right_m: float, ahead_m: float, above_m: float) -> Point:
    """Return where a point of the yard is in the picture, by a pinhole camera that looks down a little."""
    down = (CAMERA_M - above_m) * math.cos(PITCH_RAD) - ahead_m * math.sin(PITCH_RAD)
    scale = depth(ahead_m, above_m)
    return 0.5 + FOCAL_X * right_m / scale, 0.5 + FOCAL_Y * down / scale
