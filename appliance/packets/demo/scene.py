"""The demo scene: a street that goes from day to night and back, and people who walk through it.

Everything follows from the seed and the second: the same question always has the same answer, to the pixel.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from appliance.packets.demo.daylight import CYCLE_S, Daylight, daylight_at
from appliance.packets.demo.figure import Box, Picture, Placed, bounds, draw_figure
from appliance.packets.demo.street import Street
from appliance.packets.demo.view import HEIGHT, WIDTH
from appliance.packets.demo.visits import Schedule, Visit

_PLATE_S = 5.0
"""The street is lit anew this often, and blended in between: the sky is that slow."""
_LIGHT_S = 0.5
"""The blend moves on this often: by less than the noise."""

_GRAIN_MARGIN = 64


@dataclass(frozen=True, slots=True)
class Sight:
    """Where somebody is to be seen.

    Attributes:
        visit: whose visit it is.
        box: xyxy pixels, clipped to the picture.
        part_in_view: how much of the person's whole box lies in the picture, above 0 to 1.
    """

    visit: Visit
    box: Box
    part_in_view: float


class Scene:
    """Draws the street at any second and says who is in it. Making one takes a second; not thread-safe.

    Args:
        seed: of the people: who comes, when and in which clothes. The street is always the same.
    """

    width = WIDTH
    height = HEIGHT

    def __init__(self, seed: int = 1) -> None:
        self._street = Street()
        self._schedule = Schedule(seed)
        self._plate = lru_cache(maxsize=2)(self._light_plate)
        self._backdrop = lru_cache(maxsize=2)(self._light_street)
        self._canvas: Picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        self._grain = _grain()
        self._seed = seed

    def draw(self, t_s: float) -> npt.NDArray[np.uint8]:
        """Return the picture at that second.

        Returns:
            uint8, shape (height * 3 / 2, width), planar YUV 4:2:0 (I420, BT.601, limited range); new each
            time.
        """
        backdrop = self._backdrop(round(t_s / _LIGHT_S) % round(CYCLE_S / _LIGHT_S))
        i420 = backdrop.i420.copy()
        figures = [(visit, visit.placed(t_s)) for visit in self._schedule.at(t_s)]
        region = _region(figures)
        if region is not None:
            self._paint(i420, region, backdrop.picture, figures, daylight_at(t_s))
        self._add_noise(i420, t_s)
        return i420

    def truth(self, t_s: float) -> tuple[Sight, ...]:
        """Return who is in the picture at that second, the farthest first."""
        sights = (_sight(visit, bounds(visit.placed(t_s), visit.look)) for visit in self._schedule.at(t_s))
        return tuple(sight for sight in sights if sight is not None)

    def visits(self, until_s: float, from_s: float = 0.0) -> tuple[Visit, ...]:
        """Return the visits that lie at least partly in that span, in order of their first sight."""
        return self._schedule.between(from_s, until_s)

    def _paint(
        self,
        i420: npt.NDArray[np.uint8],
        region: tuple[int, int, int, int],
        street: Picture,
        figures: list[tuple[Visit, Placed]],
        light: Daylight,
    ) -> None:
        """Draw the people, and replace that region of the frame."""
        left, top, right, bottom = region
        self._canvas[top:bottom, left:right] = street[top:bottom, left:right]
        for visit, placed in figures:
            _cast_shadow(self._canvas, placed, 0.30 + 0.12 * light.sun)
            draw_figure(
                self._canvas, placed, visit.look, self._street.light_on(light, placed.x, placed.ground_y)
            )
        width, height = right - left, bottom - top
        patch = cv2.cvtColor(self._canvas[top:bottom, left:right], cv2.COLOR_BGR2YUV_I420)
        i420[top:bottom, left:right] = patch[:height]
        for plane in (0, 1):
            first = HEIGHT + plane * HEIGHT // 4
            chroma = i420[first : first + HEIGHT // 4].reshape(HEIGHT // 2, WIDTH // 2)
            half = patch.reshape(-1)[width * height * (4 + plane) // 4 :][: width * height // 4]
            chroma[top // 2 : bottom // 2, left // 2 : right // 2] = half.reshape(height // 2, width // 2)

    def _light_street(self, tick: int) -> "_Backdrop":
        step, part = divmod(tick * _LIGHT_S, _PLATE_S)
        before, after = self._plate(int(step)), self._plate((int(step) + 1) % round(CYCLE_S / _PLATE_S))
        part /= _PLATE_S
        picture = np.asarray(cv2.addWeighted(before, 1.0 - part, after, part, 0.0), np.uint8)
        return _Backdrop(picture, np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8))

    def _light_plate(self, step: int) -> Picture:
        return self._street.plate(daylight_at(step * _PLATE_S))

    def _add_noise(self, i420: npt.NDArray[np.uint8], t_s: float) -> None:
        """Add the sensor's noise to the luma: two cuts of the grain, one added and one subtracted."""
        dice = np.random.default_rng((self._seed, round(abs(t_s) * 1000)))
        luma = i420[:HEIGHT]
        for mix in (cv2.add, cv2.subtract):
            y, x = dice.integers(0, _GRAIN_MARGIN, 2)
            mix(luma, self._grain[y : y + HEIGHT, x : x + WIDTH], luma)


