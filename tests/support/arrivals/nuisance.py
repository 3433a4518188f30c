"""What moves though nobody comes: light that drifts, a cloud, a flickering lamp, leaves in the wind."""

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from tests.support.arrivals.backdrop import BUSH, LAMP, Plane, pixels

Trouble = Literal["cloud", "lamp", "leaves"]
TROUBLES: tuple[Trouble, ...] = ("cloud", "lamp", "leaves")

_PAUSE_S = (15.0, 60.0)
_LASTS_S: dict[Trouble, tuple[float, float]] = {
    "cloud": (6.0, 15.0),
    "lamp": (2.0, 8.0),
    "leaves": (4.0, 12.0),
}
_CLOUD_DEPTH = (0.08, 0.25)
_LAMP_LEVELS = 28.0
_LAMP_TICK_S = 0.1
_SWAY_RATIO = 0.0022


@dataclass(frozen=True, slots=True)
class Nuisance:
    """One disturbance.

    Attributes:
        trouble: which one.
        begins_s: second of the scene.
        ends_s: second of the scene.
        strength: how much light a cloud takes, or how strong the wind is, 0 to 1.
    """

    trouble: Trouble
    begins_s: float
    ends_s: float
    strength: float

    def at(self, t_s: float) -> float:
        """Return how much of it there is: from 0 up to 1 at its middle and down again."""
        if not self.begins_s < t_s < self.ends_s:
            return 0.0
        return math.sin(math.pi * (t_s - self.begins_s) / (self.ends_s - self.begins_s)) ** 2


def plan(seed: int, duration_s: float, troubles: tuple[Trouble, ...]) -> tuple[Nuisance, ...]:
    """Return when what happens: one at a time, with 15 to 60 s of peace between them."""
    dice = np.random.default_rng((seed, 77))
    planned: list[Nuisance] = []
    t_s = float(dice.uniform(*_PAUSE_S))
    while troubles and t_s < duration_s:
        trouble = troubles[int(dice.integers(len(troubles)))]
        lasts_s = float(dice.uniform(*_LASTS_S[trouble]))
        strength = float(dice.uniform(*_CLOUD_DEPTH) if trouble == "cloud" else dice.uniform(0.4, 1.0))
        planned.append(Nuisance(trouble, t_s, t_s + lasts_s, strength))
        t_s += lasts_s + float(dice.uniform(*_PAUSE_S))
    return tuple(planned)


def light(t_s: float, planned: tuple[Nuisance, ...]) -> float:
    """Return the gain of the whole picture: it drifts by 4 % in minutes, and a cloud takes up to 25 %."""
    gain = 1.0 + 0.03 * math.sin(2.0 * math.pi * t_s / 193.0) + 0.01 * math.sin(2.0 * math.pi * t_s / 47.0)
    for nuisance in planned:
        if nuisance.trouble == "cloud":
            gain *= 1.0 - nuisance.strength * nuisance.at(t_s)
    return gain


class Lamp:
    """A lamp that goes on and off, and its light on the wall."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._seed = seed
        x, y = LAMP
        self.region = pixels((x - 0.1, y - 0.16, x + 0.1, y + 0.16), width, height)
        left, top, right, bottom = self.region
        across = np.linspace(-1.0, 1.0, right - left, dtype=np.float32)
        down = np.linspace(-1.0, 1.0, bottom - top, dtype=np.float32)[:, None]
        self._glow = np.clip(1.0 - across**2 - down**2, 0.0, 1.0) * np.float32(_LAMP_LEVELS)

    def shine(self, luma: Plane, t_s: float) -> None:
        """Add its light where it is on at that second."""
        left, top, right, bottom = self.region
        if np.random.default_rng((self._seed, 78, round(t_s / _LAMP_TICK_S))).random() < 0.5:
            luma[top:bottom, left:right] += self._glow


class Leaves:
    """A bush in the wind: its leaves are shifted by a pixel or three, each part in its own rhythm."""

    def __init__(self, width: int, height: int) -> None:
        self.region = pixels(BUSH, width, height)
        left, top, right, bottom = self.region
        self._x, self._y = np.meshgrid(
            np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32)
        )
        self._reach_px = _SWAY_RATIO * width
        shape = (bottom - top, right - left)
        dice = np.random.default_rng(12)
        self._rhythm = cv2.resize(dice.uniform(0, 6.28, (6, 8)).astype(np.float32), shape[::-1])
        # Nothing moves at the region's edge, so that it does not show.
        self._free = np.outer(np.hanning(shape[0]), np.hanning(shape[1])).astype(np.float32)

    def sway(self, luma: Plane, still: Plane, t_s: float, wind: float) -> None:
        """Draw the bush as it is at that second; ``wind`` is 0 to 1."""
        left, top, right, bottom = self.region
        shift = self._free * np.sin(self._rhythm + np.float32(2.0 * math.pi * 1.3 * t_s))
        x = self._x + np.float32(wind * self._reach_px) * shift
        luma[top:bottom, left:right] = cv2.remap(still, x, self._y, cv2.INTER_LINEAR)
