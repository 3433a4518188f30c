"""The readers match the cameras that are wanted."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from appliance.domain.camera import Camera, CameraReport, CameraState, Credentials, DecodePolicy
from appliance.domain.ids import CameraId
from appliance.errors import TemporaryFailure
from appliance.packets.fleet import AGAIN_S, ReaderFleet
from appliance.packets.reader import CameraReader
from appliance.packets.settings import Settings
from appliance.runtime.clock import SystemClock
from tests.support.clock import SimulatedClock
from tests.support.fake_source import FakeCamera, Script
from tests.support.no_threads import UnstartableThread

A = Camera(CameraId("a"), "A", "rtsp://a/")
B = Camera(CameraId("b"), "B", "rtsp://b/")


class FakeReader:
    """Notes what is asked of it; ends when the test says so. One that is refused never starts."""

    def __init__(self, camera: Camera, refused: bool = False) -> None:
        self.camera = camera
        self.refused = refused
        self.started = 0
        self.stopped = 0
        self.joined = 0
        self.end: Callable[[], None] = lambda: None

    def start(self, on_end: Callable[[], None]) -> None:
        """Note it.

        Raises:
            TemporaryFailure: there are no threads.
        """
        if self.refused:
            raise TemporaryFailure("no further thread")
        self.started += 1
        self.end = on_end

    def stop(self) -> None:
        """Note it."""
        self.stopped += 1

    def join(self, timeout_s: float) -> bool:
        """Note it."""
        self.joined += 1
        return timeout_s >= 0


class Bench:
    """A fleet of fake readers."""

    def __init__(self) -> None:
        self.made: list[FakeReader] = []
        self.reports: list[CameraReport] = []
        self.gone: list[CameraId] = []
        self.refused: set[CameraId] = set()
        self.clock = SimulatedClock()
        self.fleet = ReaderFleet(self.make, self.clock, Settings(), self.reports.append, self.gone.append)

    def make(self, camera: Camera) -> FakeReader:
        """Make a reader."""
        self.made.append(FakeReader(camera, camera.id in self.refused))
        return self.made[-1]


def test_every_wanted_camera_gets_one_reader() -> None:
    """Applying the same again does nothing."""
    bench = Bench()
    bench.fleet.apply([A, B])
    bench.fleet.apply([B, A])
    assert [(r.camera.id, r.started, r.stopped) for r in bench.made] == [("a", 1, 0), ("b", 1, 0)]


@pytest.mark.parametrize(
    "change",
    [{"name": "New"}, {"labels": frozenset({"dog"})}, {"live_url": "rtsp://a/small"}],
    ids=["name", "labels", "live_url"],
)
def test_a_new_name_restarts_nothing(change: dict[str, object]) -> None:
    """A connection is not cut for what a reader does not use."""
    bench = Bench()
    bench.fleet.apply([A])
    bench.fleet.apply([replace(A, **change)])  # type: ignore[arg-type]
    assert len(bench.made) == 1
    assert bench.made[0].stopped == 0


@pytest.mark.parametrize(
    "change",
    [
        {"url": "rtsp://x/"},
        {"credentials": Credentials("u", "p")},
        {"loop": True},
        {"detect_fps": 10.0},
        {"decode": DecodePolicy.KEYFRAMES},
    ],
    ids=["url", "credentials", "loop", "detect_fps", "decode"],
)
def test_a_changed_camera_gets_a_new_reader_after_the_old_one_has_ended(change: dict[str, object]) -> None:
    """Never two connections to a camera at once."""
    bench = Bench()
    bench.fleet.apply([A])
    changed = replace(A, **change)  # type: ignore[arg-type]
    bench.fleet.apply([changed])
    bench.fleet.apply([changed])
    assert (len(bench.made), bench.made[0].stopped, bench.made[0].joined) == (1, 1, 0)
    bench.made[0].end()
    assert [r.camera for r in bench.made] == [A, changed]
    assert bench.made[1].started == 1


def test_a_change_that_is_taken_back_while_the_reader_ends_still_restarts_it() -> None:
    """The old reader was told to end and will."""
    bench = Bench()
    bench.fleet.apply([A])
    bench.fleet.apply([replace(A, url="rtsp://x/")])
    bench.fleet.apply([A])
    bench.made[0].end()
    assert [r.camera for r in bench.made] == [A, A]


def test_a_removed_camera_is_gone_when_its_reader_has_ended() -> None:
    """What counts for it may then be forgotten."""
    bench = Bench()
    bench.fleet.apply([A, B])
    bench.fleet.apply([B])
    assert bench.gone == []
    bench.made[0].end()
    assert bench.gone == ["a"]
    bench.fleet.apply([B])
    assert bench.gone == ["a"]


def test_a_disabled_camera_says_so_once_and_reads_nothing() -> None:
    """After its reader's last word, and again only when it was enabled in between."""
    bench = Bench()
    off = replace(A, enabled=False)
    bench.fleet.apply([A])
    bench.fleet.apply([off])
    assert bench.reports == []
    bench.made[0].end()
    bench.fleet.apply([off])
    assert [r.state for r in bench.reports] == [CameraState.DISABLED]
    bench.fleet.apply([A])
    assert len(bench.made) == 2


