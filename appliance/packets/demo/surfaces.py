"""What the street's surfaces are: houses, gardens, pavements, a road, trees and lamps, in their own colours.

Everything is drawn at twice its size and scaled down. Colours are written as red, green, blue and held as
OpenCV's blue, green, red. Coordinates are pixels of the finished picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from appliance.packets.demo.view import HEIGHT, HORIZON_Y, WIDTH

Rgb = tuple[int, int, int]

LAMP_X = (352, 968)
"""Columns of the street lamps."""
LAMP_HEAD_Y = 176
"""Row of the lamps' heads."""
WALL_BASE_Y = 452
"""Row where the houses meet their gardens."""
FAR_PAVEMENT_Y = 478
"""Row of the far pavement's back edge."""

_FINE = 2
_SUBPIXEL_BITS = 3
_HEDGE_TOP_Y = 438
_FAR_KERB_Y, _ROAD_Y = 518, 525
_NEAR_KERB_Y, _NEAR_PAVEMENT_Y = 596, 604
_PANE: Rgb = (84, 100, 116)


@dataclass(frozen=True, slots=True)
class Pane:
    """One window that can be lit.

    Attributes:
        box: left, top, right, bottom in pixels.
        household: 0 to 2: when its people go to bed.
    """

    box: tuple[int, int, int, int]
    household: int


@dataclass(frozen=True, slots=True)
class Surfaces:
    """The finished drawing.

    Attributes:
        colours: float32, shape (height, width, 3), blue, green, red, 0 to 1.
        solid: float32, shape (height, width): 0 where the sky is seen, 1 elsewhere.
        glass: float32, shape (height, width): 1 where a window pane is seen.
    """

    colours: npt.NDArray[np.float32]
    solid: npt.NDArray[np.float32]
    glass: npt.NDArray[np.float32]
    panes: tuple[Pane, ...]


def draw_surfaces() -> Surfaces:
    """Return the street as it is, without light."""
    return _Drawing().finished()


@dataclass(frozen=True, slots=True)
class _House:
    """One house: its place, its shape, and its colours."""

    left: int
    right: int
    eaves: int
    ridge: int
    wall: Rgb
    roof: Rgb
    trim: Rgb
    door: Rgb
    door_at: float
    columns: tuple[float, ...]
    gabled: bool
    household: int


_HOUSES = (
    _House(
        -60,
        196,
        206,
        92,
        (188, 122, 98),
        (96, 70, 68),
        (240, 228, 212),
        (58, 92, 96),
        0.80,
        (0.36, 0.62),
        False,
        1,
    ),
    _House(
        206,
        452,
        236,
        104,
        (226, 208, 176),
        (134, 84, 70),
        (250, 244, 232),
        (150, 62, 56),
        0.20,
        (0.24, 0.52, 0.8),
        True,
        0,
    ),
    _House(
        586,
        818,
        196,
        118,
        (126, 150, 168),
        (78, 84, 98),
        (240, 242, 240),
        (214, 168, 84),
        0.5,
        (0.18, 0.5, 0.82),
        False,
        2,
    ),
    _House(
        828,
        996,
        216,
        74,
        (216, 168, 104),
        (112, 78, 66),
        (246, 238, 220),
        (64, 78, 112),
        0.74,
        (0.28, 0.7),
        True,
        1,
    ),
    _House(
        1118,
        1350,
        226,
        112,
        (156, 172, 140),
        (92, 80, 76),
        (244, 242, 228),
        (132, 74, 92),
        0.24,
        (0.24, 0.54, 0.84),
        False,
        0,
    ),
)


