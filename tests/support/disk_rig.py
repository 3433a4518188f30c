"""A disk's writer on a disk in memory, moved by hand; and the proof that what it said is so."""

import functools
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

from appliance.domain.footage import SegmentState
from appliance.domain.ids import CameraId, SegmentId
from appliance.packets.fmp4 import layout_of
from appliance.recordings.disks.disk_writer import DiskWriter
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.fragment import Fragment
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from tests.support.clock import SimulatedClock
from tests.support.coded import BEGIN_US, CAMERA, pictures_of
from tests.support.footage_disk import FootageDisk
from tests.support.fragments import Reports, fragments

PATH = Path("/media/footage")


class Rig:
    """A writer on a disk in memory, moved by hand: a second of footage each second."""

    def __init__(self, settings: Settings | None = None, disk: FootageDisk | None = None) -> None:
        self.settings = settings or Settings()
        self.disk = disk or FootageDisk()
        self.clock = SimulatedClock(BEGIN_US)
        self.health = Health()
        self.reports = Reports()
        register = Register((), lambda _volume: None)
        self.volume = Volume(StoragePath(PATH), register, self.disk, self.clock, self.health, self.settings)
        self.ids = 0
        self.writer = DiskWriter(
            *(self.volume, self.disk, self.reports, self.id_for, self.clock, Metrics(), self.settings)
        )
        self.taken: set[str] = set()
        self.sources: dict[CameraId, Iterator[Fragment]] = {}

    def id_for(self, fragment: Fragment) -> SegmentId:
        """Give the recorder's id once, and others of the same length after it."""
        wanted = fragment.segment_id
        while wanted in self.taken:
            wanted = SegmentId(f"{int(wanted, 16) + 1:024x}")
        self.taken.add(wanted)
        return wanted

    def record(self, seconds: int, *cameras: CameraId) -> None:
        """Let so many seconds pass and be written."""
        for _ in range(seconds):
            for camera_id in cameras or (CAMERA,):
                source = self.sources.setdefault(camera_id, fragments(camera_id))
                self.writer.submit(next(source))
            self.writer.run_once()
            self.clock.wait(threading.Event(), 1.0)
        self.writer.run_once()

    def part(self) -> tuple[Level, str]:
        """Return what the health says of the disk."""
        (part,) = (part for part in self.health.parts() if part.part == self.volume.part)
        return part.level, part.reason


def expect_agreement(rig: Rig) -> None:
    """Assert that what was said of each segment is what lies on the disk, whole and with its hash."""
    videos = rig.disk.videos()
    said = {PATH / segment.path: segment for segment in rig.reports.segments.values()}
    assert set(videos) == set(said)
    for path, segment in said.items():
        data = videos[path]
        layout = layout_of(lambda at, size, data=data: data[at : at + size], len(data))  # type: ignore[misc]
        assert layout.whole_size == segment.size == len(data)
        assert segment.start_us + layout.duration_us == segment.end_us
        assert segment.state is SegmentState.CLOSED
        assert segment.sha256 == hashlib.sha256(data).hexdigest()
        assert pictures_in(data) == (segment.end_us - segment.start_us) // 100_000


@functools.cache
def pictures_in(data: bytes) -> int:
    """Return how many pictures a decoder finds in a file."""
    return len(pictures_of(data))
