"""``nightjar check`` names what was done to a data directory behind the service's back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from appliance.store.check import check
from appliance.store.engine import DATABASE, Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import alert_row, batch_row, camera_row, detection_row, event_row, model_row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound data directory at rest with a row of every kind."""
    frames = (model_row(), detection_row(), detection_row())
    rows = (camera_row(), batch_row(), event_row(), alert_row(), *frames)
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, Session(store.writer) as session:
        for row in rows:
            session.add(row)
            session.flush()
        session.commit()
    return tmp_path


def tamper(folder: Path, *statements: str) -> None:
    """Run statements as a program would that knows nothing of the triggers."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_sound_directory_has_no_difference(folder: Path) -> None:
    """Nor has one that has just been looked at."""
    assert [check(folder), check(folder)] == [[], []]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE sqlite_sequence SET seq = 99 WHERE name = 'outbox'", "S3 outbox: cursor 99 was given out"),
        ("UPDATE cameras SET status = 'offline'", "S4 said: camera front is not as"),
        ("UPDATE batches SET event_count = 7", "S4 said: batch batch-1 is not as"),
        ("UPDATE alerts SET state = 'dismissed'", "S4 said: alert alert-1 is not as"),
        ("DELETE FROM events", "S4 said: event event-1 is gone and nobody was told"),
        (
            "INSERT INTO outbox (at, type, data) VALUES ('', 'event_deleted', '{\"id\":\"event-1\"}')",
            "S4 said: event event-1 was said to be deleted and is there",
        ),
        (
            "INSERT INTO outbox (at, type, detection_id) VALUES ('', 'detection_created', 1)",
            "S5 detections: detection 1 was said 2 times",
        ),
        (
            "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes) "
            "VALUES ('front', 0, 1, 1, '[]', x'')",
            "S5 detections: detection 3 was said 0 times",
        ),
        ("DELETE FROM models", "S5 detections: detection 1 names the model 1, which is not there"),
        ("UPDATE detections SET boxes = zeroblob(32)", "S5 detections: the boxes of detection 1 are torn"),
    ],
)
def test_what_was_changed_unsaid_is_named(folder: Path, statement: str, finding: str) -> None:
    """The sentence says which row."""
    tamper(folder, statement)
    assert [found[: len(finding)] for found in check(folder)].count(finding) == 1


def test_an_index_that_lost_its_rows_is_named(folder: Path) -> None:
    """S1: SQLite's own check finds it; no query would notice."""
    tamper(
        folder,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master "
        "WHERE name = 'ix_alerts_event_id') WHERE name = 'ix_events_batch_id'",
    )
    assert any(found.startswith("S1 integrity") for found in check(folder))


def test_a_file_that_is_no_database_is_one_difference(folder: Path) -> None:
    """Nothing else can be said of it."""
    (folder / DATABASE).write_bytes(b"spoilt" * 1000)
    (found,) = check(folder)
    assert "cannot be read" in found


def test_a_folder_without_a_database_is_left_without_one(tmp_path: Path) -> None:
    """To check is to read."""
    (found,) = check(tmp_path)
    assert "there is no database" in found
    assert list(tmp_path.iterdir()) == []
