"""Who comes when: each visit's way through the picture, and the pauses between them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tests.support.arrivals.backdrop import UnitBox

Kind = Literal["person", "car"]
Manner = Literal["cross", "return", "stand", "gap"]
Knot = tuple[float, float, float]
"""Second of the visit, and the middle of the figure in parts of the picture's width and height."""

ASPECT: dict[Kind, float] = {"person": 0.42, "car": 2.4}
"""Width by height of a figure's whole box, in pixels."""
FILL: dict[Kind, float] = {"person": 0.35, "car": 0.62}
"""How much of its box a figure covers."""

LONGEST_S = 30.0
FIRST_S = 9.0
"""Nobody comes earlier: whoever learns what the empty place looks like has time for it."""
_LAST_S = 5.0
_AREA_RATIO = (0.0014, 0.20)
_LARGEST_PERSON = 0.055
_CONTRAST_LEVELS = (14.0, 110.0)
_PAUSE_S = (4.0, 40.0)
_THRONG = 3
_THRONG_PAUSE_S = (0.2, 1.0)
_THRONG_TRIES = 20
_OWN_SPEED: dict[Kind, tuple[float, float]] = {"person": (0.08, 2.2), "car": (0.08, 2.5)}
"""A person's heights and a car's lengths a second: from creeping to running."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One figure's stay, from outside the picture to outside the picture.

    Attributes:
        number: from 1, in order of time.
        manner: right across; in and out again; in, a stop, and out; or seen for a moment in a gap.
        begins_s: of its way, second of the scene; its first sight is a little later.
        way: at least two knots, between which it moves evenly; the first one at 0 s.
        size: of its whole box, parts of the picture's width and height.
        area_ratio: how much of the picture the whole figure covers.
        speed: when it moves, picture widths (heights, if it comes from below) a second.
        contrast_levels: by how much its luma differs from the ground's on the average, before texture.
        gap: left and right end of where it is to be seen, parts of the picture's width.
        look: a number that everything else of its appearance follows from.
    """

    number: int
    kind: Kind
    manner: Manner
    begins_s: float
    way: tuple[Knot, ...]
    size: tuple[float, float]
    area_ratio: float
    speed: float
    contrast_levels: float
    gap: tuple[float, float]
    look: int

    @property
    def ends_s(self) -> float:
        """When its way ends, second of the scene."""
        return self.begins_s + self.way[-1][0]

    def whole_box(self, t_s: float) -> UnitBox | None:
        """Return its box even where nothing of it is to be seen; None before and after its way."""
        if not self.begins_s <= t_s <= self.ends_s:
            return None
        seconds, xs, ys = zip(*self.way, strict=True)
        x, y = (float(np.interp(t_s - self.begins_s, seconds, values)) for values in (xs, ys))
        width, height = self.size
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2

    def box(self, t_s: float) -> UnitBox | None:
        """Return what is in view of its box; None where that is nothing."""
        whole = self.whole_box(t_s)
        if whole is None:
            return None
        left, right = max(self.gap[0], whole[0]), min(self.gap[1], whole[2])
        top, bottom = max(0.0, whole[1]), min(1.0, whole[3])
        return (left, top, right, bottom) if left < right and top < bottom else None

    def part_in_view(self, t_s: float) -> float:
        """Return how much of its whole box is in view, 0 to 1."""
        box = self.box(t_s)
        if box is None:
            return 0.0
        return (box[2] - box[0]) * (box[3] - box[1]) / (self.size[0] * self.size[1])

    def travelled(self, t_s: float) -> float:
        """Return how far it has gone, own heights (by the picture's height)."""
        now = t_s - self.begins_s
        total = 0.0
        for (t0, x0, y0), (t1, x1, y1) in zip(self.way, self.way[1:], strict=False):
            done = min(1.0, max(0.0, (now - t0) / (t1 - t0))) if t1 > t0 else 0.0
            total += done * math.hypot((x1 - x0) * self.size[1] / self.size[0], y1 - y0)
        return total / self.size[1]


def schedule(seed: int, duration_s: float, aspect: float = 16 / 9) -> tuple[Visit, ...]:
    """Return the visits of a scene, one after the other, with 4 to 40 s of quiet between them.

    Args:
        seed: of everything.
        duration_s: of the scene; the last visit ends 5 s earlier.
        aspect: the picture's width by its height.
    """
    visits: list[Visit] = []
    free_s = FIRST_S
    while True:
        dice = np.random.default_rng((seed, len(visits) + 1))
        visit = _visit(seed, len(visits) + 1, free_s, dice, aspect)
        if visit.ends_s > duration_s - _LAST_S:
            return tuple(visits)
        visits.append(visit)
        free_s = visit.ends_s + _log_uniform(dice, *_PAUSE_S)


def throng(seed: int, duration_s: float, aspect: float = 16 / 9) -> tuple[Visit, ...]:
    """Return visits of which hardly ever none is under way: three rows of them, with no pause to speak of.

    Args:
        seed: of everything.
        duration_s: of the scene; nobody is left in it at its end, so that it can be played in a loop.
        aspect: the picture's width by its height.
    """
    visits = [v for row in range(_THRONG) for v in _row(seed * _THRONG + row, duration_s, aspect)]
    visits.sort(key=lambda visit: visit.begins_s)
    return tuple(replace(visit, number=i) for i, visit in enumerate(visits, 1))


