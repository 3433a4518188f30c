"""Several disks: each file goes to one that works, and a camera goes on when its disk does not."""

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import US_PER_S
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.fragment import Fragment
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from tests.support.clock import SimulatedClock
from tests.support.coded import BEGIN_US
from tests.support.footage_disk import FootageDisk
from tests.support.fragments import Reports, fragments

A, B = Path("/a"), Path("/b")
CAMERAS = [CameraId(name) for name in ("door", "gate", "hall", "yard")]


class Rig:
    """Two disks in memory beneath one tree, told apart by their paths; moved by hand."""

    def __init__(self, *places: StoragePath, segment_s: int = 60, settings: Settings | None = None) -> None:
        self.disk = FootageDisk()
        self.broken: dict[Path, int] = {}
        self.disk.fault = self._fault
        self.clock = SimulatedClock(BEGIN_US)
        self.health = Health()
        self.reports = Reports()
        self.metrics = Metrics()
        register = Register((), lambda _volume: None)
        settings = settings or Settings()
        self.volumes = [
            Volume(place, register, self.disk, self.clock, self.health, settings)
            for place in places or (StoragePath(A), StoragePath(B))
        ]
        self.writer = FootageWriter(
            *(self.volumes, self.disk, self.reports, self.clock, self.metrics, settings)
        )
        self.sources: dict[CameraId, Iterator[Fragment]] = {
            camera_id: fragments(camera_id, segment_s=segment_s) for camera_id in CAMERAS
        }

    def _fault(self, kind: str, path: Path) -> OSError | None:
        number = next((self.broken[root] for root in (path, *path.parents) if root in self.broken), None)
        return OSError(number, "no") if number is not None else None

    def record(self, seconds: int, cameras: list[CameraId] = CAMERAS) -> None:
        """Let so many seconds pass and be written."""
        for _ in range(seconds):
            for camera_id in cameras:
                self.writer.submit(next(self.sources[camera_id]))
            self.work()
            self.clock.wait(threading.Event(), 1.0)

    def work(self) -> None:
        """Let each disk do what is due."""
        for disk in self.writer._writers:
            disk.run_once()

    def close(self) -> None:
        """Close every file."""
        for disk in self.writer._writers:
            disk.close()

    def on(self, root: Path) -> set[CameraId]:
        """Return the cameras that have files on a disk."""
        return {
            CameraId(path.relative_to(root).parts[0]) for path in self.disk.videos() if root in path.parents
        }


def test_what_is_wrong_with_a_camera_s_disk_is_told() -> None:
    """Nothing while it is well; a disk that is gone, and one that does not keep up."""
    rig = Rig(StoragePath(A))
    (door, *_) = CAMERAS
    assert rig.writer.why_not(door) is None
    rig.record(3, [door])
    assert rig.writer.why_not(door) is None
    rig.volumes[0].slow("too slow")
    assert rig.writer.why_not(door) is Cause.DISK_SLOW
    rig.broken[A] = errno.EIO
    rig.record(3, [door])
    assert rig.writer.why_not(door) is Cause.DISK_UNAVAILABLE


def test_cameras_are_spread_over_the_disks() -> None:
    """As many on each; a volume can be found by its id."""
    rig = Rig()
    rig.work()
    rig.record(4)
    assert len(rig.on(A)) == len(rig.on(B)) == 2
    first = rig.volumes[0]
    assert rig.writer.volume(first.known_id) is first
    assert rig.writer.volume(VolumeId("none")) is None


def test_a_cold_disk_is_not_recorded_to() -> None:
    """Footage moves there later."""
    rig = Rig(StoragePath(A), StoragePath(B, Role.COLD))
    rig.record(3)
    assert rig.on(B) == set()
    assert rig.on(A) == set(CAMERAS)
    assert rig.volumes[1].is_usable


def test_when_a_disk_fails_its_cameras_go_on_on_the_other_one() -> None:
    """At their next keyframe, under another id; every moment is recorded or said to be lost."""
    rig = Rig()
    rig.work()
    rig.record(5)
    rig.broken[A] = 5
    rig.record(7)
    assert rig.on(B) == set(CAMERAS)
    rig.broken.clear()
    rig.record(4)
    rig.close()
    assert rig.reports.causes() == {Cause.DISK_UNAVAILABLE}
    lost = sum(loss.end_us - loss.start_us for loss in rig.reports.losses)
    assert lost <= 2 * 5 * US_PER_S
    for camera_id in CAMERAS:
        rig.reports.expect_whole(camera_id)
        assert rig.reports.times(camera_id)[-1][1] == BEGIN_US + 16 * US_PER_S
        assert not rig.writer.pending(camera_id)
    assert {A / s.path for s in rig.reports.segments.values()} & set(rig.disk.videos())
    roots = {v.known_id: v.path for v in rig.volumes}
    said = {roots[segment.volume_id] / segment.path for segment in rig.reports.segments.values()}
    assert said == set(rig.disk.videos())


