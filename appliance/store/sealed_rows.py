"""The rows with secrets: what is put into them and read of them, and how older ones are sealed."""

import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, RowMapping

from appliance.domain.camera import Credentials
from appliance.domain.ids import CameraId, TargetId
from appliance.errors import SealBroken
from appliance.store.seal import Seal, seal_of

log = logging.getLogger(__name__)

SECRET_SETTINGS = ("secret", "token", "password")
"""What of a target's settings is a secret by itself: whether there is one may be said."""

WHOLE_BELOW_BYTES = 256 * 1024 * 1024
"""A database up to this size is written anew once its secrets are sealed: some seconds, at one start."""

MARK = "sealed"
"""The key in ``meta`` that says that nothing readable is left of former versions."""


def sealed_credentials(seal: Seal, camera_id: CameraId, credentials: Credentials) -> dict[str, Any]:
    """Return the columns of a camera's credentials, sealed."""
    secret = msgspec.json.encode({"user": credentials.username, "password": credentials.password})
    return {"username": "", "password": "", "sealed": seal.close(secret, f"camera_credentials/{camera_id}")}


def open_credentials(seal: Seal, row: RowMapping) -> Credentials:
    """Return the credentials that a row of theirs holds.

    Raises:
        SealBroken: they cannot be opened; the message is a sentence for the owner.
    """
    if row["sealed"] is None:
        return Credentials(row["username"], row["password"])
    try:
        found = msgspec.json.decode(seal.open(row["sealed"], f"camera_credentials/{row['camera_id']}"))
    except SealBroken as err:
        raise SealBroken(f"its user name and password cannot be read: {err}; enter them anew") from err
    return Credentials(found["user"], found["password"])


def sealed_settings(seal: Seal, target_id: TargetId, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a target's settings: sealed, and beside it what of them may be said."""
    said = {
        "picture": bool(settings.get("picture", True)),
        "has_secret": any(settings.get(name) is not None for name in SECRET_SETTINGS),
    }
    return {"settings": said, "sealed": seal.close(msgspec.json.encode(settings), f"targets/{target_id}")}


def open_settings(
    seal: Seal, target_id: TargetId, settings: dict[str, Any], sealed: bytes | None
) -> dict[str, Any]:
    """Return a target's whole settings.

    Raises:
        SealBroken: they cannot be opened; the message is a sentence for the owner.
    """
    if sealed is None:
        return settings
    try:
        found: dict[str, Any] = msgspec.json.decode(seal.open(sealed, f"targets/{target_id}"))
    except SealBroken as err:
        raise SealBroken(f"its address cannot be read: {err}; enter it anew") from err
    return found


def unreadable(database: Path, seal: Seal) -> list[str]:
    """Return in words how many secrets of a database at rest a seal does not open, if any."""
    count, broken = 0, []
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        for table, key in (("camera_credentials", "camera_id"), ("targets", "id")):
            query = f"SELECT {key}, sealed FROM {table} WHERE sealed IS NOT NULL"  # noqa: S608 - fixed names
            for row, sealed in connection.execute(query):
                count += 1
                try:
                    seal.open(sealed, f"{table}/{row}")
                except SealBroken as err:
                    broken.append(str(err))
    return [f"{len(broken)} of {count} secrets cannot be opened: {broken[0]}"] if broken else []


def seal_rows(engine: Engine, path: Path, is_new: bool) -> None:
    """Seal what a former version left readable, once; after that nothing readable is left in the file.

    The rows are sealed in one transaction. Then the database is written anew, so that no free page holds what
    was deleted before, and its log is emptied. Killed in between, the next start goes on with it.
    """
    with engine.begin() as connection:
        count = _seal_credentials(connection) + _seal_targets(connection)
        mark = connection.exec_driver_sql("SELECT 1 FROM meta WHERE key = ?", (MARK,)).one_or_none()
        if is_new:
            _mark(connection)
    if is_new or (mark and not count):
        return
    _scrub(engine, path)
    with engine.begin() as connection:
        _mark(connection)
    if count:
        log.warning(
            "%d secrets are sealed now; copies of the database from before have them readable: %s.before-*",
            count,
            path,
        )


def _mark(connection: Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO NOTHING", (MARK,)
    )


def _seal_credentials(connection: Connection) -> int:
    rows = connection.exec_driver_sql(
        "SELECT camera_id, username, password FROM camera_credentials WHERE sealed IS NULL"
    ).fetchall()
    for camera_id, username, password in rows:
        values = sealed_credentials(seal_of(connection), camera_id, Credentials(username, password))
        connection.exec_driver_sql(
            "UPDATE camera_credentials SET username = '', password = '', sealed = ? WHERE camera_id = ?",
            (values["sealed"], camera_id),
        )
    return len(rows)


def _seal_targets(connection: Connection) -> int:
    rows = connection.exec_driver_sql("SELECT id, settings FROM targets WHERE sealed IS NULL").fetchall()
    for target_id, settings in rows:
        values = sealed_settings(seal_of(connection), target_id, msgspec.json.decode(settings))
        connection.exec_driver_sql(
            "UPDATE targets SET settings = ?, sealed = ? WHERE id = ?",
            (msgspec.json.encode(values["settings"]).decode(), values["sealed"], target_id),
        )
    return len(rows)


def _scrub(engine: Engine, path: Path) -> None:
    """Leave nothing readable in free pages and in the log, as far as a start has the time for it."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if path.stat().st_size <= WHOLE_BELOW_BYTES:
            cursor.execute("VACUUM")
        else:
            log.warning(
                "%s is too large to be written anew at a start: its free pages may hold what was deleted "
                "before; with the service stopped, do: sqlite3 %s VACUUM",
                *(path, path),
            )
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        connection.close()
