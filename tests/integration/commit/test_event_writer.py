"""What the event machines decide is stored in one unit, with its alerts and its picture."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.decisions.changes import AlertMade, Change
from appliance.domain.alert import Alert
from appliance.domain.batch import Batch, BatchState
from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.frame import Frame
from appliance.domain.ids import AlertId, BatchId, CameraId, EventId, RuleId, TrackId, VisitId
from appliance.domain.severity import Severity
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.events.changes import BatchSaved, EventSaved
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.store import pipeline
from appliance.store.pictures import Pictures
from tests.support.broadcast import Box, box
from tests.support.rows import NOON_US, camera_row

BATCH = Batch(
    BatchId("b1"),
    BatchId("b1"),
    CameraId("front"),
    BatchState.OPEN,
    WallUs(NOON_US),
    None,
    Severity.MEDIUM,
    1,
    "1 person at Front door",
)


def event(event_id: str = "e1", **changes: Any) -> Event:
    """Return an open event of the batch."""
    made = Event(
        id=EventId(event_id),
        visit_id=VisitId(event_id),
        batch_id=BATCH.id,
        camera_id=CameraId("front"),
        track_id=TrackId(1),
        state=EventState.OPEN,
        label="person",
        started_us=WallUs(NOON_US),
        last_seen_us=WallUs(NOON_US),
        ended_us=None,
        score=0.9,
        box=(0.1, 0.2, 0.3, 0.4),
        risk_score=35,
        risk_factors=(RiskFactor("label", 35, "person"),),
        summary="1 person at Front door",
    )
    return dataclasses.replace(made, **changes)


def opened(new: Event) -> list[Change]:
    """Return the changes of a step that opens an event."""
    return [BatchSaved(BATCH, None), EventSaved(new, None, BATCH.chain_id)]


def updated(new: Event, previous: Event) -> list[Change]:
    """Return the changes of a step that updates an event."""
    return [EventSaved(new, previous, BATCH.chain_id)]


@pytest.fixture
async def nightjar(tmp_path: Path) -> AsyncIterator[Box]:
    """A spine that knows the camera ``front``."""
    async with box(tmp_path) as running:
        await running.add(camera_row())
        await running.published()
        yield running


def writer_of(nightjar: Box) -> EventWriter:
    """Return a writer onto that spine."""
    return EventWriter(nightjar.spine.committer, Metrics())


async def rows(nightjar: Box, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds once everything is committed."""
    await nightjar.spine.committer.drain()
    async with nightjar.spine.reader.read() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


def alert(of: Event, alert_id: str = "a1", key: str = BATCH.chain_id) -> AlertMade:
    """Return an alert of an event."""
    made = Alert(
        *(AlertId(alert_id), RuleId("r1"), "People", of.id, of.batch_id, of.camera_id, of.visit_id),
        *(of.label, of.severity, WallUs(NOON_US), of.summary, key),
    )
    return AlertMade(made)


async def test_an_alert_is_made_in_its_event_s_own_transaction(nightjar: Box) -> None:
    """Batch, event and alert are said one after the other, with nothing between them."""
    async with nightjar.client(channels=["events", "alerts"]) as client:
        writer_of(nightjar).write([*opened(event()), alert(event())])
        said = await client.take(3)
    assert [m["type"] for m in said] == ["batch_created", "event_created", "alert_created"]
    assert [m["cursor"] for m in said] == list(range(said[0]["cursor"], said[0]["cursor"] + 3))
    assert said[2]["data"]["rule_name"] == "People"


async def test_one_key_has_one_alert_whatever_is_asked_for(nightjar: Box) -> None:
    """The row that is there stays, and the rest of the unit is written."""
    writer = writer_of(nightjar)
    writer.write([*opened(event("e1")), alert(event("e1"))])
    writer.write([EventSaved(event("e2"), None, BATCH.chain_id), alert(event("e2"), "a2")])
    assert await rows(nightjar, "SELECT event_id FROM alerts") == [("e1",)]
    assert await rows(nightjar, "SELECT id FROM events") == [("e1",), ("e2",)]


