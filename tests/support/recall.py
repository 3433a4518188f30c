"""Which visits a camera's decoder let be seen, and when: the score of decoding on demand; pure."""

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.support.decoding import Look

COVERED = 0.5
"""Motion is on a visit when their boxes share that much of the smaller one. IoU would be too strict: motion's
box is padded, and at first it is only the part of a figure that has left its old place."""

_ROUNDING_S = 0.002


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as a clip's truth has it.

    Attributes:
        name: of the visit, for the list of misses.
        first_s: media time of the first frame in which it is in view.
        last_s: media time of the last one.
        boxes: float64, shape (n, 5): second, and xyxy in parts of the picture; (0, 5) where only its time is
            known, and any motion at that time is taken to be on it.
        about: size, contrast, speed and so on, for the list of misses.
    """

    name: str
    first_s: float
    last_s: float
    boxes: npt.NDArray[np.float64]
    about: str = ""

    @property
    def length_s(self) -> float:
        """Seconds from its first frame to its last."""
        return self.last_s - self.first_s

    def shows_in(self, look: Look) -> bool:
        """Return whether that look was at the visit: in its time, with motion where it is."""
        if not self.first_s - _ROUNDING_S <= look.at_s <= self.last_s + _ROUNDING_S or not len(look.boxes):
            return False
        if not len(self.boxes):
            return True
        box = [float(np.interp(look.at_s, self.boxes[:, 0], side)) for side in self.boxes[:, 1:].T]
        return any(_covered(box, [float(side) for side in moving]) >= COVERED for moving in look.boxes)

    def first_seen_in(self, looks: Iterable[Look]) -> Look | None:
        """Return the first of those looks that was at the visit."""
        return next((look for look in looks if self.shows_in(look)), None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """How one visit was seen with decoding on demand, and with everything decoded.

    Attributes:
        visit: which.
        gated: the first look at it with decoding on demand, or None.
        full: the first look at it with everything decoded, or None.
        full_looks: how many there were.
        gone_to_sleep: the camera had been asleep at some time before it came.
        asleep: the camera slept when it came.
        woke: at some time of the visit everything was decoded.
    """

    visit: Visit
    gated: Look | None
    full: Look | None
    full_looks: int
    gone_to_sleep: bool
    asleep: bool
    woke: bool

    @property
    def delay_s(self) -> float | None:
        """By how much the first frame that shows it is a later one, media time; None unless both saw it."""
        return None if self.gated is None or self.full is None else self.gated.at_s - self.full.at_s

    @property
    def known_after_s(self) -> float | None:
        """Seconds from its first frame until it was seen with decoding on demand."""
        return None if self.gated is None else self.gated.known_s - self.visit.first_s

    @property
    def full_known_after_s(self) -> float | None:
        """Seconds from its first frame until it was seen with everything decoded."""
        return None if self.full is None else self.full.known_s - self.visit.first_s


class Wakefulness:
    """When everything was decoded.

    Args:
        awake: for each packet its media time and whether everything was decoded when it had come; times rise.
    """

    def __init__(self, awake: Sequence[tuple[float, bool]]) -> None:
        self._times_s = [at_s for at_s, _ in awake]
        self._awake = [is_awake for _, is_awake in awake]

    @property
    def first_sleep_s(self) -> float:
        """Media time of the first sleep; infinite if there was none."""
        return next(
            (at_s for at_s, awake in zip(self._times_s, self._awake, strict=True) if not awake), math.inf
        )

    @property
    def wakes(self) -> int:
        """How often it woke."""
        return sum(now and not before for before, now in zip(self._awake, self._awake[1:], strict=False))

    def awake_at(self, at_s: float) -> bool:
        """Return whether everything was decoded then; before the first packet it is to be."""
        index = bisect.bisect_right(self._times_s, at_s + _ROUNDING_S) - 1
        return index < 0 or self._awake[index]

    def woken_within(self, first_s: float, last_s: float) -> bool:
        """Return whether everything was decoded at some time between those two."""
        first = bisect.bisect_left(self._times_s, first_s - _ROUNDING_S)
        return any(self._awake[first : bisect.bisect_right(self._times_s, last_s + _ROUNDING_S)])

    def spent_s(self, besides: Sequence[tuple[float, float]] = ()) -> tuple[float, float]:
        """Return the seconds awake and the seconds in all, from the first sleep on.

        Args:
            besides: these spans of media time are left out of both.
        """
        awake_s = total_s = 0.0
        for index in range(bisect.bisect_left(self._times_s, self.first_sleep_s), len(self._times_s) - 1):
            at_s, next_s = self._times_s[index : index + 2]
            if not any(first <= at_s <= last for first, last in besides):
                total_s += next_s - at_s
                awake_s += (next_s - at_s) * self._awake[index]
        return awake_s, total_s


def sightings(
    visits: Iterable[Visit], gated: Sequence[Look], full: Sequence[Look], wakefulness: Wakefulness
) -> list[Sighting]:
    """Return how each visit was seen.

    Args:
        visits: of the clip.
        gated: all looks with decoding on demand, in order of media time.
        full: all looks with everything decoded, in order of media time.
        wakefulness: of decoding on demand.
    """
    return [
        Sighting(
            visit,
            visit.first_seen_in(gated),
            visit.first_seen_in(full),
            sum(map(visit.shows_in, full)),
            gone_to_sleep=wakefulness.first_sleep_s <= visit.first_s,
            asleep=not wakefulness.awake_at(visit.first_s - 2 * _ROUNDING_S),
            woke=wakefulness.woken_within(visit.first_s, visit.last_s),
        )
        for visit in visits
    ]


def _covered(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the part of the smaller box that lies in the other one, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0
