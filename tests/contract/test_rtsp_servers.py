"""What a reader makes of an RTSP server, be it the simulator or one of a third party."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.camera import Camera, CameraState, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.packets.probe import probe
from appliance.runtime.clock import SystemClock
from tests.support.camera_watch import CameraWatch
from tests.support.clips import walking_square, write_clip
from tests.support.rtsp import free_port, why_no_server
from tests.support.rtsp_servers import Server, serving

PASSWORD = "canary@77/ü"


@pytest.fixture(
    params=[
        "simulator",
        pytest.param(
            "gstreamer",
            marks=[
                pytest.mark.system,
                pytest.mark.skipif(bool(why_no_server()), reason=why_no_server() or "there is one"),
            ],
        ),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    """Which server: ours, and one of a third party."""
    return str(request.param)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 30 s at ten pictures a second, a keyframe each second, with B-frames."""
    return write_clip(tmp_path_factory.mktemp("clips") / "street.mp4", walking_square(300), b_frames=2)


@pytest.fixture
def server(kind: str, clip: Path) -> Iterator[Server]:
    """A server without authentication."""
    with serving(kind, [clip]) as running:
        yield running


def test_a_camera_is_read_and_decoded(server: Server) -> None:
    """Online within two seconds, in real time, with time stamps that go on and frames that decode."""
    watch = CameraWatch(server.url("street"))
    assert watch.wait(lambda w: CameraState.ONLINE in w.states(), 5.0) < 2.0
    watch.wait(lambda w: len(w.packets) >= 40, 10.0)
    watch.close()
    assert watch.states() == [CameraState.CONNECTING, CameraState.ONLINE]
    facts = watch.reports[1].stream
    assert facts is not None
    assert (facts.codec, facts.width, facts.height) == ("h264", 160, 96)
    assert len(watch.frames) >= 35
    times = sorted(p.media.seconds for p in watch.packets)[:36]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([0.1] * 35, abs=0.01)
    stamps = sorted(p.wall_us for p in watch.packets)[:36]
    assert (stamps[-1] - stamps[0]) / 1e6 == pytest.approx(3.5, abs=0.05)


def test_the_right_password_opens_and_a_wrong_one_is_said(
    kind: str, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Digest authentication with every awkward character; the password appears nowhere."""
    with serving(kind, [clip], "admin", PASSWORD) as server:
        url, right = server.url("street"), Credentials("admin", PASSWORD)
        good = CameraWatch(url, right)
        wrong = CameraWatch(url, Credentials("admin", "wrong-" + PASSWORD))
        none = CameraWatch(url)
        good.wait(lambda w: CameraState.ONLINE in w.states(), 8.0)
        for watch in (wrong, none):
            watch.wait(lambda w: CameraState.AUTH_FAILED in w.states(), 5.0)
        for watch in (good, wrong, none):
            watch.close()
    said = repr([w.reports for w in (good, wrong, none)]) + "".join(capfd.readouterr())
    assert "canary" not in said


def test_a_path_that_is_not_there_is_said(server: Server) -> None:
    """The camera answers 404: the address is wrong, not the network."""
    url = server.url("elsewhere")
    with pytest.raises(SourceFailure) as caught:
        probe(Camera(CameraId("x"), "X", url), 5.0, SystemClock())
    assert caught.value.kind == "not_found"


def test_a_server_that_dies_and_comes_back(kind: str, clip: Path) -> None:
    """F1: offline within five seconds, online again within five of its return."""
    port = free_port()
    with serving(kind, [clip], port=port) as server:
        watch = CameraWatch(server.url("street"))
        watch.wait(lambda w: CameraState.ONLINE in w.states(), 5.0)
        server.end()
        assert watch.wait(lambda w: w.states()[-1] is CameraState.OFFLINE, 6.0) <= 5.0
    with serving(kind, [clip], port=port):
        assert watch.wait(lambda w: w.states()[-1] is CameraState.ONLINE, 10.0) <= 5.0
        watch.close()
    stamps = [p.wall_us for p in watch.packets if p.is_keyframe]
    assert stamps == sorted(stamps)


@pytest.mark.system
def test_a_stream_that_ends_is_asked_for_again(kind: str, tmp_path: Path) -> None:
    """The server plays its file once for each client, or hangs up, as a camera that restarts would."""
    short = write_clip(tmp_path / "short.mp4", walking_square(20))
    with serving(kind, [short]) as server:
        watch = CameraWatch(server.url("short"))
        for run in (1, 2, 3):
            watch.wait(lambda w, times=run: w.states().count(CameraState.ONLINE) == times, 20.0)  # type: ignore[misc]
            server.end_streams()
        watch.close()
    assert set(watch.states()[1:]) == {CameraState.ONLINE, CameraState.OFFLINE}
    assert len({id(p.stream) for p in watch.packets}) >= 3


@pytest.mark.system
def test_a_server_that_stalls_is_given_up_and_found_again(server: Server) -> None:
    """F3: SIGSTOP; offline within the silence time-out and two seconds, and no thread too many."""
    threads = threading.active_count()
    watch = CameraWatch(server.url("street"), silence_timeout_s=3.0)
    watch.wait(lambda w: CameraState.ONLINE in w.states(), 5.0)
    server.stall()
    assert watch.wait(lambda w: w.states()[-1] is CameraState.OFFLINE, 8.0) <= 5.0
    assert threading.active_count() == threads + 1
    server.resume()
    watch.wait(lambda w: w.states()[-1] is CameraState.ONLINE, 15.0)
    watch.close()
    assert threading.active_count() == threads


@pytest.mark.system
def test_a_short_stall_is_sat_out(server: Server) -> None:
    """A read that times out leaves the connection usable: no reconnection, no state, no new run."""
    watch = CameraWatch(server.url("street"))
    watch.wait(lambda w: len(w.packets) >= 10, 8.0)
    server.stall()
    before = len(watch.packets)
    with pytest.raises(AssertionError):
        watch.wait(lambda w: len(w.packets) > before + 30, 2.5)
    server.resume()
    watch.wait(lambda w: len(w.packets) >= before + 30, 8.0)
    watch.close()
    assert watch.states() == [CameraState.CONNECTING, CameraState.ONLINE]


def test_stopping_in_the_middle_of_a_stall_is_quick(server: Server) -> None:
    """The stop flag is looked at once a second, and closing says goodbye without waiting for an answer."""
    watch = CameraWatch(server.url("street"))
    watch.wait(lambda w: len(w.packets) >= 5, 8.0)
    server.stall()
    begun = time.monotonic()
    watch.close()
    assert time.monotonic() - begun <= 2.0
    server.resume()