def _row(seed: int, duration_s: float, aspect: float) -> Iterator[Visit]:
    free_s, number, misfits = 0.0, 0, 0
    while misfits < _THRONG_TRIES:
        number += 1
        dice = np.random.default_rng((seed, number))
        visit = _visit(seed, number, free_s, dice, aspect)
        if visit.ends_s > duration_s:
            misfits += 1
            continue
        yield visit
        free_s = visit.ends_s + _log_uniform(dice, *_THRONG_PAUSE_S)


def _visit(seed: int, number: int, begins_s: float, dice: np.random.Generator, aspect: float) -> Visit:
    area_ratio = _log_uniform(dice, *_AREA_RATIO)
    kind: Kind = "person" if area_ratio < _LARGEST_PERSON and dice.random() < 0.7 else "car"
    height = math.sqrt(area_ratio * aspect / (FILL[kind] * ASPECT[kind]))
    size = (height * ASPECT[kind] / aspect, height)
    own = size[0] if kind == "car" else height / aspect
    speed = own * _log_uniform(dice, *_OWN_SPEED[kind])
    name, way, gap = _dealt(seed, number)(dice, size, speed)
    (t0, x0, y0), (t1, x1, y1) = way[:2]
    return Visit(
        *(number, kind, name, begins_s, way, size, area_ratio),
        speed=math.hypot(x1 - x0, y1 - y0) / (t1 - t0),
        contrast_levels=_log_uniform(dice, *_CONTRAST_LEVELS),
        gap=gap,
        look=int(dice.integers(1 << 30)),
    )


def _dealt(seed: int, number: int) -> "_Maker":
    """Return how that visit goes: dealt from a shuffled deck, so that a short clip has some of each, too."""
    deck = (_across, _stand, _in_a_gap, _across, _stand, _in_a_gap, _across)
    deal, place = divmod(number - 1, len(deck))
    return deck[int(np.random.default_rng((seed, 79, deal)).permutation(len(deck))[place])]


_Made = tuple[Manner, tuple[Knot, ...], tuple[float, float]]
_Maker = Callable[[np.random.Generator, tuple[float, float], float], _Made]
_EVERYWHERE = (0.0, 1.0)


def _across(dice: np.random.Generator, size: tuple[float, float], speed: float) -> _Made:
    """Go right across if there is time for it, else in and out again."""
    time_s = _log_uniform(dice, 1.0, LONGEST_S)
    if speed * time_s >= 1.0 + size[0]:
        left, right = (-size[0] / 2, _height(dice, size)), (1.0 + size[0] / 2, _height(dice, size))
        ends = (left, right) if dice.random() < 0.5 else (right, left)
        return "cross", ((0.0, *ends[0]), ((1.0 + size[0]) / speed, *ends[1])), _EVERYWHERE
    return "return", _in_and_out(dice, size, speed, speed * time_s / 2, 0.0), _EVERYWHERE


def _stand(dice: np.random.Generator, size: tuple[float, float], speed: float) -> _Made:
    stands_s = _log_uniform(dice, 2.0, 0.8 * LONGEST_S)
    brisk = max(speed, 0.4 * size[0])
    depth = min(float(dice.uniform(1.0, 4.0)) * size[0], brisk * (LONGEST_S - stands_s) / 2)
    return "stand", _in_and_out(dice, size, brisk, depth, stands_s), _EVERYWHERE


def _in_and_out(
    dice: np.random.Generator, size: tuple[float, float], speed: float, depth: float, stands_s: float
) -> tuple[Knot, ...]:
    """Return a way in from an edge and back; at least most of the figure comes into view.

    Args:
        dice: for what is open: the edge, the place.
        size: the figure's, parts of the picture.
        speed: parts of the picture a second; raised where the figure would need too long.
        depth: how far in, parts of the picture.
        stands_s: how long it stands there.
    """
    below = dice.random() < 0.25 and size[1] < 0.4
    length = size[1] if below else size[0]
    depth = min(max(depth, 0.8 * length), 0.5 + length)
    takes_s = min(depth / speed, (LONGEST_S - stands_s) / 2)
    if below:
        x = float(dice.uniform(size[0] / 2, 1.0 - size[0] / 2))
        outside, inside = (x, 1.0 + size[1] / 2), (x, 1.0 + size[1] / 2 - depth)
    else:
        y, from_left = _height(dice, size), dice.random() < 0.5
        x = depth - size[0] / 2
        outside = (-size[0] / 2, y) if from_left else (1.0 + size[0] / 2, y)
        inside = (x, y) if from_left else (1.0 - x, y)
    way: list[Knot] = [(0.0, *outside), (takes_s, *inside)]
    if stands_s:
        way.append((takes_s + stands_s, *inside))
    return *way, (2 * takes_s + stands_s, *outside)


def _in_a_gap(dice: np.random.Generator, size: tuple[float, float], _speed: float) -> _Made:
    """Pass behind a gap as wide as the figure or wider; a tenth of it or more is in view for 0.3 to 1 s."""
    takes_s = _log_uniform(dice, 0.4, 1.2)
    wide = size[0] * float(dice.uniform(1.0, 1.8))
    left = float(dice.uniform(0.02, max(0.03, 0.98 - wide)))
    y = _height(dice, size)
    ends = [left - size[0] / 2, left + wide + size[0] / 2]
    if dice.random() < 0.5:
        ends.reverse()
    return "gap", ((0.0, ends[0], y), (takes_s, ends[1], y)), (left, min(1.0, left + wide))


def _height(dice: np.random.Generator, size: tuple[float, float]) -> float:
    """Return where the figure's middle may be so that it is whole in view, a part of the picture's height."""
    half = size[1] / 2
    return float(dice.uniform(half, 1.0 - half)) if half < 0.5 else 0.5


def _log_uniform(dice: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(dice.uniform(math.log(low), math.log(high))))
