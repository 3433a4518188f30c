"""What a timeline is made of, as columns of whole numbers: a month of a camera in some 13 ms.

SQLite joins a column into one text, read from an index alone and without the interpreter's lock, and numpy
takes it apart: a row object for each of 43,000 minutes would take eight times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, WallUs

Int = NDArray[np.int64]

CAUSES: Final = tuple(Cause)
_PLACES = {cause.value: number for number, cause in enumerate(CAUSES)}

_PORTION_US = 31 * 86_400 * US_PER_S
"""Read in one statement at most: to take it apart keeps the event loop for 3 ms."""

_REACHES_IN = (
    # As for single segments and gaps: only the last that begins before a range can reach into it.
    "camera_id = ? AND start_us >= coalesce((SELECT max(start_us) FROM {table} WHERE camera_id = ? "
    "AND start_us <= ?), 0) AND start_us < ? AND end_us > ?"
)
_SEGMENTS = (
    "SELECT group_concat(start_us), group_concat((end_us - start_us) * 4 + has_motion * 2 + is_protected) "  # noqa: S608 - constants
    f"FROM segments WHERE {_REACHES_IN.format(table='segments')} AND state <> 'deleting'"
)
_GAPS = (
    "SELECT group_concat(start_us), group_concat(end_us - start_us), group_concat(cause) "  # noqa: S608 - constants
    f"FROM gaps WHERE {_REACHES_IN.format(table='gaps')}"
)
_EVENTS = (
    "SELECT group_concat(started_us * 4 + severity) FROM events INDEXED BY ix_events_timeline "
    "WHERE camera_id = ? AND started_us >= ? AND started_us < ?"
)


@dataclass(frozen=True, slots=True)
class SegmentColumns:
    """A camera's segments, int64 microseconds and truth values, one entry each; whole, in no order."""

    start_us: Int
    end_us: Int
    has_motion: NDArray[np.bool_]
    is_protected: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GapColumns:
    """A camera's gaps, whole, in no order; ``cause`` is a place in ``CAUSES``."""

    start_us: Int
    end_us: Int
    cause: Int


@dataclass(frozen=True, slots=True)
class EventColumns:
    """When a camera's events began, in order, and their severities, 0 to 3."""

    started_us: Int
    severity: Int


def segment_columns(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> SegmentColumns:
    """Return the segments that overlap a range; one may come twice."""
    rows = [
        connection.exec_driver_sql(_SEGMENTS, (camera_id, camera_id, begin, end, begin)).one()
        for begin, end in _portions(from_us, to_us)
    ]
    start_us, packed = _numbers([row[0] for row in rows]), _numbers([row[1] for row in rows])
    return SegmentColumns(start_us, start_us + (packed >> 2), (packed & 2) != 0, (packed & 1) != 0)


def gap_columns(connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> GapColumns:
    """Return the gaps that overlap a range; one may come twice."""
    rows = [
        connection.exec_driver_sql(_GAPS, (camera_id, camera_id, begin, end, begin)).one()
        for begin, end in _portions(from_us, to_us)
    ]
    start_us, lasts_us = _numbers([row[0] for row in rows]), _numbers([row[1] for row in rows])
    words = [word for row in rows if row[2] is not None for word in row[2].split(",")]
    return GapColumns(start_us, start_us + lasts_us, np.array([_PLACES[word] for word in words], np.int64))


def event_columns(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> EventColumns:
    """Return the events that begin in a range."""
    texts = [
        connection.exec_driver_sql(_EVENTS, (camera_id, *portion)).scalar_one()
        for portion in _portions(from_us, to_us)
    ]
    packed = np.sort(_numbers(texts))
    return EventColumns(packed >> 2, packed & 3)


def _portions(from_us: WallUs, to_us: WallUs) -> list[tuple[int, int]]:
    return [(begin, min(begin + _PORTION_US, to_us)) for begin in range(from_us, to_us, _PORTION_US)]


def _numbers(texts: Sequence[str | int | None]) -> Int:
    """Return the numbers of some lists of numbers with commas between them; ``None`` is an empty list."""
    parts = [np.fromstring(str(text), np.int64, sep=",") for text in texts if text is not None]
    return np.concatenate([np.empty(0, np.int64), *parts])