@dataclass(frozen=True, slots=True)
class _Backdrop:
    """The empty street at one instant, in both forms."""

    picture: Picture
    i420: npt.NDArray[np.uint8]


def _region(figures: list[tuple[Visit, Placed]]) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom, all even, of what the figures and their shadows may touch."""
    if not figures:
        return None
    boxes = np.array([bounds(placed, visit.look) for visit, placed in figures])
    margin = 0.30 * max(placed.scale for _, placed in figures)
    left, top = max(0.0, boxes[:, 0].min() - margin), max(0.0, boxes[:, 1].min() - 8)
    right, bottom = min(WIDTH, boxes[:, 2].max() + margin), min(HEIGHT, boxes[:, 3].max() + 16)
    if right - left < 2 or bottom - top < 2:
        return None
    return int(left) // 2 * 2, int(top) // 2 * 2, int(right) // 2 * 2, int(bottom) // 2 * 2


def _sight(visit: Visit, box: Box) -> Sight | None:
    left, top, right, bottom = box
    clipped = (max(left, 0.0), max(top, 0.0), min(right, float(WIDTH)), min(bottom, float(HEIGHT)))
    if clipped[2] <= clipped[0] or clipped[3] <= clipped[1]:
        return None
    area = (clipped[2] - clipped[0]) * (clipped[3] - clipped[1])
    return Sight(visit, clipped, area / ((right - left) * (bottom - top)))


def _cast_shadow(picture: Picture, placed: Placed, darkness: float) -> None:
    """Darken the ground around the feet, softly: an ellipse whose middle is darkest."""
    across, deep = 0.42 * placed.scale, 0.085 * placed.scale
    left, right = max(0, int(placed.x - across)), min(WIDTH, int(placed.x + across) + 1)
    top, bottom = max(0, int(placed.ground_y - deep)), min(HEIGHT, int(placed.ground_y + deep) + 1)
    if left >= right or top >= bottom:
        return
    x = ((np.arange(left, right) - placed.x) / across) ** 2
    y = ((np.arange(top, bottom) - placed.ground_y) / deep) ** 2
    shade = np.clip(1.0 - (x[None, :] + y[:, None]), 0.0, 1.0) ** 0.8 * darkness
    ground = picture[top:bottom, left:right]
    ground[:] = (ground * (1.0 - shade[..., None])).astype(np.uint8)


def _grain() -> npt.NDArray[np.uint8]:
    """Return noise to cut from: uint8, larger than the picture; two cuts' difference has deviation 2."""
    normal = np.random.default_rng(5).normal(6.0, 1.4, (HEIGHT + _GRAIN_MARGIN, WIDTH + _GRAIN_MARGIN))
    return np.clip(np.round(normal), 0, 12).astype(np.uint8)
