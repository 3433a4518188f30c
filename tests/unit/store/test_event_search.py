"""Filters of the events find what fits, newest first, along indexes whatever is asked."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, insert, select, update

from appliance.domain.ids import CameraId
from appliance.domain.severity import Severity
from appliance.store import event_search
from appliance.store.engine import Store
from appliance.store.queries import Position, Wanted
from appliance.store.settings import StoreSettings
from appliance.store.tables import Batch, Event, EventZone
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

ZONES = ("drive", "lawn", "porch")
CAMERAS, LABELS, STATES = (
    ("front", "lane", "yard"),
    ("bear", "car", "person"),
    ("open", "ended", "interrupted"),
)


def made(count: int) -> list[dict[str, Any]]:
    """Return events of every kind, some of the same instant."""
    draw = random.Random(3)
    return [
        {
            "id": f"e{number:04}",
            "visit_id": f"e{number:04}",
            "batch_id": f"b{number % 7}",
            "camera_id": draw.choices(CAMERAS, (20, 1, 5))[0],
            "label": draw.choices(LABELS, (1, 5, 20))[0],
            "state": draw.choices(STATES, (1, 30, 2))[0],
            "severity": draw.choices(range(4), (20, 8, 2, 1))[0],
            "reviewed": draw.randrange(2),
            "zones": draw.sample(ZONES, draw.choices((0, 1, 2), (10, 3, 1))[0]),
            "started_us": NOON_US + number // 3,
            "last_seen_us": NOON_US + number // 3,
        }
        for number in range(count)
    ]


EVENTS = made(700)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on a database with those events."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        batches = [
            {"id": f"b{n}", "chain_id": f"b{n}", "camera_id": "front", "started_us": NOON_US}
            for n in range(7)
        ]
        made.execute(insert(Batch), batches)
        made.execute(insert(Event), EVENTS)
        yield made


def fits(row: dict[str, Any], wanted: Wanted) -> bool:
    """Return whether an event is what is wanted, told without SQL."""
    place = (row["started_us"], row["id"])
    return (
        (not wanted.cameras or row["camera_id"] in wanted.cameras)
        and (not wanted.labels or row["label"] in wanted.labels)
        and (not wanted.states or row["state"] in wanted.states)
        and row["severity"] >= (wanted.min_severity or 0)
        and (wanted.reviewed is None or bool(row["reviewed"]) is wanted.reviewed)
        and (not wanted.zones or not set(row["zones"]).isdisjoint(wanted.zones))
        and wanted.batch_id in {None, row["batch_id"]}
        and (wanted.from_us or 0) <= row["started_us"] < (wanted.to_us or 1 << 60)
        and (wanted.after is None or place < wanted.after)
    )


def expected(wanted: Wanted) -> list[str]:
    """Return the ids of the newest events that fit."""
    newest = sorted(EVENTS, key=lambda row: (row["started_us"], row["id"]), reverse=True)
    return [row["id"] for row in newest if fits(row, wanted)][: wanted.limit]


def drawn(draw: random.Random) -> Wanted:
    """Return any filter: none, some or all of its parts."""
    begin, end = sorted(NOON_US + draw.randrange(240) for _ in range(2))

    def maybe(value: Any, otherwise: Any = None) -> Any:
        return value if draw.random() < 0.4 else otherwise

    return Wanted(
        limit=draw.choice((1, 3, 51)),
        after=maybe(Position(NOON_US + draw.randrange(240), f"e{draw.randrange(700):04}")),
        from_us=maybe(begin),
        to_us=maybe(end),
        cameras=maybe(tuple(draw.sample((*CAMERAS, "nowhere"), draw.randint(1, 3))), ()),
        labels=maybe(tuple(draw.sample((*LABELS, "zebra"), draw.randint(1, 3))), ()),
        states=maybe(tuple(draw.sample(STATES, draw.randint(1, 2))), ()),
        min_severity=maybe(draw.choice(list(Severity))),
        reviewed=maybe(draw.random() < 0.5),
        zones=maybe(tuple(draw.sample((*ZONES, "pool"), draw.randint(1, 3))), ()),
        batch_id=draw.choice((None, None, None, "b3")),
    )


def test_any_filter_finds_what_fits_newest_first(connection: Connection) -> None:
    """However few events are walked before the rest is looked up by kind."""
    draw = random.Random(5)
    for _ in range(400):
        wanted = drawn(draw)
        walked = draw.choice((0, 5, 40, 10_000))
        found = event_search.events(connection, wanted, walked)
        assert [row.id for row in found] == expected(wanted), (wanted, walked)


def test_of_each_label_it_is_known_when_it_was_seen_last(connection: Connection) -> None:
    """Of this camera alone, whatever else the events are; a label that it never saw is not there."""
    for camera in (*CAMERAS, "nowhere"):
        last: dict[str, int] = {}
        for row in EVENTS:
            if row["camera_id"] == camera:
                last[row["label"]] = max(row["last_seen_us"], last.get(row["label"], 0))
        assert event_search.labels_last_seen(connection, CameraId(camera)) == last


FILTERS = [
    {},
    {"labels": ("bear",)},
    {"labels": ("zebra",)},
    {"cameras": ("lane",)},
    {"cameras": ("lane", "yard")},
    {"min_severity": Severity.CRITICAL},
    {"reviewed": False},
    {"states": ("open",)},
    {"batch_id": "b3"},
    {"zones": ("drive",)},
    {"zones": ("drive", "pool"), "labels": ("bear",), "reviewed": False},
    {"from_us": NOON_US + 10, "to_us": NOON_US + 90},
    {"after": Position(NOON_US + 100, "e0300")},
    {"cameras": ("lane",), "labels": ("bear",), "min_severity": Severity.HIGH, "reviewed": False},
]


@pytest.mark.parametrize("filter_", FILTERS, ids=str)
def test_every_filter_goes_along_an_index(connection: Connection, filter_: dict[str, Any]) -> None:
    """No statement looks at all rows: each walks bounded in time, or from kind to kind."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    event_search.events(connection, Wanted(limit=51, **filter_), walked=20)
    event.remove(connection, "before_cursor_execute", note)
    for statement, values in asked:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [str(step) for *_, step in plan]
        along = ("INDEX ix_events_", "PRIMARY KEY (zone_id=?")
        assert any(index in step for step in steps for index in along), steps
        bare = [
            step for step in steps if step.startswith("SCAN") and "events" in step and "INDEX" not in step
        ]
        assert bare == []
        if "pairs" in statement:
            kinds = "camera_id=? AND label=? AND severity=? AND reviewed=? AND state=?"
            assert any(kinds in step for step in steps), steps


