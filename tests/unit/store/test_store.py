"""The database file: made, migrated, locked, moved aside, kept small, and checked."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from appliance.domain.camera import Camera as CameraSetup
from appliance.domain.camera import Credentials
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs, wall_after
from appliance.errors import Conflict, StoreUnavailable
from appliance.store import event_search, footage, pipeline
from appliance.store.check import check
from appliance.store.engine import DATABASE, Store, write_engine
from appliance.store.queries import Wanted
from appliance.store.recovery import left_behind
from appliance.store.resources import alert_json, batch_json, camera_json, event_json
from appliance.store.retention import steps
from appliance.store.settings import RetentionSettings, StoreSettings
from appliance.store.tables import Base, Rule
from appliance.store.timeline_days import TimelineDays
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import gap, minute, segment
from tests.support.old_database import FRONT, insert_into_former, make_0001, make_before
from tests.support.rows import (
    NOON_US,
    alert_row,
    batch_row,
    camera_row,
    candidate_row,
    detection_row,
    event_row,
    model_row,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new database."""
    with opened(tmp_path) as made:
        yield made


def opened(folder: Path) -> Store:
    """Return the database of a folder, to be entered."""
    return Store(folder, SimulatedClock(), StoreSettings())


def add(store: Store, *rows: object) -> None:
    """Insert ORM rows in order."""
    with Session(store.writer) as session:
        for row in rows:
            session.add(row)
            session.flush()
        session.commit()


