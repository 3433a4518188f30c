"""Draws a person or a car: parts of different brightness, texture, edges, legs and wheels that move."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from tests.support.arrivals.visit import Kind

_SHIFT = 4
_STRIDE = 0.9
"""A double step, own heights."""
_SWING_RAD = 0.34
_SIGHTS = 256

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Coat:
    """A figure's colours.

    Attributes:
        ground_levels: luma of what lies behind it.
        contrast_levels: its difference from that, signed.
        tint: added to U and V.
        seed: of the texture's place.
    """

    ground_levels: float
    contrast_levels: float
    tint: tuple[float, float]
    seed: int

    def level(self, part: float) -> float:
        """Return the luma of a part that has so much of the contrast."""
        return min(245.0, max(8.0, self.ground_levels + part * self.contrast_levels))


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn figure.

    Attributes:
        luma: float32, shape (height, width).
        cover: float32, shape (height, width), 0 to 1.
    """

    luma: npt.NDArray[np.float32]
    cover: npt.NDArray[np.float32]


def draw(
    kind: Kind, shape: tuple[int, int], box: tuple[float, float, float, float], coat: Coat, moved: float
) -> Sprite:
    """Return the figure in its box.

    Args:
        kind: which figure.
        shape: height and width of the sprite, pixels.
        box: xyxy, pixels of the sprite.
        coat: the figure's colours.
        moved: how far it has gone, own heights; legs and wheels follow from it.
    """
    brush = _Brush(shape, box, coat)
    (_person if kind == "person" else _car)(brush, moved)
    luma = brush.luma + np.asarray(_texture_in(shape, box, coat), np.float32)
    return Sprite(luma.astype(np.float32), brush.cover.astype(np.float32) / np.float32(255.0))


class _Brush:
    """Draws parts in the figure's own measure: heights, from the middle of its upper edge."""

    def __init__(self, shape: tuple[int, int], box: tuple[float, float, float, float], coat: Coat) -> None:
        self._middle, self._top, self._height = (box[0] + box[2]) / 2, box[1], box[3] - box[1]
        self._coat = coat
        self.luma: npt.NDArray[np.uint8] = np.full(shape, round(coat.level(1.0)), np.uint8)
        self.cover: npt.NDArray[np.uint8] = np.zeros(shape, np.uint8)

    def polygon(self, points: Sequence[Point], part: float) -> None:
        """Fill a convex polygon."""
        corners = np.array([self._at(p) for p in points], np.int32)
        cv2.fillConvexPoly(self.luma, corners, self._level(part), cv2.LINE_8, _SHIFT)
        cv2.fillConvexPoly(self.cover, corners, 255, cv2.LINE_AA, _SHIFT)

    def limb(self, start: Point, end: Point, thick: float, part: float) -> None:
        """Draw a line with round ends."""
        width_px = max(1, round(thick * self._height))
        a, b = self._at(start), self._at(end)
        cv2.line(self.luma, a, b, self._level(part), width_px, cv2.LINE_8, _SHIFT)
        cv2.line(self.cover, a, b, 255, width_px, cv2.LINE_AA, _SHIFT)

    def disc(self, middle: Point, radius: float, part: float) -> None:
        """Fill a circle."""
        size = round(radius * self._height * (1 << _SHIFT))
        cv2.circle(self.luma, self._at(middle), size, self._level(part), -1, cv2.LINE_8, _SHIFT)
        cv2.circle(self.cover, self._at(middle), size, 255, -1, cv2.LINE_AA, _SHIFT)

    def _level(self, part: float) -> int:
        return round(self._coat.level(part))

    def _at(self, point: Point) -> tuple[int, int]:
        # The centre of the upper left pixel is at (0, 0) for OpenCV, at (0.5, 0.5) for a box.
        x, y = self._middle + point[0] * self._height - 0.5, self._top + point[1] * self._height - 0.5
        return round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT))


