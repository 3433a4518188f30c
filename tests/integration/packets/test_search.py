"""The search for a camera's streams against real conversations."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.packets.search import Found, Missed
from appliance.packets.settings import Settings
from appliance.packets.sources import source_for
from appliance.packets.usual_paths import USUAL_PATHS
from appliance.packets.viewers import Viewers
from appliance.roster import CameraViews
from appliance.runtime.clock import SystemClock
from appliance.small_pictures import SmallPictures
from appliance.watch import LatestFrames
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip
from tests.support.describing_server import SOUND, describing_server
from tests.support.mute_server import mute_server
from tests.support.rtsp import free_port, why_no_server
from tests.support.rtsp_servers import serving

USER = {"user": "root", "password": "p@ss/1"}


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Run a simulator without cameras: it knows no path."""
    with simulator() as running:
        yield running


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Make a clip for main streams."""
    return write_clip(tmp_path / "large.mp4", walking_square(20, 320, 192))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make a clip for smaller streams."""
    return write_clip(tmp_path / "small.mp4", walking_square(20))


def find(
    port: int, user: str = "", password: str = "", stop: threading.Event | None = None
) -> Found | Missed:
    """Search as the service does."""
    credentials = Credentials(user, password) if user else None
    camera = Camera(CameraId("trial"), "trial", f"rtsp://127.0.0.1:{port}", credentials)
    return views().find(camera, stop or threading.Event())


def views() -> CameraViews:
    """Return the service's way to cameras that it does not know."""
    clock, settings = SystemClock(), Settings(open_timeout_s=2.0)
    small_pictures = SmallPictures(lambda camera: source_for(camera, clock, settings), clock, settings)
    return CameraViews(LatestFrames(), small_pictures, Viewers(1.0), clock, settings)


def kind_of(outcome: Found | Missed) -> tuple[str, int]:
    """Return why nothing was found, and after how many paths."""
    assert isinstance(outcome, Missed), outcome
    return outcome.failure.kind, outcome.tried


def test_main_and_smaller_stream_are_found_by_host_user_and_password(
    sim: Simulator, large: Path, small: Path
) -> None:
    """Behind paths that the camera does not know (404); what was found is measured, and let go of again."""
    cameras = [sim.camera("stream1", large, **USER), sim.camera("stream2", small, **USER)]
    found = find(sim.port, USER["user"], USER["password"])
    assert isinstance(found, Found), found
    at = f"rtsp://127.0.0.1:{sim.port}"
    assert (found.url, found.live_url) == (f"{at}/stream1", f"{at}/stream2")
    assert found.tried == 1 + [pair.main for pair in USUAL_PATHS].index("/stream1")
    facts = found.trial.facts
    assert (facts.codec, facts.width, facts.height) == ("h264", 320, 192)
    assert facts.gop_s == pytest.approx(1.0, abs=0.1)
    assert found.trial.jpeg is not None
    for camera in cameras:
        camera.wait(lambda seen: seen.seen.connections == 0)
        assert (len(camera.seen.attempts), camera.seen.teardowns) == (1, 1)


@pytest.mark.system
@pytest.mark.skipif(bool(why_no_server()), reason=why_no_server() or "there is one")
def test_both_streams_of_a_third_party_s_server_are_found(tmp_path: Path) -> None:
    """The simulator is not its own judge: GStreamer's server has ways of its own to say 404 and 401."""
    files = [
        write_clip(tmp_path / "stream1.mp4", walking_square(100, 320, 192)),
        write_clip(tmp_path / "stream2.mp4", walking_square(100)),
    ]
    with serving("gstreamer", files, USER["user"], USER["password"]) as server:
        found = find(server.port, USER["user"], USER["password"])
        assert isinstance(found, Found), found
        assert (found.url, found.live_url) == (server.url("stream1"), server.url("stream2"))
        assert found.trial.jpeg is not None
        assert kind_of(find(server.port, USER["user"], "wrong"))[0] == "unauthorized"


def test_a_camera_that_answers_at_more_than_one_path_has_no_smaller_stream(
    sim: Simulator, large: Path
) -> None:
    """The simulator's ``Streaming`` shows the same at whatever follows its name."""
    camera = sim.camera("Streaming", large)
    found = find(sim.port)
    assert isinstance(found, Found), found
    assert (found.url, found.live_url, found.tried) == (f"{camera.url}/Channels/101", None, 1)
    assert len(camera.seen.attempts) == 2


@pytest.mark.parametrize(("user", "password"), [("root", "wrong"), ("", "")])
def test_a_password_is_refused_once(sim: Simulator, large: Path, user: str, password: str) -> None:
    """The camera sees one wrong answer to its challenge, or none, and is asked nothing more."""
    camera = sim.camera("Streaming", large, **USER)
    sim.camera("stream1", large)
    assert kind_of(find(sim.port, user, password)) == ("unauthorized", 1)
    assert len(camera.seen.attempts) == 1
    assert camera.seen.refusals[401] == 2


def test_a_camera_without_any_usual_path_is_told_from_one_that_is_not_there(sim: Simulator) -> None:
    """It answers every one with 404, and is through in a moment."""
    begun = time.monotonic()
    assert kind_of(find(sim.port)) == ("no_known_path", len(USUAL_PATHS))
    assert time.monotonic() - begun < 10
    assert kind_of(find(free_port())) == ("refused", 1)


def test_a_camera_that_says_nothing_costs_one_time_out() -> None:
    """It is not asked for every path."""
    begun = time.monotonic()
    with mute_server() as port:
        assert kind_of(find(port)) == ("timeout", 1)
    assert time.monotonic() - begun < 6


def test_a_camera_that_answers_at_any_path_without_video_is_told_so() -> None:
    """Once all of them were tried."""
    with describing_server(SOUND) as port:
        kind, tried = kind_of(find(port))
    assert kind == "no_video"
    assert tried > 1


def test_a_search_that_nobody_waits_for_ends_within_a_read(sim: Simulator, large: Path) -> None:
    """In the midst of an attempt, too: the camera is free again for the next one."""
    camera = sim.camera("Streaming", large)
    camera.drop_keyframes()
    stop = threading.Event()
    searching = threading.Thread(target=find, args=(sim.port, "", "", stop))
    searching.start()
    camera.wait(lambda seen: seen.seen.sessions == 1)
    begun = time.monotonic()
    stop.set()
    searching.join(10)
    assert time.monotonic() - begun < 3
    assert len(camera.seen.attempts) == 1


def test_a_test_that_nobody_waits_for_ends_within_a_read(sim: Simulator, large: Path) -> None:
    """The camera is free again for the next one."""
    camera = sim.camera("door", large)
    camera.drop_keyframes()
    stop = threading.Event()
    place = Camera(CameraId("trial"), "trial", camera.url)

    def stop_later() -> None:
        camera.wait(lambda seen: seen.seen.sessions == 1)
        stop.set()

    stopping = threading.Thread(target=stop_later)
    stopping.start()
    begun = time.monotonic()
    with pytest.raises(SourceFailure):
        views().probe(place, stop)
    assert time.monotonic() - begun < 5
    stopping.join(10)
    camera.wait(lambda seen: seen.seen.connections == 0)