def ask(store: Store, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what a statement finds, or changes, in a transaction of its own."""
    with store.writer.begin() as connection:
        found = connection.exec_driver_sql(query, values)
        return [tuple(row) for row in found] if found.returns_rows else []


def pipeline_cameras(store: Store) -> list[CameraSetup]:
    """Return the cameras as their readers are given them."""
    with store.writer.begin() as connection:
        return pipeline.cameras(connection)


def tamper(folder: Path, *statements: str) -> None:
    """Change a database at rest behind the triggers' back."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


DEFAULT_RECORDING = {
    "mode": "continuous",
    "pre_roll_s": 5.0,
    "post_roll_s": 5.0,
    "schedule": [],
    "keep_days": None,
    "most_bytes": None,
    "sound": True,
}


class TestFile:
    """What becomes of the file at a start."""

    def test_the_migrated_schema_is_that_of_the_tables(self, store: Store) -> None:
        """The history of migrations leads to what the code expects."""
        with store.writer.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(context, Base.metadata) == []

    def test_an_upgrade_keeps_the_cameras_and_says_each_again(self, tmp_path: Path) -> None:
        """Their form has new members: the last message about a row is still what a list returns."""
        make_0001(tmp_path)
        with opened(tmp_path) as store:
            assert pipeline_cameras(store) == [
                CameraSetup(CameraId("front"), "Front door", "rtsp://192.0.2.1/stream")
            ]
            said = ask(store, "SELECT cursor, type, data FROM outbox WHERE cursor > 1")
            assert [row[:2] for row in said] == [(2, "camera_updated")]
            new = {"decode": "auto", "has_live_url": False, "recording": DEFAULT_RECORDING}
            nothing: dict[str, list[object]] = {"zones": [], "lines": [], "masks": []}
            assert json.loads(said[0][2]) == {**FRONT, **new, "scene": nothing, "scene_managed_by": "api"}
        assert check(tmp_path) == []

    def test_a_database_that_is_not_upgraded_yet_is_not_checked(self, tmp_path: Path) -> None:
        """Whoever checks before the first start is told in one line what to do."""
        make_0001(tmp_path)
        (said,) = check(tmp_path)
        assert "expected the schema 0009, got 0001" in said

    def test_an_upgrade_refuses_what_a_new_database_would(self, tmp_path: Path) -> None:
        """The rules of the new columns are not lost on the way."""
        make_0001(tmp_path / "old")
        for folder in ("old", "new"):
            with opened(tmp_path / folder) as store:
                add(store, camera_row("other"))
                for decode in (None, "never"):
                    with pytest.raises(IntegrityError):
                        ask(store, "UPDATE cameras SET decode = ? WHERE id = 'other'", decode)

    @pytest.mark.parametrize("revision", ["0003", "0004", "0005", "0006", "0007"])
    def test_an_upgrade_keeps_what_lies_in_the_tables(self, tmp_path: Path, revision: str) -> None:
        """Timelines and filters find what was written before they were thought of, and what comes after."""
        make_before(tmp_path, revision)
        engine = write_engine(tmp_path / DATABASE, StoreSettings())
        with engine.begin() as connection:
            events = event_row("old"), event_row("rare", label="bear", state="ended")
            insert_into_former(connection, camera_row(), batch_row(), *events, alert_row(event_id="old"))
            footage.save_segments(connection, [segment(0), segment(1)])
            footage.add_gap(connection, gap(2, 5))
        engine.dispose()
        with opened(tmp_path) as store, store.writer.begin() as connection:
            days = TimelineDays()

            def seen() -> list[int]:
                columns = days.read(connection, CameraId("front"), minute(0), minute(9))
                parts = (columns.segments.start_us, columns.gaps.start_us, columns.events.started_us)
                return [len(part) for part in parts]

            assert seen() == [2, 1, 2]
            footage.save_segments(connection, [segment(6)])
            assert seen() == [3, 1, 2]
            bears = event_search.events(connection, Wanted(limit=9, labels=("bear",)), walked=0)
            assert [row.id for row in bears] == ["rare"]
            assert pipeline.interrupt_open_events(connection) == 1
        assert (tmp_path / f"{DATABASE}.before-{revision}").exists()

    def test_a_second_start_keeps_rows_and_epoch(self, tmp_path: Path) -> None:
        """Nothing is said by a start either."""
        with opened(tmp_path) as first:
            add(first, camera_row())
            epoch = first.opening.epoch
        with opened(tmp_path) as second:
            assert second.opening.epoch == epoch
            assert ask(second, "SELECT count(*) FROM outbox") == [(1,)]

    def test_a_second_service_is_refused(self, store: Store, tmp_path: Path) -> None:
        """Two writers would not know of each other."""
        with pytest.raises(Conflict, match="another Nightjar is running"), opened(tmp_path):
            pass

    @pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
    def test_a_file_that_is_no_database_is_moved_aside(self, tmp_path: Path, content: bytes) -> None:
        """The start goes on with a new history, and what was there is kept."""
        (tmp_path / DATABASE).write_bytes(content)
        with opened(tmp_path) as store:
            assert store.opening.moved_aside is not None
            assert store.opening.moved_aside.read_bytes() == content
            assert check(tmp_path) == []

    def test_a_database_of_a_newer_version_is_left_as_it_is(self, tmp_path: Path) -> None:
        """An older program must not guess what it does not know."""
        with opened(tmp_path) as store:
            ask(store, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreUnavailable, match="newer Nightjar"), opened(tmp_path):
            pass

    def test_a_start_that_fails_leaves_the_folder_free(self, tmp_path: Path) -> None:
        """The lock is given back with the reason, so that the same process may try again."""
        tmp_path.joinpath(DATABASE).mkdir()
        for _ in range(2):
            with pytest.raises(StoreUnavailable), opened(tmp_path):
                pass

    def test_a_locked_database_is_said_in_one_line(self, tmp_path: Path) -> None:
        """Somebody has it open in the sqlite3 program, in a transaction."""
        with opened(tmp_path):
            pass
        with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="database is locked"), opened(tmp_path):
                pass

    def test_an_error_s_text_never_carries_a_password(self, store: Store) -> None:
        """SQLAlchemy would put the statement's values into its message, and that into the log."""
        add(store, camera_row())
        ask(store, "INSERT INTO camera_credentials VALUES ('front', 'eve', 'canary', NULL)")
        with pytest.raises(IntegrityError) as raised:
            ask(store, "INSERT INTO camera_credentials VALUES (?, ?, ?, NULL)", "front", "eve", "canary")
        assert "canary" not in str(raised.value)

    def test_the_file_is_its_owner_s_alone(self, store: Store) -> None:
        """And so is the log beside it."""
        modes = {path.name: path.stat().st_mode & 0o077 for path in store.path.parent.glob("nightjar.*")}
        assert "nightjar.db-wal" in modes
        assert set(modes.values()) == {0}


@pytest.mark.parametrize(
    ("prefix", "table", "wire"),
    [
        ("camera", "cameras", camera_json("cameras")),
        ("event", "events", event_json("events")),
        ("batch", "batches", batch_json("batches")),
        ("alert", "alerts", alert_json("alerts")),
    ],
)
def test_what_a_trigger_says_is_what_a_list_returns(store: Store, prefix: str, table: str, wire: str) -> None:
    """To the letter: both come from one expression."""
    add(store, camera_row(labels=["cat"]), batch_row(), event_row(box=[0.1, 0.2, 0.3, 0.4]), alert_row())
    ((said,),) = ask(store, f"SELECT data FROM outbox WHERE type = '{prefix}_created'")
    assert ask(store, f"SELECT {wire} FROM {table}") == [(said,)]


