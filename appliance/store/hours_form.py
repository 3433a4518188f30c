"""Hours of weekdays as JSON: how the API takes and gives them, and how rows hold them."""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from appliance.domain.arming import ArmHours as SetHours
from appliance.domain.arming import ArmState
from appliance.domain.arming import Hours as SomeHours
from appliance.errors import InvalidInput

log = logging.getLogger(__name__)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How weekdays are named; the first one is day 0."""
MOST_HOURS = 64
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END_OF_DAY = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ArmWord = Literal["home", "away", "night"]
Days = Annotated[list[Day], Meta(min_length=1, max_length=7)]
TimeOfDay = Annotated[str, Meta(pattern=TIME_OF_DAY, description="a time of day from 00:00 to 23:59")]
EndOfDay = Annotated[str, Meta(pattern=END_OF_DAY, description="a time of day from 00:00 to 24:00")]


class Hours(Struct, forbid_unknown_fields=True):
    """Some hours of some weekdays, by the box's local time.

    Where ``to`` is not after ``from`` they end on the next day.
    """

    days: Days
    from_: TimeOfDay = msgspec.field(name="from")
    to: EndOfDay


class ArmHours(Struct, forbid_unknown_fields=True):
    """A state that the clock sets for some hours of some weekdays, by the box's local time."""

    days: Days
    from_: TimeOfDay = msgspec.field(name="from")
    to: EndOfDay
    state: ArmWord


HoursList = Annotated[list[Hours], Meta(max_length=MOST_HOURS)]
ArmHoursList = Annotated[list[ArmHours], Meta(max_length=MOST_HOURS)]


def hours_of(days: Sequence[str], begin: str, end: str) -> SomeHours:
    """Return hours from their words.

    Raises:
        InvalidInput: a day or a time is none; it says which, what was expected and what came.
    """
    if not days:
        raise InvalidInput("days: expected at least one day, got none")
    for day in days:
        if day not in DAYS:
            raise InvalidInput(f'days: expected each one of {", ".join(DAYS)}, got "{day[:40]}"')
    if not re.fullmatch(TIME_OF_DAY, begin):
        raise InvalidInput(f'from: expected a time of day from 00:00 to 23:59, got "{begin[:40]}"')
    if not re.fullmatch(END_OF_DAY, end):
        raise InvalidInput(f'to: expected a time of day from 00:00 to 24:00, got "{end[:40]}"')
    end_min = _minutes(end) or _minutes("24:00")
    return SomeHours(frozenset(DAYS.index(day) for day in days), _minutes(begin), end_min)


def words_of(hours: SomeHours) -> dict[str, Any]:
    """Return hours in the words of which ``hours_of`` makes them."""
    return {
        "days": [DAYS[day] for day in sorted(hours.days)],
        "from": _clock(hours.begin_min),
        "to": _clock(hours.end_min),
    }


def hours_of_forms(forms: Iterable[Hours]) -> tuple[SomeHours, ...]:
    """Return what forms ask for, in their order."""
    return tuple(hours_of(form.days, form.from_, form.to) for form in forms)


def hours_of_row(rule_id: str, hours: object) -> tuple[SomeHours, ...]:
    """Return the hours that a rule's row holds; what makes no sense is no limit, and is logged.

    Only a foreign program can have written that, and an alert too many is better than none.
    """
    try:
        return hours_of_forms(msgspec.convert(hours, HoursList))
    except msgspec.ValidationError as err:
        log.error("rule %s: its hours are not as they should be, it alerts at any time: %s", rule_id, err)
        return ()


def arm_hours_of_forms(forms: Iterable[ArmHours]) -> tuple[SetHours, ...]:
    """Return what forms ask for, in their order."""
    return tuple(SetHours(hours_of(form.days, form.from_, form.to), ArmState(form.state)) for form in forms)


def arm_words_of(entry: SetHours) -> dict[str, Any]:
    """Return hours and their state in words."""
    return {**words_of(entry.hours), "state": entry.state.value}


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
