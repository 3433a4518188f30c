"""Who is at home: the state that switches rules, set by hand or by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from appliance.domain.time import US_PER_S, WallUs

NEVER_US = WallUs(0)
"""Before anything was set."""


class ArmState(StrEnum):
    """The three states of a house."""

    HOME = "home"
    AWAY = "away"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Hours:
    """Some hours of some weekdays, by the box's local time.

    Attributes:
        days: on which they begin; 0 is Monday, 6 is Sunday.
        begin_min: minutes after midnight, 0 to 1439.
        end_min: minutes after midnight, 1 to 1440; at or before ``begin_min`` they end on the next day.
    """

    days: frozenset[int]
    begin_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class ArmHours:
    """A state that the clock sets when these hours begin.

    It holds until they end, other hours begin, or somebody sets one by hand. When they end, the state that
    was set by hand last holds again.
    """

    hours: Hours
    state: ArmState


@dataclass(frozen=True, slots=True)
class Arming:
    """What decides who is at home at any time: the last state set by hand, and the hours.

    Attributes:
        state: the one that was set by hand last.
        set_us: when that was.
        hours: of those that began at the same moment the first one counts.
    """

    state: ArmState = ArmState.HOME
    set_us: WallUs = NEVER_US
    hours: tuple[ArmHours, ...] = ()

    def state_at(self, at: WallUs, zone: tzinfo) -> ArmState:
        """Return the state at a time, by hours in that time zone."""
        begun = self._begun(at, zone)
        return self.state if begun is None else begun[1]

    def is_by_hours(self, at: WallUs, zone: tzinfo) -> bool:
        """Return whether hours made the state at a time, and not somebody's hand."""
        return self._begun(at, zone) is not None

    def _begun(self, at: WallUs, zone: tzinfo) -> tuple[WallUs, ArmState] | None:
        """Return the newest of the hours that hold at a time and began after the last setting by hand."""
        newest: tuple[WallUs, ArmState] | None = None
        for entry in self.hours:
            begin = _begin_of(entry.hours, at, zone)
            if begin is not None and begin > self.set_us and (newest is None or begin > newest[0]):
                newest = begin, entry.state
        return newest


def _begin_of(hours: Hours, at: WallUs, zone: tzinfo) -> WallUs | None:
    """Return when the hours began that hold at a time; ``None`` when none of them do."""
    today = datetime.fromtimestamp(at // US_PER_S, zone).date()
    for ago in (0, 1):
        day = today - timedelta(days=ago)
        if day.weekday() not in hours.days:
            continue
        begin = _local(day.year, day.month, day.day, hours.begin_min, zone)
        later = day if hours.end_min > hours.begin_min else day + timedelta(days=1)
        end = _local(later.year, later.month, later.day, hours.end_min, zone)
        if begin <= at < end:
            return begin
    return None


def _local(year: int, month: int, day: int, minute: int, zone: tzinfo) -> WallUs:
    """Return a local time of day; 1440 minutes are the next midnight, however long the day is.

    A time that the clock on the wall skips is the moment at which it does so.
    """
    day_later, rest = divmod(minute, 1440)
    local = datetime(year, month, day, rest // 60, rest % 60, tzinfo=zone) + timedelta(days=day_later)
    # Of a time that there is twice the first one counts; of a skipped one the second is before the first.
    first_s, second_s = int(local.timestamp()), int(local.replace(fold=1).timestamp())
    return WallUs((first_s if first_s <= second_s else _put_forward_s(second_s, first_s, zone)) * US_PER_S)


def _put_forward_s(before_s: int, after_s: int, zone: tzinfo) -> int:
    """Return when the clock on the wall was put forward: after one second, and by the other at the latest."""
    offset = datetime.fromtimestamp(before_s, zone).utcoffset()
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if datetime.fromtimestamp(middle_s, zone).utcoffset() == offset:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s


DISARMED = Arming()
"""Nobody set anything yet: everybody is at home."""
