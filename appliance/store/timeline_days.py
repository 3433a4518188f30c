"""What timelines are made of, kept in memory day by day for as long as it is what the database holds.

Triggers count, for each camera and day, the changes of what begins on it (``changed_days``). What was read
of a day is right for as long as this count is the one that was read in the same transaction: of a month that
was looked at before only the days that have changed are read again, which is most often today.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S
from appliance.store.timeline_columns import (
    EventColumns,
    GapColumns,
    Int,
    SegmentColumns,
    event_columns,
    gap_columns,
    last_gap_before,
    last_segment_before,
    segment_columns,
)

DAY_US = 86_400 * US_PER_S
MOST_BYTES = 48 * 1024 * 1024
"""Kept in memory: a month and a half of 32 cameras that record all the time."""
_OVERHEAD = 2000
"""Bytes of a day, besides its numbers."""
_AT_ONCE = 31
"""Days that are read in one statement: to take that apart keeps the interpreter for 3 ms."""

_CHANGES = "SELECT day, changes FROM changed_days WHERE camera_id = ? AND day BETWEEN ? AND ?"

_Columns = TypeVar("_Columns", SegmentColumns, GapColumns, EventColumns)


@dataclass(frozen=True, slots=True)
class Columns:
    """What begins in a range of days, and what reaches into it from before."""

    segments: SegmentColumns
    gaps: GapColumns
    events: EventColumns


@dataclass(frozen=True, slots=True)
class _Day:
    changes: int
    columns: Columns
    size: int


class TimelineDays:
    """Reads columns, and keeps those that were asked for last; on any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[CameraId, int], _Day] = OrderedDict()

    def read(self, connection: Connection, camera_id: CameraId, from_us: int, to_us: int) -> Columns:
        """Return what there is of a camera's time, and something of before and after it.

        Of what begins before the range only the last segment and the last gap can reach into it.
        """
        first, past = from_us // DAY_US, -(-to_us // DAY_US)
        counted = connection.exec_driver_sql(_CHANGES, (camera_id, first, past - 1))
        changes: dict[int, int] = {row[0]: row[1] for row in counted}
        days = {day: self._known(camera_id, day, changes.get(day, 0)) for day in range(first, past)}
        for begin, end in _runs([day for day, known in days.items() if known is None]):
            asked = (connection, camera_id, begin * DAY_US, end * DAY_US)
            read = Columns(segment_columns(*asked), gap_columns(*asked), event_columns(*asked))
            for day in range(begin, end):
                days[day] = part = _part(read, day)
                self._keep(camera_id, day, changes.get(day, 0), part)
        before = Columns(
            last_segment_before(connection, camera_id, first * DAY_US),
            last_gap_before(connection, camera_id, first * DAY_US),
            EventColumns(np.empty(0, np.int64), np.empty(0, np.int64)),
        )
        return _joined([before, *(day for day in days.values() if day is not None)])

    def _known(self, camera_id: CameraId, day: int, changes: int) -> Columns | None:
        with self._lock:
            kept = self._kept.get((camera_id, day))
            if kept is None or kept.changes != changes:
                return None
            self._kept.move_to_end((camera_id, day))
            return kept.columns

    def _keep(self, camera_id: CameraId, day: int, changes: int, columns: Columns) -> None:
        size = _OVERHEAD + sum(getattr(c, f.name).nbytes for c in _tables(columns) for f in fields(c))
        with self._lock:
            former = self._kept.pop((camera_id, day), None)
            self._kept[camera_id, day] = _Day(changes, columns, size)
            self._size += size - (0 if former is None else former.size)
            while self._size > self._most_bytes:
                self._size -= self._kept.popitem(last=False)[1].size


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield days that follow each other as begin and end, not too many at once."""
    begin = end = days[0] if days else 0
    for day in days:
        if day != end or end - begin == _AT_ONCE:
            yield begin, end
            begin = day
        end = day + 1
    if end > begin:
        yield begin, end


def _tables(columns: Columns) -> tuple[SegmentColumns, GapColumns, EventColumns]:
    return columns.segments, columns.gaps, columns.events


def _part(columns: Columns, day: int) -> Columns:
    """Return what begins on a day, copied: a mere view would keep everything that was read in memory."""
    return Columns(
        _cut(columns.segments, columns.segments.start_us, day),
        _cut(columns.gaps, columns.gaps.start_us, day),
        _cut(columns.events, columns.events.started_us, day),
    )


def _cut(columns: _Columns, starts: Int, day: int) -> _Columns:
    begin, end = np.searchsorted(starts, (day * DAY_US, (day + 1) * DAY_US))
    return type(columns)(*(getattr(columns, field.name)[begin:end].copy() for field in fields(columns)))


def _joined(parts: Sequence[Columns]) -> Columns:
    return Columns(
        _concatenated([part.segments for part in parts]),
        _concatenated([part.gaps for part in parts]),
        _concatenated([part.events for part in parts]),
    )


def _concatenated(parts: Sequence[_Columns]) -> _Columns:
    return type(parts[0])(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(parts[0]))
    )
