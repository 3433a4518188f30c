"""Where sound lies on the clock of the pictures."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from appliance.domain.packet import Packet
from appliance.domain.time import US_PER_S, MonotonicNs, WallUs
from appliance.packets.sound_clock import SLEW_PPM, PictureTimes, SoundClock, Target
from appliance.packets.sound_input import RawSound
from tests.support.clock import SimulatedClock
from tests.support.fake_source import packet, stream
from tests.support.sounds import input_of

STREAM = input_of("pcm_alaw", 8_000)
FILE = input_of("pcm_alaw", 8_000, is_timed_with_pictures=True)
UNIT_S = 0.064
BASE_US = 1_790_000_000_000_000
EPOCH_US = 946_684_800_000_000
"""The year 2000, in which a camera lives whose clock was never set."""


def picture(at_s: float, *, late_s: float = 0.2, sender_us: int | None = None) -> Packet:
    """Return a picture that was taken at that second, arrives later, and lies where it was taken."""
    made = packet(stream(), at_s + 7.0, SimulatedClock())
    sent_us = None if sender_us is None else WallUs(sender_us + round(at_s * US_PER_S))
    return Packet(
        *(made.camera_id, made.stream, made.data, made.media, made.dts),
        wall_us=WallUs(BASE_US + round(at_s * US_PER_S)),
        arrived_ns=MonotonicNs(round((at_s + late_s) * 1e9)),
        is_keyframe=True,
        sender_us=sent_us,
    )


def sound(at_s: float, *, late_s: float = 0.2, sender_us: int | None = None, pts: bool = True) -> RawSound:
    """Return sound that was heard at that second and arrives later."""
    sent_us = None if sender_us is None else sender_us + round(at_s * US_PER_S)
    return RawSound(STREAM, b"", at_s if pts else None, round((at_s + late_s) * 1e9), sent_us)


def pictures(count: int, sender_us: int | None = None) -> PictureTimes:
    """Return what is remembered of so many pictures, ten a second."""
    times = PictureTimes()
    for i in range(count):
        times.picture(picture(i / 10, sender_us=sender_us), 1)
    return times


def place(target: Target | None) -> float:
    """Return where that is, in seconds since the first picture."""
    assert target is not None
    return (target.wall_us - BASE_US) / US_PER_S


def test_sound_before_the_first_picture_has_no_place() -> None:
    """There is no clock yet; on a new connection neither."""
    times = pictures(0)
    assert times.target(sound(0.0)) is None
    times = pictures(1)
    times.connected()
    assert times.target(sound(0.0)) is None


@pytest.mark.parametrize("sender_us", [BASE_US, BASE_US + 3_600_000_000, EPOCH_US])
def test_sender_reports_tell_the_place_whatever_the_camera_s_clock_shows(sender_us: int) -> None:
    """It is the same clock for both; sound that needs longer to arrive does not lie later."""
    times = pictures(10, sender_us)
    target = times.target(sound(0.8, late_s=0.9, sender_us=sender_us))
    assert target is not None
    assert target.is_exact
    assert place(target) == pytest.approx(0.8, abs=0.001)


@pytest.mark.parametrize("reports", [None, BASE_US + 3_600_000_000])
def test_without_reports_it_is_told_by_the_arrival(reports: int | None) -> None:
    """Less the pictures' own mean delay; so where the reports of one of the two are of another world."""
    times = pictures(10, BASE_US)
    target = times.target(sound(0.8, late_s=0.25, sender_us=reports))
    assert target is not None
    assert not target.is_exact
    assert place(target) == pytest.approx(0.85, abs=0.001)


def test_one_odd_report_of_a_picture_changes_nothing() -> None:
    """The first packet after the first report gets the time of the next picture from libav."""
    times = pictures(10, BASE_US)
    times.picture(picture(1.0, sender_us=BASE_US + 1_000_000), 1)
    assert place(times.target(sound(1.0, sender_us=BASE_US))) == pytest.approx(1.0, abs=0.001)


def test_in_a_file_the_time_stamps_are_those_of_the_pictures() -> None:
    """However early or late it is read."""
    times = pictures(10)
    for arrived_s in (0.0, 5.0):
        target = times.target(RawSound(FILE, b"", 7.0 + 0.8, round(arrived_s * 1e9)))
        assert target is not None
        assert target.is_exact
        assert place(target) == pytest.approx(0.8, abs=0.001)


def test_another_run_of_the_pictures_clock_is_another_clock() -> None:
    """The camera's time stamps have jumped: nothing that was known before holds."""
    times = pictures(10, BASE_US)
    later = picture(100.0, late_s=-50.0)
    times.picture(later, 2)
    assert place(times.target(sound(51.0, late_s=0.0, sender_us=BASE_US))) == pytest.approx(101.0, abs=0.001)


