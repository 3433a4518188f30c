"""Which recording mode holds at a moment: pure, by the wall clock of the box's own zone."""

from datetime import datetime, tzinfo

from appliance.domain.footage import RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.domain.time import US_PER_S, WallUs

_DAYS = 7


def mode_at(policy: RecordingPolicy, wall_us: WallUs, zone: tzinfo) -> RecordingMode:
    """Return the mode that holds at that time: that of the first entry that does, else the policy's own.

    Entries go by what a clock on the wall shows: in the night that loses an hour they are that much shorter,
    in the night that has one twice, they hold both times.
    """
    if not policy.schedule:
        return policy.mode
    local = datetime.fromtimestamp(wall_us // US_PER_S, zone)
    day, minute = local.weekday(), local.hour * 60 + local.minute
    return next((entry.mode for entry in policy.schedule if _holds(entry, day, minute)), policy.mode)


def _holds(entry: ScheduleEntry, day: int, minute: int) -> bool:
    if entry.end_min > entry.begin_min:
        return day in entry.days and entry.begin_min <= minute < entry.end_min
    began_today = day in entry.days and minute >= entry.begin_min
    began_yesterday = (day - 1) % _DAYS in entry.days and minute < entry.end_min
    return began_today or began_yesterday
