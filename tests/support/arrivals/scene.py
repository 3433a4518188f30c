"""The whole scene: the place, its light, who is in it, and the camera's noise."""

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from tests.support.arrivals.backdrop import Plane, backdrop
from tests.support.arrivals.figure import Coat, Sprite, draw
from tests.support.arrivals.noise import STRENGTH, Grain
from tests.support.arrivals.nuisance import Lamp, Leaves, Nuisance, Trouble, light, plan
from tests.support.arrivals.visit import Visit, schedule, throng

_IDLE = 0.03
"""How far legs and arms of somebody who stands move, in own heights of a walk."""

Region = tuple[int, int, int, int]


class Scene:
    """Draws any frame of the scene and says who is in it.

    The same arguments and tick always give the same picture, whatever was drawn before. Not thread-safe.

    Args:
        seed: of visits, disturbances and noise; the place is always the same.
        duration_s: visits that would last longer are left out.
        width: pixels, a multiple of 4.
        height: pixels, a multiple of 4.
        fps: frames a second.
        noise_levels: the noise's standard deviation at middle levels of luma; 0 for none.
        visited: whether anybody comes at all.
        busy: whether hardly a moment passes in which nobody is there.
        troubles: the disturbances there are.

    Attributes:
        visits: in order of time.
        nuisances: in order of time.
    """

    def __init__(
        self,
        seed: int,
        duration_s: float,
        *,
        width: int = 1280,
        height: int = 720,
        fps: int = 15,
        noise_levels: float = 2.0,
        visited: bool = True,
        busy: bool = False,
        troubles: tuple[Trouble, ...] = (),
    ) -> None:
        self.width, self.height, self.fps = width, height, fps
        coming = throng if busy else schedule
        self.visits: tuple[Visit, ...] = coming(seed, duration_s, width / height) if visited else ()
        self.nuisances: tuple[Nuisance, ...] = plan(seed, duration_s, troubles)
        self._luma, self._chroma = backdrop(width, height)
        self._strength: Plane = _strength(self._luma)
        self._canvas, self._colour, self._noise = (
            self._luma.copy(),
            self._chroma.copy(),
            self._strength.copy(),
        )
        self._dirty: list[Region] = []
        self._grain = Grain(width, height, noise_levels, seed)
        self._lamp, self._leaves = Lamp(width, height, seed), Leaves(width, height)
        self._coat = lru_cache(maxsize=4)(self._coat_of)

    def draw(self, tick: int) -> npt.NDArray[np.uint8]:
        """Return that frame: uint8, shape (height * 3 / 2, width), planar YUV 4:2:0, new each time."""
        t_s = tick / self.fps
        self._clean()
        self._disturb(t_s)
        for visit in self.visits:
            if visit.box(t_s) is not None:
                self._place(visit, t_s)
        i420 = np.empty((self.height * 3 // 2, self.width), np.uint8)
        grain = self._grain.luma(tick)
        cv2.multiply(grain, self._noise, dst=grain)
        gain = light(t_s, self.nuisances)
        i420[: self.height] = cv2.addWeighted(self._canvas, gain, grain, 1.0, 0.0, dtype=cv2.CV_8U)
        colour = cv2.add(self._colour, self._grain.chroma(tick), dtype=cv2.CV_8U)
        i420[self.height :] = colour.reshape(self.height // 2, self.width)
        return i420

    def in_view_ratio(self, visit: Visit, tick: int) -> float:
        """Return how much of the picture the visitor covers in that frame, as far as it is in view."""
        t_s = tick / self.fps
        if visit.box(t_s) is None:
            return 0.0
        return float(self._sprite(visit, t_s).cover.sum()) / (self.width * self.height)

    def _clean(self) -> None:
        """Take away what the last frame had."""
        for left, top, right, bottom in self._dirty:
            for canvas, clean in ((self._canvas, self._luma), (self._noise, self._strength)):
                canvas[top:bottom, left:right] = clean[top:bottom, left:right]
            for plane, clean in zip(self._planes(self._colour), self._planes(self._chroma), strict=True):
                half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
                plane[half] = clean[half]
        self._dirty.clear()

    def _planes(self, chroma: Plane) -> Plane:
        """Return a view of U and V: float32, shape (2, height / 2, width / 2)."""
        return chroma.reshape(2, self.height // 2, self.width // 2)

    def _disturb(self, t_s: float) -> None:
        for nuisance in self.nuisances:
            strength = nuisance.at(t_s)
            if not strength:
                continue
            if nuisance.trouble == "lamp":
                self._lamp.shine(self._canvas, t_s)
                self._dirty.append(self._lamp.region)
            elif nuisance.trouble == "leaves":
                self._leaves.sway(self._canvas, self._luma, t_s, strength * nuisance.strength)
                self._dirty.append(self._leaves.region)

    def _place(self, visit: Visit, t_s: float) -> None:
        """Draw a visitor, as far as it is in view."""
        left, top, right, bottom = region = self._region(visit, self._in_pixels(visit, t_s))
        sprite = self._sprite(visit, t_s)
        luma = self._canvas[top:bottom, left:right]
        luma += sprite.cover * (sprite.luma - luma)
        self._noise[top:bottom, left:right] = _strength(luma)
        half = (right - left) // 2, (bottom - top) // 2
        small = cv2.resize(sprite.cover, half, interpolation=cv2.INTER_AREA)
        for plane, tint in zip(self._planes(self._colour), self._coat(visit).tint, strict=True):
            part = plane[top // 2 : bottom // 2, left // 2 : right // 2]
            part += small * (np.float32(128.0 + tint) - part)
        self._dirty.append(region)

    def _sprite(self, visit: Visit, t_s: float) -> Sprite:
        """Return what is in view of a visitor, in its region."""
        box = self._in_pixels(visit, t_s)
        left, top, right, bottom = region = self._region(visit, box)
        inside = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
        restless = _IDLE * math.sin(2.0 * t_s) if visit.kind == "person" else 0.0
        moved = visit.travelled(t_s) + restless
        sprite = draw(visit.kind, (bottom - top, right - left), inside, self._coat(visit), moved)
        self._behind_gap(visit, region, sprite.cover)
        return sprite

    def _in_pixels(self, visit: Visit, t_s: float) -> tuple[float, float, float, float]:
        box = visit.whole_box(t_s)
        if box is None:
            raise ValueError(f"expected a second at which visit {visit.number} is on its way, got {t_s}")
        return box[0] * self.width, box[1] * self.height, box[2] * self.width, box[3] * self.height

    def _region(self, visit: Visit, box: tuple[float, float, float, float]) -> Region:
        """Return what of the picture the figure may touch, in even pixels."""
        left = max(0, int(max(box[0], visit.gap[0] * self.width)) // 2 * 2)
        right = min(self.width, -int(-min(box[2], visit.gap[1] * self.width) // 2) * 2)
        top, bottom = max(0, int(box[1]) // 2 * 2), min(self.height, -int(-box[3] // 2) * 2)
        return left, top, right, bottom

    def _behind_gap(self, visit: Visit, region: Region, cover: npt.NDArray[np.float32]) -> None:
        """Uncover what stands behind the gap's ends."""
        left, _, right, _ = region
        columns = np.arange(left, right) + 0.5
        ends = visit.gap[0] * self.width, visit.gap[1] * self.width
        cover[:, (columns < ends[0]) | (columns > ends[1])] = 0.0

    def _coat_of(self, visit: Visit) -> Coat:
        """Return the colours: brighter or darker than the ground, whichever leaves room for the contrast."""
        middle_s = (visit.begins_s + visit.ends_s) / 2
        left, top, right, bottom = self._region(visit, self._in_pixels(visit, middle_s))
        ground = float(self._luma[top:bottom, left:right].mean())
        dice = np.random.default_rng(visit.look)
        rooms = {1.0: 245.0 - ground, -1.0: ground - 8.0}
        fitting = [sign for sign, room in rooms.items() if room >= visit.contrast_levels]
        sign = float(dice.choice(fitting)) if fitting else max(rooms, key=lambda s: rooms[s])
        tint = dice.normal(0.0, 4.0 + 0.15 * visit.contrast_levels, 2)
        return Coat(ground, sign * visit.contrast_levels, (float(tint[0]), float(tint[1])), visit.look)


def _strength(luma: Plane) -> Plane:
    """Return how strong the noise is at each pixel: float32, the luma's shape."""
    return np.asarray(cv2.LUT(cv2.convertScaleAbs(luma), STRENGTH), np.float32)