def _person(brush: _Brush, moved: float) -> None:
    swing = _SWING_RAD * math.sin(2.0 * math.pi * moved / _STRIDE)
    for side, part in ((-1.0, 0.75), (1.0, 0.95)):
        knee = _hung((0.0, 0.52), 0.23, side * swing * 1.1)
        brush.limb((0.0, 0.52), knee, 0.075, part)
        brush.limb(knee, _hung(knee, 0.20, side * swing * 0.8), 0.06, part)
    brush.limb((0.0, 0.25), _hung((0.0, 0.25), 0.28, -swing), 0.05, 0.7)
    brush.polygon(((-0.10, 0.20), (0.10, 0.20), (0.08, 0.55), (-0.08, 0.55)), 1.05)
    brush.limb((0.0, 0.25), _hung((0.0, 0.25), 0.28, swing), 0.05, 1.25)
    brush.disc((0.0, 0.10), 0.075, 1.2)
    brush.disc((0.0, 0.07), 0.06, 0.8)


def _car(brush: _Brush, moved: float) -> None:
    brush.polygon(((-0.62, 0.10), (0.42, 0.10), (0.78, 0.46), (-0.82, 0.46)), 0.9)
    for window in (
        ((-0.58, 0.15), (-0.06, 0.15), (-0.06, 0.43), (-0.72, 0.43)),
        ((0.0, 0.15), (0.38, 0.15), (0.64, 0.43), (0.0, 0.43)),
    ):
        brush.polygon(window, 0.4)
    brush.polygon(((-1.17, 0.46), (1.0, 0.44), (1.17, 0.58), (1.17, 0.84), (-1.17, 0.84)), 1.1)
    brush.limb((-1.10, 0.64), (1.08, 0.64), 0.015, 0.6)
    brush.limb((-0.03, 0.48), (-0.03, 0.82), 0.012, 0.6)
    brush.polygon(((1.05, 0.55), (1.16, 0.57), (1.16, 0.64), (1.05, 0.64)), 1.5)
    for axle in (-0.72, 0.70):
        brush.disc((axle, 0.82), 0.165, 0.55)
        for spoke in range(3):
            turned = moved / 0.165 + spoke * 2.0 * math.pi / 3
            tip = axle + 0.13 * math.cos(turned), 0.82 + 0.13 * math.sin(turned)
            brush.limb((axle, 0.82), tip, 0.03, 1.3)


def _hung(joint: Point, length: float, angle_rad: float) -> Point:
    return joint[0] + length * math.sin(angle_rad), joint[1] + length * math.cos(angle_rad)


def _texture_in(shape: tuple[int, int], box: tuple[float, float, float, float], coat: Coat) -> MatLike:
    """Return the texture, fixed to the figure: float32, of that shape."""
    scale = _SIGHTS / 2.4 / (box[3] - box[1])
    dice = np.random.default_rng(coat.seed)
    shift = dice.uniform(0, _SIGHTS, 2)
    place = np.array([[scale, 0, shift[0] - box[0] * scale], [0, scale, shift[1] - box[1] * scale]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    texture = cv2.warpAffine(_texture(), place, shape[::-1], flags=flags, borderMode=cv2.BORDER_WRAP)
    return texture * np.float32(2.0 + 0.16 * abs(coat.contrast_levels))


@lru_cache(maxsize=1)
def _texture() -> npt.NDArray[np.float32]:
    """Return folds, stripes and spots: float32, shape (256, 256), deviation about 1."""
    dice = np.random.default_rng(3)
    spots = cv2.GaussianBlur(
        dice.standard_normal((_SIGHTS, _SIGHTS), np.float32), (0, 0), 3.0, borderType=cv2.BORDER_REFLECT
    )
    stripes = np.sin(np.arange(_SIGHTS, dtype=np.float32) * np.float32(2.0 * math.pi / 16))[:, None]
    evened = spots / float(spots.std()) * np.float32(0.7)
    return np.asarray(evened + stripes * np.float32(0.7), np.float32)
