"""A keeper of footage on disks in memory, with a real database: what a test of retention needs."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.domain.footage import Segment
from appliance.domain.ids import VolumeId
from appliance.domain.time import NS_PER_S
from appliance.recordings.disks.files import Space
from appliance.recordings.keeping.keeper import Keeper
from appliance.recordings.keeping.removal import Writer
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import footage
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.footage_disk import FootageDisk
from tests.support.footage_rows import HOT

T = TypeVar("T")
COLD = VolumeId("cold")
BYTES = bytes(range(256)) * 4


class Crash(Exception):
    """The process dies here."""


@dataclass
class CrashingWriter:
    """A writer after or before one of whose commits the process dies.

    Attributes:
        left: commits until then.
        is_before: it dies before the commit, not right after it.
    """

    committer: Writer
    left: int
    is_before: bool

    async def commit(self, unit: Callable[[Connection], T]) -> T:
        """Commit, or die."""
        self.left -= 1
        if self.left == 0 and self.is_before:
            raise Crash
        done = await self.committer.commit(unit)
        if self.left == 0:
            raise Crash
        return done


class HastyClock(SimulatedClock):
    """Lets time pass at once when somebody sleeps."""

    async def sleep(self, seconds: float) -> None:
        """Advance both clocks by so much."""
        self._move(round(seconds * NS_PER_S))


@dataclass
class FakeShelf:
    """A storage path whose state a test chooses."""

    id: VolumeId
    path: Path
    place: StoragePath
    reserved: int = 0
    is_usable: bool = True
    fails: OSError | None = None

    @property
    def is_hot(self) -> bool:
        """Whether it is recorded to."""
        return self.place.role is Role.HOT

    def reserve(self, _space: Space) -> int:
        """Return what the test has set."""
        return self.reserved

    def expect_same(self) -> None:
        """Fail where the test wants it."""
        if self.fails is not None:
            raise self.fails


def shelf(name: str, **wishes: object) -> FakeShelf:
    """Return the storage path ``/name``, of that id."""
    path = Path("/", name)
    role = Role.COLD if name == "cold" else Role.HOT
    return FakeShelf(VolumeId(name), path, replace(StoragePath(path, role), **wishes))  # type: ignore[arg-type]


@dataclass
class Box:
    """Database, disk and clock, which outlive one keeper after the other."""

    spine: Spine
    disk: FootageDisk
    clock: HastyClock
    shelves: list[FakeShelf]
    health: Health = field(default_factory=Health)
    settings: Settings = field(default_factory=Settings)
    is_synchronised: bool = True
    writer: Writer | None = None

    def keeper(self) -> Keeper:
        """Return a keeper that has just been started."""
        return Keeper(
            *(self.shelves, self.disk, self.spine.reader, self.writer or self.spine.committer),
            *(self.clock, self.health),
            self.settings,
            lambda: self.is_synchronised,
        )

    async def add(self, *segments: Segment) -> None:
        """Write segments as the recorder would, each with its file of 1024 bytes on its storage path."""
        made = [replace(one, size=len(BYTES), sha256=hashlib.sha256(BYTES).hexdigest()) for one in segments]
        for one in made:
            path = Path("/", one.volume_id, one.path)
            self.disk.make_folder(path.parent)
            file = self.disk.open(path)
            file.append(BYTES)
            file.sync()
            file.close()
            for folder in (path.parent, *path.parent.parents):
                self.disk.sync_folder(folder)
        await self.spine.committer.commit(lambda c: footage.save_segments(c, made))

    async def kept(self) -> list[str]:
        """Return the ids of all segments that have a row, whatever its state, and nothing else has a file."""
        async with self.spine.reader.read() as connection:
            rows: Sequence[Segment] = [
                one
                for volume_id in (HOT, COLD)
                for one in await connection.run_sync(footage.segments_of_volume, volume_id)
            ]
        files = sorted(str(path) for path in self.disk.tree.names)
        assert files == sorted(f"/{one.volume_id}/{one.path}" for one in rows)
        return sorted(one.id for one in rows)


@asynccontextmanager
async def footage_box(
    data_dir: Path, start_us: int, *shelves: FakeShelf, settings: Settings | None = None
) -> AsyncIterator[Box]:
    """Open a database and make the disk; the clock stands at ``start_us``."""
    clock = SystemClock()
    async with spine(data_dir, clock, Health(), Metrics(), StoreSettings(), CommitSettings()) as running:
        disk, used = FootageDisk(), list(shelves) or [shelf("hot")]
        for one in used:
            disk.make_folder(one.path)
        disk.sync_folder(Path("/"))
        yield Box(running, disk, HastyClock(start_us), used, settings=settings or Settings())
