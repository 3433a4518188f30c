"""The camera's clock: anchored once, led gently, monotone over jumps; and whose clock leads it."""

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest

from appliance.domain.packet import VideoStream
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.packets.anchor import MAX_SLEW_PPM, Anchor
from appliance.packets.sender_clock import AFTER_ARRIVAL_S, BEFORE_ARRIVAL_S, PROVEN_S, STEP_S
from tests.support.fake_source import stream

TICK = Fraction(1, 90_000)
START_US = 1_700_000_000 * US_PER_S


YEARS_S = 50 * 365 * 86_400.0


class Camera:
    """Feeds an anchor: media time, arrival and both wall clocks each go their own way.

    Args:
        ahead_s: how far the camera's own clock is ahead of ours at the arrival; ``None`` sends no reports.
    """

    def __init__(self, ahead_s: float | None = None) -> None:
        self.ahead_s = ahead_s
        self.taken_us = START_US
        self.anchor = Anchor()
        self.stream: VideoStream = stream()
        self.pts_s = 0.0
        self.arrival_s = 100.0
        self.wall_us = START_US

    def go(
        self,
        step_s: float,
        arrival_s: float | None = None,
        wall_s: float | None = None,
        taken_s: float | None = None,
    ) -> float:
        """Send the next packet; return its stamp in seconds since the start."""
        waited = step_s if arrival_s is None else arrival_s
        self.pts_s += step_s
        self.arrival_s += waited
        self.wall_us += round((waited if wall_s is None else wall_s) * US_PER_S)
        self.taken_us += round((step_s if taken_s is None else taken_s) * US_PER_S)
        sender = None if self.ahead_s is None else WallUs(self.taken_us + round(self.ahead_s * US_PER_S))
        media = MediaTime(round(self.pts_s / TICK), TICK)
        arrived = MonotonicNs(round(self.arrival_s * 1e9))
        stamp = self.anchor.stamp(self.stream, media, arrived, WallUs(self.wall_us), sender)
        return (stamp - START_US) / US_PER_S

    def clock(self) -> str:
        """Return what the last packet was led by."""
        return self.anchor.clock

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


@pytest.mark.parametrize(("after_s", "first_s"), [(-10, 0), (3600, 3600.000001)])
def test_a_run_never_begins_before_what_is_known_already(after_s: float, first_s: float) -> None:
    """The clock was set back between two readers of a camera: its footage does not lie over the older one."""
    camera = Camera()
    camera.anchor = Anchor(WallUs(START_US + round(after_s * US_PER_S)))
    assert camera.go(0) == pytest.approx(first_s, abs=1e-7)
    assert camera.go(1) == pytest.approx(first_s + 1, abs=1e-3)


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


def smooth(stamps: list[float], step_s: float = 0.1) -> bool:
    """Return whether no stamp is further from the one before than the slew allows (and a tick's rounding)."""
    return all(abs(b - a - step_s) <= step_s * MAX_SLEW_PPM / 1e6 + 2e-5 for a, b in pairwise(stamps))


@pytest.mark.parametrize(
    ("ahead_s", "clock"),
    [
        (None, "arrival"),
        (0.0, "sender"),
        (-0.3, "sender"),
        (0.1 - BEFORE_ARRIVAL_S, "sender"),
        (-0.1 - BEFORE_ARRIVAL_S, "arrival"),
        (AFTER_ARRIVAL_S - 0.1, "sender"),
        (AFTER_ARRIVAL_S + 0.1, "arrival"),
        (3600.0, "arrival"),
        (-3600.0, "arrival"),
        (-YEARS_S, "arrival"),
        (YEARS_S, "arrival"),
    ],
)
def test_the_camera_s_clock_leads_where_it_agrees_with_the_arrival(ahead_s: float | None, clock: str) -> None:
    """A clock that was never set, or runs in local time, is of no use to anybody."""
    camera = Camera(ahead_s)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 50.0)]
    led_s = 50.0 * MAX_SLEW_PPM / 1e6 if clock == "sender" and ahead_s else 0.0
    assert camera.clock() == clock
    assert stamps[0] == 0.0
    assert smooth(stamps)
    assert abs(stamps[-1] - PROVEN_S - 50.0) == pytest.approx(led_s, abs=0.001)
    assert (stamps[-1] - PROVEN_S - 50.0) * (ahead_s or 0.0) >= -1e-5


def test_a_run_that_began_at_its_arrival_ends_up_on_the_camera_s_clock() -> None:
    """A picture that took 0.1 s to come was taken 0.1 s earlier; 200 s later the stamps say so."""
    camera = Camera(-0.1)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 200.0), *camera.run(10.0)]
    assert smooth(stamps)
    assert stamps[-1] == pytest.approx(PROVEN_S + 210.0 - 0.1, abs=0.001)
    assert camera.anchor.runs == 1


def test_the_network_s_jitter_does_not_reach_what_the_camera_s_clock_leads() -> None:
    """Arrivals late by up to a second at random, and stamps that are exact once they are led there."""
    camera, source, late_s = Camera(-0.05), random.Random(5), 0.0
    stamps = [camera.go(0.0)]
    for _ in range(3000):
        late_s, before = source.random(), late_s
        stamps.append(camera.go(0.1, arrival_s=0.1 + late_s - before))
    assert camera.clock() == "sender"
    assert stamps[-1] == pytest.approx(300.0 - 0.05, abs=0.001)
    assert [b - a for a, b in pairwise(stamps[-1000:])] == pytest.approx([0.1] * 999, abs=2e-5)


