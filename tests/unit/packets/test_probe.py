"""The camera test of the page."""

from pathlib import Path

import pytest

from appliance.domain.camera import Camera, StreamFacts
from appliance.domain.ids import CameraId
from appliance.errors import AddressError, SourceFailure
from appliance.packets.probe import probe
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.runtime.clock import Clock
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.fake_source import FakeSource, Script


def camera(url: str) -> Camera:
    """Return a camera at an address."""
    return Camera(CameraId("probe"), "Probe", url)


def test_a_camera_that_works_says_what_it_is(tmp_path: Path) -> None:
    """Codec, size and rate of the real stream."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(5))
    facts = probe(camera(f"file://{clip}"), 5.0, SimulatedClock())
    assert facts == StreamFacts("h264", 160, 96, 10.0)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Script(refuses=SourceFailure("unauthorized", "401")), "unauthorized"),
        (Script(pictures=1000, gop=0), "no_video"),
        (Script(pictures=0), "no_video"),
        (Script(pictures=0, fails=SourceFailure("timeout", "silence")), "timeout"),
    ],
)
def test_a_camera_that_does_not_work_says_why(script: Script, kind: str) -> None:
    """The kind is the source's own, or that no keyframe came in time."""
    made: list[tuple[FakeSource, Settings]] = []

    def make(_camera: Camera, clock: Clock, settings: Settings) -> Source:
        made.append((FakeSource(script, clock), settings))
        return made[-1][0]

    clock = SimulatedClock()
    with pytest.raises(SourceFailure) as caught:
        probe(camera("rtsp://cam/"), 6.0, clock, make_source=make)
    assert caught.value.kind == kind
    assert clock.monotonic_ns() <= 6.2e9
    assert (made[0][1].open_timeout_s, made[0][1].silence_timeout_s) == (4.0, 2.0)
    assert not made[0][0].is_open


def test_an_unknown_scheme_is_refused() -> None:
    """A row changed by hand may hold anything."""
    with pytest.raises(AddressError):
        probe(camera("gopher://cam/"), 1.0, SimulatedClock())