def test_what_an_event_becomes_is_found_by_its_zone(connection: Connection) -> None:
    """Zones that it comes to, a label or mark that it gets, its deletion: the search knows at once."""
    zoned = next(row for row in EVENTS if row["zones"] == ["porch"])
    fallow = next(row for row in EVENTS if row["zones"] == [])
    for id_, values in (
        (zoned["id"], {"label": "fox", "reviewed": 1 - zoned["reviewed"], "severity": 3}),
        (fallow["id"], {"label": "fox", "zones": ["porch", "lawn"]}),
    ):
        connection.execute(update(Event).where(Event.id == id_).values(**values))

    def found(*zones: str) -> set[str]:
        return {row.id for row in event_search.events(connection, Wanted(9, zones=zones, labels=("fox",)))}

    assert found("porch") == {zoned["id"], fallow["id"]}
    assert found("lawn") == {fallow["id"]}
    connection.execute(delete(Event).where(Event.id == fallow["id"]))
    assert found("porch", "lawn") == {zoned["id"]}
    connection.execute(update(Event).where(Event.id == zoned["id"]).values(zones=[]))
    assert found("porch", "lawn") == set()
    kept = connection.execute(select(func.count()).select_from(EventZone)).scalar_one()
    assert kept == sum(len(row["zones"]) for row in EVENTS) - 1
