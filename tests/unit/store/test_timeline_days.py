"""What is kept of a day in memory is what the database holds, after any change by anybody."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from appliance.domain.footage import Cause
from appliance.store import footage
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.tables import Batch, Event
from appliance.store.timeline_days import DAY_US, Columns, TimelineDays
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import FRONT, gap, minute, segment
from tests.support.rows import NOON_US

DAY_MIN = 1440
RANGE = (minute(0), minute(3 * DAY_MIN))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on a database with some footage, gaps and events of three days."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        footage.save_segments(made, [segment(n) for n in (-3, -2, 0, 1, DAY_MIN, 2 * DAY_MIN)])
        for one in (gap(-2000, -3), gap(5, 9, Cause.IDLE), gap(DAY_MIN + 3, DAY_MIN + 9)):
            footage.add_gap(made, one)
        made.execute(insert(Batch).values(id="b", chain_id="b", camera_id="front", started_us=NOON_US))
        for number, at in enumerate((-1, 2, DAY_MIN + 2, DAY_MIN + 3)):
            add_event(made, f"e{number}", minute(at))
        yield made


def add_event(connection: Connection, key: str, at_us: int) -> None:
    """Write an event."""
    values = {
        "visit_id": key,
        "batch_id": "b",
        "camera_id": "front",
        "label": "person",
        "last_seen_us": at_us,
    }
    connection.execute(insert(Event).values(id=key, started_us=at_us, **values))


def plain(columns: Columns) -> list[list[Any]]:
    """Return all columns as lists."""
    tables = (columns.segments, columns.gaps, columns.events)
    return [getattr(table, field.name).tolist() for table in tables for field in fields(table)]


def read(days: TimelineDays, connection: Connection) -> list[list[Any]]:
    """Return what is said of three days of the front camera."""
    return plain(days.read(connection, FRONT, *RANGE))


CHANGES = [
    "UPDATE segments SET end_us = end_us - 7 WHERE id = 'segment-000001'",
    "UPDATE segments SET has_motion = 1 WHERE id = 'segment-000001'",
    "UPDATE segments SET is_protected = 1",
    "UPDATE segments SET state = 'deleting' WHERE id = 'segment-001440'",
    "UPDATE segments SET start_us = start_us + 86400000000, end_us = end_us + 86400000000 "
    "WHERE id = 'segment-000001'",
    "UPDATE segments SET camera_id = 'yard' WHERE id = 'segment-001440'",
    "UPDATE segments SET end_us = end_us + 86400000000 WHERE id = 'segment--00002'",
    "DELETE FROM segments WHERE id = 'segment-002880'",
    "DELETE FROM gaps",
    "UPDATE gaps SET cause = 'lost', end_us = end_us + 1",
    "INSERT INTO gaps (camera_id, start_us, end_us, cause) "
    "SELECT camera_id, end_us, end_us + 9, 'off' FROM gaps",
    "UPDATE events SET severity = 3 WHERE id = 'e2'",
    "UPDATE events SET started_us = started_us - 86400000000 WHERE id = 'e2'",
    "DELETE FROM events WHERE id = 'e1'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_kept_follows_every_change(connection: Connection, change: str) -> None:
    """Whoever makes it: what is read again is what somebody reads who has kept nothing."""
    days = TimelineDays()
    before = read(days, connection)
    assert connection.exec_driver_sql(change).rowcount
    after = read(days, connection)
    assert after == read(TimelineDays(), connection)
    assert after != before


def test_a_segment_that_grows_is_seen(connection: Connection) -> None:
    """As the recorder writes it, again and again."""
    days = TimelineDays()
    for seconds in (2, 4, 6):
        grown = segment(3, end_us=minute(3) + seconds * 1_000_000)
        footage.save_segments(connection, [grown])
        assert grown.end_us in days.read(connection, FRONT, *RANGE).segments.end_us


def test_a_day_that_did_not_change_is_not_read_again(connection: Connection) -> None:
    """Nor is it when the event that changed shows nothing of that in a timeline."""
    days = TimelineDays()
    asked: list[str] = []
    first = read(days, connection)
    driver: Any = connection.connection.driver_connection
    connection.exec_driver_sql(
        "UPDATE events SET summary = 'other', reviewed = 1, last_seen_us = last_seen_us + 1"
    )
    connection.exec_driver_sql("UPDATE events SET severity = 2 WHERE id = 'e2'")
    driver.set_trace_callback(asked.append)
    assert read(days, connection) != first
    driver.set_trace_callback(None)
    day = minute(DAY_MIN) // DAY_US
    big = [one for one in asked if "group_concat" in one]
    assert len(big) == 3
    assert all(f">= {day * DAY_US} " in one and f"< {(day + 1) * DAY_US}" in one for one in big)


def test_little_memory_is_enough(connection: Connection) -> None:
    """What was not asked for for the longest is forgotten, and read again when it is."""
    days = TimelineDays(most_bytes=5000)
    assert read(days, connection) == read(days, connection) == read(TimelineDays(), connection)
    assert len(days._kept) == 2
