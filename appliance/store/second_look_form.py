"""What a model said of an event, as the row of the event holds it."""

from typing import Any

from appliance.domain.second_look import Opinion, SecondLook
from appliance.domain.time import WallUs


def row_of(look: SecondLook) -> dict[str, Any]:
    """Return the value of the column, fit for JSON."""
    return {
        "model": look.model,
        "verdict": look.opinion.value,
        "summary": look.summary,
        "points": look.points,
        "at_us": look.at_us,
    }


def second_look_of_row(value: dict[str, Any] | None) -> SecondLook | None:
    """Return what a column holds."""
    if value is None:
        return None
    return SecondLook(value["model"], Opinion(value["verdict"]), value["summary"], WallUs(value["at_us"]))
