"""A car park seen by one camera through an afternoon and a night: its truth, its pictures, its boxes.

Pictures are drawn since resting things are known by how their place looks: cars, people who pass before and
behind them, dusk, the noise of a dark picture, headlights that sweep over everything, edges of clouds'
shadows, and rain. Boxes come from the noise model of the real detectors; at night most looks find nothing.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.look import looks
from appliance.domain.track import Box
from tests.support.sightings import WIDTH as SEEN_WIDTH
from tests.support.sightings import Sighting
from tests.support.simulated.noise import PEOPLE, VEHICLES, Detector, NoiseModel

WIDTH, HEIGHT = 320, 180
"""Of the drawn pictures: half of what the boxes are given in, which costs a quarter."""
Luma = npt.NDArray[np.uint8]

DUSK_S, NIGHT_S = 5 * 3600.0, 6.5 * 3600.0
"""The camera's day begins at noon: from 17:00 it darkens, at 18:30 it is night."""
RAIN_S = (7 * 3600.0, 8.5 * 3600.0)
DARK = replace(VEHICLES, missed_after_hit=0.8, missed_after_miss=0.95)
"""A parked car at night: found in one look of twenty, and then called anything."""
BY_DAY = replace(VEHICLES, wrong_label=0.3)
"""From nearly above, as in the clip, models call 104 of 120 cars something else; from the side far fewer."""
HIDES = 0.35
"""A thing of which that part is hidden is not found."""


@dataclass(frozen=True, slots=True)
class Mover:
    """Something that comes from one side, may stay, and leaves to the other.

    Attributes:
        stops: from when until when it stands at its box; ``None`` for one that passes.
        box: where it stands, or would be halfway.
        starts_s: when it comes into the picture, and how fast: a picture's width in ``crosses_s``.
        depth: what is lower stands before what is higher.
        luma: its colour.
    """

    label: str
    box: Box
    starts_s: float
    crosses_s: float
    luma: int
    leaves_s: float | None = None
    stays: bool = False

    def at(self, at_s: float) -> Box | None:
        """Return where it is, or ``None`` when it is not in the picture."""
        shift = self._shift(at_s)
        left, top, right, bottom = self.box
        left, right = max(0.0, left + shift), min(1.0, right + shift)
        return (left, top, right, bottom) if right - left > 0.01 else None

    def is_parked(self, at_s: float) -> bool:
        """Return whether it stands."""
        return self.stays and self._shift(at_s) == 0.0 and self.starts_s <= at_s

    def moves(self, at_s: float) -> bool:
        """Return whether it is in the picture and on its way."""
        return not self.is_parked(at_s) and self.at(at_s) is not None

    def _shift(self, at_s: float) -> float:
        """Return how far it is from its place: it comes from the left and leaves to the right."""
        come = (at_s - self.starts_s) / self.crosses_s - self.box[2]
        if not self.stays or come < 0:
            return come
        if self.leaves_s is None or at_s < self.leaves_s:
            return 0.0
        since = at_s - self.leaves_s
        return min(since * since / 40, since / self.crosses_s)


@dataclass(frozen=True, slots=True)
class Headlights:
    """A beam that sweeps over the picture from the left to the right."""

    starts_s: float
    takes_s: float = 4.0

    def x_at(self, at_s: float) -> float | None:
        """Return where it is, in widths of the picture."""
        part = (at_s - self.starts_s) / self.takes_s
        return part * 1.6 - 0.3 if 0 <= part <= 1 else None