class TestCheck:
    """``nightjar check`` finds each kind of difference, and none where there is none."""

    @pytest.mark.parametrize(
        ("statement", "finding"),
        [
            ("UPDATE events SET batch_id = 'gone'", "S2 references"),
            ("DELETE FROM outbox WHERE cursor = 2", "S3 outbox"),
            ("UPDATE events SET summary = 'unsaid'", "S4 said: event event-1 is not as"),
            ("DELETE FROM cameras", "S4 said: camera front is gone"),
            ("DELETE FROM detections", "S5 detections: message"),
            ("UPDATE detections SET boxes = x'00'", "S5 detections: the boxes"),
            ("DELETE FROM sqlite_sequence WHERE name = 'outbox'", "S3 outbox: no cursor was given out"),
            ("UPDATE events SET picture = 'lost.jpg'", "S6 pictures: lost.jpg is named"),
        ],
    )
    def test_each_broken_invariant_is_named(self, tmp_path: Path, statement: str, finding: str) -> None:
        """A sound directory has no difference; a tampered one has this."""
        with opened(tmp_path) as store:
            add(store, camera_row(), batch_row(), event_row(), model_row(), detection_row())
        assert check(tmp_path) == []
        tamper(tmp_path, statement)
        assert any(difference.startswith(finding) for difference in check(tmp_path))

    def test_a_picture_that_no_event_names_is_found(self, tmp_path: Path) -> None:
        """Files are checked as well as rows."""
        with opened(tmp_path):
            pass
        (tmp_path / "pictures").mkdir()
        (tmp_path / "pictures" / "orphan.jpg").write_bytes(b"")
        assert check(tmp_path) == ["S6 pictures: orphan.jpg is there and no event names it"]


class TestRetention:
    """What is old goes, oldest first, and nothing that is still needed."""

    NOW = wall_after(WallUs(NOON_US), 400 * 86_400)

    def keep(self, store: Store, **settings: Any) -> list[list[int]]:
        """Apply every step until it deletes nothing more; return the portions of each."""
        portions = []
        for step in steps(RetentionSettings(**settings), self.NOW):
            sizes = []
            while True:
                with store.writer.begin() as connection:
                    portion = step(connection)
                if not portion.rows:
                    break
                sizes.append(portion.rows)
            portions.append(sizes)
        return portions

    def test_a_detection_outlives_the_messages_that_refer_to_it(self, store: Store) -> None:
        """The outbox is younger than two days, so its detections stay however old they are."""
        add(store, *(detection_row() for _ in range(5)))
        ask(store, "UPDATE outbox SET at = '2050-01-01T00:00:00.000Z' WHERE cursor > 2")
        ask(store, "UPDATE outbox SET at = '2020-01-01T00:00:00.000Z' WHERE cursor <= 2")
        assert self.keep(store)[:2] == [[2], [2]]
        assert ask(store, "SELECT cursor, detection_id FROM outbox") == [(3, 3), (4, 4), (5, 5)]
        assert ask(store, "SELECT id FROM detections") == [(3,), (4,), (5,)]

    def test_of_each_camera_the_oldest_detections_go_first(self, store: Store) -> None:
        """A camera whose frames come late is not forgotten, and nothing young goes."""
        young = self.NOW - 1
        for at_us in (3, 1, young, 2):
            add(store, detection_row("yard", at_us=at_us), detection_row("front", at_us=at_us + 10))
        ask(store, "DELETE FROM outbox")
        assert self.keep(store, portion_rows=2)[1] == [2, 2, 2]
        assert ask(store, "SELECT camera_id FROM detections ORDER BY camera_id") == [("front",), ("yard",)]

    def test_what_is_due_is_found_without_reading_what_is_not(self, store: Store) -> None:
        """The writer must not be held up by a look through millions of rows every ten minutes."""
        asked: list[str] = []
        with store.writer.begin() as connection:
            driver: Any = connection.connection.driver_connection
            driver.set_trace_callback(asked.append)
            for step in steps(RetentionSettings(), self.NOW):
                step(connection)
            driver.set_trace_callback(None)
            assert len(asked) == len(steps(RetentionSettings(), self.NOW))
            plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
        ways = [row[3] for plan in plans for row in plan]
        assert not {
            "SCAN detections",
            "SCAN d",
            "SCAN events",
            "SCAN samples",
            "SCAN s",
            "SCAN candidates",
            "SCAN journal",
        } & set(ways), ways

    def test_candidates_are_kept_as_long_as_events(self, store: Store) -> None:
        """What nearly was an event is no more worth than one."""
        young_us = self.NOW - 86_400 * 1_000_000
        add(store, candidate_row("old"), candidate_row("older", started_us=NOON_US - 1))
        add(store, candidate_row("young", started_us=young_us))
        self.keep(store, portion_rows=1)
        assert ask(store, "SELECT id FROM candidates") == [("young",)]

    def test_old_rows_go_in_portions_and_open_events_stay(self, store: Store) -> None:
        """A visit that is still going on is not old."""
        add(store, batch_row(state="completed"), batch_row("batch-2", state="completed"))
        ended = [event_row(f"e{i}", batch_id="batch-2", state="ended", picture=f"{i}.jpg") for i in range(5)]
        add(store, event_row("open"), *ended)
        ask(store, "DELETE FROM outbox")
        assert self.keep(store, portion_rows=2)[2:4] == [[2, 2, 1], [1]]
        assert ask(store, "SELECT id FROM events") == [("open",)]
        assert ask(store, "SELECT id FROM batches") == [("batch-1",)]


