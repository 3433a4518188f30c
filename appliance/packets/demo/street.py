"""The street in any light: the surfaces, the sky above them, and what glows at night."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.packets.demo.daylight import Daylight
from appliance.packets.demo.surfaces import (
    FAR_PAVEMENT_Y,
    LAMP_HEAD_Y,
    LAMP_X,
    WALL_BASE_Y,
    Surfaces,
    draw_surfaces,
)
from appliance.packets.demo.view import HEIGHT, WIDTH

Picture = npt.NDArray[np.uint8]
"""uint8, shape (height, width, 3): blue, green, red."""

_SKY_ROWS = 376
"""Below this row no sky is seen."""
_LAMPLIGHT = np.array((150, 214, 255), np.float32) * 0.92
_WINDOW_TINTS = ((96, 178, 246), (120, 196, 250), (104, 186, 240))
_MOONLIGHT = (214, 236, 246)
_MOON_X, _MOON_Y, _MOON_RADIUS = 1062, 84, 31
_CLOUDS = ((150, 46, 190), (505, 120, 150), (700, 52, 220), (1180, 150, 170), (1010, 40, 120))
"""Column, row and width of the clouds."""


@dataclass(frozen=True, slots=True)
class _Glow:
    """Light that is added to some rows of the picture.

    Attributes:
        top: its first row.
        light: uint8, shape (rows, width, 3), blue, green, red, at full strength.
    """

    top: int
    light: Picture

    def add_to(self, picture: npt.NDArray[np.float32], level: float) -> None:
        if level > 0:
            picture[self.top : self.top + len(self.light)] += self.light * np.float32(level)


class Street:
    """The empty street; making one takes a few tenths of a second. Not thread-safe."""

    def __init__(self) -> None:
        surfaces = draw_surfaces()
        self._colours = surfaces.colours
        self._sky_seen = (1.0 - surfaces.solid[:_SKY_ROWS])[..., None]
        self._lamp_pools = _lamp_pools()
        self._sunlit = _sunlit()
        self._windows = _lit_windows(surfaces)
        self._lamps = _lamp_heads()
        self._night = _night_sky()
        self._clouds = _clouds()

    def plate(self, light: Daylight) -> Picture:
        """Return the street in that light; a new array."""
        sun = cv2.addWeighted(self._sunlit, 0.10 * light.sun, self._sunlit, 0.0, 1.0)
        channels = []
        for channel in range(3):
            lit = cv2.addWeighted(
                self._lamp_pools,
                float(_LAMPLIGHT[channel]) * light.lamps,
                self._lamp_pools,
                0.0,
                float(light.ambient[channel]),
            )
            channels.append(cv2.multiply(lit, sun))
        picture = np.asarray(cv2.multiply(cv2.merge(channels), self._colours), np.float32)
        picture[:_SKY_ROWS] += self._sky_seen * self._sky(light)
        for window, level in zip(self._windows, light.windows, strict=True):
            window.add_to(picture, level)
        self._lamps.add_to(picture, light.lamps)
        return np.asarray(cv2.convertScaleAbs(picture), np.uint8)

    def light_on(self, light: Daylight, x: float, ground_y: float) -> npt.NDArray[np.float32]:
        """Return the light on what stands there: float32 (3,), blue, green, red; 1 shows its own colour."""
        column, row = int(min(max(x, 0), WIDTH - 1)), int(min(ground_y, HEIGHT - 1))
        total = light.ambient + _LAMPLIGHT * (light.lamps * float(self._lamp_pools[row, column]))
        return np.asarray(total / 255.0, np.float32)

    def _sky(self, light: Daylight) -> npt.NDArray[np.float32]:
        """Return the sky: float32, shape (_SKY_ROWS, width, 3)."""
        rows, stops = np.arange(_SKY_ROWS) / HEIGHT, (0.0, 0.26, 0.56)
        colours = np.stack((light.zenith, light.middle, light.skyline))
        gradient = np.stack([np.interp(rows, stops, colours[:, c]) for c in range(3)], axis=1).astype(
            np.float32
        )
        sky = np.repeat(gradient[:, None, :], WIDTH, axis=1)
        sky += self._clouds * (light.skyline * 0.55 + light.ambient * 0.45 - sky)
        self._night.add_to(sky, light.stars)
        return sky


def _grid(top: int, bottom: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return rows (column vector) and columns (row vector) of that part of the picture."""
    y, x = np.arange(top, bottom, dtype=np.float32)[:, None], np.arange(WIDTH, dtype=np.float32)[None, :]
    return y, x


