"""A camera's recording as JSON: how the API takes and gives it, and how its row holds it."""

import logging
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from appliance.domain.arming import Hours
from appliance.domain.footage import DEFAULT_POLICY, RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.store.hours_form import Days, EndOfDay, TimeOfDay, hours_of, words_of

log = logging.getLogger(__name__)

LONGEST_PRE_ROLL_S = 60
LONGEST_POST_ROLL_S = 600
MOST_ENTRIES = 64
LONGEST_KEEP_DAYS = 36_500
LEAST_BYTES, MOST_BYTES = 1_000_000, 10**15

ModeWord = Literal["continuous", "motion", "events", "off"]
PreRollS = Annotated[float, Meta(ge=0, le=LONGEST_PRE_ROLL_S)]
PostRollS = Annotated[float, Meta(ge=0, le=LONGEST_POST_ROLL_S)]
KeepDays = Annotated[float, Meta(gt=0, le=LONGEST_KEEP_DAYS)]
MostBytes = Annotated[int, Meta(ge=LEAST_BYTES, le=MOST_BYTES)]


class Schedule(Struct, forbid_unknown_fields=True):
    """A mode for some hours of some weekdays, by the box's local time.

    Where ``to`` is not after ``from`` it ends on the next day.
    """

    days: Days
    from_: TimeOfDay = msgspec.field(name="from")
    to: EndOfDay
    mode: ModeWord


Schedules = Annotated[list[Schedule], Meta(max_length=MOST_ENTRIES)]


class Recording(Struct, forbid_unknown_fields=True):
    """When a camera's footage is recorded, and how much of it is kept at most; null is no limit of its own.

    Without ``sound`` nothing of what its microphone hears is recorded.
    The first entry of the schedule that holds decides; where none does, it is ``mode``.
    """

    mode: ModeWord = DEFAULT_POLICY.mode.value
    pre_roll_s: PreRollS = DEFAULT_POLICY.pre_roll_s
    post_roll_s: PostRollS = DEFAULT_POLICY.post_roll_s
    schedule: Schedules = []
    keep_days: KeepDays | None = None
    most_bytes: MostBytes | None = None
    sound: bool = DEFAULT_POLICY.sound


DEFAULTS = msgspec.json.encode(Recording()).decode()
"""The JSON of a camera whose owner said nothing of its recording."""


def policy_of(form: Recording) -> RecordingPolicy:
    """Return what a form asks for."""
    return RecordingPolicy(
        mode=RecordingMode(form.mode),
        pre_roll_s=form.pre_roll_s,
        post_roll_s=form.post_roll_s,
        schedule=tuple(
            schedule_entry(entry.days, entry.from_, entry.to, RecordingMode(entry.mode))
            for entry in form.schedule
        ),
        keep_days=form.keep_days,
        most_bytes=form.most_bytes,
        sound=form.sound,
    )


def policy_of_row(camera_id: str, recording: object) -> RecordingPolicy:
    """Return what a camera's row asks for; one that makes no sense asks for the defaults, and is logged.

    Only a foreign program can have written that, and no camera's recording should be lost by it.
    """
    try:
        return policy_of(msgspec.convert(recording, Recording))
    except msgspec.ValidationError as err:
        log.error("camera %s: its recording is not as it should be, the defaults hold: %s", camera_id, err)
        return DEFAULT_POLICY


def row_of(policy: RecordingPolicy) -> dict[str, Any]:
    """Return what a camera's row holds of a policy: limits that there are not are left out."""
    values = {
        "mode": policy.mode.value,
        "pre_roll_s": policy.pre_roll_s,
        "post_roll_s": policy.post_roll_s,
        "schedule": [
            {**words_of(Hours(entry.days, entry.begin_min, entry.end_min)), "mode": entry.mode.value}
            for entry in policy.schedule
        ],
        "keep_days": policy.keep_days,
        "most_bytes": policy.most_bytes,
        "sound": policy.sound,
    }
    return {name: value for name, value in values.items() if value is not None}


def schedule_entry(days: Sequence[str], begin: str, end: str, mode: RecordingMode) -> ScheduleEntry:
    """Return an entry of a schedule from its words.

    Raises:
        InvalidInput: a day or a time is none; it says which, what was expected and what came.
    """
    hours = hours_of(days, begin, end)
    return ScheduleEntry(hours.days, hours.begin_min, hours.end_min, mode)
