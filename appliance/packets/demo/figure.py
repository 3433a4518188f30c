"""How a person is drawn: clothes and hair around the joints of a posture, seen from the camera.

Every part is a convex outline around a few circles; parts are painted from the far side to the near one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.packets.demo.gait import Body, Foot, Limb, Point
from appliance.packets.demo.view import scale_at, tilt_at

Picture = npt.NDArray[np.uint8]
Rgb = tuple[int, int, int]
Box = tuple[float, float, float, float]
"""xyxy in pixels; may reach beyond the picture."""

_AROUND = np.array([(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 12, endpoint=False)])
_SUBPIXEL_BITS = 4
_PROFILE = 0.6
"""Cosine of the heading from which long hair hangs before the shoulders, as seen; below it, behind them."""


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody wears.

    Attributes:
        coat: the top reaches down to the knees' height instead of the hip.
        skirt: a skirt in the colour of the legs, over tights.
        hat: its colour, or ``None`` for the bare head.
        bag: the colour of a backpack, or ``None``.
        stout: width of the body, about 1.
    """

    skin: Rgb
    hair: Rgb
    top: Rgb
    legs: Rgb
    tights: Rgb
    shoes: Rgb
    sleeves: bool
    coat: bool
    skirt: bool
    long_hair: bool
    hat: Rgb | None
    bag: Rgb | None
    stout: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A body at its place in the picture.

    Attributes:
        x: the column of the point on the ground below the hip.
        ground_y: the row of that point.
        heading: 0 walks to the right, pi to the left, -pi/2 towards the camera; radians.
    """

    body: Body
    x: float
    ground_y: float
    heading: float

    @property
    def scale(self) -> float:
        """Pixels for one metre."""
        return scale_at(self.ground_y)

    def depth(self, point: Point) -> float:
        """Return how far beyond the body's middle a joint lies, in metres; negative is nearer."""
        return float(point[0] * math.sin(self.heading) + point[1] * math.cos(self.heading))

    def pixel(self, point: Point) -> tuple[float, float]:
        """Return a joint's column and row."""
        across = point[0] * math.cos(self.heading) - point[1] * math.sin(self.heading)
        y = self.ground_y - (point[2] + self.depth(point) * tilt_at(self.ground_y)) * self.scale
        return self.x + float(across) * self.scale, float(y)


def bounds(placed: Placed, look: Look) -> Box:
    """Return the tight box around a figure, clothes included, to a pixel or two."""
    body, scale = placed.body, placed.scale
    head_x, head_y = placed.pixel(body.head)
    joints = [p for limb in (*body.legs, *body.arms) for p in (limb.root, limb.middle, limb.end)]
    joints += [p for foot in body.feet for p in (foot.heel, foot.toe)]
    if look.bag is not None:
        joints.append(body.chest + np.array([-0.105, 0.0, -0.15]) * body.height_m)
    pixels = np.array([placed.pixel(p) for p in joints])
    rim = 0.028 * body.height_m * scale
    left, right = pixels[:, 0].min() - rim, pixels[:, 0].max() + rim
    skull = 0.060 * body.height_m * scale
    bottom = pixels[:, 1].max() + 0.018 * body.height_m * scale
    return (
        float(min(left, head_x - skull)),
        float(head_y - 0.070 * body.height_m * scale),
        float(max(right, head_x + skull)),
        float(bottom),
    )


def draw_figure(picture: Picture, placed: Placed, look: Look, light: npt.NDArray[np.float32]) -> None:
    """Paint a person into ``picture`` in the given light (both blue, green, red; light 1 shows colours)."""
    brush = _Brush(picture, placed, light)
    body = placed.body
    far, near = sorted((0, 1), key=lambda side: -placed.depth(body.legs[side].root))
    _arm(brush, body.arms[far], look, 0.74)
    _leg(brush, body.legs[far], body.feet[far], look, 0.74)
    _leg(brush, body.legs[near], body.feet[near], look, 1.0)
    if look.long_hair:
        _long_hair(brush, body, look)
    if look.bag is not None:
        _bag(brush, body, look.bag)
    _torso(brush, body, look)
    if look.long_hair and abs(math.cos(placed.heading)) > _PROFILE:
        _long_hair(brush, body, look)
    _head(brush, body, look)
    _arm(brush, body.arms[near], look, 0.93)


_Circle = tuple[Point, float]
"""A centre in metres of the body's own axes, and a radius in body heights."""


