"""Where an event's object rests, as the row of the event holds it."""

from typing import Any

from appliance.domain.time import WallUs
from appliance.domain.track import Rest


def row_of(rest: Rest | None) -> dict[str, Any] | None:
    """Return the value of the column, fit for JSON: a look is 16 hexadecimal digits."""
    if rest is None:
        return None
    return {"since_us": rest.since_us, "box": list(rest.unit_box), "look": f"{rest.look:016x}"}


def rest_of_row(value: dict[str, Any] | None) -> Rest | None:
    """Return what a column holds."""
    if value is None:
        return None
    left, top, right, bottom = value["box"]
    return Rest(WallUs(value["since_us"]), (left, top, right, bottom), int(value["look"], 16))
