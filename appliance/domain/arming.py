"""Who is at home: the state that switches rules, set by hand or by the clock."""

from dataclasses import dataclass
from enum import StrEnum


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
    """A state that the clock sets when these hours begin, until somebody or other hours set another one."""

    hours: Hours
    state: ArmState