async def test_an_event_that_its_owner_deleted_does_not_come_back(nightjar: Box) -> None:
    """An update of a deleted event changes nothing and alerts nobody."""
    writer = writer_of(nightjar)
    writer.write(opened(event()))
    await nightjar.spine.committer.commit(lambda c: c.exec_driver_sql("DELETE FROM events"))
    grave = event(risk_score=90)
    writer.write([*updated(grave, event()), alert(grave)])
    assert await rows(nightjar, "SELECT id FROM events UNION SELECT id FROM alerts") == []


async def test_what_people_wrote_stays_when_the_event_is_updated(nightjar: Box) -> None:
    """Review mark, note and picture are not the pipeline's to change."""
    writer = writer_of(nightjar)
    writer.write(opened(event()))
    await nightjar.spine.committer.commit(
        lambda c: c.exec_driver_sql(
            "UPDATE events SET reviewed = 1, note = 'the postman', picture = 'e1-1.jpg'"
        )
    )
    writer.write(updated(event(summary="1 person at Front door for 10 s"), event()))
    found = await rows(nightjar, "SELECT summary, reviewed, note, picture FROM events")
    assert found == [("1 person at Front door for 10 s", 1, "the postman", "e1-1.jpg")]


async def test_an_open_batch_of_a_camera_that_is_gone_is_completed(nightjar: Box) -> None:
    """It ends with the last sight in it, which is known."""
    writer_of(nightjar).write(opened(event()))
    await nightjar.spine.committer.commit(lambda c: c.exec_driver_sql("DELETE FROM cameras"))
    await nightjar.spine.committer.commit(pipeline.complete_batches_of_absent_cameras)
    assert await rows(nightjar, "SELECT state, ended_us FROM batches") == [("completed", NOON_US)]


def frame(second: int) -> Frame:
    """Return a small grey frame of that second."""
    grey = np.full((48, 64), 128, np.uint8)
    at = WallUs(NOON_US + second * 1_000_000)
    return Frame(CameraId("front"), grey, MediaTime(second, Fraction(1)), at, MonotonicNs(0))


class TestPictures:
    """An event keeps the picture of its best moment, and no file is left that no row names."""

    async def test_a_better_moment_replaces_the_picture(self, nightjar: Box, tmp_path: Path) -> None:
        """Each version has a new name; the file before goes after the commit."""
        pictures = Pictures(tmp_path)
        keeper = PictureKeeper(pictures, nightjar.spine.committer, Health(), lambda _: b"jpeg")
        writer_of(nightjar).write(opened(event()))
        async with nightjar.client(channels=["events"], types=["event_updated"]) as client:
            running = asyncio.create_task(keeper.run())
            for second in (1, 2):
                keeper.keep(EventId("e1"), frame(second))
                said = await client.next()
            keeper.keep(EventId("gone"), frame(3))
            await said_again(nightjar, keeper)
            assert (await client.next())["data"]["picture"] != said["data"]["picture"]
            running.cancel()
        ((name,),) = await rows(nightjar, "SELECT picture FROM events")
        assert pictures.read(name) == b"jpeg"
        assert pictures.names() - {name} <= {Pictures.name_for(EventId("e1"), frame(2).wall_us)}

    async def test_a_disk_that_refuses_is_said_and_stops_nothing(self, nightjar: Box, tmp_path: Path) -> None:
        """The picture is lost, its event is not."""
        health = Health()
        reported = asyncio.Event()
        health.on_change(reported.set)

        def refuse(_frame: Frame) -> bytes:
            raise OSError(28, "No space left on device")

        keeper = PictureKeeper(Pictures(tmp_path), nightjar.spine.committer, health, refuse)
        writer_of(nightjar).write(opened(event()))
        running = asyncio.create_task(keeper.run())
        keeper.keep(EventId("e1"), frame(1))
        await asyncio.wait_for(reported.wait(), 5)
        running.cancel()
        assert [(p.part, p.level) for p in health.parts()] == [("pictures", Level.FAILED)]
        assert await rows(nightjar, "SELECT picture FROM events") == [(None,)]


async def said_again(nightjar: Box, keeper: PictureKeeper) -> None:
    """Keep one more picture of the living event, behind that of the deleted one."""
    keeper.keep(EventId("e1"), frame(4))
    await nightjar.published()