class _Drawing:
    def __init__(self) -> None:
        self._dice = np.random.default_rng(7)
        # The fourth channel says where something solid is.
        self._sheet = np.zeros((HEIGHT * _FINE, WIDTH * _FINE, 4), np.uint8)
        self._glass = np.zeros((HEIGHT * _FINE, WIDTH * _FINE), np.uint8)
        self._panes: list[Pane] = []

    def finished(self) -> Surfaces:
        """Draw everything from the back to the front."""
        self._hills()
        for house in _HOUSES:
            self._house(house)
        self._tree(520, 470, 1.0, 11)
        self._tree(1058, 468, 0.82, 12)
        self._gardens()
        self._ground()
        for x in LAMP_X:
            self._lamp(x)
        size = (WIDTH, HEIGHT)
        sheet = cv2.resize(self._sheet, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        glass = cv2.resize(self._glass, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        return Surfaces(self._textured(sheet[..., :3]), sheet[..., 3], glass, tuple(self._panes))

    def _textured(self, colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the colours with a little grain, coarse and fine, so that nothing is flat as paint."""
        fine = self._dice.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
        coarse = cv2.resize(fine[::16, ::16], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        grain = 1.0 + 0.012 * cv2.GaussianBlur(fine, (0, 0), 0.8) + 0.014 * coarse
        return np.asarray(colours * grain[..., None], np.float32)

    def _polygon(self, points: Sequence[tuple[float, float]], colour: Rgb, *, glass: bool = False) -> None:
        scaled = np.round(np.array(points) * _FINE * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(self._sheet, [scaled], (*colour[::-1], 255), cv2.LINE_AA, _SUBPIXEL_BITS)
        cv2.fillPoly(self._glass, [scaled], 255 if glass else 0, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _box(self, left: float, top: float, right: float, bottom: float, colour: Rgb) -> None:
        self._polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def _disc(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        around = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
        self._polygon([(float(px), float(py)) for px, py in around], colour)

    def _hills(self) -> None:
        x = np.arange(-10, WIDTH + 20, 10, dtype=np.float64)
        for base, height, length, colour in (
            (318, 34, 210.0, (136, 160, 164)),
            (352, 26, 120.0, (104, 136, 120)),
        ):
            ridge = base - height * (np.sin(x / length + base) + 0.4 * np.sin(x / length * 2.7))
            self._polygon([*zip(x, ridge, strict=True), (WIDTH + 10, 480), (-10, 480)], colour)

    def _house(self, house: _House) -> None:
        left, right, middle = house.left, house.right, (house.left + house.right) / 2
        self._chimney(house)
        if house.gabled:
            self._box(left, house.eaves, right, WALL_BASE_Y, house.wall)
            self._polygon([(left, house.eaves), (middle, house.ridge + 8), (right, house.eaves)], house.wall)
            for a, b in (
                ((left - 12, house.eaves + 8), (middle, house.ridge)),
                ((right + 12, house.eaves + 8), (middle, house.ridge)),
            ):
                self._polygon([a, b, (b[0], b[1] + 15), (a[0], a[1] + 13)], house.roof)
            self._disc(middle, house.eaves - 38, 13, house.trim)
            self._disc(middle, house.eaves - 38, 9, (72, 84, 98))
        else:
            self._box(left, house.eaves, right, WALL_BASE_Y, house.wall)
            self._polygon(
                [
                    (left - 10, house.eaves),
                    (left + 26, house.ridge),
                    (right - 26, house.ridge),
                    (right + 10, house.eaves),
                ],
                house.roof,
            )
            for row in range(1, 5):
                y = house.ridge + (house.eaves - house.ridge) * row / 5
                inset = 26 - 36 * row / 5
                self._box(left + inset, y, right - inset, y + 1.2, _shade(house.roof, 0.86))
            self._box(left - 10, house.eaves - 3, right + 10, house.eaves + 4, house.trim)
        if not house.gabled:
            self._box(left, house.eaves + 4, right, house.eaves + 16, _shade(house.wall, 0.82))
        self._box(left, WALL_BASE_Y - 22, right, WALL_BASE_Y, _shade(house.wall, 0.78))
        self._openings(house)

    def _chimney(self, house: _House) -> None:
        x = house.left + (house.right - house.left) * (0.68 if house.left % 4 else 0.3)
        self._box(x, house.ridge - 26, x + 24, house.eaves, _shade(house.wall, 0.74))
        self._box(x - 3, house.ridge - 30, x + 27, house.ridge - 22, _shade(house.wall, 0.62))

    def _openings(self, house: _House) -> None:
        width = house.right - house.left
        upper, lower = house.eaves + 34, house.eaves + 134
        for at in house.columns:
            x = house.left + width * at
            self._window(house, x, upper, 40, 60)
            if abs(at - house.door_at) > 0.23:
                self._window(house, x, lower, 44, 62)
        self._door(house, house.left + width * house.door_at)

    def _window(self, house: _House, x: float, top: float, width: float, height: float) -> None:
        left, right, bottom = x - width / 2, x + width / 2, top + height
        self._box(left - 5, top - 5, right + 5, bottom + 4, house.trim)
        self._pane(left, top, right, bottom, house.household)
        self._polygon(
            [(left, top), (left + width * 0.7, top), (left, top + height * 0.8)], (112, 130, 146), glass=True
        )
        self._box(x - 1.5, top, x + 1.5, bottom, house.trim)
        self._box(left, top + height * 0.42, right, top + height * 0.42 + 3, house.trim)
        self._box(left - 8, bottom + 3, right + 8, bottom + 8, _shade(house.trim, 0.88))

    def _door(self, house: _House, x: float) -> None:
        top = WALL_BASE_Y - 108
        self._box(x - 29, top - 8, x + 29, WALL_BASE_Y, house.trim)
        self._box(x - 23, top + 18, x + 23, WALL_BASE_Y, house.door)
        self._pane(x - 23, top - 2, x + 23, top + 14, house.household)
        for panel in (top + 28, top + 62):
            self._box(x - 16, panel, x - 3, panel + 26, _shade(house.door, 0.82))
            self._box(x + 3, panel, x + 16, panel + 26, _shade(house.door, 0.82))
        self._disc(x + 18, top + 58, 2.2, (226, 200, 130))
        self._box(x - 36, WALL_BASE_Y - 6, x + 36, WALL_BASE_Y + 4, (176, 172, 164))

    def _pane(self, left: float, top: float, right: float, bottom: float, household: int) -> None:
        self._polygon([(left, top), (right, top), (right, bottom), (left, bottom)], _PANE, glass=True)
        box = (max(round(left), 0), round(top), min(round(right), WIDTH), round(bottom))
        self._panes.append(Pane(box, (household + len(self._panes)) % 3))

    def _tree(self, x: float, base: float, size: float, seed: int) -> None:
        bark = (104, 82, 66)
        top = base - 190 * size
        self._polygon(
            [(x - 10 * size, base), (x - 6 * size, top), (x + 6 * size, top), (x + 11 * size, base)], bark
        )
        for side, reach in ((-1, 44), (1, 40)):
            self._polygon(
                [
                    (x, top + 66 * size),
                    (x + side * reach * size, top + 4 * size),
                    (x + side * (reach + 5) * size, top + 8 * size),
                    (x, top + 80 * size),
                ],
                bark,
            )
        leaves = np.random.default_rng(seed)
        greens: tuple[Rgb, ...] = ((62, 98, 66), (78, 118, 74), (98, 138, 84), (122, 160, 98))
        for layer, green in enumerate(greens):
            for _ in range(26):
                angle, reach = leaves.uniform(0, 2 * np.pi), np.sqrt(leaves.uniform(0, 1)) * (74 - 12 * layer)
                dx, dy = np.cos(angle) * reach - 7 * layer, np.sin(angle) * reach * 0.86 - 9 * layer
                self._disc(
                    x + dx * size,
                    top - 20 * size + dy * size,
                    leaves.uniform(13, 24) * size * (1 - 0.13 * layer),
                    green,
                )

    def _gardens(self) -> None:
        self._box(-5, WALL_BASE_Y, WIDTH + 5, FAR_PAVEMENT_Y, (112, 134, 88))
        paths = [h.left + (h.right - h.left) * h.door_at for h in _HOUSES]
        edges = [-20.0, *(e for p in paths for e in (p - 34, p + 34)), WIDTH + 20.0]
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            self._hedge(left, right)
        for x in paths:
            self._polygon(
                [
                    (x - 22, WALL_BASE_Y + 4),
                    (x + 22, WALL_BASE_Y + 4),
                    (x + 30, FAR_PAVEMENT_Y),
                    (x - 30, FAR_PAVEMENT_Y),
                ],
                (186, 178, 166),
            )
            for post in (x - 37, x + 37):
                self._box(post - 6, _HEDGE_TOP_Y - 6, post + 6, FAR_PAVEMENT_Y, (168, 158, 148))
                self._box(post - 8, _HEDGE_TOP_Y - 10, post + 8, _HEDGE_TOP_Y - 5, (192, 184, 174))

    def _hedge(self, left: float, right: float) -> None:
        self._box(left, _HEDGE_TOP_Y + 4, right, FAR_PAVEMENT_Y, (88, 124, 76))
        for x in np.arange(left + 8, right - 4, 9):
            lift, green = self._dice.uniform(-2, 3), self._dice.integers(-7, 8)
            self._disc(float(x), _HEDGE_TOP_Y + 9 - lift, 9, (104 + int(green), 144 + int(green), 86))
        self._box(left, FAR_PAVEMENT_Y - 8, right, FAR_PAVEMENT_Y, (150, 142, 134))

    def _ground(self) -> None:
        self._box(-5, FAR_PAVEMENT_Y, WIDTH + 5, _FAR_KERB_Y, (152, 142, 132))
        self._slabs(FAR_PAVEMENT_Y, _FAR_KERB_Y, 64, 2, (134, 125, 116))
        self._box(-5, _FAR_KERB_Y, WIDTH + 5, _ROAD_Y, (170, 164, 156))
        self._box(-5, _ROAD_Y, WIDTH + 5, _NEAR_KERB_Y, (130, 130, 134))
        self._box(-5, _ROAD_Y, WIDTH + 5, _ROAD_Y + 7, (114, 114, 118))
        for n in range(-7, 8):
            a, b = WIDTH / 2 + n * 190 - 44, WIDTH / 2 + n * 190 + 44
            self._polygon(
                [(_along(a, 555), 555), (_along(b, 555), 555), (_along(b, 560), 560), (_along(a, 560), 560)],
                (212, 210, 202),
            )
        self._box(-5, _NEAR_KERB_Y, WIDTH + 5, _NEAR_PAVEMENT_Y, (206, 200, 192))
        self._box(-5, _NEAR_PAVEMENT_Y - 1, WIDTH + 5, _NEAR_PAVEMENT_Y + 1.5, (158, 152, 146))
        self._box(-5, _NEAR_PAVEMENT_Y + 1.5, WIDTH + 5, HEIGHT + 5, (190, 182, 174))
        self._slabs(_NEAR_PAVEMENT_Y + 1.5, HEIGHT, 92, 3, (172, 164, 157))

    def _slabs(self, top: float, bottom: float, width: float, rows: int, joint: Rgb) -> None:
        lines = [top + (bottom - top) * (row / rows) ** 1.15 for row in range(rows + 1)]
        for row, (y0, y1) in enumerate(pairwise(lines)):
            self._box(-5, y1 - 0.8, WIDTH + 5, y1 + 0.8, joint)
            for n in range(-16, 17):
                x = WIDTH / 2 + (n + 0.5 * (row % 2)) * width
                x0, x1 = _along(x, y0), _along(x, y1)
                self._polygon([(x0 - 0.7, y0), (x0 + 0.7, y0), (x1 + 0.9, y1), (x1 - 0.9, y1)], joint)

    def _lamp(self, x: float) -> None:
        iron = (58, 66, 70)
        self._box(x - 3.2, LAMP_HEAD_Y + 10, x + 3.2, FAR_PAVEMENT_Y + 6, iron)
        self._box(x - 6, FAR_PAVEMENT_Y - 34, x + 6, FAR_PAVEMENT_Y + 7, iron)
        self._polygon(
            [
                (x - 13, LAMP_HEAD_Y - 20),
                (x + 13, LAMP_HEAD_Y - 20),
                (x + 8, LAMP_HEAD_Y + 12),
                (x - 8, LAMP_HEAD_Y + 12),
            ],
            iron,
        )
        self._polygon(
            [
                (x - 10, LAMP_HEAD_Y - 17),
                (x + 10, LAMP_HEAD_Y - 17),
                (x + 6, LAMP_HEAD_Y + 9),
                (x - 6, LAMP_HEAD_Y + 9),
            ],
            (222, 224, 214),
        )
        self._polygon(
            [
                (x - 17, LAMP_HEAD_Y - 20),
                (x + 17, LAMP_HEAD_Y - 20),
                (x + 5, LAMP_HEAD_Y - 34),
                (x - 5, LAMP_HEAD_Y - 34),
            ],
            iron,
        )


def _shade(colour: Rgb, factor: float) -> Rgb:
    red, green, blue = (round(c * factor) for c in colour)
    return red, green, blue


def _along(x: float, y: float) -> float:
    """Return where a line that runs away from the camera and crosses row 600 at ``x`` crosses row ``y``."""
    return WIDTH / 2 + (x - WIDTH / 2) * (y - HORIZON_Y) / (600 - HORIZON_Y)
