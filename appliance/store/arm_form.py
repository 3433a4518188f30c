"""Who is at home, as JSON: how the row of the setting holds it."""

import logging
from typing import Any

import msgspec
from msgspec import Struct

from appliance.domain.arming import DISARMED, Arming, ArmState
from appliance.domain.time import WallUs
from appliance.store.hours_form import ArmHoursList, ArmWord, arm_hours_of_forms, arm_words_of

log = logging.getLogger(__name__)

ARM = "arm"
"""The key of the setting."""


class ArmRow(Struct):
    """The value of the setting: the last state set by hand, when that was, and the hours."""

    state: ArmWord = DISARMED.state.value
    set_us: int = DISARMED.set_us
    hours: ArmHoursList = []


def arming_of_row(value: object) -> Arming:
    """Return what the setting says; nobody set anything where there is none, or one that makes no sense.

    Only a foreign program can have written that; it is logged.
    """
    if value is None:
        return DISARMED
    try:
        row = msgspec.convert(value, ArmRow)
    except msgspec.ValidationError as err:
        log.error("the arm state is not as it should be, everybody counts as at home: %s", err)
        return DISARMED
    return Arming(ArmState(row.state), WallUs(row.set_us), arm_hours_of_forms(row.hours))


def row_of(arming: Arming) -> dict[str, Any]:
    """Return the value of the setting."""
    return {
        "state": arming.state.value,
        "set_us": arming.set_us,
        "hours": [arm_words_of(entry) for entry in arming.hours],
    }
