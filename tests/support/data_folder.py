"""A data's folder as a service leaves it: a database with rows, the pictures that they name, and keys."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from appliance.backup.backup import Asked, Done, make_backup
from appliance.domain.footage import Volume
from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs
from appliance.store import footage
from appliance.store.data_folder import DATABASE
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.tables import CameraCredentials, Target
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import gap, segment
from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, event_row

PICTURE = "event-1-1.jpg"
JPEG = b"\xff\xd8 a person at the door \xff\xd9" * 40
KEY = b"k" * 32


def make_data(folder: Path, pictures: int = 1) -> Path:
    """Make a data's folder with a camera, its events, footage on a disk that is gone, a target and a key."""
    with Store(folder, SimulatedClock(), StoreSettings()) as store:
        with Session(store.writer) as session:
            session.add(camera_row(url="rtsp://192.0.2.1/stream"))
            session.add(CameraCredentials(camera_id="front", username="guard", password="kanarienvogel"))
            session.flush()
            session.add(batch_row())
            session.flush()
            for number in range(1, pictures + 1):
                session.add(event_row(f"event-{number}", picture=f"event-{number}-1.jpg", state="ended"))
            session.flush()
            session.add(alert_row())
            session.add(
                Target(
                    id="t",
                    name="Phone",
                    kind="ntfy",
                    settings={
                        "address": "https://ntfy.example",
                        "topic": "geheimthema",
                        "token": "tk_canary",
                    },
                    shown="https://ntfy.example/geh…",
                    created_us=NOON_US,
                )
            )
            session.commit()
        with store.writer.begin() as connection:
            footage.save_volume(connection, Volume(VolumeId("hot"), "/nowhere", WallUs(NOON_US)))
            footage.save_segments(connection, [segment(0), segment(1)])
            footage.add_gap(connection, gap(2, 5))
    (folder / "pictures").mkdir(mode=0o700)
    for number in range(1, pictures + 1):
        (folder / "pictures" / f"event-{number}-1.jpg").write_bytes(JPEG)
    (folder / "keys/credentials.key").write_bytes(KEY)
    return folder


def backed_up(data: Path, file: Path, config: Path | None = None, version: str = "0.1.0") -> Done:
    """Back a folder up to a file."""
    return make_backup(Asked(data, file, config, version), SimulatedClock(), lambda _done: None)


def ask(data: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a database at rest answers."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        return connection.execute(query).fetchall()


def tamper(data: Path, *statements: str) -> None:
    """Change a database at rest."""
    with closing(sqlite3.connect(data / DATABASE)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
