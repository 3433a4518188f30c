"""The search for a camera's streams against real conversations."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId
from appliance.packets.search import Found, Missed
from appliance.packets.settings import Settings
from appliance.packets.usual_paths import USUAL_PATHS
from appliance.packets.viewers import Viewers
from appliance.roster import CameraViews
from appliance.runtime.clock import SystemClock
from appliance.small_pictures import SmallPictures
from appliance.watch import LatestFrames
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip
from tests.support.describing_server import SOUND, describing_server
from tests.support.mute_server import mute_server
from tests.support.rtsp import free_port

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


def find(port: int, user: str = "", password: str = "", stop: threading.Event | None = None) -> Found | Missed:
    """Search as the service does."""
    clock, settings = SystemClock(), Settings(open_timeout_s=2.0)
    views = CameraViews(LatestFrames(), NO_SMALL, Viewers(), clock, settings)
    credentials = Credentials(user, password) if user else None
    camera = Camera(CameraId("trial"), "trial", f"rtsp://127.0.0.1:{port}", credentials)
    return views.find(camera, stop or threading.Event())
