"""Databases as former schemas left them; the first one with a camera that was said in its words."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from appliance.store import footage
from appliance.store.engine import DATABASE, write_engine
from appliance.store.migrate import SCRIPTS
from appliance.store.migrations.versions.v0001_first_tables import TABLES
from appliance.store.settings import StoreSettings
from appliance.store.tables import Base
from tests.support.footage_rows import gap, segment
from tests.support.rows import alert_row, batch_row, camera_row, event_row

FRONT = {
    "id": "front",
    "name": "Front door",
    "enabled": True,
    "loop": False,
    "detect_fps": 5.0,
    "labels": None,
    "managed_by": "api",
    "status": "online",
    "status_reason": "",
    "status_since": None,
    "stream": {"codec": "h264", "width": 1920, "height": 1080, "fps": 15.0},
    "created_at": "1970-01-01T00:00:00.000Z",
}
"""The camera as messages and lists of the first schema showed it."""

EPOCH = "0123456789abcdef"

ROW = (
    *("front", "Front door", "rtsp://192.0.2.1/stream", "online"),
    '{"codec":"h264","width":1920,"height":1080,"fps":15.0}',
)


def make_0001(folder: Path) -> None:
    """Make the file in a folder, at rest."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL; {TABLES}")
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (EPOCH,))
        connection.execute("INSERT INTO cameras (id, name, url, status, stream) VALUES (?, ?, ?, ?, ?)", ROW)
        connection.execute(
            "INSERT INTO outbox (at, type, camera_id, data) VALUES (?, 'camera_created', 'front', ?)",
            ("2026-11-23T15:04:05.123Z", json.dumps(FRONT, separators=(",", ":"))),
        )
        connection.commit()


def make_before(folder: Path, revision: str) -> None:
    """Make an empty file of that schema in a folder, at rest and without triggers."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = write_engine(folder / DATABASE, StoreSettings())
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql("INSERT INTO meta VALUES ('epoch', ?)", (EPOCH,))
    engine.dispose()


def make_former(folder: Path, revision: str) -> None:
    """Make a file of that schema with rows in its tables in a folder, at rest, as a service leaves it.

    The first one is written out as its program made it; the others are made by the migrations up to theirs.
    """
    if revision == "0001":
        make_0001(folder)
        return
    make_before(folder, revision)
    engine = write_engine(folder / DATABASE, StoreSettings())
    with engine.begin() as connection:
        event = event_row("event-1", state="ended")
        insert_into_former(connection, camera_row(), batch_row(), event, alert_row(event_id="event-1"))
        connection.exec_driver_sql(
            "INSERT INTO camera_credentials VALUES ('front', 'guard', 'kanarienvogel')"
        )
        if revision >= "0003":
            footage.save_segments(connection, [segment(0), segment(1)])
            footage.add_gap(connection, gap(2, 5))
    engine.dispose()


def insert_into_former(connection: Connection, *rows: Base) -> None:
    """Insert rows as far as a former schema has columns for them."""
    for row in rows:
        table = type(row).metadata.tables[row.__tablename__]
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        values = {name: getattr(row, name) for name in there if getattr(row, name) is not None}
        marks = ", ".join(f":{name}" for name in values)
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({marks})", values)
