"""What is committed is broadcast: on a real file, a real server and a real client."""

import asyncio
import sqlite3
import subprocess
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from appliance.store.tables import Alert, Batch, Camera, Detection, Event
from tests.support.broadcast import Box, fields
from tests.support.rows import alert_row, batch_row, camera_row, detection_row, event_row


def change(kind: type[Any], row_id: str, **values: Any) -> Any:
    """Return work that sets attributes of one row through the ORM."""

    def work(session: Session) -> None:
        row = session.get(kind, row_id)
        for name, value in values.items():
            setattr(row, name, value)

    return work


class TestEventBroadcastTriggers:
    """The events channel follows the table of events."""

    async def test_an_inserted_event_is_said_with_its_risk_score(self, nightjar: Box) -> None:
        """A client on the events channel hears of a new event, whole."""
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.add(event_row(risk_score=72, severity=2))
            said = await client.next()
        assert (said["type"], said["channel"], said["camera_id"]) == ("event_created", "events", "front")
        assert fields(said, "id", "label", "risk_score", "severity") == ("event-1", "person", 72, "high")

    async def test_a_changed_event_is_said_with_its_new_values(self, nightjar: Box) -> None:
        """An update is one message that carries the new row."""
        await nightjar.add(event_row())
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.orm(change(Event, "event-1", risk_score=90, severity=3, summary="2 persons"))
            said = await client.next()
            await client.nothing_more()
        assert said["type"] == "event_updated"
        assert fields(said, "risk_score", "severity", "summary") == (90, "critical", "2 persons")

    async def test_an_update_that_changes_nothing_says_nothing(self, nightjar: Box) -> None:
        """Writing the same values again is no change."""
        await nightjar.add(event_row())
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.spine.committer.commit(
                lambda c: c.exec_driver_sql("UPDATE events SET note = note")
            )
            await client.nothing_more()

    async def test_a_deleted_event_is_said_with_what_filters_need(self, nightjar: Box) -> None:
        """A deletion carries id, camera, label and severity, and takes the alerts along."""
        await nightjar.add(event_row(), alert_row())
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.orm(lambda session: session.delete(session.get(Event, "event-1")))
            said = await client.next()
        assert said["type"] == "event_deleted"
        assert said["data"] == {
            "id": "event-1",
            "camera_id": "front",
            "label": "person",
            "severity": "medium",
        }
        async with nightjar.spine.reader.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM alerts"))).scalar_one() == 0

    async def test_a_rolled_back_unit_says_nothing_and_leaves_no_gap(self, nightjar: Box) -> None:
        """A unit that fails is undone alone, and the next message follows its forerunner's cursor."""

        def fails(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE batches SET summary = 'never'")
            raise ValueError("on purpose")

        async with nightjar.client(channels=["events"]) as client:
            before = (await client.ask(type="ping"))["cursor"]
            fine = nightjar.spine.committer.commit(
                lambda c: c.exec_driver_sql("UPDATE batches SET severity = 1")
            )
            failed, _ = await asyncio.gather(
                nightjar.spine.committer.commit(fails), fine, return_exceptions=True
            )
            said = await client.next()
            await client.nothing_more()
        assert isinstance(failed, ValueError)
        assert (said["data"]["severity"], said["data"]["summary"]) == ("medium", "")
        assert said["cursor"] == before + 1


class TestDetectionBroadcastTriggers:
    """The detections channel follows the analysed frames."""

    async def test_an_analysed_frame_is_said_with_its_boxes(self, nightjar: Box) -> None:
        """A row with packed boxes becomes one message with readable ones."""
        async with nightjar.client(channels=["detections"]) as client:
            await nightjar.add(detection_row(labels=("person", "car")))
            said = await client.next()
        assert (said["type"], said["camera_id"]) == ("detection_created", "front")
        assert fields(said, "width", "height", "at") == (640, 360, "2026-09-21T14:13:20.000Z")
        assert said["data"]["boxes"] == [
            {"box": [10.0, 20.0, 110.2, 220.0], "label": "person", "score": 0.875, "track_id": None},
            {"box": [10.0, 20.0, 110.2, 220.0], "label": "car", "score": 0.875, "track_id": 1},
        ]

    async def test_a_frame_in_which_nothing_was_found_is_said_too(self, nightjar: Box) -> None:
        """An empty analysed frame is a fact like any other."""
        async with nightjar.client(channels=["detections"]) as client:
            await nightjar.add(detection_row(labels=()))
            assert (await client.next())["data"]["boxes"] == []

    async def test_a_detection_never_changes(self, nightjar: Box) -> None:
        """The outbox refers to the row, so the row is refused any change."""
        await nightjar.add(detection_row())
        with pytest.raises(Exception, match="a detection never changes"):
            await nightjar.orm(lambda session: setattr(session.get(Detection, 1), "width", 1))

    @pytest.mark.parametrize("spoilt", [{"boxes": b"12345"}, {"at_us": 10**18}], ids=["boxes", "time"])
    async def test_a_row_that_somebody_else_spoilt_does_not_stop_the_publisher(
        self, nightjar: Box, spoilt: dict[str, Any]
    ) -> None:
        """What cannot be read is said as null, and what follows is said as well."""
        async with nightjar.client(channels=["detections"]) as client:
            await nightjar.add(detection_row(**spoilt), detection_row())
            assert (await client.next())["data"] is None
            assert len((await client.next())["data"]["boxes"]) == 1


class TestCameraBroadcastTriggers:
    """The system channel follows the table of cameras."""

    async def test_a_camera_that_goes_offline_is_said(self, nightjar: Box) -> None:
        """Setting the status through the ORM and committing is all it takes."""

        def go_offline(session: Session) -> None:
            camera = session.get(Camera, "front")
            assert camera is not None
            camera.status = "offline"
            camera.status_reason = "no route to host"

        async with nightjar.client(channels=["system"]) as client:
            await nightjar.orm(go_offline)
            said = await client.next()
            await client.nothing_more()
        assert (said["type"], said["channel"], said["camera_id"]) == ("camera_status", "system", "front")
        assert fields(said, "status", "status_reason") == ("offline", "no route to host")

    async def test_a_camera_comes_changes_and_goes(self, nightjar: Box) -> None:
        """Creation, change and deletion are said each with its own type."""
        async with nightjar.client(channels=["system"]) as client:
            await nightjar.add(camera_row("back"))
            await nightjar.orm(change(Camera, "back", name="Back yard"))
            await nightjar.orm(lambda session: session.delete(session.get(Camera, "back")))
            said = await client.take(3)
        assert [m["type"] for m in said] == ["camera_created", "camera_updated", "camera_deleted"]
        assert [m["camera_id"] for m in said] == ["back"] * 3

    async def test_no_message_carries_an_address_or_credentials(self, nightjar: Box) -> None:
        """Address, user name and password change, and are not in what is said about it."""
        async with nightjar.client(channels=["system"]) as client:
            await nightjar.orm(change(Camera, "front", url="rtsp://192.0.2.77/secret-path"))
            await nightjar.spine.committer.commit(
                lambda c: c.exec_driver_sql(
                    "INSERT INTO camera_credentials VALUES ('front', 'eve', 'canary', NULL)"
                )
            )
            said = await client.take(2)
        assert [m["type"] for m in said] == ["camera_updated"] * 2
        assert not any(word in str(said) for word in ("192.0.2.77", "secret-path", "eve", "canary"))


class TestBatchBroadcastTriggers:
    """Batches are said on the events channel."""

    async def test_a_batch_is_opened_updated_and_completed(self, nightjar: Box) -> None:
        """Completion has a type of its own."""
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.add(batch_row("batch-2"))
            await nightjar.orm(change(Batch, "batch-2", event_count=2, severity=2))
            await nightjar.orm(change(Batch, "batch-2", state="completed", summary="2 people at Front door"))
            said = await client.take(3)
        assert [m["type"] for m in said] == ["batch_created", "batch_updated", "batch_completed"]
        assert fields(said[2], "state", "severity", "summary") == (
            "completed",
            "high",
            "2 people at Front door",
        )

    async def test_a_review_of_a_completed_batch_is_an_update(self, nightjar: Box) -> None:
        """A batch is completed once; what is changed afterwards is a change."""
        await nightjar.orm(change(Batch, "batch-1", state="completed"))
        async with nightjar.client(channels=["events"]) as client:
            await nightjar.orm(change(Batch, "batch-1", reviewed=1))
            said = await client.next()
        assert (said["type"], said["data"]["reviewed"]) == ("batch_updated", True)


class TestAlertBroadcastTriggers:
    """The alerts channel follows the table of alerts."""

    async def test_an_alert_is_created_acknowledged_and_dismissed(self, nightjar: Box) -> None:
        """Each step of an alert's life has its message."""
        await nightjar.add(event_row())
        async with nightjar.client(channels=["alerts"]) as client:
            await nightjar.add(alert_row())
            await nightjar.orm(change(Alert, "alert-1", state="acknowledged", acknowledged_us=1_000_000))
            await nightjar.orm(change(Alert, "alert-1", state="dismissed", dismissed_us=2_000_000))
            said = await client.take(3)
        assert [m["type"] for m in said] == ["alert_created", "alert_acknowledged", "alert_dismissed"]
        assert said[1]["data"]["acknowledged_at"] == "1970-01-01T00:00:01.000Z"

    @pytest.mark.parametrize(
        "values",
        [{"state": "open"}, {"summary": "another"}, {"acknowledged_us": 5}],
        ids=["reopened", "rewritten", "time alone"],
    )
    async def test_a_change_that_no_message_could_say_is_refused(self, nightjar: Box, values: Any) -> None:
        """Nothing can be written without being said: what has no message cannot be written."""
        await nightjar.add(event_row(), alert_row(state="dismissed"))
        with pytest.raises(Exception, match="alert"):
            await nightjar.orm(change(Alert, "alert-1", **values))


class TestBroadcastFiltering:
    """Filters are applied on the server, each only to the types that carry its field."""

    async def heard(self, nightjar: Box, **request: Any) -> list[tuple[str, str]]:
        """Return what a client with this subscription hears of one fixed sequence of changes."""
        async with nightjar.client(**request) as client:
            await nightjar.add(camera_row("back"), batch_row("batch-b", camera_id="back"))
            await nightjar.add(event_row("e1"), event_row("e2", label="car", risk_score=90, severity=3))
            await nightjar.add(
                event_row("e3", camera_id="back", batch_id="batch-b", risk_score=5, severity=0)
            )
            await nightjar.add(detection_row(), detection_row(labels=("car",)))
            return [(said["type"], str(said["data"]["id"])) for said in await client.rest()]

    @pytest.mark.parametrize(
        ("request_", "expected"),
        [
            (
                {"channels": ["events"]},
                [("batch_created", "batch-b"), *(("event_created", e) for e in ("e1", "e2", "e3"))],
            ),
            ({"channels": ["detections"]}, [("detection_created", "1"), ("detection_created", "2")]),
            (
                {"channels": ["events", "system"], "cameras": ["back"]},
                [("camera_created", "back"), ("batch_created", "batch-b"), ("event_created", "e3")],
            ),
            (
                {"channels": ["events"], "types": ["event_created"]},
                [("event_created", e) for e in ("e1", "e2", "e3")],
            ),
            (
                {"channels": ["events", "detections", "system"], "labels": ["car"]},
                [
                    ("camera_created", "back"),
                    ("batch_created", "batch-b"),
                    ("event_created", "e2"),
                    ("detection_created", "2"),
                ],
            ),
            (
                {"channels": ["events", "system"], "min_severity": "medium"},
                [("camera_created", "back"), ("event_created", "e1"), ("event_created", "e2")],
            ),
            ({"channels": []}, []),
        ],
        ids=["channel", "detections", "camera", "type", "label", "severity", "nothing"],
    )
    async def test_a_filter_passes_what_it_names(
        self, nightjar: Box, request_: dict[str, Any], expected: list[tuple[str, str]]
    ) -> None:
        """Each filter lets its own pass, and everything that does not carry its field."""
        assert await self.heard(nightjar, **request_) == expected

    async def test_an_update_passes_if_the_old_or_the_new_row_matches(self, nightjar: Box) -> None:
        """A client that watches cars learns that one turned out to be a person, and the other way round."""
        await nightjar.add(event_row("e1", label="car"), event_row("e2", label="person"))
        async with nightjar.client(channels=["events"], labels=["car"]) as client:
            await nightjar.orm(change(Event, "e1", label="person"))
            await nightjar.orm(change(Event, "e2", label="car"))
            await nightjar.orm(change(Event, "e1", note="seen"))
            said = await client.take(2)
            await client.nothing_more()
        assert [fields(m, "id", "label") for m in said] == [("e1", "person"), ("e2", "car")]

    async def test_a_falling_severity_is_still_said(self, nightjar: Box) -> None:
        """A client of grave events learns that one has become harmless."""
        await nightjar.add(event_row(risk_score=90, severity=3))
        async with nightjar.client(channels=["events"], min_severity="high") as client:
            await nightjar.orm(change(Event, "event-1", risk_score=10, severity=0))
            assert (await client.next())["data"]["severity"] == "low"


class TestForeignWriters:
    """It does not matter who commits."""

    async def test_a_row_changed_by_the_sqlite3_program_is_said_in_order(self, nightjar: Box) -> None:
        """Changes from outside and our own come in the order of their commits."""
        path = str(nightjar.spine.store.path)
        async with nightjar.client(channels=["events"]) as client:
            for i in range(5):
                sql = f"UPDATE batches SET summary = 'outside {i}'"
                await asyncio.to_thread(subprocess.run, ["sqlite3", path, sql], check=True)
                await nightjar.orm(change(Batch, "batch-1", summary=f"inside {i}"))
            said = await client.take(10)
        expected = [f"{where} {i}" for i in range(5) for where in ("outside", "inside")]
        assert [m["data"]["summary"] for m in said] == expected
        assert [m["cursor"] for m in said] == list(range(said[0]["cursor"], said[0]["cursor"] + 10))

    async def test_a_foreign_lock_delays_a_commit_and_loses_nothing(self, nightjar: Box) -> None:
        """While another program holds the write lock, readers answer and the writer waits."""
        other = sqlite3.connect(nightjar.spine.store.path, isolation_level=None)
        async with nightjar.client(channels=["events"]) as client:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(nightjar.orm(change(Batch, "batch-1", summary="after the lock")))
            async with nightjar.spine.reader.read() as connection:
                assert (await connection.execute(text("SELECT summary FROM batches"))).scalar_one() == ""
            other.execute("ROLLBACK")
            await waiting
            assert (await client.next())["data"]["summary"] == "after the lock"
        other.close()

    async def test_twenty_concurrent_writers_arrive_in_commit_order(self, nightjar: Box) -> None:
        """Each message comes once, cursors rise without a gap, and each writer's own order is kept."""
        async with nightjar.client(channels=["events"]) as client:

            async def write(writer: int) -> None:
                for step in range(10):
                    await nightjar.add(event_row(f"w{writer:02d}-{step}"))

            await asyncio.gather(*(write(w) for w in range(20)))
            said = await client.take(200)
            await client.nothing_more()
        cursors = [m["cursor"] for m in said]
        assert cursors == list(range(cursors[0], cursors[0] + 200))
        async with nightjar.spine.reader.read() as connection:
            rows = await connection.execute(
                text("SELECT json_extract(data, '$.id') FROM outbox WHERE type LIKE 'event%' ORDER BY cursor")
            )
            committed = [row[0] for row in rows]
        assert [m["data"]["id"] for m in said] == committed
        for writer in range(20):
            own = [event for event in committed if event.startswith(f"w{writer:02d}")]
            assert own == sorted(own)