class Played:
    """Units of sound, one after the other, and where they were placed; in seconds."""

    def __init__(self) -> None:
        self.clock = SoundClock()
        self.fed_s = 0.0
        self.placed: list[float] = []
        self.left_out = 0

    def play(
        self, begin_s: float, seconds: float, off: Callable[[], float] = lambda: 0.0, **sent: bool
    ) -> "Played":
        """Let sound of so many seconds come, whose target is off by what ``off`` returns."""
        is_exact, pts = sent.get("is_exact", True), sent.get("pts", True)
        for i in range(round(seconds / UNIT_S)):
            at_s = begin_s + i * UNIT_S
            self.clock.lead(self.fed_s, sound(at_s, pts=pts), Target((at_s + off()) * US_PER_S, is_exact))
            placed = self.clock.place(self.fed_s, UNIT_S)
            self.fed_s += UNIT_S
            self.left_out += placed is None
            if placed is not None:
                self.placed.append(placed / US_PER_S)
        return self

    @property
    def gaps_s(self) -> list[float]:
        """What lies between the end of each and the next one's begin; negative where they overlap."""
        return [after - before - UNIT_S for before, after in pairwise(self.placed)]


def test_jitter_is_not_heard() -> None:
    """Arrivals that come a fifth of a second early or late: one unit after the other all the same."""
    rng = random.Random(1)
    played = Played().play(0.0, 60.0, lambda: rng.uniform(-0.19, 0.19), is_exact=False)
    assert max(map(abs, played.gaps_s)) <= UNIT_S * SLEW_PPM / 1e6 + 2e-6
    assert played.left_out == 0


def test_a_stall_of_the_network_is_not_heard() -> None:
    """What comes in a burst three seconds later lies where it was heard."""
    played = Played().play(0.0, 5.0, is_exact=False)
    # The arrivals of a burst: every unit at the same moment, so that the target stands still.
    for _ in range(47):
        burst = RawSound(STREAM, b"", played.fed_s, round(8.2e9))
        played.clock.lead(played.fed_s, burst, Target(8.0 * US_PER_S, is_exact=False))
        placed = played.clock.place(played.fed_s, UNIT_S)
        assert placed is not None
        played.placed.append(placed / US_PER_S)
        played.fed_s += UNIT_S
    played.play(played.fed_s, 5.0, is_exact=False)
    assert max(map(abs, played.gaps_s)) <= UNIT_S * SLEW_PPM / 1e6 + 2e-6


def test_a_drift_is_followed_without_a_gap() -> None:
    """A quartz that is 100 ppm off: never more than a few milliseconds beside the target."""
    drift = iter(range(10**9))
    played = Played().play(0.0, 600.0, lambda: next(drift) * UNIT_S * 100e-6)
    assert played.placed[-1] == pytest.approx(600.0 * (1 + 100e-6), abs=0.08)
    assert max(map(abs, played.gaps_s)) <= 50e-6


@pytest.mark.parametrize(("is_exact", "off_s"), [(True, 0.1), (False, 0.3)])
def test_a_target_that_is_missed_for_long_begins_anew(is_exact: bool, off_s: float) -> None:
    """One gap, after half a second; and what is exact is taken at its word sooner."""
    played = Played().play(0.0, 5.0, is_exact=is_exact)
    played.play(played.fed_s, 5.0, lambda: off_s, is_exact=is_exact)
    assert [gap for gap in played.gaps_s if gap > 0.001] == pytest.approx([off_s], abs=0.001)
    assert played.placed[-1] == pytest.approx(played.fed_s - UNIT_S + off_s, abs=0.001)


def test_time_goes_forward_where_the_target_goes_back() -> None:
    """What would lie within the sound before is left out."""
    played = Played().play(0.0, 5.0)
    played.play(played.fed_s, 5.0, lambda: -0.3)
    assert played.left_out in (4, 5)
    assert min(played.gaps_s) >= -0.02 - 1e-6
    assert played.placed[-1] == pytest.approx(played.fed_s - UNIT_S - 0.3, abs=0.001)


@pytest.mark.parametrize("is_exact", [True, False])
def test_a_time_stamp_that_jumps_is_believed_at_once(is_exact: bool) -> None:
    """A camera that was mute for a minute, or packets that were lost: the gap is where it was."""
    played = Played().play(0.0, 5.0, is_exact=is_exact).play(65.0, 5.0, is_exact=is_exact)
    gaps = [gap for gap in played.gaps_s if gap > 0.001]
    assert gaps == pytest.approx([60.0], abs=0.1)
    assert played.placed[-1] == pytest.approx(70.0, abs=0.1)


def test_packets_without_a_time_stamp_follow_the_one_before() -> None:
    """Several access units in one RTP packet: only the first has a time stamp, and all arrive at once."""
    played = Played().play(0.0, 0.2)
    played.play(played.fed_s, 5.0, lambda: 3.0, pts=False)
    assert max(map(abs, played.gaps_s)) <= 2e-6


def test_a_new_connection_never_lies_before_the_last_one_s_end() -> None:
    """As with the pictures."""
    played = Played().play(0.0, 5.0)
    played.clock.connected()
    played.fed_s = 0.0
    played.play(4.0, 5.0)
    assert played.left_out == pytest.approx(1.0 / UNIT_S, abs=2)
    assert min(played.gaps_s) >= -0.02 - 1e-6
