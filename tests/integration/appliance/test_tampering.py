"""A camera that is covered is an event: from its file to the database, and a replay makes the same."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert

from appliance.compose import Base, Ingests
from appliance.config import Config
from appliance.detections.settings import Settings as DetectionSettings
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.event import Event, EventKind, EventState
from appliance.domain.tampering import Tampering
from appliance.domain.time import MonotonicNs, WallUs
from appliance.events.changes import EventSaved
from appliance.events.story import tell_tampering
from appliance.motion.settings import Settings as MotionSettings
from appliance.packets.viewers import Viewers
from appliance.replay.archive import Archive
from appliance.replay.repeat import repeat
from appliance.replay.verdict import judge
from appliance.roster import Roster
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.lanes import Lanes
from appliance.runtime.metrics import Metrics
from appliance.store.engine import DATABASE
from appliance.store.sights import event_course
from appliance.store.tables import Camera as CameraRow
from appliance.watch import LatestFrames
from tests.support.arrivals.backdrop import backdrop
from tests.support.clips import write_clip
from tests.support.fake_worker import FakeWorker
from tests.support.living import DOOR, Live, living
from tests.support.sightings import CAMERA, NOON_US, person
from tests.support.tampered import HEIGHT, WIDTH, hand

EVER = WallUs(2**62)
FPS = 10
HURRY = 4
COVERED_S, BARE_S, ENDS_S = 14, 20, 32
"""When a hand comes before the lens, when it goes, and when the film ends; seconds."""


async def test_what_was_heard_of_tampering_is_replayed(tmp_path: Path) -> None:
    """Between frames, from one thing to another, over a silence, with an end and with none."""
    async with living(tmp_path) as live:
        live.watch.tampered(None)
        await live.see(3, person())
        live.watch.tampered(Tampering.COVERED)
        live.watch.tampered(Tampering.COVERED)
        await live.see(2, person())
        await live.pass_time(700)
        live.watch.tampered(Tampering.MOVED)
        await live.see(3, person())
        live.watch.tampered(None)
        await live.see(3, person())
        live.watch.tampered(Tampering.OUT_OF_FOCUS)
        await live.pass_time(100)
        live.watch.close()
        live.watch.tampered(None)
        kinds = [entry.kind.value for entry in await live.entries()]
        assert kinds.count("tampered") == 4
        (first,) = await live.kept()
        assert await live.again(first) == live.writer.changes
    with Archive(tmp_path) as archive:
        verdict = judge(archive, [repeat(archive, CAMERA, NOON_US, EVER)], NOON_US, EVER)
    assert verdict.found == ()
    assert rows_of(tmp_path) == [
        ("ended", None, None, "Front door was covered for 11 min"),
        ("ended", None, None, "Front door was moved for 3 s"),
        ("interrupted", None, None, "Front door was out of focus for 1 s"),
    ]


async def test_a_camera_before_which_a_hand_is_held_is_an_event_until_it_is_gone(tmp_path: Path) -> None:
    """Its file is read, decoded where that is worth it, and looked at; the word goes to its watch."""
    film = write_clip(tmp_path / "door.mp4", filmed(), FPS, FPS)
    async with living(tmp_path) as live, watched(live, film):
        begun = await until(live, EventState.OPEN)
        ended = await until(live, EventState.ENDED)
        await live.trunk.committer.drain()
        async with live.trunk.reader.read() as connection:
            course = await event_course(connection, ended.id)
    assert (begun.label, begun.summary) == ("tampering", "Front door is covered")
    assert rows_of(tmp_path) == [("ended", None, None, ended.summary)]
    assert ended.summary.startswith("Front door was covered for ")
    told = tell_tampering(course.state, course.started_us, course.last_seen_us, course.decided)
    assert [moment.text for moment in told.moments] == ["Was covered", "Saw as usual again"]


class Hurried(SystemClock):
    """A clock by which everything goes some times as fast."""

    def monotonic_ns(self) -> MonotonicNs:
        """Return the monotonic time, of a day that passes faster."""
        return MonotonicNs(super().monotonic_ns() * HURRY)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait for a part of that time."""
        return super().wait(stop, seconds / HURRY)


def filmed() -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the yard, with a hand before the lens for some seconds."""
    dice, place = np.random.default_rng(4), backdrop(WIDTH, HEIGHT)[0]
    covered = hand(place, 0.0)
    for number in range(ENDS_S * FPS):
        luma = covered if COVERED_S <= number / FPS < BARE_S else place
        picture = np.full((HEIGHT * 3 // 2, WIDTH), 120, np.uint8)
        grain = dice.standard_normal(luma.shape, np.float32)
        picture[:HEIGHT] = np.clip(luma + grain, 0, 255).astype(np.uint8)
        yield picture


@asynccontextmanager
async def watched(live: Live, film: Path) -> AsyncIterator[None]:
    """Read the film as the appliance reads it, and let its watch hear what is said."""
    clock, metrics = Hurried(), Metrics()
    config = Config(motion=MotionSettings(covered_after_s=2.0))
    stage = DetectionStage([FakeWorker()], clock, metrics, DetectionSettings(), nothing)
    await live.trunk.committer.commit(
        lambda connection: connection.execute(
            insert(CameraRow).values(id=CAMERA, name=DOOR.name, url=film.as_uri(), created_us=NOON_US)
        )
    )
    roster = Roster(
        *(live.trunk.reader, live.trunk.committer, live.trunk.bus, stage, LatestFrames(), clock),
        lambda _: False,
        lambda *_: live.watch,
    )
    async with Lanes(1, "decode") as lanes:
        base = Base(config, clock, Health(), metrics)
        ingests = Ingests(
            *(base, stage, LatestFrames(), Viewers(10.0), lanes, None, roster.on_report), lambda *_: None
        )
        async with asyncio.TaskGroup() as tasks:
            jobs = [tasks.create_task(job) for job in (roster.follow(), roster.store_reports())]
            reader = ingests.reader(Camera(CAMERA, DOOR.name, film.as_uri()))
            reader.start()
            try:
                yield
            finally:
                await asyncio.to_thread(reader.stop)
                for job in jobs:
                    job.cancel()


async def nothing(*_found: object) -> None:
    """Stand in for what is done with detections."""


async def until(live: Live, state: EventState) -> Event:
    """Return the event of tampering once it is in that state."""
    async with asyncio.timeout(60):
        while True:
            await live.pass_time(1)
            events = [change.event for change in live.writer.changes if isinstance(change, EventSaved)]
            told = [event for event in events if event.kind is EventKind.TAMPERING and event.state is state]
            if told:
                return told[-1]
            await asyncio.sleep(0.05)


def rows_of(folder: Path) -> list[tuple[object, ...]]:
    """Return what is stored of tampering, in order."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        return connection.execute(
            "SELECT state, box, picture, summary FROM events WHERE kind = 'tampering' ORDER BY started_us"
        ).fetchall()
