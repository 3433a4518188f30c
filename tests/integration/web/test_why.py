"""Why there is an event or an alert, and what nearly became one, over the API."""

from typing import Any

import pytest

from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, candidate_row, event_row
from tests.support.web import WebBox

CANDIDATES = "/api/v1/candidates"


def step(name: str, detail: str, *, passed: bool = True) -> dict[str, Any]:
    """Return a step as it is stored and told."""
    return {"name": name, "passed": passed, "detail": detail}


SURE = step("score", "best score 0.83 ≥ 0.70")
COOLS = step("cooldown", "cool-down of rule Night until 02:14", passed=False)


async def seed(box: WebBox) -> None:
    """Insert an event with two alerts, and one more rule that nearly alerted."""
    factors = [{"name": "label", "points": 25, "detail": "person"}]
    await box.add(
        batch_row(),
        event_row(trace=[SURE], risk_factors=factors, risk_score=25),
        alert_row("a2", rule_id="r2", rule_name="Late", created_us=NOON_US + 1, trace=[]),
        alert_row("a1", trace=[step("label", "person")]),
        candidate_row(
            "c1", what="alert", event_id="event-1", rule_id="r3", reason=COOLS["detail"], trace=[COOLS]
        ),
        candidate_row("c2", camera_id="yard", label="car", started_us=NOON_US + 5),
    )


async def test_an_event_says_why_it_is_one_and_who_alerted(box: WebBox) -> None:
    """Its steps, the sum of its risk, each alert's conditions, and the rule that nearly alerted."""
    await seed(box)
    why = (await box.get("/api/v1/events/event-1/why")).json
    assert why["steps"] == [SURE]
    assert why["risk_score"] == sum(factor["points"] for factor in why["risk_factors"])
    assert [alert["alert_id"] for alert in why["alerts"]] == ["a1", "a2"]
    assert why["alerts"][0]["steps"] == [step("label", "person")]
    assert [(one["rule_id"], one["steps"]) for one in why["not_alerted"]] == [("r3", [COOLS])]


async def test_an_alert_says_why(box: WebBox) -> None:
    """Each condition of its rule."""
    await seed(box)
    assert (await box.get("/api/v1/alerts/a1/why")).json == {
        "alert_id": "a1",
        "rule_id": "rule-1",
        "rule_name": "Night",
        "event_id": "event-1",
        "steps": [step("label", "person")],
    }


@pytest.mark.parametrize("path", ["/api/v1/events/nobody/why", "/api/v1/alerts/nobody/why"])
async def test_of_what_is_not_there_there_is_no_reason(box: WebBox, path: str) -> None:
    """404, as of the event or alert itself."""
    assert (await box.get(path)).status == 404


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["c2", "c1"]),
        ("what=event", ["c2"]),
        ("what=alert", ["c1"]),
        ("camera=front", ["c1"]),
        ("camera=front&camera=yard", ["c2", "c1"]),
        ("label=car", ["c2"]),
        ("to=2026-09-21T14:13:20.000001Z", ["c1"]),
        ("from=2026-09-21T14:13:20.000001Z", ["c2"]),
    ],
)
async def test_candidates_are_found_by_what_they_are(box: WebBox, query: str, ids: list[str]) -> None:
    """Each filter finds its own, newest first."""
    await seed(box)
    answer = await box.get(f"{CANDIDATES}?{query}")
    assert [item["id"] for item in answer.json["items"]] == ids


async def test_candidates_come_in_pages(box: WebBox) -> None:
    """A page begins where the one before ended."""
    await seed(box)
    first = (await box.get(f"{CANDIDATES}?limit=1")).json
    second = (await box.get(f"{CANDIDATES}?limit=1&page={first['next']}")).json
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == ["c2", "c1", None]


async def test_a_rule_that_is_gone_has_no_name(box: WebBox) -> None:
    """The name is the rule's present one."""
    await seed(box)
    rule = (await box.ask("POST", "/api/v1/rules", {"name": "Night"})).json
    await box.add(candidate_row("c3", what="alert", event_id="event-1", rule_id=rule["id"]))
    items = (await box.get(f"{CANDIDATES}?what=alert")).json["items"]
    assert {item["id"]: item["rule_name"] for item in items} == {"c1": None, "c3": "Night"}


async def test_with_an_event_goes_what_is_told_of_it(box: WebBox) -> None:
    """Who deletes an event wants nothing of it to stay."""
    await seed(box)
    assert (await box.ask("DELETE", "/api/v1/events/event-1")).status == 204
    items = (await box.get(CANDIDATES)).json["items"]
    assert [item["id"] for item in items] == ["c2"]


@pytest.mark.parametrize("query", ["what=nothing", "page=nonsense", "from=yesterday", "colour=red"])
async def test_a_query_that_cannot_be_read_is_refused(box: WebBox, query: str) -> None:
    """With the words of every other list."""
    assert (await box.get(f"{CANDIDATES}?{query}")).status == 422


async def test_a_camera_says_what_is_usual_there(box: WebBox) -> None:
    """By the box's clock, for each label that came, the most usual first."""
    day_us, clock_us = 86_400_000_000, box.with_.clock.wall_us()
    noon_us = clock_us // day_us * day_us - 7 * day_us + 12 * 3_600_000_000
    days = [noon_us + n * day_us for n in range(6)]
    people = [event_row(f"p{at}", state="ended", started_us=at, last_seen_us=at) for at in days]
    dog = event_row("dog", label="dog", state="ended", started_us=days[0], last_seen_us=days[0])
    await box.add(camera_row("front"), batch_row(), *people, dog)
    usual = (await box.get("/api/v1/cameras/front/baseline")).json
    assert [label["label"] for label in usual["labels"]] == ["person", "dog"]
    assert usual["days"] == pytest.approx(5, abs=0.5)
    shares = [*usual["labels"][0]["workdays"], *usual["labels"][0]["weekends"]]
    assert [index % 24 for index, share in enumerate(shares) if share > 0] == [12, 12]
    assert (await box.get("/api/v1/cameras/nobody/baseline")).status == 404
