"""The camera's clock: anchored once, led gently, monotone over jumps."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from appliance.domain.packet import VideoStream
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.packets.anchor import MAX_SLEW_PPM, Anchor
from tests.support.fake_source import stream

TICK = Fraction(1, 90_000)
START_US = 1_700_000_000 * US_PER_S


class Camera:
    """Feeds an anchor: media time, arrival and the wall clock each go their own way."""

    def __init__(self) -> None:
        self.anchor = Anchor()
        self.stream: VideoStream = stream()
        self.pts_s = 0.0
        self.arrival_s = 100.0
        self.wall_us = START_US

    def go(self, step_s: float, arrival_s: float | None = None, wall_s: float | None = None) -> float:
        """Send the next packet; return its stamp in seconds since the start."""
        waited = step_s if arrival_s is None else arrival_s
        self.pts_s += step_s
        self.arrival_s += waited
        self.wall_us += round((waited if wall_s is None else wall_s) * US_PER_S)
        media = MediaTime(round(self.pts_s / TICK), TICK)
        arrived = MonotonicNs(round(self.arrival_s * 1e9))
        return (self.anchor.stamp(self.stream, media, arrived, WallUs(self.wall_us)) - START_US) / US_PER_S

    def run(self, seconds: float, step_s: float = 0.1) -> Iterator[float]:
        """Send packets in time."""
        for _ in range(round(seconds / step_s)):
            yield self.go(step_s)


def test_a_run_begins_at_the_wall_clock_and_follows_the_time_stamps() -> None:
    """Late and early arrivals do not move a picture."""
    camera = Camera()
    first = camera.go(0.0)
    stamps = [camera.go(0.1, arrival_s=late) for late in (0.1, 0.4, 0.0, 0.0, 0.1)]
    assert first == 0.0
    assert stamps == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5], abs=0.001)
    assert camera.anchor.runs == 1


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -1_600_000_000.0], ids=["+1 h", "-1 h", "to 1970"])
def test_a_step_of_the_wall_clock_never_shows_in_a_run(step_s: float) -> None:
    """F10: the run goes on smoothly, led towards the clock by at most 500 ppm."""
    camera = Camera()
    before = camera.go(0.0)
    after = camera.go(0.1, wall_s=0.1 + step_s)
    assert after - before == pytest.approx(0.1, abs=0.1 * MAX_SLEW_PPM / 1e6 + 1e-5)
    last = [*camera.run(100.0)][-1]
    assert last == pytest.approx(100.1, abs=0.06)
    assert last != pytest.approx(100.1, abs=0.04)
    assert camera.anchor.runs == 1


def test_a_clock_set_for_the_first_time_after_boot_is_followed_at_once() -> None:
    """A board without a battery begins in 1970; its pictures do not stay there."""
    camera = Camera()
    camera.go(0.0)
    assert camera.go(0.1, wall_s=50 * 365 * 86_400) == pytest.approx(50 * 365 * 86_400, abs=1)


@pytest.mark.parametrize(
    ("jump_s", "runs"),
    [(3600.0, 2), (-3600.0, 2), (-1.5, 2), (6.0, 2), (0.0, 1), (-0.5, 1), (3.0, 1)],
)
def test_a_jump_of_the_time_stamps_begins_a_new_run_in_order(jump_s: float, runs: int) -> None:
    """F8: an hour forwards or back, and the wall time goes on; a repeated or reordered stamp is no jump."""
    camera = Camera()
    camera.go(0.0)
    before = [*camera.run(5.0)][-1]
    after = camera.go(jump_s, arrival_s=0.1)
    assert camera.anchor.runs == runs
    if runs == 2:
        assert before < after < before + 1.0
    assert [*camera.run(1.0)][-1] == pytest.approx(after + 1.0, abs=0.01)


def test_a_new_stream_begins_a_new_run_that_never_overlaps() -> None:
    """After a reconnection the stamps start from zero, and the wall clock may have been set back."""
    camera = Camera()
    camera.go(0.0)
    before = [*camera.run(5.0)][-1]
    camera.stream, camera.pts_s = stream(), 0.0
    after = camera.go(0.0, arrival_s=1.0, wall_s=-600.0)
    assert camera.anchor.runs == 2
    assert before < after < before + 0.001


def test_a_burst_after_a_stall_keeps_the_run() -> None:
    """The network held the packets back for seven seconds: the pictures were taken in time."""
    camera = Camera()
    camera.go(0.0)
    stamps = [camera.go(0.1, arrival_s=7.0), *(camera.go(0.1, arrival_s=0.001) for _ in range(69))]
    assert camera.anchor.runs == 1
    assert stamps[-1] == pytest.approx(7.0, abs=0.02)


def test_a_source_that_paused_gets_a_new_run() -> None:
    """It went on where it stood, and nothing will make up for the lost time."""
    camera = Camera()
    camera.go(0.0)
    camera.go(0.1, arrival_s=60.0)
    late = [*camera.run(6.0)][-1]
    assert camera.anchor.runs == 2
    assert late == pytest.approx(66.0, abs=0.2)


def test_days_of_a_camera_s_drift_are_followed() -> None:
    """A quartz 100 ppm too slow is 26 s late after three days, and was never cut."""
    camera = Camera()
    camera.go(0.0)
    for _ in range(3 * 86_400 // 10):
        stamp = camera.go(10.0 * (1 - 100e-6), arrival_s=10.0)
    assert camera.anchor.runs == 1
    assert stamp == pytest.approx(3 * 86_400, abs=0.1)


def test_the_wrap_of_rtp_is_seamless_once_unwrapped() -> None:
    """F9: libav unwraps 32 bits; stamps beyond them are ordinary numbers."""
    camera = Camera()
    camera.pts_s = (2**32 - 450_000) / 90_000
    first = camera.go(0.0)
    assert [*camera.run(10.0)][-1] == pytest.approx(first + 10.0, abs=0.01)
    assert camera.anchor.runs == 1
