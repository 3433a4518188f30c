"""What an event's object did at zones and lines, as the row of the event holds it."""

from typing import Any

from appliance.domain.passage import Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.time import WallUs


def row_of(passages: Passages) -> dict[str, Any]:
    """Return the value of the column, fit for JSON."""
    return {
        "stays": [
            {
                "zone_id": stay.zone_id,
                "name": stay.name,
                "entered_us": stay.entered_us,
                "seen_us": stay.seen_us,
                "is_over": stay.is_over,
            }
            for stay in passages.stays
        ],
        "crossings": [
            {"line_id": one.line_id, "name": one.name, "at_us": one.at_us, "direction": one.direction.value}
            for one in passages.crossings
        ],
        "speed_kmh": passages.speed_kmh,
    }


def passages_of_row(value: dict[str, Any]) -> Passages:
    """Return what a column holds; rows from before there were zones hold nothing."""
    return Passages(
        tuple(
            ZoneStay(
                *(ZoneId(stay["zone_id"]), stay["name"]),
                *(WallUs(stay["entered_us"]), WallUs(stay["seen_us"])),
                bool(stay["is_over"]),
            )
            for stay in value.get("stays", ())
        ),
        tuple(
            Crossing(LineId(one["line_id"]), one["name"], WallUs(one["at_us"]), Direction(one["direction"]))
            for one in value.get("crossings", ())
        ),
        value.get("speed_kmh"),
    )
