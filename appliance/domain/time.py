"""Three kinds of time, three types: wall, monotonic and media time are never mixed by accident."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NewType

WallUs = NewType("WallUs", int)
"""Wall time: microseconds since 1970-01-01T00:00:00 UTC. What people and the database see."""

MonotonicNs = NewType("MonotonicNs", int)
"""Monotonic time in nanoseconds from an arbitrary origin. What every timer and deadline uses."""

US_PER_S = 1_000_000
NS_PER_S = 1_000_000_000

EARLIEST_US = WallUs(1_767_225_600 * US_PER_S)
"""2026-01-01: before the program was written no clock was right."""


@dataclass(frozen=True, slots=True)
class MediaTime:
    """A presentation time stamp of one stream, in ticks of that stream's time base."""

    pts: int
    time_base: Fraction

    @property
    def seconds(self) -> float:
        """The time stamp in seconds of the stream's own clock."""
        # As exact as the fraction's own product, and much cheaper: it is asked for with each packet.
        return self.pts * self.time_base.numerator / self.time_base.denominator


def wall_after(wall: WallUs, seconds: float) -> WallUs:
    """Return the wall time that lies ``seconds`` (which may be negative) after ``wall``."""
    return WallUs(wall + round(seconds * US_PER_S))


def seconds_between(earlier: WallUs, later: WallUs) -> float:
    """Return ``later - earlier`` in seconds; negative when they are the other way round."""
    return (later - earlier) / US_PER_S
