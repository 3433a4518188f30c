"""What besides the analysed frames a camera's decisions were made of, and their whole state now and then.

With the frames they are enough to decide everything again: from a snapshot on, the frames after it in their
order, and after each frame the entries that were made before the next one.
"""

import hashlib
import importlib.resources
from collections.abc import Iterator, Sequence
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import NamedTuple

from sqlalchemy import Connection

from appliance import __version__
from appliance.decisions.frozen import PACKAGES
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs

JOURNAL_COLUMNS = ("camera_id", "frame_us", "at_us", "kind", "data")
INSERT_ENTRY = f"INSERT INTO journal ({', '.join(JOURNAL_COLUMNS)}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - constants
SNAPSHOT_COLUMNS = ("camera_id", "frame_us", "at_us", "version", "setup", "state", "is_start")
LAST_ENTRY = "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0)"
LAST_FRAME = "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'detections'), 0)"
SNAPSHOT_FIELDS = ", ".join(SNAPSHOT_COLUMNS)
INSERT_SNAPSHOT = (
    f"INSERT INTO snapshots ({SNAPSHOT_FIELDS}, journal_id, detection_id) "  # noqa: S608 - constants
    f"VALUES (?, ?, ?, ?, ?, ?, ?, {LAST_ENTRY}, {LAST_FRAME})"
)


class EntryKind(StrEnum):
    """What was done without a frame."""

    TICK = "tick"
    CLOSE = "close"
    SETUP = "setup"
    AWAY = "away"
    ONLINE = "online"
    TAMPERED = "tampered"
    SECOND_LOOK = "second_look"


class Entry(NamedTuple):
    """One thing that was done without a frame.

    Attributes:
        frame_us: the time of the last frame that was taken in before it; 0 for none.
        at_us: the camera's own time at which it was done.
        data: of a ``SETUP`` the configuration from then on, of a ``SECOND_LOOK`` the event's id and what was
            said of it, as ``frozen.freeze`` makes it; of a ``TAMPERED`` the word for what is done to the
            camera, none where nothing is any more; else empty.
    """

    camera_id: CameraId
    frame_us: WallUs
    at_us: WallUs
    kind: EntryKind
    data: bytes = b""


class Snapshot(NamedTuple):
    """The whole state of a camera's decisions.

    Attributes:
        frame_us: the time of the last frame that is in it; 0 for none.
        at_us: when it was made, in the camera's own time.
        version: of the code that made it; another one may not be able to go on with it, or decide otherwise.
        setup: the configuration at that time, as ``frozen.freeze`` makes it.
        state: what ``Decider.snapshot`` returned.
        is_start: the decisions begin with it: what was open before was cut off.
    """

    camera_id: CameraId
    frame_us: WallUs
    at_us: WallUs
    version: str
    setup: bytes
    state: bytes
    is_start: bool = False


class Kept(NamedTuple):
    """A snapshot as it is stored.

    Attributes:
        journal_id: the last entry of the journal that is in it; 0 for none.
    """

    snapshot: Snapshot
    journal_id: int


def add_entry(connection: Connection, entry: Entry) -> None:
    """Write something down that was done without a frame."""
    connection.exec_driver_sql(INSERT_ENTRY, (*entry[:3], entry.kind.value, entry.data))


def add_snapshot(connection: Connection, snapshot: Snapshot) -> None:
    """Keep a state."""
    connection.exec_driver_sql(INSERT_SNAPSHOT, (*snapshot[:6], int(snapshot.is_start)))


def snapshots(connection: Connection, camera_id: CameraId) -> list[Kept]:
    """Return a camera's snapshots, oldest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {SNAPSHOT_FIELDS}, journal_id FROM snapshots WHERE camera_id = ? "  # noqa: S608 - constants
        "ORDER BY at_us, id",
        (camera_id,),
    )
    return [Kept(Snapshot(*row[:6])._replace(is_start=bool(row[6])), row[7]) for row in rows]


def entries(connection: Connection, camera_id: CameraId, after_id: int) -> list[Entry]:
    """Return a camera's entries after that one, in their order."""
    rows: Sequence[tuple[CameraId, WallUs, WallUs, str, bytes]] = [
        tuple(row)
        for row in connection.exec_driver_sql(
            f"SELECT {', '.join(JOURNAL_COLUMNS)} FROM journal WHERE camera_id = ? AND id > ? ORDER BY id",  # noqa: S608 - constants
            (camera_id, after_id),
        )
    ]
    return [Entry(*row[:3], EntryKind(row[3]), row[4]) for row in rows]


def forget_entries(connection: Connection, before: WallUs, limit: int) -> int:
    """Delete entries that are older than the frames that are kept, and return how many."""
    return _forget(connection, "journal", before, limit)


def forget_snapshots(connection: Connection, before: WallUs, limit: int) -> int:
    """Delete snapshots that are older than the frames that are kept, and return how many."""
    return _forget(connection, "snapshots", before, limit)


def _forget(connection: Connection, table: str, before: WallUs, limit: int) -> int:
    deleted = connection.exec_driver_sql(
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE at_us < ? LIMIT ?)",  # noqa: S608 - two constants
        (before, limit),
    )
    return deleted.rowcount


def code_version() -> str:
    """Return the version of the program with a hash of the code that decides."""
    digest = hashlib.sha256()
    root = importlib.resources.files("appliance")
    for package in PACKAGES:
        for file in sorted(_sources(root / package), key=lambda found: found.name):
            digest.update(f"{package}/{file.name}\0".encode() + file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:16]}"


def _sources(folder: Traversable) -> Iterator[Traversable]:
    return (file for file in folder.iterdir() if file.name.endswith(".py"))
