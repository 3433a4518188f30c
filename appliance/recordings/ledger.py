"""The gap ledger of one camera: what was recorded, and why the rest was not; it adds up to wall time."""

import itertools
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from appliance.domain.footage import Cause, Gap, Segment
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import WallUs

KEPT_SEGMENTS = 8
"""What a disk says late changes the last few segments, never one before them."""

KEPT_SPANS = 256
"""Spans without footage in which something may still change: bounded, however often the causes alternate."""


MOST_UNWRITTEN = 2048
"""Drops, and causes, that may gather while the database cannot be written; then the oldest are told less
exactly."""


class _Span(NamedTuple):
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Since:
    """From ``at_us`` on nothing is recorded for that cause; with ``None`` it is."""

    at_us: int
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What is to be written of a camera's gaps: those from ``from_us`` on give way to these."""

    camera_id: CameraId
    from_us: WallUs
    gaps: tuple[Gap, ...]
    only_grows: bool = False
    """It is the last gap that goes on, and nothing else."""


class CameraLedger:
    """Divides a camera's time into segments and gaps that follow each other without a hole.

    Three things are told to it, in any order: segments, which grow; times that a disk dropped; and every
    second the cause for which nothing is recorded just now. What is in a segment was recorded, whatever else
    was said of that time; then drops count, then the causes. Pure: it reads no clock.

    Args:
        begin_us: the first moment that is accounted for.
        shown_us: up to when there is footage from before.
    """

    def __init__(self, camera_id: CameraId, begin_us: WallUs, shown_us: WallUs | None = None) -> None:
        self._camera_id = camera_id
        self._base_us: int = begin_us
        self._now_us: int = begin_us
        self._segments: dict[SegmentId, _Span] = {}
        self._missing: list[Gap] = []
        self._causes: list[_Since] = []
        self._written: tuple[Gap, ...] = ()
        self.shown_us = shown_us
        """Up to when there is footage, as far as it is known."""

    @property
    def now_us(self) -> WallUs:
        """The latest moment it has heard of; it never goes back."""
        return WallUs(self._now_us)

    @property
    def base_us(self) -> WallUs:
        """What it told of the time before is settled: nothing that it hears changes that."""
        return WallUs(self._base_us)

    @property
    def told_us(self) -> WallUs:
        """Up to when segments and the gaps that were written tell what there is."""
        ends = [*(span.end for span in self._segments.values()), *(gap.end_us for gap in self._written)]
        return WallUs(max([self._base_us, *ends]))

    def begin_earlier(self, begin_us: WallUs, cause: Cause) -> None:
        """Account for the time from an earlier moment on as well, as one in which nothing was recorded.

        For a camera of which no row told anything when this ledger began, and of which a file was found.
        """
        if begin_us < self._base_us:
            self._missing.insert(0, Gap(self._camera_id, begin_us, self.base_us, cause))
            self._base_us = begin_us

    def recorded(self, segment: Segment) -> None:
        """Take note of a segment, or that it has grown."""
        start, end = max(segment.start_us, self._base_us), max(segment.end_us, self._base_us)
        self.shown_us = segment.end_us if self.shown_us is None else max(self.shown_us, segment.end_us)
        if end > start:
            self._segments[segment.id] = _Span(start, end)
            self._now_us = max(self._now_us, end)

    def missing(self, start_us: WallUs, end_us: WallUs, cause: Cause) -> None:
        """Take note that there will be no footage of a time, unless a segment shows it all the same."""
        start_us = WallUs(max(start_us, self._base_us))
        if end_us <= start_us:
            return
        last = self._missing[-1] if self._missing else None
        if last is not None and last.cause is cause and last.start_us <= start_us <= last.end_us:
            self._missing[-1] = replace(last, end_us=max(last.end_us, end_us))
        else:
            self._missing.append(Gap(self._camera_id, start_us, end_us, cause))
        if len(self._missing) > MOST_UNWRITTEN:
            first, second, *_ = self._missing
            self._missing[:2] = [replace(first, end_us=second.end_us)]
        self._now_us = max(self._now_us, end_us)

    def tick(self, now_us: WallUs, cause: Cause | None) -> None:
        """Say why nothing is recorded now; ``None`` when it is. A clock that goes back is not believed."""
        self._now_us = max(self._now_us, now_us)
        if not self._causes or self._causes[-1].cause is not cause:
            self._causes.append(_Since(self._now_us, cause))
        if len(self._causes) > MOST_UNWRITTEN:
            del self._causes[1]

    def rewrite(self, is_pending: bool = False) -> Rewrite | None:
        """Return what has changed of the gaps since ``written``, or ``None`` when nothing has.

        Then what nothing can change any more is settled: a camera may be recorded for months without a gap.

        Args:
            is_pending: footage is still on its way to a disk.
        """
        gaps = self._gaps(is_pending)
        pairs = zip(gaps, self._written, strict=False)
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        if same == len(gaps) == len(self._written):
            self._settle()
            return None
        changed = [*gaps[same : same + 1], *self._written[same : same + 1]]
        from_us = min(gap.start_us for gap in changed)
        return Rewrite(self._camera_id, from_us, tuple(gaps[same:]), _only_grows(changed, len(gaps) - same))

    def written(self, rewrite: Rewrite) -> None:
        """Take note that this was written, and settle what nothing can change any more."""
        before = tuple(gap for gap in self._written if gap.start_us < rewrite.from_us)
        self._written = before + rewrite.gaps
        self._settle()

    def _settle(self) -> None:
        ordered = sorted(self._segments.values())
        starts = [ordered[-KEPT_SEGMENTS].start] if len(ordered) > KEPT_SEGMENTS else []
        if len(self._written) > KEPT_SPANS:
            starts.append(self._written[-KEPT_SPANS].start_us)
        base = max([self._base_us, *starts])
        if base == self._base_us:
            return
        self._base_us = base
        self._segments = {key: span for key, span in self._segments.items() if span.end > base}
        self._missing = [gap for gap in self._missing if gap.end_us > base]
        self._written = tuple(gap for gap in self._written if gap.end_us > base)
        at = bisect_right([since.at_us for since in self._causes], base) - 1
        self._causes = self._causes[max(at, 0) :]

    def _gaps(self, is_pending: bool) -> list[Gap]:
        """Return all gaps from the base on."""
        shown = list(_joined(self._segments.values()))
        last_end = shown[-1].end if shown else self._base_us
        # While footage comes, it may show any time since the last: no more of that is told than was before.
        is_recording = not self._causes or self._causes[-1].cause is None
        told = max([self._base_us, *(gap.end_us for gap in (*self._written[-1:], *self._missing[-1:]))])
        gaps: list[Gap] = []
        for hole in _holes(shown, self._base_us, self._now_us):
            is_tail = hole.start >= last_end
            if is_tail and (is_pending or is_recording):
                hole = _Span(hole.start, min(hole.end, told))  # noqa: PLW2901 - it is what may be told of it
            for gap in self._filled(hole, is_tail):
                if gaps and gaps[-1].cause is gap.cause and gaps[-1].end_us == gap.start_us:
                    gap = replace(gap, start_us=gaps.pop().start_us)  # noqa: PLW2901 - it is the two as one
                gaps.append(gap)
        return gaps

    def _filled(self, hole: _Span, is_tail: bool) -> Iterator[Gap]:
        """Divide a hole by its causes; of the newest one that part is left out which may yet be recorded."""
        pieces = list(self._pieces(hole))
        following = list(_following([cause for _, cause in pieces]))
        before: Cause | None = None
        for (span, own), after in zip(pieces, following, strict=True):
            if own is None and is_tail and after is None:
                return
            before = own or before
            cause = own or after or before or Cause.CAMERA_DOWN
            yield Gap(self._camera_id, WallUs(span.start), WallUs(span.end), cause)

    def _pieces(self, hole: _Span) -> Iterator[tuple[_Span, Cause | None]]:
        """Divide a hole where drops and causes begin and end."""
        dropped = [gap for gap in self._missing if gap.start_us < hole.end and gap.end_us > hole.start]
        dropped.sort(key=lambda gap: gap.start_us)
        times = [since.at_us for since in self._causes]
        borders = {hole.start, hole.end}
        borders.update(edge for gap in dropped for edge in (gap.start_us, gap.end_us))
        borders.update(times[bisect_right(times, hole.start) : bisect_right(times, hole.end)])
        inside = sorted(edge for edge in borders if hole.start <= edge <= hole.end)
        upcoming, begun = deque(dropped), list[Gap]()
        for start, end in itertools.pairwise(inside):
            while upcoming and upcoming[0].start_us <= start:
                begun.append(upcoming.popleft())
            while begun and begun[-1].end_us <= start:
                begun.pop()
            at = bisect_right(times, start) - 1
            own = self._causes[at].cause if at >= 0 else None
            yield _Span(start, end), begun[-1].cause if begun else own


def _only_grows(changed: Sequence[Gap], count: int) -> bool:
    """Return whether the first gap that has changed is the last one, and only longer than it was."""
    if count != 1 or len(changed) != 2:
        return False
    new, old = changed
    return (new.start_us, new.cause) == (old.start_us, old.cause) and new.end_us > old.end_us


def _following(causes: Sequence[Cause | None]) -> Iterator[Cause | None]:
    """Return for each place the next cause after it that is one."""
    nexts: list[Cause | None] = []
    after: Cause | None = None
    for cause in reversed(causes):
        nexts.append(after)
        after = cause or after
    return reversed(nexts)


def _joined(spans: Iterable[_Span]) -> Iterator[_Span]:
    """Return the spans in order, those that touch or overlap as one."""
    current: _Span | None = None
    for span in sorted(spans):
        if current is not None and span.start <= current.end:
            current = _Span(current.start, max(current.end, span.end))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def _holes(shown: Sequence[_Span], start: int, end: int) -> Iterator[_Span]:
    """Return what lies between the spans, from ``start`` to ``end``."""
    at = start
    for span in shown:
        if span.start > at:
            yield _Span(at, span.start)
        at = max(at, span.end)
    if end > at:
        yield _Span(at, end)