class CarPark:
    """The whole afternoon and night, drawn and looked at moment by moment.

    Args:
        movers: everything that comes, the higher in the picture first.
        beams: what shines.
        dice: chance.
    """

    def __init__(self, movers: Sequence[Mover], beams: Sequence[Headlights], dice: random.Random) -> None:
        self._movers = sorted(movers, key=lambda mover: mover.box[3])
        self._beams = beams
        self._dice = dice
        self._eyes = {id(m): Detector(_noise(m.label), m.label, dice) for m in movers}
        self._dark_eyes = {id(m): Detector(DARK, m.label, dice) for m in movers}
        chance = np.random.default_rng(dice.randrange(1 << 32))
        self._noise = [np.abs(chance.normal(0, 3, (HEIGHT, WIDTH))).astype(np.uint8) for _ in range(8)]
        self._drops = [_rain(chance) for _ in range(4)]
        rows, columns = np.mgrid[0:HEIGHT, 0 : 3 * WIDTH].astype(np.float64)
        cone = np.exp(-(((columns - 1.5 * WIDTH) / 45) ** 2) - ((rows - 0.65 * HEIGHT) / 55) ** 2)
        self._cone = (120 * cone).astype(np.uint8)
        shadow = 1 - 0.45 / (1 + np.exp(-(np.arange(3 * WIDTH) - 1.5 * WIDTH) / 8))
        self._shadow = np.tile((255 * shadow).astype(np.uint8), (HEIGHT, 1))
        self._ground = _ground(chance)

    def looks(self, luma: Luma, boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
        """Return how boxes look, given in pixels of what the detector sees."""
        return looks(luma, boxes * np.float32(WIDTH / SEEN_WIDTH))

    def is_busy(self, at_s: float) -> bool:
        """Return whether anything moves or shines."""
        return any(m.moves(at_s) for m in self._movers) or any(b.x_at(at_s) is not None for b in self._beams)

    def picture(self, at_s: float) -> Luma:
        """Return the luma of the picture."""
        luma = self._ground.copy()
        for mover in self._movers:
            box = mover.at(at_s)
            if box is not None:
                _draw(luma, mover, box)
        luma = self._lit(luma, at_s)
        dark = _darkness(at_s)
        noise = self._noise[self._dice.randrange(8)]
        for sign in (cv2.add, cv2.subtract):
            grain = np.roll(noise, self._dice.randrange(WIDTH), axis=1)
            luma = np.asarray(sign(luma, cv2.multiply(grain, np.ones_like(grain), scale=1 + dark)), np.uint8)
        return luma

    def sightings(self, at_s: float) -> list[Sighting]:
        """Return what the detector finds."""
        is_dark = _darkness(at_s) > 0.5
        boxes = [(mover, box) for mover in self._movers if (box := mover.at(at_s)) is not None]
        found = []
        for index, (mover, box) in enumerate(boxes):
            eyes = self._dark_eyes if is_dark and mover.is_parked(at_s) else self._eyes
            seen = eyes[id(mover)].look(box)
            before = [other for _, other in boxes[index + 1 :]]
            if seen is not None and _hidden(box, before) < HIDES:
                found.append(seen)
        return [*found, *self._glare(at_s)]

    def _glare(self, at_s: float) -> Iterator[Sighting]:
        """Yield what a detector takes for something where a beam meets a parked car."""
        for x in (beam.x_at(at_s) for beam in self._beams):
            for mover in self._movers:
                left, top, right, bottom = mover.box
                if x is None or not mover.is_parked(at_s) or not left - 0.1 < x < right + 0.1:
                    continue
                if self._dice.random() < 0.5:
                    shift, grow = self._dice.gauss(0, 0.02), self._dice.uniform(0, 0.03)
                    label = self._dice.choice(["bus", "truck", "train", "dog", "person"])
                    yield (label, 0.5, (left + shift - grow, top - grow, right + shift, bottom))

    def _lit(self, luma: Luma, at_s: float) -> Luma:
        dark = _darkness(at_s)
        if dark < 1 and at_s % 1200 < 60:  # a cloud's edge goes over the yard for a minute
            begin = round(2 * WIDTH * (at_s % 60) / 60)
            luma = np.asarray(cv2.multiply(luma, self._shadow[:, begin : begin + WIDTH], scale=1 / 255))
        luma = np.asarray(cv2.convertScaleAbs(luma, alpha=1 - 0.75 * dark, beta=4 * dark))
        for x in (beam.x_at(at_s) for beam in self._beams):
            if x is not None:
                begin = round(1.5 * WIDTH - x * WIDTH)
                luma = np.asarray(cv2.add(luma, self._cone[:, begin : begin + WIDTH]))
        if RAIN_S[0] <= at_s < RAIN_S[1]:
            luma = np.asarray(cv2.add(luma, self._drops[self._dice.randrange(4)]))
        return luma.astype(np.uint8, copy=False)


def _noise(label: str) -> NoiseModel:
    return PEOPLE if label == "person" else BY_DAY


def _darkness(at_s: float) -> float:
    """Return 0 by day, 1 at night."""
    return min(1.0, max(0.0, (at_s - DUSK_S) / (NIGHT_S - DUSK_S)))


def _hidden(box: Box, before: Sequence[Box]) -> float:
    """Return how much of a box the worst of those before it hides."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    shared = [
        max(0.0, min(box[2], one[2]) - max(box[0], one[0]))
        * max(0.0, min(box[3], one[3]) - max(box[1], one[1]))
        for one in before
    ]
    return max(shared, default=0.0) / area


def _ground(chance: np.random.Generator) -> Luma:
    luma = np.full((HEIGHT, WIDTH), 110, np.float64)
    luma[: HEIGHT // 3] = 150
    luma[: HEIGHT // 3, ::20] = 90
    luma[HEIGHT // 3 :: 22] = 130
    coarse = chance.normal(0, 8, (HEIGHT // 8, WIDTH // 8))
    return np.clip(luma + cv2.resize(coarse, (WIDTH, HEIGHT)), 0, 255).astype(np.uint8)


def _rain(chance: np.random.Generator) -> Luma:
    drops = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y in zip(chance.integers(0, WIDTH, 70), chance.integers(0, HEIGHT - 14, 70), strict=True):
        drops[y : y + 8, x] = 50
    return drops


def _draw(luma: Luma, mover: Mover, box: Box) -> None:
    """Draw a car with windows and wheels, or a person with head and legs."""
    left, top, right, bottom = (
        round(side * size) for side, size in zip(box, (WIDTH, HEIGHT) * 2, strict=True)
    )
    wide, tall = right - left, bottom - top

    def part(x0: float, y0: float, x1: float, y1: float, level: float) -> None:
        rows = slice(top + round(y0 * tall), top + round(y1 * tall))
        luma[rows, left + round(x0 * wide) : left + round(x1 * wide)] = int(min(255, level))

    if mover.label == "person":
        part(0.3, 0, 0.7, 0.15, mover.luma * 1.5)
        part(0.1, 0.15, 0.9, 0.6, mover.luma)
        part(0.2, 0.6, 0.45, 1, mover.luma * 0.6)
        part(0.55, 0.6, 0.8, 1, mover.luma * 0.6)
        return
    part(0.2, 0, 0.8, 0.45, mover.luma * 0.8)
    part(0.25, 0.08, 0.48, 0.4, 50)
    part(0.53, 0.08, 0.75, 0.4, 60)
    part(0, 0.4, 1, 0.85, mover.luma)
    part(0.02, 0.5, 0.12, 0.6, 235)
    part(0.12, 0.7, 0.28, 1, 25)
    part(0.7, 0.7, 0.86, 1, 25)
