"""Which mode holds when: by weekday and local time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.domain.footage import RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.schedule import mode_at

BERLIN = ZoneInfo("Europe/Berlin")
CONTINUOUS, MOTION, OFF = RecordingMode.CONTINUOUS, RecordingMode.MOTION, RecordingMode.OFF
WEEKDAYS, SUNDAY, ALL = frozenset(range(5)), frozenset({6}), frozenset(range(7))
# 2026-11-23 is a Monday.


def at(text: str, fold: int = 0) -> WallUs:
    """Return the moment at which a clock on the wall in Berlin shows that."""
    return WallUs(
        round(datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp() * US_PER_S)
    )


def mode(text: str, *entries: ScheduleEntry, fold: int = 0) -> RecordingMode:
    """Return what holds then; where no entry does, it is motion."""
    return mode_at(RecordingPolicy(MOTION, schedule=entries), at(text, fold), BERLIN)


def entry(days: frozenset[int], begin: int, end: int, wanted: RecordingMode = OFF) -> ScheduleEntry:
    """Return an entry from hour to hour."""
    return ScheduleEntry(days, begin * 60, end * 60, wanted)


DAY, NIGHT = entry(WEEKDAYS, 8, 17), entry(WEEKDAYS, 22, 6)


@pytest.mark.parametrize(
    ("when", "one", "wanted"),
    [
        ("2026-11-23T07:59:59", DAY, MOTION),
        ("2026-11-23T08:00:00", DAY, OFF),
        ("2026-11-23T16:59:59", DAY, OFF),
        ("2026-11-23T17:00:00", DAY, MOTION),
        ("2026-11-28T12:00:00", DAY, MOTION),
        ("2026-11-23T21:59:59", NIGHT, MOTION),
        ("2026-11-23T22:00:00", NIGHT, OFF),
        ("2026-11-24T05:59:59", NIGHT, OFF),
        ("2026-11-24T06:00:00", NIGHT, MOTION),
        ("2026-11-23T05:00:00", NIGHT, MOTION),
        ("2026-11-28T05:00:00", NIGHT, OFF),
        ("2026-11-28T23:00:00", NIGHT, MOTION),
        ("2026-11-30T03:00:00", entry(SUNDAY, 23, 4), OFF),
        ("2026-11-23T23:59:59", entry(WEEKDAYS, 20, 24), OFF),
        ("2026-11-24T00:00:00", entry(WEEKDAYS, 20, 24), MOTION),
        ("2026-11-23T09:00:00", entry(frozenset({0}), 9, 9), OFF),
        ("2026-11-24T08:59:59", entry(frozenset({0}), 9, 9), OFF),
        ("2026-11-24T09:00:00", entry(frozenset({0}), 9, 9), MOTION),
    ],
)
def test_an_entry_holds_from_its_beginning_up_to_its_end(
    when: str, one: ScheduleEntry, wanted: RecordingMode
) -> None:
    """One over midnight belongs to the day on which it begins."""
    assert mode(when, one) is wanted


def test_the_first_entry_that_holds_decides() -> None:
    """So an exception stands before the rule."""
    first = entry(WEEKDAYS, 12, 13, CONTINUOUS)
    assert mode("2026-11-23T12:30:00", first, DAY) is CONTINUOUS
    assert mode("2026-11-23T13:00:00", first, DAY) is OFF


def test_without_a_schedule_the_mode_holds() -> None:
    """At any time."""
    assert mode("2026-11-23T12:30:00") is MOTION


@pytest.mark.parametrize(
    ("when", "fold", "wanted"),
    [
        ("2026-10-25T01:59:59", 0, MOTION),
        ("2026-10-25T02:30:00", 0, OFF),
        ("2026-10-25T02:30:00", 1, OFF),
        ("2026-10-25T03:00:00", 0, MOTION),
        ("2026-03-29T01:59:59", 0, MOTION),
        ("2026-03-29T03:00:00", 0, MOTION),
    ],
)
def test_in_the_nights_of_the_changes_the_clock_on_the_wall_counts(
    when: str, fold: int, wanted: RecordingMode
) -> None:
    """An hour that comes twice is twice in the schedule, one that is left out not at all."""
    assert mode(when, entry(ALL, 2, 3), fold=fold) is wanted
