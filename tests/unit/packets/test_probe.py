"""The camera test of the page."""

from pathlib import Path

import pytest

from appliance.domain.camera import Camera, StreamFacts
from appliance.domain.ids import CameraId
from appliance.errors import AddressError, SourceFailure
from appliance.packets.probe import LOOK_ON_S, probe
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
    found = probe(camera(f"file://{clip}"), 5.0, SimulatedClock())
    assert found.facts == StreamFacts("h264", 160, 96, 10.0)
    assert found.keyframe.is_keyframe


def test_the_distance_of_keyframes_is_measured(tmp_path: Path) -> None:
    """The trial looks on until the second keyframe, so that the advice comes before the camera is added."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(25))
    clock = SimulatedClock()
    facts = probe(camera(f"file://{clip}"), 5.0, clock).facts
    assert facts.gop_s == pytest.approx(1.0)
    assert clock.monotonic_ns() < 2e9


def test_keyframes_that_come_too_rarely_are_not_waited_for(tmp_path: Path) -> None:
    """Without a second keyframe in some seconds the distance is unknown; the camera works all the same."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(120), gop=1000)
    clock = SimulatedClock()
    facts = probe(camera(f"file://{clip}"), 5.0, clock).facts
    assert (facts.fps, facts.gop_s) == (10.0, None)
    assert clock.monotonic_ns() < (LOOK_ON_S + 1) * 1e9


def test_a_camera_that_breaks_off_after_its_first_keyframe_works() -> None:
    """What comes after it is a matter of the reader, which connects again."""
    script = Script(pictures=3, gop=10, fails=SourceFailure("ended", "gone"))

    def make(_camera: Camera, clock: Clock, _settings: Settings) -> Source:
        return FakeSource(script, clock)

    found = probe(camera("rtsp://cam/"), 6.0, SimulatedClock(), make_source=make)
    assert found.facts == StreamFacts("rawvideo", 64, 48, 10.0)


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