def _lamp_pools() -> npt.NDArray[np.float32]:
    """Return how much lamplight falls on each pixel: float32 (height, width), 0 to about 1."""
    y, x = _grid(0, HEIGHT)
    pools = np.zeros((HEIGHT, WIDTH), np.float32)

    def pool(centre_x: float, centre_y: float, width: float, height: float, strength: float) -> None:
        across, down = np.exp(-(((x - centre_x) / width) ** 2)), np.exp(-(((y - centre_y) / height) ** 2))
        pools[:] += strength * down * across

    for lamp in LAMP_X:
        pool(lamp, 500, 340, 110, 0.66)
        pool(lamp, 300, 190, 150, 0.30)
    # Lamps on the camera's own side, out of its sight.
    for near in (150, 660, 1170):
        pool(near, 660, 290, 120, 0.52)
    return pools


def _sunlit() -> npt.NDArray[np.float32]:
    """Return how directly the sun shines on each pixel: float32 (height, width), about -1 to 1."""
    sunlit = np.zeros((HEIGHT, WIDTH), np.float32)
    sunlit[:WALL_BASE_Y] = 0.3
    sunlit[FAR_PAVEMENT_Y:] = 0.6
    for centre, axes in (((600, 532), (150, 20)), ((1120, 528), (120, 16))):
        cv2.ellipse(sunlit, centre, axes, 0, 0, 360, -1.2, -1)
    return np.asarray(cv2.GaussianBlur(sunlit, (0, 0), 5), np.float32)


def _lit_windows(surfaces: Surfaces) -> tuple[_Glow, _Glow, _Glow]:
    """Return the light of the windows of the three kinds of household."""
    top, bottom = 210, WALL_BASE_Y + 10
    lights = [np.zeros((bottom - top, WIDTH, 3), np.float32) for _ in range(3)]
    for number, pane in enumerate(surfaces.panes):
        left, upper, right, lower = pane.box
        if right - left < 4:
            continue
        fading = np.linspace(0.74, 0.54, lower - upper, dtype=np.float32)[:, None, None]
        seen = surfaces.glass[upper:lower, left:right, None] * 0.8 + 0.2 * (
            surfaces.glass[upper:lower, left:right, None] > 0
        )
        tint = np.array(_WINDOW_TINTS[number % 3], np.float32)
        lights[pane.household][upper - top : lower - top, left:right] = fading * seen * tint
    first, second, third = (
        _Glow(
            top, np.asarray(cv2.convertScaleAbs(light + 0.45 * cv2.GaussianBlur(light, (0, 0), 8)), np.uint8)
        )
        for light in lights
    )
    return first, second, third


def _lamp_heads() -> _Glow:
    """Return the glow around the heads of the street lamps."""
    top, bottom = 20, 330
    y, x = _grid(top, bottom)
    halo = np.zeros((bottom - top, WIDTH), np.float32)
    for lamp in LAMP_X:
        distance = np.hypot(x - lamp, y - (LAMP_HEAD_Y - 4))
        halo += 0.85 * np.exp(-((distance / 13) ** 2)) + 0.30 * np.exp(-((distance / 62) ** 2))
    return _Glow(top, np.asarray(cv2.convertScaleAbs(halo[..., None] * _LAMPLIGHT), np.uint8))


def _night_sky() -> _Glow:
    """Return stars and a moon in its first quarter."""
    dice = np.random.default_rng(23)
    sky = np.zeros((_SKY_ROWS, WIDTH, 3), np.float32)
    for _ in range(170):
        x, y = int(dice.uniform(2, WIDTH - 2)), int(dice.uniform(0, 1) ** 1.6 * 300) + 2
        sky[y, x] = float(dice.uniform(60, 200))
    sky = np.asarray(cv2.GaussianBlur(sky, (0, 0), 0.7) * 2.0, np.float32)
    y_grid, x_grid = _grid(0, _SKY_ROWS)
    distance = np.hypot(x_grid - _MOON_X, y_grid - _MOON_Y)
    bite = np.hypot(x_grid - _MOON_X + 15, y_grid - _MOON_Y + 6)
    disc = np.clip(_MOON_RADIUS - distance, 0, 1) * np.clip(bite - _MOON_RADIUS * 0.8, 0, 1)
    glow = 0.8 * disc + 0.16 * np.exp(-((distance / 70) ** 2))
    sky += glow[..., None] * np.array(_MOONLIGHT, np.float32)
    return _Glow(0, np.asarray(cv2.convertScaleAbs(sky), np.uint8))


def _clouds() -> npt.NDArray[np.float32]:
    """Return how much of the sky is covered: float32, shape (_SKY_ROWS, width, 1), 0 to 0.6."""
    cover = np.zeros((_SKY_ROWS, WIDTH), np.float32)
    for x, y, width in _CLOUDS:
        for n in range(-3, 4):
            size = 1.0 - abs(n) / 4.2
            centre, axes = (int(x + n * width / 7), int(y - 10 * size)), (width // 7, int(20 * size) + 4)
            cv2.ellipse(cover, centre, axes, 0, 0, 360, 1.0, -1)
        cover[y + 4 : y + 40] *= 0.4
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), 7)[..., None] * 0.55, np.float32)
