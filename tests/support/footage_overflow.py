"""Four cameras record more than a small disk of their own holds, beside the keeper that makes room.

Run as ``unshare --user --map-root-user --mount python -m tests.support.footage_overflow FOLDER``; says what
came of it as one line of JSON.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.domain.footage import Segment, Volume
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.volume import Register
from appliance.recordings.disks.volume import Volume as Disk
from appliance.recordings.keeping.check import check_footage
from appliance.recordings.keeping.keeper import Keeper
from appliance.recordings.reports import Dropped
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store import footage
from appliance.store.settings import StoreSettings
from tests.support.fragments import fragments

DISK_BYTES = 8 << 20
TIMES = 3.0
"""So many times the disk would be recorded if handing over cost no time."""
CAMERAS = tuple(CameraId(name) for name in ("front", "yard", "gate", "hall"))
SECONDS = 12.0
SETTINGS = Settings(
    segment_s=10.0,
    sync_every_s=0.2,
    check_every_s=0.2,
    keep_every_s=1.0,
    settle_s=0.0,
    least_free_bytes=0,
)


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        recorded_bytes: that were written in all.
        least_free_bytes: that the disk ever had.
        causes: of what was lost, which should be nothing.
        reasons: what the health ever said.
        findings: of the check afterwards.
        kept: segments at the end, and how many there ever were.
    """

    recorded_bytes: int = 0
    least_free_bytes: int = DISK_BYTES
    causes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    kept: tuple[int, int] = (0, 0)


class Rows:
    """Hears of segments and of losses, on the disk's thread."""

    def __init__(self) -> None:
        self.waiting: dict[SegmentId, Segment] = {}
        self.seen: dict[SegmentId, int] = {}
        self.losses: list[Dropped] = []
        self._lock = threading.Lock()

    def synced(self, segment: Segment) -> None:
        """Keep the newest word on a segment."""
        with self._lock:
            self.waiting[segment.id] = segment
            self.seen[segment.id] = segment.size

    def dropped(self, dropped: Dropped) -> None:
        """Remember a loss."""
        self.losses.append(dropped)

    def take(self) -> list[Segment]:
        """Return what is new."""
        with self._lock:
            taken, self.waiting = list(self.waiting.values()), {}
        return taken


def feed(writer: FootageWriter, begin_us: WallUs) -> None:
    """Record steadily, each camera a fragment in turn; blocks until all is handed over."""
    sources = [fragments(camera, begin_us, segment_s=10) for camera in CAMERAS]
    first = [next(source) for source in sources]
    pace_s = SECONDS * first[0].size / (DISK_BYTES * TIMES)
    for fragment in first:
        writer.submit(fragment)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for source in sources:
            writer.submit(next(source))
        time.sleep(pace_s * len(CAMERAS))


class Overflow:
    """The cameras' disk with its keeper, and who writes the rows."""

    def __init__(self, trunk: Spine, path: Path) -> None:
        clock, files = SystemClock(), SystemFiles()
        self.rows, self.outcome = Rows(), Outcome()
        self._trunk, self._path, self._files, self._health = trunk, path, files, Health()
        self._volumes: list[Volume] = []
        register = Register((), self._volumes.append)
        disk = Disk(
            *(StoragePath(path), register, files, clock, self._health, SETTINGS), needs_room=self._call
        )
        self.keeper = Keeper(
            *([disk], files, trunk.reader, trunk.committer, clock, self._health, SETTINGS), lambda: True
        )
        self.writer = FootageWriter([disk], files, self.rows, clock, Metrics(), SETTINGS)

    async def keep_books(self) -> None:
        """Write rows and look at the disk until cancelled."""
        while True:
            await self.write()
            free = self._files.space(self._path).free
            self.outcome.least_free_bytes = min(self.outcome.least_free_bytes, free)
            self.outcome.reasons += [part.reason for part in self._health.parts() if part.reason]
            await asyncio.sleep(0.1)

    async def write(self) -> None:
        """Write what is new."""
        segments, volumes = self.rows.take(), list(self._volumes)

        def work(connection: Connection) -> None:
            for volume in volumes:
                footage.save_volume(connection, volume)
            footage.save_segments(connection, segments)

        await self._trunk.committer.commit(work)

    def _call(self, volume_id: VolumeId, missing: int) -> None:
        self.keeper.needs_room(volume_id, missing)


async def overflow(folder: Path) -> Outcome:
    """Record, and judge what is left."""
    clock, data = SystemClock(), folder / "data"
    begin_us = WallUs(clock.wall_us() - 3600 * US_PER_S)
    async with (
        spine(data, clock, Health(), Metrics(), StoreSettings(), CommitSettings()) as trunk,
        Supervisor(clock, Health()) as parts,
    ):
        trial = Overflow(trunk, folder / "disk")
        trial.writer.start()
        parts.start("keeper", trial.keeper.run)
        parts.start("rows", trial.keep_books)
        await asyncio.to_thread(feed, trial.writer, begin_us)
        await asyncio.to_thread(trial.writer.close)
        await parts.stop("rows")
        await trial.write()
        async with trunk.reader.read() as connection:
            totals = await connection.run_sync(footage.totals)
    outcome, rows = trial.outcome, trial.rows
    outcome.causes = sorted({loss.cause.value for loss in rows.losses})
    outcome.recorded_bytes = sum(rows.seen.values())
    outcome.kept = (sum(total.files for total in totals), len(rows.seen))
    outcome.findings = check_footage(data, clock)
    return outcome


def main(folder: Path) -> None:
    """Mount a small disk, record to it, and say what came of it."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(disk)], check=True)
    sys.stdout.write(json.dumps(asdict(asyncio.run(overflow(folder)))) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