class _Brush:
    """Paints outlines around circles on one body."""

    def __init__(self, picture: Picture, placed: Placed, light: npt.NDArray[np.float32]) -> None:
        self._picture, self._light = picture, light.astype(np.float64)
        self._height_m = placed.body.height_m
        self._height_px = self._height_m * placed.scale
        origin = np.zeros(3)
        self._origin = np.array(placed.pixel(origin))
        self._axes = np.array([np.array(placed.pixel(axis)) - self._origin for axis in np.eye(3)])

    def off(self, point: Point, forward: float, up: float) -> Point:
        """Return the point that lies that many body heights further forward and up."""
        return np.asarray(point + np.array([forward, 0.0, up]) * self._height_m)

    def pair(self, centre: Point, half: float, radius: float) -> tuple[_Circle, _Circle]:
        """Return two circles, one to the left and one to the right of ``centre``; all in body heights."""
        aside = np.array([0.0, half * self._height_m, 0.0])
        return (centre + aside, radius), (centre - aside, radius)

    def around(self, circles: Iterable[_Circle], colour: Rgb, shade: float = 1.0) -> None:
        """Fill the outline around circles."""
        centres, radii = zip(*circles, strict=True)
        middles = np.array(centres) @ self._axes + self._origin
        rims = np.array(radii)[:, None, None] * self._height_px * _AROUND
        outline = (middles[:, None, :] + rims).reshape(-1, 2)
        points = np.round(outline * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        blue, green, red = (
            min(255.0, c * shade * lit) for c, lit in zip(colour[::-1], self._light, strict=True)
        )
        hull = cv2.convexHull(points)
        cv2.fillConvexPoly(self._picture, hull, (blue, green, red), cv2.LINE_AA, _SUBPIXEL_BITS)


def _leg(brush: _Brush, leg: Limb, foot: Foot, look: Look, shade: float) -> None:
    colour, thigh, knee, ankle = look.legs, 0.050 * look.stout, 0.034, 0.023
    if look.skirt:
        colour, thigh, knee, ankle = look.tights, 0.044, 0.031, 0.021
    brush.around(((foot.heel, 0.020), (foot.toe, 0.014), (leg.end, 0.020)), look.shoes, shade)
    brush.around(((leg.middle, knee), (leg.end, ankle)), colour, shade * 0.97)
    brush.around(((leg.root, thigh), (leg.middle, knee)), colour, shade)


def _arm(brush: _Brush, arm: Limb, look: Look, shade: float) -> None:
    forearm = look.top if look.sleeves else look.skin
    forward = arm.end - arm.middle
    fingers = arm.end + forward * 0.19
    brush.around(((arm.end, 0.018), (fingers, 0.014)), look.skin, shade)
    brush.around(((arm.middle, 0.022), (arm.end, 0.017)), forearm, shade * 0.97)
    brush.around(((arm.root, 0.034), (arm.middle, 0.024)), look.top, shade * 0.94)


def _torso(brush: _Brush, body: Body, look: Look) -> None:
    pelvis, chest, wide = body.pelvis, body.chest, look.stout
    waist = pelvis + (chest - pelvis) * 0.38
    waistline = brush.pair(waist, 0.046, 0.055 * wide)
    if look.skirt:
        hem = brush.pair(pelvis * (1, 1, 0.62), 0.058, 0.052)
        brush.around((*brush.pair(pelvis, 0.045, 0.052), *hem), look.legs)
    brush.around((*brush.pair(pelvis, 0.050, 0.054 * wide), *waistline), look.top if look.coat else look.legs)
    shoulders = (*brush.pair(brush.off(chest, 0, -0.028), 0.090, 0.040), (brush.off(chest, 0, 0.012), 0.034))
    brush.around((*shoulders, *brush.pair(brush.off(waist, 0, -0.02), 0.050, 0.056 * wide)), look.top)
    brush.around((*brush.pair(brush.off(chest, 0, -0.11), 0.060, 0.064 * wide), *waistline), look.top)
    if look.coat:
        hem = brush.pair(pelvis * (1, 1, 0.70), 0.056, 0.050 * wide)
        brush.around((*waistline, *hem), look.top, 0.97)


def _bag(brush: _Brush, body: Body, colour: Rgb) -> None:
    top, bottom = brush.off(body.chest, -0.085, -0.05), brush.off(body.chest, -0.085, -0.20)
    brush.around((*brush.pair(top, 0.05, 0.038), *brush.pair(bottom, 0.05, 0.044)), colour, 0.9)


def _long_hair(brush: _Brush, body: Body, look: Look) -> None:
    crown, ends = brush.off(body.head, -0.022, 0.008), brush.off(body.head, -0.038, -0.090)
    brush.around(((crown, 0.050), (ends, 0.032)), look.hair, 0.92)


def _head(brush: _Brush, body: Body, look: Look) -> None:
    def circle(forward: float, up: float, radius: float) -> _Circle:
        return brush.off(body.head, forward, up), radius

    collar = (brush.off(body.chest, 0.006, 0.02), 0.031)
    brush.around((collar, circle(-0.008, -0.03, 0.030)), look.skin, 0.84)
    brush.around((circle(-0.026, -0.010, 0.032), circle(-0.010, 0.020, 0.048)), look.hair)
    brush.around((circle(0.006, 0.014, 0.044), circle(0.012, -0.030, 0.034)), look.skin)
    brush.around((circle(0.049, -0.006, 0.009), circle(0.038, 0.010, 0.006)), look.skin)
    brush.around((circle(-0.014, 0.028, 0.046), circle(0.018, 0.046, 0.026)), look.hat or look.hair)
    if look.hat is not None:
        brush.around((circle(-0.040, 0.022, 0.010), circle(0.060, 0.024, 0.009)), look.hat, 0.82)
