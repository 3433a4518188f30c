"""What the owner sets counts for the next frame, by the time that the API says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, text

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House, Setup
from appliance.decisions.start import Start
from appliance.detections.settings import Settings as DetectionSettings
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.frame import Frame
from appliance.domain.ids import RuleId
from appliance.domain.time import MediaTime, wall_after
from appliance.roster import Roster, SettlingWriter
from appliance.runtime.clock import Clock, SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import pipeline, statements
from appliance.store.pictures import Pictures
from appliance.store.recovery import LeftBehind
from appliance.store.settings import StoreSettings
from appliance.watch import LatestFrames, Watch
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.sightings import CAMERA, NOON_US, Sighting, detections, person, wall

DOOR = Camera(CAMERA, "Front door", "demo:")
ANYBODY = {"name": "Anybody", "deduplication": "visit"}


class Followed:
    """Says that the roster has applied the rows."""

    def __init__(self) -> None:
        self.applied = asyncio.Event()
        self._times = 0

    def apply(self, _cameras: object) -> None:
        """Note it: the second time the watches are there."""
        self._times += 1
        if self._times == 2:
            self.applied.set()


class ToldWatch(Watch):
    """A watch that says when it was given a rule."""

    configured: asyncio.Event

    def configure(self, camera: Camera, house: House) -> None:
        """Use the settings, and say so."""
        super().configure(camera, house)
        if house.rules:
            self.configured.set()


class Home:
    """A roster with one camera, whose frames a test makes."""

    def __init__(self, trunk: Spine, folder: Path, clock: Clock) -> None:
        self.trunk = trunk
        self.clock = clock
        self.stage = DetectionStage([FakeWorker()], clock, Metrics(), DetectionSettings(), self._ignore)
        self.writer = EventWriter(trunk.committer, Metrics())
        self.album = PictureKeeper(Pictures(folder), trunk.committer, Health(), lambda _: b"")
        self.roster = Roster(
            *(trunk.reader, trunk.committer, trunk.bus, self.stage, LatestFrames(), clock),
            lambda _: False,
            self._watch,
        )
        self.web_writer = SettlingWriter(trunk.committer, self.roster.settle)
        self.configured = asyncio.Event()
        self.begun = asyncio.Queue[LeftBehind]()
        self._at_s = 0.0

    async def visit(self, left: float) -> None:
        """Let somebody come, at that place of the picture, and go."""
        await self.see(4, person((left, 0.3, left + 0.1, 0.8)))
        await self.see(4)

    async def see(self, seconds: float, *sightings: Sighting) -> None:
        """Show the same at five frames a second."""
        for _ in range(round(seconds * 5)):
            self._at_s += 0.2
            found = detections(self._at_s, *sightings)
            grey = np.zeros((2, 2), np.uint8)
            frame = Frame(CAMERA, grey, MediaTime(0, Fraction(1)), found.wall_us, found.arrived_ns)
            await self.roster.on_detections(frame, found)

    async def alerts(self) -> list[str]:
        """Return the names of the rules that alerted, once everything is committed."""
        await self.trunk.committer.drain()
        async with self.trunk.reader.read() as connection:
            rows = await connection.execute(text("SELECT rule_name FROM alerts ORDER BY created_us"))
            return [row[0] for row in rows]

    def _watch(self, camera: Camera, house: House, left: LeftBehind) -> Watch:
        self.begun.put_nowait(left)
        start = Start(wall(0), "seed", last_track=left.last_track)
        decider = Decider(Setup(camera.id, camera.name, house=house), start)
        watch = ToldWatch(camera, decider, self.stage, self.writer, self.album, self.clock, "test")
        watch.configured = self.configured
        return watch

    async def _ignore(self, *_found: object) -> None:
        raise AssertionError("nothing was offered to the detector")


@asynccontextmanager
async def followed(folder: Path, clock: Clock) -> AsyncIterator[Home]:
    """Run a roster until it knows its camera."""
    async with spine(folder, SystemClock(), Health(), Metrics(), StoreSettings(), CommitSettings()) as trunk:
        await trunk.committer.commit(lambda c: pipeline.provision(c, [DOOR], NOON_US))
        house, seen = Home(trunk, folder, clock), Followed()
        following = asyncio.create_task(house.roster.follow(seen))
        await asyncio.wait_for(seen.applied.wait(), 10)
        yield house
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_rule_counts_when_the_api_has_answered(tmp_path: Path) -> None:
    """For the next frame, and not for those before it."""
    async with followed(tmp_path, SystemClock()) as house:
        await house.visit(0.1)
        await house.web_writer.commit(lambda c: statements.add_rule(c, RuleId("r1"), ANYBODY, NOON_US))
        assert await house.alerts() == []
        await house.visit(0.5)
        assert await house.alerts() == ["Anybody"]
        await house.web_writer.commit(lambda c: statements.delete_rule(c, RuleId("r1"), NOON_US))
        await house.visit(0.8)
        assert await house.alerts() == ["Anybody"]


async def test_a_rule_that_another_program_wrote_counts_within_a_second(tmp_path: Path) -> None:
    """Nobody says so: the roster looks."""
    clock = SimulatedClock(NOON_US)
    async with followed(tmp_path, clock) as house:
        looking = asyncio.create_task(house.roster.follow_house())
        await house.trunk.committer.commit(lambda c: statements.add_rule(c, RuleId("r1"), ANYBODY, NOON_US))
        await clock.advance(1.0)
        await asyncio.wait_for(house.configured.wait(), 10)
        await house.visit(0.5)
        assert await house.alerts() == ["Anybody"]
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def test_a_step_of_the_box_s_clock_ends_nothing(tmp_path: Path) -> None:
    """Between frames the camera's own time goes by the monotonic clock."""
    clock = SimulatedClock(NOON_US)
    async with followed(tmp_path, clock) as house:
        ticking = asyncio.create_task(house.roster.tick())
        await house.visit(0.5)
        clock.step_wall(3600)
        await clock.advance(20)
        await house.trunk.committer.drain()
        async with house.trunk.reader.read() as connection:
            states = (await connection.execute(text("SELECT state FROM batches"))).scalars().all()
        assert states == ["open"]
        await clock.advance(11)
        await house.trunk.committer.drain()
        async with house.trunk.reader.read() as connection:
            rows = (await connection.execute(text("SELECT state, ended_us FROM batches"))).all()
        assert [tuple(row) for row in rows] == [("completed", wall_after(wall(0), 4.0))]
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


def _take_away_and_add_again(connection: Connection) -> None:
    connection.execute(text("DELETE FROM cameras"))
    pipeline.provision(connection, [DOOR], NOON_US)


async def test_a_camera_that_is_taken_away_and_added_again_begins_anew(tmp_path: Path) -> None:
    """What rested before its old row is cut off, and not taken over, however soon the new one comes."""
    async with followed(tmp_path, SystemClock()) as house:
        await house.begun.get()
        await house.see(25, ("car", 0.9, (0.1, 0.3, 0.3, 0.6)))
        await house.trunk.committer.commit(_take_away_and_add_again)
        left = await asyncio.wait_for(house.begun.get(), 10)
        await house.trunk.committer.drain()
        async with house.trunk.reader.read() as connection:
            rows = await connection.execute(text("SELECT state, rest FROM events"))
            assert [tuple(row) for row in rows] == [("interrupted", None)]
        assert left.stayed == ()
