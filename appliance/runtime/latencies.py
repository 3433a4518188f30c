"""How long something took of late: the newest durations, and their percentiles."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from appliance.domain.time import NS_PER_S
from appliance.runtime.clock import Clock

MOST = 10_000
"""Durations that are remembered; of a very busy box that is less than the time that is asked for."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations of a while, in seconds; half of them took no longer than ``p50_s``."""

    count: int
    p50_s: float
    p99_s: float
    longest_s: float


class Latencies:
    """Remembers the newest durations; used from one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: deque[tuple[int, float]] = deque(maxlen=MOST)

    def add(self, seconds: float) -> None:
        """Remember a duration that has just ended."""
        self._taken.append((self._clock.monotonic_ns(), seconds))

    def within(self, seconds: float) -> Spread | None:
        """Return the spread of those that ended in the last ``seconds``; ``None`` when none did."""
        since = self._clock.monotonic_ns() - round(seconds * NS_PER_S)
        return spread_of([took for at, took in self._taken if at > since])


def spread_of(durations: Sequence[float]) -> Spread | None:
    """Return the spread of these durations; ``None`` when there is none."""
    if not durations:
        return None
    ordered = sorted(durations)
    return Spread(len(ordered), _at(ordered, 0.50), _at(ordered, 0.99), ordered[-1])


def _at(ordered: Sequence[float], ratio: float) -> float:
    """Return the smallest one that at least this part of them does not exceed."""
    return ordered[max(0, ceil(ratio * len(ordered)) - 1)]
