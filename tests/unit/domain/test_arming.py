"""Who is at home at any time: a function of the hours and of what was set by hand last."""

import zoneinfo
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.arming import DISARMED, NEVER_US, ArmHours, Arming, ArmState, Hours
from appliance.domain.schedule import holds
from appliance.domain.time import US_PER_S, WallUs

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))
NIGHTS = ArmHours(Hours(EVERY_DAY, 22 * 60, 6 * 60), ArmState.NIGHT)
WORK = ArmHours(Hours(frozenset(range(5)), 8 * 60, 17 * 60), ArmState.AWAY)
WHOLE_SUNDAY = ArmHours(Hours(frozenset({6}), 0, 1440), ArmState.AWAY)


def at(text: str) -> WallUs:
    """Return a local time in Berlin; 2026-11-23 is a Monday."""
    return WallUs(round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * US_PER_S)


def by_hand(state: ArmState, when: str, *hours: ArmHours) -> Arming:
    """Return what was set by hand at a time, with hours."""
    return Arming(state, at(when), hours)


HOME, AWAY, NIGHT = ArmState.HOME, ArmState.AWAY, ArmState.NIGHT


@pytest.mark.parametrize(
    ("arming", "when", "state"),
    [
        (DISARMED, "2026-11-23T12:00", HOME),
        (by_hand(AWAY, "2026-11-23T12:00"), "2027-11-23T12:00", AWAY),
        (Arming(HOME, NEVER_US, (NIGHTS,)), "2026-11-23T21:59", HOME),
        (Arming(HOME, NEVER_US, (NIGHTS,)), "2026-11-23T22:00", NIGHT),
        (Arming(HOME, NEVER_US, (NIGHTS,)), "2026-11-24T05:59", NIGHT),
        (Arming(HOME, NEVER_US, (NIGHTS,)), "2026-11-24T06:00", HOME),
        (by_hand(AWAY, "2026-11-23T21:00", NIGHTS), "2026-11-23T23:00", NIGHT),
        (by_hand(AWAY, "2026-11-23T21:00", NIGHTS), "2026-11-24T07:00", AWAY),
        (by_hand(HOME, "2026-11-23T23:00", NIGHTS), "2026-11-24T01:00", HOME),
        (by_hand(HOME, "2026-11-23T23:00", NIGHTS), "2026-11-24T22:00", NIGHT),
        (by_hand(HOME, "2026-11-23T07:00", WORK), "2026-11-23T08:00", AWAY),
        (by_hand(HOME, "2026-11-23T07:00", WORK), "2026-11-23T17:00", HOME),
        (by_hand(HOME, "2026-11-23T07:00", WORK), "2026-11-28T08:00", HOME),
        (Arming(HOME, NEVER_US, (WHOLE_SUNDAY,)), "2026-11-29T00:00", AWAY),
        (Arming(HOME, NEVER_US, (WHOLE_SUNDAY,)), "2026-11-29T23:59", AWAY),
        (Arming(HOME, NEVER_US, (WHOLE_SUNDAY,)), "2026-11-30T00:00", HOME),
        (Arming(HOME, NEVER_US, (WHOLE_SUNDAY, NIGHTS)), "2026-11-29T23:00", NIGHT),
        (Arming(HOME, NEVER_US, (WHOLE_SUNDAY, NIGHTS)), "2026-11-29T03:00", AWAY),
    ],
)
def test_the_newest_of_hand_and_hours_decides(arming: Arming, when: str, state: ArmState) -> None:
    """Hours that began after the last setting by hand hold until they end; then what was set by hand does."""
    assert arming.state_at(at(when), BERLIN) is state
    assert arming.is_by_hours(at(when), BERLIN) is (state is not arming.state)


def test_hours_are_local() -> None:
    """Ten in the evening in Berlin is nine in the evening in UTC."""
    arming = Arming(HOME, NEVER_US, (NIGHTS,))
    assert arming.state_at(at("2026-11-23T22:30"), BERLIN) is NIGHT
    assert arming.state_at(at("2026-11-23T22:30"), UTC) is HOME


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-10-24", 9)])
def test_a_night_ends_by_the_clock_on_the_wall(night: str, hours: int) -> None:
    """It is an hour shorter when the clock is put forward, and an hour longer when it is put back."""
    arming = Arming(HOME, NEVER_US, (NIGHTS,))
    begin = at(f"{night}T22:00")
    lasts = [n for n in range(20) if arming.state_at(WallUs(begin + n * 3600 * US_PER_S), BERLIN) is NIGHT]
    assert lasts == list(range(hours))


@pytest.mark.parametrize("begin_min", [120, 150, 179])
def test_hours_that_begin_in_the_skipped_hour_begin_as_it_is_skipped(begin_min: int) -> None:
    """Where two becomes three, what begins at half past two begins at three, as a rule's hours do."""
    hours = Hours(EVERY_DAY, begin_min, 6 * 60)
    arming, three = Arming(HOME, NEVER_US, (ArmHours(hours, AWAY),)), at("2026-03-29T03:00")
    assert arming.state_at(WallUs(three - US_PER_S), BERLIN) is HOME
    assert arming.state_at(three, BERLIN) is AWAY
    assert holds(hours, three, BERLIN)


@pytest.mark.parametrize("end_min", [121, 150, 180])
def test_hours_that_end_in_the_skipped_hour_end_as_it_is_skipped(end_min: int) -> None:
    """They are over by the clock on the wall, and those that lie in it altogether never begin."""
    three = at("2026-03-29T03:00")
    for begin_min, before in ((60, AWAY), (120, HOME)):
        arming = Arming(HOME, NEVER_US, (ArmHours(Hours(EVERY_DAY, begin_min, end_min), AWAY),))
        assert arming.state_at(WallUs(three - US_PER_S), BERLIN) is before
        assert arming.state_at(three, BERLIN) is HOME


def test_of_hours_that_began_at_once_the_first_one_counts() -> None:
    """So that two entries never depend on chance."""
    other = ArmHours(NIGHTS.hours, AWAY)
    assert Arming(HOME, NEVER_US, (other, NIGHTS)).state_at(at("2026-11-23T23:00"), BERLIN) is AWAY


@given(
    st.builds(
        Hours, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440)
    ),
    st.integers(1_700_000_000, 1_900_000_000),
)
def test_hours_set_a_state_for_as_long_as_they_hold(hours: Hours, at_s: int) -> None:
    """What a rule takes for within its hours, and what the clock sets a state for, is the same."""
    when = WallUs(at_s * US_PER_S)
    arming = Arming(HOME, NEVER_US, (ArmHours(hours, AWAY),))
    assert (arming.state_at(when, UTC) is AWAY) is holds(hours, when, UTC)
