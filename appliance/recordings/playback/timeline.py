"""What there is of a camera's time: recorded intervals and gaps, which add up to the time asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.domain.footage import Cause, Gap, KeepClass, Missing
from appliance.domain.time import WallUs
from appliance.store.footage import Recorded


@dataclass(frozen=True, slots=True)
class Look:
    """How an interval is shown: as footage, as a gap with a cause, or as a time nobody has accounted for.

    Attributes:
        keep_class: of footage; ``None`` otherwise.
        cause: of a gap; ``None`` otherwise.
    """

    keep_class: KeepClass | None = None
    has_motion: bool = False
    is_protected: bool = False
    cause: Cause | None = None

    @property
    def is_footage(self) -> bool:
        """Whether there are pictures."""
        return self.keep_class is not None


UNKNOWN = Look()
"""Before a camera's first known moment, after the last accounted one, and in the future."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of the time asked for: from ``start_us``, before ``end_us``."""

    start_us: WallUs
    end_us: WallUs
    look: Look


def timeline(
    segments: Sequence[Recorded], gaps: Sequence[Gap], from_us: WallUs, to_us: WallUs
) -> list[Interval]:
    """Return the intervals from ``from_us`` to ``to_us``, in order, without hole or overlap.

    Neighbours that look alike are one interval. Where segments or gaps overlap, as after a step of the
    clock, what began first is shown.

    Args:
        segments: of one camera, in any order.
        gaps: of the same camera, in any order.
        from_us: what lies before is cut off.
        to_us: what lies from there on is cut off.
    """
    merged: list[Interval] = []
    for interval in _without_holes(_known(segments, gaps), from_us, to_us):
        if merged and merged[-1].look == interval.look:
            merged[-1] = Interval(merged[-1].start_us, interval.end_us, interval.look)
        else:
            merged.append(interval)
    return merged


def missing_of(intervals: Sequence[Interval], longer_than_us: int) -> tuple[Missing, ...]:
    """Return the intervals without footage that last longer than that."""
    return tuple(
        Missing(interval.start_us, interval.end_us, interval.look.cause)
        for interval in intervals
        if not interval.look.is_footage and interval.end_us - interval.start_us > longer_than_us
    )


def _known(segments: Sequence[Recorded], gaps: Sequence[Gap]) -> list[Interval]:
    footage = [
        Interval(s.start_us, s.end_us, Look(s.keep_class, s.has_motion, s.is_protected)) for s in segments
    ]
    missing = [Interval(gap.start_us, gap.end_us, Look(cause=gap.cause)) for gap in gaps]
    return sorted(footage + missing, key=lambda interval: (interval.start_us, interval.end_us))


def _without_holes(known: Sequence[Interval], from_us: WallUs, to_us: WallUs) -> Iterator[Interval]:
    at = from_us
    for interval in known:
        start, end = max(at, interval.start_us), min(to_us, interval.end_us)
        if start >= end:
            continue
        if start > at:
            yield Interval(at, start, UNKNOWN)
        yield Interval(start, end, interval.look)
        at = end
    if at < to_us:
        yield Interval(at, to_us, UNKNOWN)
