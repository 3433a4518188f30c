"""What a timeline is made of, as columns of whole numbers: one camera's rows that begin on certain days.

SQLite joins a column into one text, read from an index alone and without the interpreter's lock, and numpy
takes it apart: a row object for each of 43,000 minutes of a month would take eight times as long.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]

CAUSES: Final = tuple(Cause)
_PLACES = {cause.value: place for place, cause in enumerate(CAUSES)}

_SEGMENTS = (
    "SELECT group_concat(start_us), group_concat((end_us - start_us) * 4 + has_motion * 2 + is_protected) "
    "FROM segments INDEXED BY ix_segments_timeline "
    "WHERE camera_id = ? AND start_us >= ? AND start_us < ? AND state <> 'deleting'"
)
_LAST_SEGMENT = (
    "SELECT start_us, (end_us - start_us) * 4 + has_motion * 2 + is_protected "
    "FROM segments INDEXED BY ix_segments_timeline "
    "WHERE camera_id = ? AND start_us < ? AND state <> 'deleting' ORDER BY start_us DESC LIMIT 1"
)
_GAPS = (
    "SELECT group_concat(start_us), group_concat(end_us - start_us), group_concat(cause) "
    "FROM gaps INDEXED BY ix_gaps_timeline WHERE camera_id = ? AND start_us >= ? AND start_us < ?"
)
GAPS_OF_ALL = (
    # Of a camera's gaps only the last one that begins before can reach into the range.
    "SELECT c.id, group_concat(g.start_us), group_concat(g.end_us - g.start_us), group_concat(g.cause) "
    "FROM cameras AS c CROSS JOIN gaps AS g INDEXED BY ix_gaps_timeline ON g.camera_id = c.id "
    "AND g.start_us >= coalesce((SELECT max(b.start_us) FROM gaps AS b WHERE b.camera_id = c.id "
    "AND b.start_us < ?), ?) AND g.start_us < ? GROUP BY c.id"
)
_LAST_GAP = (
    "SELECT start_us, end_us - start_us, cause FROM gaps INDEXED BY ix_gaps_timeline "
    "WHERE camera_id = ? AND start_us < ? ORDER BY start_us DESC LIMIT 1"
)
_EVENTS = (
    "SELECT group_concat(started_us * 4 + severity) FROM events INDEXED BY ix_events_timeline "
    "WHERE camera_id = ? AND started_us >= ? AND started_us < ?"
)


@dataclass(frozen=True, slots=True)
class SegmentColumns:
    """A camera's segments in order of their begin, int64 microseconds and truth values, one entry each."""

    start_us: Int
    end_us: Int
    has_motion: Bools
    is_protected: Bools


@dataclass(frozen=True, slots=True)
class GapColumns:
    """A camera's gaps in order of their begin; ``cause`` is a place in ``CAUSES``."""

    start_us: Int
    end_us: Int
    cause: Int


@dataclass(frozen=True, slots=True)
class EventColumns:
    """When a camera's events began, in order, and their severities, 0 to 3."""

    started_us: Int
    severity: Int


def segment_columns(connection: Connection, camera_id: CameraId, from_us: int, to_us: int) -> SegmentColumns:
    """Return the segments that begin in a range."""
    return _segments(*connection.exec_driver_sql(_SEGMENTS, (camera_id, from_us, to_us)).one())


def last_segment_before(connection: Connection, camera_id: CameraId, at_us: int) -> SegmentColumns:
    """Return the last segment that begins before a time, the only one that can reach beyond it, or none."""
    row = connection.exec_driver_sql(_LAST_SEGMENT, (camera_id, at_us)).one_or_none()
    return _segments(*(row or (None, None)))


def gap_columns(connection: Connection, camera_id: CameraId, from_us: int, to_us: int) -> GapColumns:
    """Return the gaps that begin in a range."""
    return _gaps(*connection.exec_driver_sql(_GAPS, (camera_id, from_us, to_us)).one())


def gap_columns_of_all(connection: Connection, from_us: int, to_us: int) -> dict[CameraId, GapColumns]:
    """Return the gaps of each camera that has some in a range, and the last one before it."""
    rows = connection.exec_driver_sql(GAPS_OF_ALL, (from_us, from_us, to_us))
    return {CameraId(row[0]): _gaps(*row[1:]) for row in rows}


def last_gap_before(connection: Connection, camera_id: CameraId, at_us: int) -> GapColumns:
    """Return the last gap that begins before a time, the only one that can reach beyond it, or none."""
    row = connection.exec_driver_sql(_LAST_GAP, (camera_id, at_us)).one_or_none()
    return _gaps(*(row or (None, None, None)))


def event_columns(connection: Connection, camera_id: CameraId, from_us: int, to_us: int) -> EventColumns:
    """Return the events that begin in a range."""
    text = connection.exec_driver_sql(_EVENTS, (camera_id, from_us, to_us)).scalar_one()
    packed = np.sort(_numbers(text), kind="stable")
    return EventColumns(packed >> 2, packed & 3)


def _segments(starts: str | int | None, others: str | int | None) -> SegmentColumns:
    start_us, packed = _numbers(starts), _numbers(others)
    order = np.argsort(start_us, kind="stable")
    start_us, packed = start_us[order], packed[order]
    return SegmentColumns(start_us, start_us + (packed >> 2), (packed & 2) != 0, (packed & 1) != 0)


def _gaps(starts: str | int | None, lengths: str | int | None, causes: str | None) -> GapColumns:
    start_us, lasts_us = _numbers(starts), _numbers(lengths)
    words = [] if causes is None else causes.split(",")
    cause = np.array([_PLACES[word] for word in words], np.int64)
    order = np.argsort(start_us, kind="stable")
    return GapColumns(start_us[order], (start_us + lasts_us)[order], cause[order])


def _numbers(text: str | int | None) -> Int:
    """Return the numbers of a list of numbers with commas between them."""
    return np.empty(0, np.int64) if text is None else np.fromstring(str(text), np.int64, sep=",")
