"""Whether a moment lies within some hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.domain.arming import Hours
from appliance.domain.schedule import holds
from appliance.domain.time import US_PER_S, WallUs

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS, SUNDAY, ALL = frozenset(range(5)), frozenset({6}), frozenset(range(7))
WORK, NIGHT, DAWN = Hours(WEEKDAYS, 480, 1020), Hours(WEEKDAYS, 1320, 360), Hours(ALL, 150, 165)
DAY = Hours(SUNDAY, 0, 1440)


def at(text: str, fold: int = 0) -> WallUs:
    """Return the moment at which a clock on the wall in Berlin shows that."""
    moment = datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)
    return WallUs(round(moment.timestamp() * US_PER_S))


@pytest.mark.parametrize(
    ("hours", "when", "wanted"),
    [
        (WORK, "2026-11-23 07:59:59", False),
        (WORK, "2026-11-23 08:00", True),
        (WORK, "2026-11-23 16:59:59", True),
        (WORK, "2026-11-23 17:00", False),
        (WORK, "2026-11-22 12:00", False),
        (NIGHT, "2026-11-23 05:00", False),
        (NIGHT, "2026-11-23 23:00", True),
        (NIGHT, "2026-11-24 05:59", True),
        (NIGHT, "2026-11-28 05:59", True),
        (NIGHT, "2026-11-28 22:00", False),
        (DAY, "2026-11-22 00:00", True),
        (DAY, "2026-11-22 23:59:59", True),
        (DAY, "2026-11-23 00:00", False),
        (DAWN, "2026-10-24 02:40", True),
    ],
)
def test_hours_hold_by_weekday_and_local_time(hours: Hours, when: str, wanted: bool) -> None:
    """Those over midnight belong to the day on which they begin; 2026-11-23 is a Monday."""
    assert holds(hours, at(when), BERLIN) is wanted


def test_summer_time_begins_and_ends() -> None:
    """In March 02:30 is skipped; in October it comes twice, and the hours hold both times."""
    skipped = [at("2026-03-29 01:00") + minute * 60 * US_PER_S for minute in range(180)]
    assert not any(holds(DAWN, WallUs(moment), BERLIN) for moment in skipped)
    assert all(holds(DAWN, at("2026-10-25 02:40", fold), BERLIN) for fold in (0, 1))
    assert holds(WORK, at("2026-07-01 08:00"), BERLIN)
    assert not holds(WORK, at("2026-07-01 07:59"), BERLIN)