def test_a_file_that_has_ended_is_not_played_again() -> None:
    """Only a change of the camera does that."""
    bench = Bench()
    bench.fleet.apply([A])
    bench.made[0].end()
    bench.fleet.apply([A])
    assert len(bench.made) == 1
    bench.fleet.apply([replace(A, loop=True)])
    assert len(bench.made) == 2


def test_a_reader_without_a_thread_costs_the_others_nothing() -> None:
    """F31: the others are started, the camera says once why it is off, and nobody takes it for dead."""
    bench = Bench()
    bench.refused = {A.id}
    bench.fleet.apply([A, B])
    bench.fleet.try_again()
    bench.fleet.apply([A, B])
    assert [reader.camera for reader in bench.made if reader.started] == [B]
    assert bench.reports == [CameraReport(A.id, CameraState.OFFLINE, "no further thread; tried again")]
    assert "a" not in bench.fleet.missing()
    assert bench.fleet.count() == 2


async def test_a_reader_is_started_once_there_are_threads_again() -> None:
    """F31: by itself, within seconds, and then left alone."""
    bench = Bench()
    bench.refused = {A.id}
    bench.fleet.apply([A, B])
    keeping = asyncio.create_task(bench.fleet.keep())
    await bench.clock.advance(AGAIN_S)
    assert not any(reader.started for reader in bench.made if reader.camera is A)
    bench.refused.clear()
    for _ in range(3):
        await bench.clock.advance(AGAIN_S)
    assert [reader.started for reader in bench.made if reader.camera is A][-1:] == [1]
    assert sum(reader.started for reader in bench.made) == 2
    keeping.cancel()


def test_a_successor_without_a_thread_is_tried_again() -> None:
    """F31: also where the reader before it, which makes it, has ended meanwhile."""
    bench = Bench()
    changed = replace(A, url="rtsp://x/")
    bench.fleet.apply([A])
    bench.fleet.apply([changed])
    bench.refused = {A.id}
    bench.made[0].end()
    bench.refused.clear()
    bench.fleet.try_again()
    assert (bench.made[-1].camera, bench.made[-1].started) == (changed, 1)


@pytest.mark.parametrize("wanted", [[], [replace(A, enabled=False)]], ids=["removed", "switched off"])
def test_a_camera_that_is_not_wanted_any_more_is_not_tried_again(wanted: list[Camera]) -> None:
    """It is gone, or off, like one that was read."""
    bench = Bench()
    bench.refused = {A.id}
    bench.fleet.apply([A])
    bench.fleet.apply(wanted)
    bench.refused.clear()
    bench.fleet.try_again()
    assert not any(reader.started for reader in bench.made)
    assert bench.gone == ([] if wanted else ["a"])


def test_a_real_reader_without_a_thread_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fleet and the reader fit here as well."""
    clock = SimulatedClock()
    reports: list[CameraReport] = []

    def make(camera: Camera) -> CameraReader:
        return CameraReader(camera, FakeCamera(clock, []), clock, Settings(), lambda _: None, reports.append)

    fleet = ReaderFleet(make, clock, Settings(), reports.append)
    monkeypatch.setattr(threading, "Thread", UnstartableThread)
    fleet.apply([A])
    assert [report.state for report in reports] == [CameraState.OFFLINE]
    assert fleet.missing() == ()
    fleet.close()


def test_closing_stops_all_before_it_waits_for_one() -> None:
    """And nothing is started any more, not even by a reader that ends."""
    bench = Bench()
    bench.fleet.apply([A, B])
    bench.fleet.apply([replace(A, url="rtsp://x/"), B])
    bench.fleet.close()
    bench.made[0].end()
    bench.fleet.apply([A, B])
    assert len(bench.made) == 2
    assert all(r.stopped and r.joined == 1 for r in bench.made)


def test_real_readers_are_replaced_and_closed() -> None:
    """The fleet and the reader fit: threads end, sources are closed, the successor runs."""
    clock = SystemClock()
    online = threading.Semaphore(0)
    cameras: list[FakeCamera] = []

    def on_report(report: CameraReport) -> None:
        if report.state is CameraState.ONLINE:
            online.release()

    def make(camera: Camera) -> CameraReader:
        cameras.append(FakeCamera(clock, [Script(pictures=10**9, fps=200.0)]))
        return CameraReader(camera, cameras[-1], clock, Settings(), lambda _: None, on_report)

    fleet = ReaderFleet(make, clock, Settings(), on_report)
    fleet.apply([A, B])
    assert online.acquire(timeout=5)
    assert online.acquire(timeout=5)
    assert fleet.missing() == ()
    fleet.apply([replace(A, url="rtsp://x/"), B])
    assert online.acquire(timeout=5)
    fleet.close()
    assert fleet.missing() == ()
    assert not [t.name for t in threading.enumerate() if t.name.startswith("reader-")]
    assert not any(source.is_open for camera in cameras for source in camera.sources)


def test_a_reader_whose_thread_has_ended_without_a_word_is_missing() -> None:
    """One that has ended its file, or was let go, is not: the watchdog asks."""
    bench = Bench()
    bench.fleet.apply([A, B])
    assert bench.fleet.missing() == ("a", "b")  # a fake has no thread
    bench.made[0].end()
    assert bench.fleet.missing() == ("b",)
