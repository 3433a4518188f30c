"""The clock by which footage ages goes on as time passes, and no step of a clock moves it."""

import pytest

from appliance.domain.time import NS_PER_S, US_PER_S, MonotonicNs, WallUs
from appliance.recordings.keeping.retention_clock import Reading, RetentionClock

HOUR_S = 3600
DAY_S = 24 * HOUR_S
START_US = WallUs(1_790_000_000 * US_PER_S)
YEAR_2099_US = WallUs(4_070_908_800 * US_PER_S)


def reading(passed_s: float, stepped_s: float = 0, is_synchronised: bool = True) -> Reading:
    """Return what the clocks show some time after the start, the wall clock stepped by so much."""
    wall_us = WallUs(START_US + round((passed_s + stepped_s) * US_PER_S))
    return Reading(wall_us, MonotonicNs(round(passed_s * NS_PER_S)), is_synchronised)


def at(clock: RetentionClock, now: Reading) -> WallUs:
    """Return the time that footage has aged to, as the keeper asks for it."""
    clock.adopt(now)
    return clock.at(now)


def after(passed_s: float) -> WallUs:
    """Return the true time some time after the start."""
    return WallUs(START_US + round(passed_s * US_PER_S))


@pytest.mark.parametrize("is_synchronised", [True, False])
def test_time_that_passes_counts(is_synchronised: bool) -> None:
    """Whether or not somebody keeps the wall clock right."""
    clock = RetentionClock(START_US, reading(0, is_synchronised=is_synchronised))
    assert at(clock, reading(DAY_S, is_synchronised=is_synchronised)) == after(DAY_S)


@pytest.mark.parametrize("is_synchronised", [True, False])
@pytest.mark.parametrize("stepped_s", [HOUR_S, (YEAR_2099_US - START_US) / US_PER_S])
def test_a_step_forward_does_not_count(stepped_s: float, is_synchronised: bool) -> None:
    """Neither an hour nor a century, even when the kernel calls the new time right."""
    clock = RetentionClock(START_US, reading(0))
    at(clock, reading(0))
    assert at(clock, reading(60, stepped_s, is_synchronised)) == after(60)


@pytest.mark.parametrize("stepped_s", [-HOUR_S, -START_US / US_PER_S])
def test_a_step_back_makes_nothing_older(stepped_s: float) -> None:
    """Footage is stamped by the wall clock: by the time before the step the new would be old at once."""
    clock = RetentionClock(START_US, reading(0))
    at(clock, reading(0))
    assert at(clock, reading(60, stepped_s)) == reading(60, stepped_s).wall_us
    assert at(clock, reading(120)) == after(120)


def test_a_start_with_a_clock_that_nobody_keeps_right_goes_on_from_the_last_run() -> None:
    """A box without a battery, or with a wrong one: the time that it was off does not count."""
    for wrong_s in (DAY_S, (YEAR_2099_US - START_US) / US_PER_S):
        clock = RetentionClock(START_US, reading(0, wrong_s, is_synchronised=False))
        assert at(clock, reading(60, wrong_s, is_synchronised=False)) == after(60)


def test_the_time_that_the_box_was_off_counts_once_the_clock_is_kept_right() -> None:
    """Most boxes start before their clock is set; that happens once in a run."""
    clock = RetentionClock(START_US, reading(0, DAY_S, is_synchronised=False))
    assert at(clock, reading(30, DAY_S, is_synchronised=False)) == after(30)
    assert at(clock, reading(60, DAY_S)) == after(60 + DAY_S)
    assert at(clock, reading(90, 9 * DAY_S)) == after(90 + DAY_S)


def test_a_wrong_time_of_the_last_run_is_taken_back() -> None:
    """It began in 2099 and was set right meanwhile."""
    clock = RetentionClock(YEAR_2099_US, reading(0))
    assert at(clock, reading(60)) == after(60)
    assert clock.steady_at(reading(60)) == after(60)


def test_the_first_run_of_all_believes_the_wall_clock() -> None:
    """There is nothing else that it could go by, and no footage yet."""
    clock = RetentionClock(None, reading(0, is_synchronised=False))
    assert at(clock, reading(60, is_synchronised=False)) == after(60)


def test_it_is_told_how_far_the_time_went_forward() -> None:
    """What was told before in this run is put right by as much, and no other time."""
    clock = RetentionClock(START_US, reading(0, DAY_S, is_synchronised=False))
    assert (clock.adopt(reading(30, DAY_S, is_synchronised=False)), clock.began_us) == (0, after(0))
    assert (clock.adopt(reading(60, DAY_S)), clock.began_us) == (DAY_S * US_PER_S, after(DAY_S))
    assert (clock.adopt(reading(90, 9 * DAY_S)), clock.began_us) == (0, after(DAY_S))
