"""Cameras that cannot be reached, on real sockets: every cause is told apart, and nothing hangs."""

import threading
import time
from pathlib import Path

import pytest

from appliance.domain.camera import Camera, CameraReport, CameraState, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.packets.probe import probe
from appliance.packets.reader import CameraReader
from appliance.packets.settings import Settings
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock
from tests.support.camera_simulator.simulator import simulator
from tests.support.clips import walking_square, write_clip
from tests.support.describing_server import SOUND, UNKNOWN_VIDEO, describing_server
from tests.support.mute_server import mute_server
from tests.support.rtsp import free_port

SECRET = Credentials("root", "canary-77")


def camera(port: int, host: str = "127.0.0.1") -> Camera:
    """Return a camera at that port."""
    return Camera(CameraId("gone"), "Gone", f"rtsp://{host}:{port}/a", SECRET)


def failure(of: Camera, timeout_s: float = 4.0) -> SourceFailure:
    """Return how a camera's test fails."""
    with pytest.raises(SourceFailure) as caught:
        probe(of, timeout_s, SystemClock())
    assert "canary-77" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("open_timeout_s", [0.5, 2.0])
def test_a_mute_server_is_given_up_in_time(open_timeout_s: float) -> None:
    """F4: accepted, never answered; an error within the time-out and half a second, and no thread hangs."""
    threads = threading.active_count()
    with mute_server() as port:
        begun = time.monotonic()
        assert failure(camera(port), open_timeout_s).kind == "timeout"
        assert time.monotonic() - begun <= open_timeout_s + 0.5
    assert threading.active_count() == threads


def test_a_closed_port_is_refused_at_once() -> None:
    """The camera is there, its RTSP is not."""
    begun = time.monotonic()
    assert failure(camera(free_port())).kind == "refused"
    assert time.monotonic() - begun < 1.0


def test_a_name_that_nobody_knows_is_said() -> None:
    """The top-level domain ``invalid`` never resolves (RFC 2606)."""
    assert failure(camera(554, "camera.invalid")).kind == "dns"


@pytest.mark.parametrize(
    ("description", "kind", "words"),
    [
        (SOUND, "no_video", "only sound"),
        (UNKNOWN_VIDEO, "codec", "unknown codec"),
        ("", "no_video", "no video"),
    ],
)
def test_a_codec_that_nobody_knows_is_told_apart_from_no_video(
    description: str, kind: str, words: str
) -> None:
    """A microphone alone, a video that nobody can read, and a session without anything."""
    with describing_server(description) as port:
        found = failure(camera(port))
    assert (found.kind, words in str(found)) == (kind, True)


def test_refused_credentials_and_a_wrong_path_are_told_apart(tmp_path: Path) -> None:
    """401 and 404."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(5))
    with simulator() as sim:
        locked = sim.camera("locked", clip, user="root", password="another").url
        assert failure(Camera(CameraId("l"), "L", locked, SECRET)).kind == "unauthorized"
        open_ = sim.camera("open", clip).url
        assert failure(Camera(CameraId("o"), "O", f"{open_}-not")).kind == "not_found"


def test_a_reader_at_a_mute_server_stops_in_time() -> None:
    """However it is busy: the open time-out is the longest that a stop can take."""
    reports: list[CameraReport] = []
    offline = threading.Event()

    def on_report(report: CameraReport) -> None:
        reports.append(report)
        if report.state is CameraState.OFFLINE:
            offline.set()

    clock, settings = SystemClock(), Settings(open_timeout_s=0.5)
    with mute_server() as port:
        reader = CameraReader(
            camera(port), lambda c: source_for(c, clock, settings), clock, settings, lambda _: None, on_report
        )
        reader.start()
        assert offline.wait(5.0)
        reader.stop()
        assert reader.join(1.5)
    assert [r.state for r in reports] == [CameraState.CONNECTING, CameraState.OFFLINE]
    assert "canary-77" not in repr(reports)


def test_nothing_is_printed_by_the_libraries(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """F33, I7: libav's own words on standard error would hold the address with its password."""
    with mute_server() as port:
        failure(camera(port), 0.3)
    failure(camera(free_port()))
    garbage = tmp_path / "garbage.mp4"
    garbage.write_bytes(b"x" * 5000)
    failure(Camera(CameraId("g"), "G", f"file://{garbage}"))
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
