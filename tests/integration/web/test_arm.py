"""Who is at home, and rules of place and time, over the API."""

from typing import Any

import pytest

from appliance.domain.arming import ArmState
from appliance.domain.scene import LineId, ZoneId
from appliance.store import pipeline
from appliance.store.times import us_of_iso
from tests.support.web import WebBox

ARM, RULES = "/api/v1/arm", "/api/v1/rules"
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = {"days": ALL_DAYS, "from": "00:00", "to": "24:00", "state": "night"}


async def arm(box: WebBox, **change: object) -> Any:
    """Set who is at home and return what is answered."""
    answer = await box.ask("PUT", ARM, change)
    assert answer.status == 200, answer.body
    return answer.json


async def test_everybody_is_at_home_at_first(box: WebBox) -> None:
    """Nobody set anything, and there are no hours."""
    nothing: dict[str, object] = {"state": "home", "by_hand": "home", "set_at": None, "hours": []}
    assert (await box.get(ARM)).json == nothing


async def test_a_state_set_by_hand_holds(box: WebBox) -> None:
    """It is said since when, and the pipeline learns the same."""
    made = await arm(box, state="away")
    assert (made["state"], made["by_hand"]) == ("away", "away")
    assert (await box.get(ARM)).json == made
    arming = await box.spine.reader.ask(pipeline.arm)
    assert (arming.state, arming.hours) == (ArmState.AWAY, ())
    assert abs(arming.set_us - us_of_iso(made["set_at"])) <= 500


async def test_hours_set_a_state_until_somebody_does(box: WebBox) -> None:
    """Hours that began before the setting by hand leave it alone; each member is set without the other."""
    assert (await arm(box, hours=[ALWAYS]))["state"] == "night"
    assert (await box.get(ARM)).json["hours"] == [ALWAYS]
    by_hand = await arm(box, state="away")
    assert (by_hand["state"], by_hand["hours"]) == ("away", [ALWAYS])
    without = await arm(box, hours=[])
    assert (without["state"], without["set_at"]) == ("away", by_hand["set_at"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": "out"}, "state"),
        ({"hours": [{**ALWAYS, "days": []}]}, "hours[0].days"),
        ({"hours": [{**ALWAYS, "to": "25:00"}]}, "hours[0].to"),
        ({"hours": [{**ALWAYS, "state": "out"}]}, "hours[0].state"),
        ({"armed": True}, "armed"),
    ],
)
async def test_what_is_no_state_and_no_hours_is_refused(
    box: WebBox, change: dict[str, object], field: str
) -> None:
    """And nothing is changed."""
    answer = await box.ask("PUT", ARM, change)
    assert (answer.status, answer.json["field"]) == (422, field)
    assert (await box.get(ARM)).json["set_at"] is None


RULE = {
    "name": "Night",
    "zones": ["porch", "drive", "drive"],
    "lines": ["gate"],
    "min_dwell_s": 20.0,
    "armed": ["night", "away"],
    "hours": [{"days": ["sun", "mon"], "from": "22:00", "to": "06:00"}],
}


async def test_a_rule_of_place_and_time_is_read_as_it_was_made(box: WebBox) -> None:
    """By whoever manages rules, and by the pipeline; what is a set is in order."""
    made = (await box.ask("POST", RULES, RULE)).json
    assert made["zones"] == ["drive", "porch"]
    assert (made["lines"], made["min_dwell_s"], made["armed"]) == (["gate"], 20.0, ["away", "night"])
    assert made["hours"] == [{"days": ["mon", "sun"], "from": "22:00", "to": "06:00"}]
    (rule,) = await box.spine.reader.ask(pipeline.rules)
    assert rule.zones == frozenset({ZoneId("drive"), ZoneId("porch")})
    assert (rule.lines, rule.min_dwell_s) == (frozenset({LineId("gate")}), 20.0)
    assert rule.armed == frozenset({ArmState.AWAY, ArmState.NIGHT})
    assert [(sorted(h.days), h.begin_min, h.end_min) for h in rule.hours] == [([0, 6], 1320, 360)]


async def test_a_rule_that_names_no_place_and_no_time_has_no_limits(box: WebBox) -> None:
    """Null and an empty list take a limit away again."""
    made = (await box.ask("POST", RULES, RULE)).json
    nothing: dict[str, object] = {"zones": None, "lines": None, "min_dwell_s": 0, "armed": None, "hours": []}
    changed = (await box.ask("PATCH", f"{RULES}/{made['id']}", nothing)).json
    assert {name: changed[name] for name in nothing} == nothing
    plain = (await box.ask("POST", RULES, {"name": "Plain"})).json
    assert {name: plain[name] for name in nothing} == nothing
    rules = await box.spine.reader.ask(pipeline.rules)
    assert [(rule.zones, rule.lines, rule.armed, rule.hours) for rule in rules] == [
        (None, None, None, ())
    ] * 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zones": []}, "zones"),
        ({"zones": ["My drive"]}, "zones[0]"),
        ({"lines": []}, "lines"),
        ({"min_dwell_s": -1}, "min_dwell_s"),
        ({"armed": []}, "armed"),
        ({"armed": ["out"]}, "armed[0]"),
        ({"hours": [{"days": ["mon"], "from": "22:00"}]}, "to"),
    ],
)
async def test_a_rule_that_could_never_alert_is_refused(
    box: WebBox, change: dict[str, object], field: str
) -> None:
    """An empty list of zones would be one: the field is named."""
    answer = await box.ask("POST", RULES, {"name": "Night", **change})
    assert (answer.status, answer.json["field"]) == (422, field)