def test_without_any_disk_all_is_said_to_be_lost_and_nothing_waits() -> None:
    """Until one is back; then recording goes on by itself."""
    rig = Rig(StoragePath(A))
    rig.broken[A] = 5
    rig.record(6)
    assert rig.reports.causes() == {Cause.DISK_UNAVAILABLE}
    assert not any(rig.writer.pending(camera_id) for camera_id in CAMERAS)
    rig.broken.clear()
    rig.record(6)
    rig.close()
    for camera_id in CAMERAS:
        rig.reports.expect_whole(camera_id)
        assert rig.reports.times(camera_id)[0][0] == BEGIN_US
        assert rig.reports.times(camera_id)[-1][1] == BEGIN_US + 12 * US_PER_S
    dropped = "nightjar_recording_dropped_fragments_total"
    assert rig.metrics.counter(dropped, "").value("door", "disk_unavailable") > 0


def test_a_camera_that_ends_gives_its_place_up() -> None:
    """Its file is closed on the disk that has it, and is nobody's any more."""
    rig = Rig()
    rig.record(3)
    open_files = rig.disk.open_files
    (segment,) = [s for s in rig.reports.segments.values() if s.camera_id == CAMERAS[0]]
    assert rig.writer.is_writing(segment.id)
    rig.writer.finish(CAMERAS[0])
    rig.work()
    assert rig.disk.open_files == open_files - 1
    assert not rig.writer.is_writing(segment.id)


def test_the_threads_write_and_end() -> None:
    """Two disks, each on a thread of its own; the end waits for what was submitted."""
    rig = Rig(segment_s=2)
    rig.writer.start()
    for _ in range(6):
        for camera_id in CAMERAS:
            rig.writer.submit(next(rig.sources[camera_id]))
    rig.writer.close()
    assert rig.disk.open_files == 0
    assert rig.reports.losses == []
    for camera_id in CAMERAS:
        rig.reports.expect_whole(camera_id)
        assert rig.reports.times(camera_id)[-1][1] == BEGIN_US + 6 * US_PER_S


def test_a_disk_that_is_busy_for_long_is_told_and_gets_no_new_camera() -> None:
    """Before its queue is full; also when it was never seen to work."""
    rig = Rig()
    seen: list[tuple[Level, bool]] = []

    def dawdle(kind: str, path: Path) -> OSError | None:
        if A in (path, *path.parents) and kind == "size":
            rig.clock.wait(threading.Event(), 4.0)
            rig.disk.fault = rig._fault
            for camera_id in CAMERAS:
                rig.writer.submit(next(rig.sources[camera_id]))
            levels = {part.part: part.level for part in rig.health.parts()}
            seen.append((levels["storage /a"], rig.writer._writers[0].is_stalled))
        return None

    rig.disk.fault = dawdle
    rig.writer.submit(next(rig.sources[CAMERAS[0]]))
    rig.work()
    assert seen == [(Level.FAILED, True)]
    rig.work()
    assert rig.on(A) == {CAMERAS[0]}
    assert rig.on(B) == set(CAMERAS[1:])
    rig.close()


def test_a_disk_that_hangs_holds_nobody_up() -> None:
    """F17: what waits is bounded, the oldest GOPs go, it is told, and not even the end waits for it."""
    size = 8 * next(fragments(CAMERAS[0])).size
    rig = Rig(StoragePath(A), settings=Settings(queue_bytes=size, close_s=0.1))
    hangs, is_free = threading.Event(), threading.Event()

    def hang(kind: str, path: Path) -> OSError | None:
        if kind == "append" and path.suffix == ".mp4":
            hangs.set()
            is_free.wait(60)
        return None

    rig.disk.fault = hang
    rig.writer.start()
    rig.writer.submit(next(rig.sources[CAMERAS[0]]))
    assert hangs.wait(60)
    for _ in range(40):
        for camera_id in CAMERAS:
            rig.writer.submit(next(rig.sources[camera_id]))
        assert rig.writer._writers[0].waiting_bytes <= size
    assert rig.reports.causes() == {Cause.DISK_SLOW}
    assert [part.level for part in rig.health.parts()] == [Level.DEGRADED]
    rig.writer.close()
    assert not is_free.is_set()
    is_free.set()
    assert rig.writer._writers[0].join(60)
    assert rig.disk.open_files == 0
    for camera_id in CAMERAS:
        rig.reports.expect_whole(camera_id)
        assert not rig.writer.pending(camera_id)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_disk_whose_thread_has_ended_without_a_word_is_missing() -> None:
    """The watchdog asks, and starves: nobody would write to it any more."""
    rig = Rig()
    rig.writer.start()
    assert rig.writer.missing() == ()
    dead = rig.writer._writers[0]
    dead.run_once = leave  # type: ignore[method-assign]
    dead.submit(next(rig.sources[CAMERAS[0]]))
    dead.join(5)
    assert rig.writer.missing() == (str(A),)
    rig.writer.close()
    assert rig.writer.missing() == ()


def leave() -> float:
    """End the thread, past everything that catches errors."""
    raise SystemExit
