"""What is asked often, or while others wait to write, goes along an index, however many rows there are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.access import Sight
from appliance.domain.ids import CameraId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.store import beginnings, event_search, footage, pipeline, queries, recovery, statements
from appliance.store.engine import Store
from appliance.store.queries import Position, Wanted
from appliance.store.reader import Reader
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

Ask = Callable[[Connection], object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database: SQLite plans by the indexes alone."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as made:
        yield made


def plans(connection: Connection, ask: Ask) -> list[str]:
    """Return how SQLite goes about each statement that is asked, one text each."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    ask(connection)
    event.remove(connection, "before_cursor_execute", note)
    return [
        "; ".join(str(step) for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
        for sql, values in asked
    ]


IDS = [f"e{number}" for number in range(100)]
FILTERS = [
    Wanted(limit=1, cameras=("front",), labels=("person",), reviewed=False),
    Wanted(limit=1, states=("ended",), min_severity=Severity.HIGH, reviewed=True),
    Wanted(limit=1, batch_id="b", reviewed=False),
    Wanted(limit=1, reviewed=False),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_events_are_marked_by_their_ids(store: Store, wanted: Wanted) -> None:
    """Whatever else is asked of them: the writer is held for these hundred, not for all that fit."""
    limits = event_search.limits_of(wanted)
    with store.writer.begin() as connection:
        plan, *_ = plans(connection, lambda c: statements.review_events(c, IDS, limits, is_reviewed=True))
    assert plan == "SEARCH events USING INDEX sqlite_autoindex_events_1 (id=?)"


BY = footage.Settling(*(WallUs(NOON_US),) * 2, 1, WallUs(0), WallUs(NOON_US))
OPEN: list[tuple[str, Ask]] = [
    ("ix_events_open", pipeline.interrupt_open_events),
    ("ix_batches_open", pipeline.complete_batches_of_absent_cameras),
    ("ix_batches_open", lambda c: recovery.left_behind(c, CameraId("front"), WallUs(NOON_US))),
    (
        "ix_alerts_open",
        lambda c: statements.handle_open_alerts(
            c, "dismissed", at_us=WallUs(NOON_US), until_us=WallUs(NOON_US), most=500
        ),
    ),
    ("ix_events_open", lambda c: footage.settle(c, BY)),
]


@pytest.mark.parametrize(("index", "ask"), OPEN)
def test_what_is_open_is_found_without_a_look_at_what_is_not(store: Store, index: str, ask: Ask) -> None:
    """At each start, and when all open alerts are handled at once."""
    with store.writer.begin() as connection:
        plan = plans(connection, ask)[0]
    assert f"INDEX {index}" in plan


def test_a_start_goes_through_no_camera_s_events(store: Store) -> None:
    """However many it has had: each camera waits for this before anything of it becomes an event."""
    with store.writer.begin() as connection:
        asked = plans(connection, lambda c: recovery.left_behind(c, CameraId("front"), WallUs(NOON_US)))
    walked = "SEARCH events USING INDEX ix_events_"
    walks = ("SCAN events", f"{walked}kinds (camera_id=?)", f"{walked}timeline (camera_id=?)")
    assert [plan for plan in asked if any(walk in plan for walk in walks)] == []
    assert any("ix_events_cut_off (camera_id=? AND last_seen_us>?)" in plan for plan in asked)
    assert any("ix_events_tracks (camera_id=?)" in plan for plan in asked)


def test_what_is_usual_is_read_along_the_camera_s_time(store: Store) -> None:
    """Of a year's events the last weeks, and of those no more than a bounded number."""
    ask: Ask = lambda c: beginnings.beginnings(c, CameraId("front"), WallUs(NOON_US))  # noqa: E731
    with store.writer.begin() as connection:
        plan, *_ = plans(connection, ask)
    assert plan == "SEARCH events USING INDEX ix_events_timeline (camera_id=? AND started_us>?)"


OTHERS = [
    {},
    {"cameras": ("front",)},
    {"cameras": ("front", "yard"), "min_severity": Severity.HIGH},
    {"after": Position(NOON_US, "a")},
    {"from_us": NOON_US, "to_us": NOON_US + 1},
]


@pytest.mark.parametrize("others", OTHERS, ids=str)
async def test_lists_of_what_is_open_look_at_nothing_else(store: Store, others: dict[str, Any]) -> None:
    """The page asks for open alerts each time that it is opened: among a million that took half a second."""
    asks = {"ix_alerts_open": queries.alerts, "ix_batches_open": queries.batches}
    async with Reader(store.path, StoreSettings()) as reader:
        for index, ask in asks.items():
            async with reader.read() as connection:
                plan = await planned(connection, ask, Wanted(limit=51, states=("open",), **others))
            assert f"USING INDEX {index}" in plan
            assert "TEMP B-TREE" not in plan


async def planned(connection: AsyncConnection, ask: Callable[..., Any], wanted: Wanted) -> str:
    """Return how SQLite goes about the one statement of a list."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    await ask(connection, wanted)
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    sql, values = asked[-1]
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
    return "; ".join(str(step) for *_, step in plan)


SEEN = [Sight(frozenset({CameraId("front")})), Sight(frozenset({CameraId("front"), CameraId("yard")}))]


@pytest.mark.parametrize("sight", SEEN, ids=["one camera", "two cameras"])
async def test_who_sees_few_cameras_waits_for_no_row_of_the_others(store: Store, sight: Sight) -> None:
    """Each camera's newest are found along its own index: among 300,000 of others that took 0.3 s."""
    asks = {"alerts_camera_id_created_us": queries.alerts, "batches_camera_id_started_us": queries.batches}
    asks |= {"candidates_camera_id_started_us": queries.candidates}
    async with Reader(store.path, StoreSettings()) as reader:
        for index, ask in asks.items():
            async with reader.read() as connection:
                plan = await planned(connection, ask, Wanted(limit=51, sight=sight))
            assert f"INDEX ix_{index} (camera_id=?)" in plan


async def test_who_sees_no_camera_is_answered_without_a_question(store: Store) -> None:
    """There is nothing to look for."""
    async with Reader(store.path, StoreSettings()) as reader, reader.read() as connection:
        wanted = Wanted(limit=51, sight=Sight(frozenset()))
        for ask in (queries.alerts, queries.batches, queries.candidates):
            assert await ask(connection, wanted) == []
