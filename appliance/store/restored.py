"""A database that was put in the place of another one: what it says is of another time than the disks."""

import json
import secrets
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from appliance.domain.footage import Cause, Gap
from appliance.domain.time import WallUs
from appliance.errors import StoreCorrupt, StoreUnavailable
from appliance.store import footage
from appliance.store.engine import translated, write_engine
from appliance.store.migrate import migrate
from appliance.store.settings import StoreSettings

SESSIONS = "sessions"
"""Who is logged in, where the schema has that: one that was ended since the copy must not live again."""
GONE = "its file was not there any more when the database was restored"


@dataclass(frozen=True, slots=True)
class Beside:
    """The files beside a database that its rows name.

    Attributes:
        pictures: the names of those of events.
        exports: the names of those of exports.
    """

    pictures: Collection[str]
    exports: Collection[str]


def prepare(path: Path, beside: Beside, now_us: WallUs) -> None:
    """Make a copy of a database, at rest, fit for a start: sound, of the newest schema, and a new history.

    Raises:
        StoreCorrupt: SQLite finds fault with it.
        StoreUnavailable: it was made by a newer version of Nightjar, or cannot be written.
    """
    expect_sound(path)
    engine = write_engine(path, StoreSettings())
    try:
        with translated():
            migrate(engine, path)
            with engine.begin() as connection:
                _begin_anew(connection, beside, now_us)
    finally:
        engine.dispose()
    for copy in path.parent.glob(f"{path.name}.before-*"):
        copy.unlink()  # what it was before the upgrade lies where it came from


def expect_sound(path: Path) -> None:
    """Let SQLite look at every page and index of a database that nobody has open.

    Raises:
        StoreCorrupt: with the first thing that it found.
        StoreUnavailable: it cannot be read at the moment.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
            (is_ours,) = tables.fetchone()
    except sqlite3.OperationalError as err:
        raise StoreUnavailable(f"{path.name} cannot be read: {err}") from err
    except sqlite3.DatabaseError as err:
        raise StoreCorrupt(f"{path.name} is damaged: {err}") from err
    if finding != "ok":
        raise StoreCorrupt(f"{path.name} is damaged: {finding}")
    if not is_ours:
        raise StoreCorrupt(f"{path.name}: expected a database of Nightjar, got another one")


def pictures_named(path: Path) -> set[str]:
    """Return the pictures that the events of a database at rest name."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return {row[0] for row in connection.execute("SELECT picture FROM events WHERE picture IS NOT NULL")}


def exports_done(path: Path) -> set[str]:
    """Return the files of the exports that a database at rest says to be done; an old schema has none."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT id FROM exports WHERE state = 'done'").fetchall()
        except sqlite3.OperationalError:
            return set()
    return {f"{row[0]}.mp4" for row in rows}


def _begin_anew(connection: Connection, beside: Beside, now_us: WallUs) -> None:
    """Let what is said from now on be of another history, and trust nothing that is said of files."""
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES ('epoch', ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (secrets.token_hex(8),),
    )
    footage.doubt_volumes(connection)
    for camera_id, until_us in footage.accounted_until(connection).items():
        # What was recorded since is found on the disks and takes its time back.
        footage.add_gap(connection, Gap(camera_id, until_us, now_us, Cause.LOST))
    connection.exec_driver_sql(
        "UPDATE events SET picture = NULL WHERE picture IS NOT NULL "
        "AND picture NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(beside.pictures)),),
    )
    connection.exec_driver_sql(
        "UPDATE exports SET state = 'failed', reason = ? WHERE state = 'done' "
        "AND id || '.mp4' NOT IN (SELECT value FROM json_each(?))",
        (GONE, json.dumps(sorted(beside.exports))),
    )
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (SESSIONS,)).first():
        connection.exec_driver_sql(f"DELETE FROM {SESSIONS}")  # noqa: S608 - a constant
