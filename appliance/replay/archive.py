"""What a data directory holds of the decisions at its cameras: read as it is at one moment, never written."""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import NotFound, StoreUnavailable
from appliance.replay.rows import TABLES, Row, Rows, decided, statement
from appliance.store.boxes import StoredFrame
from appliance.store.check import other_schema
from appliance.store.engine import DATABASE
from appliance.store.journal import JOURNAL_COLUMNS, SNAPSHOT_COLUMNS, Entry, EntryKind, Snapshot
from appliance.store.times import us_of_iso

PORTION = 500
"""Rows that are read at a time: however long the time is, no more of them are held."""
ASIDE_US = 86_400 * US_PER_S
"""A camera's own time may be that far from the box's when a snapshot was made: frames are told apart by the
order in which they were stored, their times only say where in the index to look."""

FRAMES = (
    "SELECT camera_id, at_us, width, height, labels, boxes, model_id, searched FROM detections "
    "WHERE camera_id = ? AND at_us BETWEEN ? AND ? AND id > ? AND id <= ? ORDER BY at_us, id"
)
ENTRIES = (
    f"SELECT {', '.join(JOURNAL_COLUMNS)} FROM journal WHERE camera_id = ? AND id > ? AND id <= ? ORDER BY id"  # noqa: S608 - constants
)
SNAPSHOT = f"SELECT {', '.join(SNAPSHOT_COLUMNS)} FROM snapshots WHERE id = ?"  # noqa: S608 - constants
MARKS = "SELECT id, at_us, detection_id, journal_id FROM snapshots WHERE camera_id = ? ORDER BY id"
LATEST = 2**63 - 1


class Mark(NamedTuple):
    """Where a snapshot is.

    Attributes:
        at_us: when it was made, in the camera's own time.
        detection_id: the last analysed frame of any camera that was stored before it.
        journal_id: the last entry of the journal before it.
    """

    id: int
    at_us: WallUs
    detection_id: int
    journal_id: int


class Archive:
    """A database that is read as it was when the block began, also while a service writes to it.

    Used from one thread. What reads it raises ``StoreUnavailable`` where that cannot be done.

    Args:
        data: the data directory.

    Raises:
        NotFound: there is no database.
        StoreUnavailable: it cannot be read, or its schema is not that of this program.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / DATABASE
        if not self._path.exists():
            raise NotFound(f"{self._path}: there is no database")
        with self._translated():
            self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)

    def __enter__(self) -> Self:
        with self._translated():
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("BEGIN")
            other = other_schema(self._connection)
        if other:
            raise StoreUnavailable(f"{self._path}: {other}")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()

    def cameras(self) -> tuple[CameraId, ...]:
        """Return every camera whose decisions can be made again, in order of its id."""
        rows = self._read("SELECT DISTINCT camera_id FROM snapshots ORDER BY camera_id")
        return tuple(CameraId(camera) for (camera,) in rows)

    def marks(self, camera: CameraId) -> list[Mark]:
        """Return where a camera's snapshots are, in their order."""
        return [Mark(*row) for row in self._read(MARKS, camera)]

    def snapshot(self, mark: Mark) -> Snapshot:
        """Return a snapshot."""
        (row,) = self._read(SNAPSHOT, mark.id)
        return Snapshot(*row)._replace(is_start=bool(row[6]))

    def between(self, camera: CameraId, mark: Mark, following: Mark | None) -> Iterator[StoredFrame | Entry]:
        """Yield what was decided on after a snapshot, in its order, and up to the following one if any.

        What is not a frame comes after the last frame that was taken in before it.
        """
        latest = LATEST if following is None else following.at_us + ASIDE_US
        last_frame = LATEST if following is None else following.detection_id
        last_entry = LATEST if following is None else following.journal_id
        entries = deque(
            Entry(row[0], row[1], row[2], EntryKind(row[3]), row[4])
            for row in self._read(ENTRIES, camera, mark.journal_id, last_entry)
        )
        since = mark.at_us - ASIDE_US
        for row in self._read(FRAMES, camera, since, latest, mark.detection_id, last_frame):
            frame = StoredFrame._make(row)
            while entries and entries[0].frame_us < frame.at_us:
                yield entries.popleft()
            yield frame
        yield from entries

    def frames(self, camera: CameraId, from_us: WallUs, to_us: WallUs) -> int:
        """Return how many frames of a camera were analysed from ``from_us`` until before ``to_us``."""
        sql = "SELECT count(*) FROM detections WHERE camera_id = ? AND at_us >= ? AND at_us < ?"
        ((count,),) = self._read(sql, camera, from_us, to_us)
        return int(count)

    def rows(self, camera: CameraId, from_us: WallUs, to_us: WallUs) -> Rows:
        """Return the rows that the decisions left, of what began from ``from_us`` until before ``to_us``."""
        found: dict[str, dict[str, Row]] = {}
        for table in TABLES:
            read = self._cursor(statement(table), camera, from_us, to_us)
            names = [column[0] for column in read.description]
            rows = [decided(table, names, values) for values in read]
            found[table] = {row["id"]: row for row in rows}
        return found

    def deleted_events(self) -> frozenset[str]:
        """Return the events that somebody deleted, as far as that is remembered."""
        said = "SELECT json_extract(data, '$.id') FROM outbox WHERE type = 'event_deleted'"
        return frozenset(event for (event,) in self._read(said))

    def remembered_from_us(self) -> WallUs | None:
        """Return from when on it is remembered what was said; ``None`` when nothing is."""
        ((oldest,),) = self._read("SELECT min(at) FROM outbox")
        return None if oldest is None else us_of_iso(oldest)

    def _read(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        rows = self._cursor(sql, *values)
        while True:
            with self._translated():
                some = rows.fetchmany(PORTION)
            if not some:
                return
            yield from some

    def _cursor(self, sql: str, *values: object) -> sqlite3.Cursor:
        with self._translated():
            return self._connection.execute(sql, values)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as err:
            raise StoreUnavailable(f"{self._path}: cannot be read: {err}") from err