class TestCameras:
    """Cameras of the file, and what a former run left of them."""

    def provision(self, store: Store, *cameras: CameraSetup) -> None:
        """Make these the file's cameras."""

        def unit(connection: Connection) -> None:
            pipeline.provision(connection, cameras, WallUs(NOON_US))

        with store.writer.begin() as connection:
            unit(connection)

    def test_one_that_leaves_the_file_is_switched_off_and_keeps_its_row(self, store: Store) -> None:
        """The same file again says nothing; leaving it is said."""
        front = CameraSetup(CameraId("front"), "Front", "rtsp://a/", Credentials("eve", "canary"))
        self.provision(store, front)
        before = ask(store, "SELECT count(*) FROM outbox")
        self.provision(store, front)
        assert ask(store, "SELECT count(*) FROM outbox") == before
        self.provision(store)
        assert ask(store, "SELECT enabled, managed_by FROM cameras") == [(0, "api")]
        assert "canary" not in str(ask(store, "SELECT * FROM outbox"))

    def test_what_was_cut_off_is_found_with_the_place_where_it_was_seen_last(self, store: Store) -> None:
        """Its row has the box of its best moment; the last analysed frame has the last one."""
        add(store, camera_row(), batch_row(), event_row(track_id=1, state="open"))
        add(store, event_row("e2", state="interrupted", continues=None), detection_row(labels=("a", "b")))
        add(store, event_row("e3", continues="e2", state="ended"))
        with store.writer.begin() as connection:
            assert pipeline.interrupt_open_events(connection) == 1
            left = left_behind(connection, CameraId("front"), WallUs(0))
        (cut,) = left.cut_off
        assert cut.event.id == "event-1"
        assert cut.last_box == pytest.approx((10 / 640, 20 / 360, 110.25 / 640, 220 / 360), abs=1e-5)
        assert left.batch is not None
        assert {event.id for event in left.batch_events} == {"event-1", "e2", "e3"}
        assert left.last_track == 1

    def test_the_alerts_that_forbid_others_are_found(self, store: Store) -> None:
        """Those of what may go on, and of each rule the latest, if no cooldown is longer ago."""
        add(store, camera_row(), batch_row(chain_id="chain"), batch_row("batch-0", state="completed"))
        add(store, Rule(id="rule-1", name="Night"), event_row("cut", state="interrupted", visit_id="v"))
        add(store, event_row("over", state="ended", batch_id="batch-0"))
        add(store, alert_row("a1", event_id="cut", visit_id="v", dedup_key="v"))
        add(store, alert_row("a2", event_id="over", visit_id="w", dedup_key="old", created_us=NOON_US + 5))
        add(store, alert_row("a3", event_id="over", visit_id="x", dedup_key="chain", created_us=NOON_US - 5))
        add(store, alert_row("a4", event_id="over", visit_id="y", rule_id="gone", created_us=1))
        with store.writer.begin() as connection:
            left = left_behind(connection, CameraId("front"), WallUs(NOON_US))
        assert left.last_alerts == {"rule-1": NOON_US + 5}
        assert left.alerted == {("rule-1", word) for word in ("v", "x", "chain")}

    def test_the_alerts_of_what_stays_are_found(self, store: Store) -> None:
        """Also those that others of its batch made, though that is complete: it may move and be looked at."""
        rest = {"since_us": NOON_US, "box": [0.1, 0.2, 0.3, 0.4], "look": "00000000000000ff"}
        add(store, camera_row(), batch_row(chain_id="chain", state="completed"), Rule(id="rule-1", name="N"))
        add(store, event_row("car", state="open", rest=rest), event_row("over", state="ended"))
        add(store, alert_row("a1", event_id="over", visit_id="x", dedup_key="chain"))
        with store.writer.begin() as connection:
            left = left_behind(connection, CameraId("front"), WallUs(0))
        assert [one.event.id for one in left.stayed] == ["car"]
        assert left.alerted == {("rule-1", "x"), ("rule-1", "chain")}

    def test_the_last_frame_that_is_stored_is_known(self, store: Store) -> None:
        """What comes after it is the new start's."""
        with store.writer.begin() as connection:
            assert left_behind(connection, CameraId("front"), WallUs(0)).last_frame_us == 0
        add(store, camera_row(), detection_row(at_us=NOON_US + 7), detection_row(at_us=NOON_US))
        with store.writer.begin() as connection:
            assert left_behind(connection, CameraId("front"), WallUs(0)).last_frame_us == NOON_US + 7
