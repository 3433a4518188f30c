"""A camera's time in equal buckets: what was recorded of each, moved, is missing, and what happened in it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from appliance.store.timeline_columns import CAUSES, Bools, EventColumns, GapColumns, Int, SegmentColumns

DELIBERATE = np.array([cause.is_deliberate for cause in CAUSES])


@dataclass(frozen=True, slots=True)
class Overview:
    """What is in each bucket, one entry each.

    Attributes:
        known_us: microseconds of footage and gaps; the rest of a bucket nobody has accounted for.
        recorded_us: of footage,
        motion_us: of footage in files in which something moved,
        missing_us: of gaps that the settings did not want.
        cause: of the longest gap, as a place in ``CAUSES``; -1 where there is none.
        is_protected: some of the footage is.
        events: that begin in it.
        severity: the highest of theirs; -1 where there is none.
    """

    known_us: Int
    recorded_us: Int
    motion_us: Int
    missing_us: Int
    cause: Int
    is_protected: Bools
    events: Int
    severity: Int


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Intervals in order of time that do not overlap; ``cause`` is -1 for footage."""

    start_us: Int
    end_us: Int
    cause: Int
    has_motion: Bools
    is_protected: Bools

    def only(self, chosen: Bools) -> Self:
        """Return some of them."""
        return type(self)(
            *(self.start_us[chosen], self.end_us[chosen], self.cause[chosen]),
            *(self.has_motion[chosen], self.is_protected[chosen]),
        )


def edges_of(from_us: int, to_us: int, buckets: int) -> Int:
    """Return where buckets begin and the last one ends: whole microseconds, alike up to one of them."""
    return from_us + (to_us - from_us) * np.arange(buckets + 1, dtype=np.int64) // buckets


def overview(segments: SegmentColumns, gaps: GapColumns, events: EventColumns, edges: Int) -> Overview:
    """Return what is in each of the buckets between the edges.

    Where segments or gaps overlap, as after a step of the clock, what began first counts, as in ``timeline``:
    footage, gaps and what is unknown add up to each bucket exactly.
    """
    pieces = _pieces(segments, gaps, int(edges[0]), int(edges[-1]))
    is_gap = pieces.cause >= 0
    footage, missing = pieces.only(~is_gap), pieces.only(is_gap)
    counts, severity = _events(events, edges)
    return Overview(
        known_us=_inside(pieces, edges),
        recorded_us=_inside(footage, edges),
        motion_us=_inside(footage.only(footage.has_motion), edges),
        missing_us=_inside(missing.only(~DELIBERATE[missing.cause]), edges),
        cause=_causes(missing, edges),
        is_protected=_inside(footage.only(footage.is_protected), edges) > 0,
        events=counts,
        severity=severity,
    )


def _pieces(segments: SegmentColumns, gaps: GapColumns, from_us: int, to_us: int) -> _Pieces:
    """Return what is known of the range, cut where it overlaps, in order."""
    none = np.zeros(len(gaps.start_us), np.bool_)
    all_ = _Pieces(
        np.concatenate((segments.start_us, gaps.start_us)),
        np.concatenate((segments.end_us, gaps.end_us)),
        np.concatenate((np.full(len(segments.start_us), -1, np.int64), gaps.cause)),
        np.concatenate((segments.has_motion, none)),
        np.concatenate((segments.is_protected, none)),
    )
    order = np.argsort(all_.start_us, kind="stable")
    if np.any(np.diff(all_.start_us[order]) == 0):
        # Of what begins at the same time the shorter is shown first; that takes ten times as long to sort.
        order = np.lexsort((all_.end_us, all_.start_us))
    start_us, end_us = all_.start_us[order], np.minimum(all_.end_us[order], to_us)
    reached_us = np.concatenate((np.array([from_us]), np.maximum.accumulate(end_us)[:-1]))[: len(order)]
    start_us = np.maximum(start_us, np.maximum(reached_us, from_us))
    cut = _Pieces(start_us, end_us, all_.cause[order], all_.has_motion[order], all_.is_protected[order])
    return cut.only(start_us < end_us)


def _inside(pieces: _Pieces, edges: Int) -> Int:
    """Return how much of the pieces lies in each bucket: what lies before its end, less what before it."""
    whole = np.concatenate((np.zeros(1, np.int64), np.cumsum(pieces.end_us - pieces.start_us)))
    begun = np.searchsorted(pieces.start_us, edges, side="right")
    last = np.maximum(begun - 1, 0)
    if not len(pieces.start_us):
        return np.zeros(len(edges) - 1, np.int64)
    beyond_us = np.where(begun > 0, np.maximum(pieces.end_us[last] - edges, 0), 0)
    return np.diff(whole[begun] - beyond_us)


def _causes(gaps: _Pieces, edges: Int) -> Int:
    """Return the cause of the gap that takes most of each bucket; the earlier of two that are alike."""
    causes = np.full(len(edges) - 1, -1, np.int64)
    first = np.searchsorted(edges, gaps.start_us, side="right") - 1
    past = np.searchsorted(edges, gaps.end_us, side="left")
    # Each gap once for every bucket that it reaches into.
    which = np.repeat(np.arange(len(first)), past - first)
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(past - first)))[:-1]
    bucket = np.arange(len(which)) - np.repeat(begins, past - first) + first[which]
    inside_us = np.minimum(gaps.end_us[which], edges[bucket + 1]) - np.maximum(
        gaps.start_us[which], edges[bucket]
    )
    # Of what is assigned to a place several times, the last stays.
    order = np.lexsort((-which, inside_us, bucket))
    causes[bucket[order]] = gaps.cause[which[order]]
    return causes


def _events(events: EventColumns, edges: Int) -> tuple[Int, Int]:
    """Return how many events begin in each bucket, and the highest of their severities."""
    begins = np.searchsorted(events.started_us, edges)
    severity = np.full(len(edges) - 1, -1, np.int64)
    bucket = np.repeat(np.arange(len(edges) - 1), np.diff(begins))
    np.maximum.at(severity, bucket, events.severity[begins[0] : begins[-1]])
    return np.diff(begins), severity
