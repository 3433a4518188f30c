"""A camera's watch on a real database, with a clock that the test moves."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from sqlalchemy import text

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.decisions.changes import Change
from appliance.decisions.decider import Decider
from appliance.decisions.frozen import thaw
from appliance.decisions.looked import looked_of
from appliance.decisions.setup import House, Setup
from appliance.detections.settings import Settings as DetectionSettings
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.detection import TrackedDetections
from appliance.domain.frame import Frame
from appliance.domain.tampering import tampering_of
from appliance.domain.time import MediaTime, MonotonicNs
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import journal
from appliance.store.boxes import StoredFrame, unpack
from appliance.store.journal import Entry, EntryKind, Kept, Snapshot, code_version
from appliance.store.pictures import Pictures
from appliance.store.settings import StoreSettings
from appliance.watch import Watch
from tests.support.clock import SimulatedClock
from tests.support.deciding import SETUP, START
from tests.support.fake_worker import FakeWorker
from tests.support.sightings import CAMERA, NOON_US, Sighting, detections, person

DOOR = Camera(CAMERA, "Front door", "demo:", scene=SETUP.scene)
BERLIN = replace(SETUP, time_zone="Europe/Berlin")
FIELDS = "camera_id, at_us, width, height, labels, boxes, model_id, searched"


class NotingWriter(EventWriter):
    """Writes, and notes what was asked for.

    Attributes:
        changes: everything so far, in order.
        lost: what is said to have been lost.
    """

    def __init__(self, trunk: Spine) -> None:
        super().__init__(trunk.committer, Metrics())
        self.changes: list[Change] = []
        self.lost = 0

    @property
    def losses(self) -> int:
        """What the test says."""
        return self.lost

    def write_frame(self, tracked: TrackedDetections, changes: Sequence[Change]) -> None:
        """Note the changes and write."""
        self.changes += changes
        super().write_frame(tracked, changes)

    def write(
        self, changes: Sequence[Change], entry: Entry | None = None, snapshot: Snapshot | None = None
    ) -> None:
        """Note the changes and write."""
        self.changes += changes
        super().write(changes, entry, snapshot)


class Live:
    """A watch on a database, with a clock that the test moves."""

    def __init__(self, trunk: Spine, folder: Path) -> None:
        self.trunk = trunk
        self.clock = SimulatedClock(NOON_US)
        self.writer = NotingWriter(trunk)
        stage = DetectionStage([FakeWorker()], self.clock, Metrics(), DetectionSettings(), self._ignore)
        album = PictureKeeper(Pictures(folder), trunk.committer, Health(), lambda _: b"")
        self.watch = Watch(
            DOOR, Decider(BERLIN, START), stage, self.writer, album, self.clock, code_version()
        )

    async def pass_time(self, seconds: int, step_s: float = 1.0) -> None:
        """Let time pass, with a tick each second, or every so many."""
        for _ in range(round(seconds / step_s)):
            await self.clock.advance(step_s)
            self.watch.tick()

    async def see(self, seconds: float, *sightings: Sighting) -> None:
        """Show the same at five frames a second, each of which comes 0.3 s after what it shows."""
        for index in range(round(seconds * 5)):
            await self.clock.advance(0.2)
            at_s = (self.clock.wall_us() - NOON_US) / 1e6 - 0.3
            found = detections(at_s, *sightings)
            grey = np.zeros((2, 2), np.uint8)
            frame = Frame(CAMERA, grey, MediaTime(index, Fraction(1)), found.wall_us, MonotonicNs(0))
            self.watch.on_detections(frame, found)
            if index % 5 == 4:
                self.watch.tick()

    async def kept(self) -> list[Kept]:
        """Return the snapshots so far."""
        await self.trunk.committer.drain()
        return await self.trunk.reader.ask(lambda connection: journal.snapshots(connection, CAMERA))

    async def entries(self, after_id: int = 0) -> list[Entry]:
        """Return the journal."""
        await self.trunk.committer.drain()
        return await self.trunk.reader.ask(lambda connection: journal.entries(connection, CAMERA, after_id))

    async def frames(self, after_us: int = 0) -> list[TrackedDetections]:
        """Return the frames that are stored."""
        await self.trunk.committer.drain()
        async with self.trunk.reader.read() as connection:
            rows = await connection.execute(
                text(f"SELECT {FIELDS} FROM detections WHERE at_us > {after_us} ORDER BY at_us")
            )
            return [unpack(StoredFrame(*row)) for row in rows]

    async def again(self, kept: Kept) -> list[Change]:
        """Return what is decided when everything that is stored after a snapshot is decided on again."""
        decider, changes = Decider.restore(kept.snapshot.state), list[Change]()
        todo = await self.entries(kept.journal_id)
        for tracked in await self.frames(kept.snapshot.frame_us):
            while todo and todo[0].frame_us < tracked.detections.wall_us:
                changes += done_again(decider, todo.pop(0))
            decided = decider.frame(tracked.detections)
            assert decided.tracked.track_ids.tolist() == tracked.track_ids.tolist()
            changes += decided.changes
        for entry in todo:
            changes += done_again(decider, entry)
        return changes

    async def _ignore(self, *_found: object) -> None:
        raise AssertionError("nothing was offered to the detector")


def done_again(decider: Decider, entry: Entry) -> Sequence[Change]:
    """Do what the journal says."""
    if entry.kind is EntryKind.TICK:
        return decider.tick(entry.at_us)
    if entry.kind is EntryKind.CLOSE:
        return decider.close(entry.at_us)
    if entry.kind in {EntryKind.AWAY, EntryKind.ONLINE}:
        return decider.reached(entry.at_us, is_reached=entry.kind is EntryKind.ONLINE)
    if entry.kind is EntryKind.TAMPERED:
        return decider.tampered(entry.at_us, tampering_of(entry.data))
    if entry.kind is EntryKind.SECOND_LOOK:
        return decider.second_look(*looked_of(entry.data))
    setup = thaw(entry.data)
    assert isinstance(setup, Setup)
    return decider.configure(setup, entry.at_us)


@asynccontextmanager
async def living(folder: Path) -> AsyncIterator[Live]:
    """Run a watch on a new database."""
    async with spine(folder, SystemClock(), Health(), Metrics(), StoreSettings(), CommitSettings()) as trunk:
        yield Live(trunk, folder)


AWAY = person((0.7, 0.3, 0.8, 0.8))
BESIDE = person((0.1, 0.3, 0.2, 0.8))


async def an_evening(live: Live) -> None:
    """Let people come and go, rules and names change, the camera fall silent, and midnight pass.

    By the silence the first one has stood for so long that it rests: it is there all the time. Another one is
    cut off by it, and goes on behind it.
    """
    await live.see(3, person())
    live.watch.configure(DOOR, House())
    await live.see(2, person(), AWAY)
    await live.pass_time(20)
    live.watch.configure(replace(DOOR, name="Back door"), SETUP.house)
    await live.see(2, person(), BESIDE)
    await live.pass_time(100)
    await live.see(2, person(), BESIDE)
    live.watch.close()
    await live.pass_time(12 * 3600, 60.0)
    await live.see(3, AWAY, ("dog", 0.6, (0.1, 0.6, 0.2, 0.8)))
    await live.see(4)
    await live.pass_time(40)