def test_it_is_not_believed_before_it_has_agreed_for_a_while() -> None:
    """One report is not two."""
    camera = Camera(-0.3)
    camera.go(0.0)
    assert [*camera.run(PROVEN_S - 0.2)][-1] == pytest.approx(PROVEN_S - 0.2, abs=1e-4)
    assert camera.clock() == "arrival"
    camera.go(0.3)
    assert camera.clock() == "sender"


def test_reports_that_come_later_step_nothing() -> None:
    """The first report comes seconds after the first packet, and libav puts it one picture too late."""
    camera = Camera()
    stamps = [camera.go(0.0), *camera.run(2.5)]
    camera.ahead_s = -0.2 + 0.2
    stamps.append(camera.go(0.1))
    camera.ahead_s = -0.2
    stamps += camera.run(PROVEN_S + 0.2)
    assert camera.clock() == "sender"
    assert smooth(stamps)


@pytest.mark.parametrize(
    ("step_s", "clock_after"),
    [
        (STEP_S + 0.02, "sender"),
        (-STEP_S - 0.02, "sender"),
        (1.0, "arrival"),
        (3600.0, "arrival"),
        (-3600.0, "arrival"),
        (-YEARS_S, "arrival"),
    ],
)
def test_a_step_of_the_camera_s_clock_never_shows_in_a_run(step_s: float, clock_after: str) -> None:
    """It is doubted at once, and believed again when it has agreed for a while."""
    camera = Camera(-0.1)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 300.0)]
    assert camera.clock() == "sender"
    camera.ahead_s = -0.1 + step_s
    stamps.append(camera.go(0.1))
    assert camera.clock() == "arrival"
    stamps += camera.run(PROVEN_S + 1.0)
    assert camera.clock() == clock_after
    assert smooth(stamps)
    assert camera.anchor.runs == 1


def test_a_clock_that_is_set_a_little_now_and_then_stays_believed() -> None:
    """Reports that scatter by some tens of milliseconds are what many cameras send."""
    camera = Camera(-0.1)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 200.0)]
    for offset_s in (-0.15, -0.06, -0.12, -0.08) * 10:
        camera.ahead_s = offset_s
        stamps += camera.run(5.0)
        assert camera.clock() == "sender"
    assert smooth(stamps)


def test_a_burst_after_a_stall_leaves_the_camera_s_clock_believed() -> None:
    """Packets seven seconds late say that the network stood, not that the clock is wrong."""
    camera = Camera(-0.1)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 1.0)]
    stamps += [camera.go(0.1, arrival_s=7.0), *(camera.go(0.1, arrival_s=0.001) for _ in range(69))]
    assert (camera.clock(), camera.anchor.runs) == ("sender", 1)
    assert stamps[-1] == pytest.approx(PROVEN_S + 8.0, abs=0.01)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_a_step_of_our_clock_is_followed_slowly_and_not_for_the_camera_s_sake(step_s: float) -> None:
    """The two disagree from then on; ours is what the rest of the box goes by."""
    camera = Camera(0.0)
    stamps = [camera.go(0.0), *camera.run(PROVEN_S + 1.0)]
    stamps.append(camera.go(0.1, wall_s=0.1 + step_s))
    assert camera.clock() == "sender"
    stamps += camera.run(PROVEN_S + 1.0)
    assert (camera.clock(), camera.anchor.runs) == ("arrival", 1)
    assert smooth(stamps)


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_new_run_begins_on_a_believed_clock_at_once(jump_s: float) -> None:
    """The time stamps jumped, the camera's clock did not: nothing has to be led anywhere."""
    camera = Camera(-0.4)
    before = [camera.go(0.0), *camera.run(PROVEN_S + 1000.0)][-1]
    after = camera.go(jump_s, arrival_s=0.5, taken_s=0.5)
    assert (camera.clock(), camera.anchor.runs) == ("sender", 2)
    assert before < after
    assert after == pytest.approx(PROVEN_S + 1000.5 - 0.4, abs=0.001)


@pytest.mark.parametrize(
    ("ahead_s", "stamp_s", "clock"),
    [
        (None, 20.0, "arrival"),
        (-0.1, 19.9, "sender"),
        (-YEARS_S, 20.0, "arrival"),
        (-3600.0, 20.0, "arrival"),
        (1.0, 20.0, "arrival"),
    ],
)
def test_after_a_reconnection_the_first_packet_decides(
    ahead_s: float | None, stamp_s: float, clock: str
) -> None:
    """A camera that was restarted may have lost its time; one that has not reported yet begins at arrival."""
    camera = Camera(-0.1)
    assert [camera.go(0.0), *camera.run(15.0)]
    camera.stream, camera.ahead_s = stream(), ahead_s
    after = camera.go(-15.0, arrival_s=5.0, taken_s=5.0)
    assert (camera.clock(), camera.anchor.runs) == (clock, 2)
    assert after == pytest.approx(stamp_s, abs=0.001)


def test_stamps_stay_in_order_where_the_next_run_is_led_by_an_earlier_clock() -> None:
    """The camera's clock was ahead of the arrival, and the next run has no reports."""
    camera = Camera(AFTER_ARRIVAL_S - 0.1)
    before = [camera.go(0.0), *camera.run(PROVEN_S + 900.0)][-1]
    camera.stream, camera.ahead_s = stream(), None
    after = camera.go(-PROVEN_S, arrival_s=0.1)
    assert before < after < before + 0.001
