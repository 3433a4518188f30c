"""Whether a moment lies within some hours of some weekdays."""

from datetime import datetime, tzinfo

from appliance.domain.arming import Hours
from appliance.domain.time import US_PER_S, WallUs

_DAYS = 7


def holds(hours: Hours, at: WallUs, zone: tzinfo) -> bool:
    """Return whether a moment lies within the hours, by what a clock on the wall in that time zone shows.

    In the night that loses an hour they are that much shorter; in the night that has one twice they hold
    both times.
    """
    local = datetime.fromtimestamp(at // US_PER_S, zone)
    day, minute = local.weekday(), local.hour * 60 + local.minute
    if hours.end_min > hours.begin_min:
        return day in hours.days and hours.begin_min <= minute < hours.end_min
    began_today = day in hours.days and minute >= hours.begin_min
    began_yesterday = (day - 1) % _DAYS in hours.days and minute < hours.end_min
    return began_today or began_yesterday
