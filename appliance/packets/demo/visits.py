"""Who walks through the street and when: the same for the same seed, at any second, without a history.

Time is cut into blocks of a minute and a half that are filled one act after the other: somebody who walks
through, somebody who stops to look at a telephone, or two people one after the other. Between two acts the
street is empty for nearly ``SHORTEST_PAUSE_S`` or longer, so that nobody's visit runs into the next one's.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from appliance.packets.demo.figure import Look, Placed, Rgb
from appliance.packets.demo.gait import posture, step_length_m
from appliance.packets.demo.view import WIDTH, scale_at

BLOCK_S = 90.0
"""Of time that is filled at once."""
SHORTEST_PAUSE_S = 5.0
"""Of emptiness, from half of a person in the picture to half of the next one; about."""
LONGEST_PAUSE_S = 8.0
"""Before the pauses of a block share what is left over at its end."""
_OUTSIDE_M = 1.0
"""A way begins and ends that far outside of the picture, where nothing of anybody is seen."""
_UNSEEN_S = 1.0
"""At least so much of every pause passes while the one leaves and the next comes, outside of the picture."""
_TRIES = 30
_BRAKING_S = 1.0
_TURNING_S = 1.3
_NEAR_LANES = (642.0, 692.0)
_FAR_LANES = (510.0, 516.0)

_SKINS: tuple[Rgb, ...] = ((238, 200, 172), (226, 182, 150), (200, 150, 116), (160, 112, 84), (118, 80, 60))
_HAIRS: tuple[Rgb, ...] = ((34, 26, 24), (70, 48, 36), (110, 74, 44), (170, 128, 74), (150, 148, 146))
# Clothes are darker or lighter than hedge, road and pavement, also in a grey picture: no camouflage.
_TOPS: tuple[Rgb, ...] = (
    (132, 16, 30),
    (20, 46, 116),
    (32, 34, 46),
    (252, 216, 96),
    (12, 54, 42),
    (80, 24, 80),
    (244, 238, 226),
    (64, 36, 26),
    (204, 228, 242),
)
_DARK = 330
"""Sum of a dark colour's parts: a coat that is as bright as the pavement hides its wearer."""
_LEGS: tuple[Rgb, ...] = ((36, 42, 66), (34, 36, 42), (58, 48, 42), (36, 54, 84), (52, 56, 46))
_TIGHTS: tuple[Rgb, ...] = ((40, 34, 42), (54, 40, 40))
_SHOES: tuple[Rgb, ...] = ((36, 32, 32), (74, 52, 40), (226, 224, 220))
_EXTRAS: tuple[Rgb, ...] = ((44, 54, 76), (138, 44, 42), (52, 66, 44), (48, 44, 52))


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's way through the picture.

    Attributes:
        number: unique for one seed; grows with time from block to block.
        starts_s: when the person, still outside of the picture, starts to walk.
        ground_y: the row of the ground under the feet.
        rightward: walks to the right.
        speed_m_s: while walking.
        stop_m: how far from the start the person stops, or ``None``.
        stands_s: for how long.
    """

    number: int
    look: Look
    height_m: float
    starts_s: float
    ground_y: float
    rightward: bool
    speed_m_s: float
    stop_m: float | None = None
    stands_s: float = 0.0

    @property
    def way_m(self) -> float:
        """The length of the way from outside to outside, metres."""
        return WIDTH / scale_at(self.ground_y) + 2 * _OUTSIDE_M

    @property
    def ends_s(self) -> float:
        """When the person is outside again."""
        return self.starts_s + self._after(self.way_m)

    @property
    def first_sight_s(self) -> float:
        """When half of the person is in the picture for the first time."""
        return self.starts_s + self._after(_OUTSIDE_M)

    @property
    def last_sight_s(self) -> float:
        """When half of the person is in the picture for the last time."""
        return self.starts_s + self._after(self.way_m - _OUTSIDE_M)

    def placed(self, t_s: float) -> Placed:
        """Return the body at that second, wherever it is."""
        now_s = t_s - self.starts_s
        walked, speed, strides = self._walked(now_s)
        turned = self._turned(now_s)
        body = posture(
            self.height_m, speed, (strides + self.number * 0.37) % 1.0, turned if self.number % 3 else 0.0
        )
        x = (walked - _OUTSIDE_M) * scale_at(self.ground_y)
        if self.rightward:
            return Placed(body, x, self.ground_y, -0.40 * math.pi * turned)
        return Placed(body, WIDTH - x, self.ground_y, -math.pi + 0.40 * math.pi * turned)

    def _after(self, way_m: float) -> float:
        """Return the seconds from the start until that way is behind the person."""
        walking = way_m / self.speed_m_s
        if self.stop_m is None or way_m <= self.stop_m - self._braking_m:
            return walking
        return walking + self.stands_s + _BRAKING_S

    @property
    def _braking_m(self) -> float:
        return self.speed_m_s * _BRAKING_S / 2

    def _walked(self, now_s: float) -> tuple[float, float, float]:
        """Return metres walked, the speed, and the double steps made."""
        speed = self.speed_m_s
        stride = 2 * step_length_m(speed, self.height_m)
        if self.stop_m is None:
            return now_s * speed, speed, now_s * speed / stride
        brakes_s = (self.stop_m - self._braking_m) / speed
        stands_s = brakes_s + _BRAKING_S
        leaves_s = stands_s + self.stands_s
        # While braking the stride shrinks with the root of the speed, so the rhythm does too: 2/3 of a ramp.
        paces = speed / stride * _BRAKING_S * 2 / 3
        if now_s <= brakes_s:
            return now_s * speed, speed, now_s * speed / stride
        if now_s < stands_s:
            left = (stands_s - now_s) / _BRAKING_S
            return (
                self.stop_m - self._braking_m * left**2,
                speed * left,
                brakes_s * speed / stride + paces * (1 - left**1.5),
            )
        if now_s < leaves_s:
            return self.stop_m, 0.0, brakes_s * speed / stride + paces
        again = min(1.0, (now_s - leaves_s) / _BRAKING_S)
        beyond = max(0.0, now_s - leaves_s - _BRAKING_S) * speed
        walked = self.stop_m + self._braking_m * again**2 + beyond
        return walked, speed * again, brakes_s * speed / stride + paces * (1 + again**1.5) + beyond / stride

    def _turned(self, now_s: float) -> float:
        """Return how far the person who stands has turned to the camera, 0 to 1."""
        if self.stop_m is None:
            return 0.0
        stands_s = (self.stop_m - self._braking_m) / self.speed_m_s + _BRAKING_S * 0.6
        leaves_s = stands_s + self.stands_s + _BRAKING_S * 0.4
        part = min((now_s - stands_s) / _TURNING_S, (leaves_s - now_s) / _TURNING_S, 1.0)
        part = max(part, 0.0)
        return part * part * (3 - 2 * part)


class Schedule:
    """All visits of a seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._block = lru_cache(maxsize=8)(self._fill_block)

    def at(self, t_s: float) -> tuple[Visit, ...]:
        """Return the visits under way at that second, the farthest person first."""
        under_way = [v for v in self._block(int(t_s // BLOCK_S)) if v.starts_s <= t_s <= v.ends_s]
        return tuple(sorted(under_way, key=lambda v: v.ground_y))

    def between(self, from_s: float, until_s: float) -> tuple[Visit, ...]:
        """Return the visits of which any part lies in that span, in order of their first sight."""
        blocks = range(int(from_s // BLOCK_S), int(until_s // BLOCK_S) + 1)
        visits = [v for n in blocks for v in self._block(n) if v.starts_s < until_s and v.ends_s > from_s]
        return tuple(sorted(visits, key=lambda v: v.first_sight_s))

    def _fill_block(self, number: int) -> tuple[Visit, ...]:
        dice = np.random.default_rng((self._seed, number + 1_000_000))
        end = BLOCK_S - SHORTEST_PAUSE_S / 2
        acts: list[list[Visit]] = []
        free_s = SHORTEST_PAUSE_S / 2 - _UNSEEN_S
        for _ in range(_TRIES):
            has_stop = any(v.stop_m is not None for act in acts for v in act)
            count = sum(len(act) for act in acts)
            act = _act(dice, number * 100 + count, free_s, may_stop=not has_stop)
            if _ends(act) <= end:
                acts.append(act)
                free_s = _ends(act) + dice.uniform(SHORTEST_PAUSE_S, LONGEST_PAUSE_S) - _UNSEEN_S
        # What is left over at the end lengthens every pause a little.
        spare_s = (end - _ends(acts[-1])) / (len(acts) + 1)
        begins_s = number * BLOCK_S
        return tuple(
            replace(visit, starts_s=visit.starts_s + begins_s + spare_s * (place + 1))
            for place, act in enumerate(acts)
            for visit in act
        )


def _ends(act: list[Visit]) -> float:
    return max(visit.ends_s for visit in act)


def _act(dice: np.random.Generator, number: int, starts_s: float, *, may_stop: bool) -> list[Visit]:
    kind = dice.uniform()
    if kind < 0.45 and may_stop:
        return [_walker(dice, number, starts_s, stops=True)]
    if kind < 0.75:
        return [_walker(dice, number, starts_s, stops=False)]
    first = _walker(dice, number, starts_s, stops=False)
    return [first, _follower(dice, first)]


def _walker(dice: np.random.Generator, number: int, starts_s: float, *, stops: bool) -> Visit:
    far = not stops and dice.uniform() < 0.25
    ground_y = float(dice.uniform(*(_FAR_LANES if far else _NEAR_LANES)))
    visible_m = WIDTH / scale_at(ground_y)
    return Visit(
        number=number,
        look=_look(dice, plain=far),
        height_m=float(dice.uniform(1.58, 1.88)),
        starts_s=starts_s,
        ground_y=ground_y,
        rightward=bool(dice.uniform() < 0.5),
        speed_m_s=float(dice.uniform(1.1, 1.5) if far else dice.uniform(0.8, 1.35)),
        stop_m=_OUTSIDE_M + visible_m * float(dice.uniform(0.35, 0.65)) if stops else None,
        stands_s=float(dice.uniform(8.5, 11.0)) if stops else 0.0,
    )


def _follower(dice: np.random.Generator, ahead: Visit) -> Visit:
    """Return somebody who walks the same way, three metres or more behind and no faster."""
    return Visit(
        number=ahead.number + 1,
        look=_look(dice, plain=ahead.ground_y < _NEAR_LANES[0]),
        height_m=float(dice.uniform(1.58, 1.88)),
        starts_s=ahead.starts_s + float(dice.uniform(3.4, 4.2)) / ahead.speed_m_s,
        ground_y=ahead.ground_y + float(dice.uniform(-4, 4)),
        rightward=ahead.rightward,
        speed_m_s=ahead.speed_m_s * float(dice.uniform(0.92, 1.0)),
    )


def _look(dice: np.random.Generator, *, plain: bool) -> Look:
    """Return what somebody wears; plain clothes show the legs, which tell a small figure from a post."""

    def one_of(colours: tuple[Rgb, ...]) -> Rgb:
        return colours[int(dice.integers(len(colours)))]

    skirt = bool(dice.uniform() < 0.18) and not plain
    top = one_of(_TOPS)
    return Look(
        skin=one_of(_SKINS),
        hair=one_of(_HAIRS),
        top=top,
        legs=one_of(_LEGS),
        tights=one_of(_TIGHTS),
        shoes=one_of(_SHOES),
        sleeves=bool(dice.uniform() < 0.65),
        coat=bool(dice.uniform() < 0.3) and sum(top) < _DARK and not skirt and not plain,
        skirt=skirt,
        long_hair=skirt or bool(dice.uniform() < 0.35),
        hat=one_of(_EXTRAS) if dice.uniform() < 0.2 and not skirt else None,
        bag=one_of(_EXTRAS) if dice.uniform() < 0.25 else None,
        stout=float(dice.uniform(0.92, 1.16)),
    )
