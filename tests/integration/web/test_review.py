"""Batches, alerts and rules over the API."""

import pytest
from sqlalchemy import text

from appliance.domain.time import WallUs
from appliance.store.times import iso_of_us
from appliance.web.alerts import AT_ONCE
from tests.support.rows import NOON_US, alert_row, batch_row, event_row
from tests.support.web import WebBox

BATCHES, ALERTS, RULES = "/api/v1/batches", "/api/v1/alerts", "/api/v1/rules"


async def found(box: WebBox, path: str) -> list[str]:
    """Return the ids of what a query finds."""
    answer = await box.get(path)
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["b3", "b2", "b1"]),
        ("camera=yard", ["b2"]),
        ("state=completed", ["b2"]),
        ("severity=high", ["b3"]),
        ("reviewed=true", ["b1"]),
        ("to=2026-09-21T14:13:20.000001Z", ["b1"]),
        ("limit=1", ["b3"]),
    ],
)
async def test_batches_are_found_by_what_they_are(box: WebBox, query: str, ids: list[str]) -> None:
    """Each filter finds its own, newest first."""
    await box.add(
        batch_row("b1", reviewed=1),
        batch_row("b2", camera_id="yard", state="completed", started_us=NOON_US + 1),
        batch_row("b3", severity=2, started_us=NOON_US + 2),
    )
    assert await found(box, f"{BATCHES}?{query}") == ids


async def test_a_batch_is_reviewed(box: WebBox) -> None:
    """The mark is kept, and nothing else changes."""
    await box.add(batch_row("b1"))
    before = (await box.get(f"{BATCHES}/b1")).json
    assert (await box.ask("PATCH", f"{BATCHES}/b1", {"reviewed": True})).json == {**before, "reviewed": True}


async def seed_alert(box: WebBox, **changes: object) -> None:
    """Insert an alert with the event that it is for."""
    await box.add(batch_row(), event_row(), alert_row("a1", **changes))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["a1"]),
        ("state=open", ["a1"]),
        ("state=dismissed", []),
        ("camera=front&severity=medium", ["a1"]),
        ("severity=high", []),
        ("event=event-1", ["a1"]),
        ("event=event-2", []),
    ],
)
async def test_alerts_are_found_by_what_they_are(box: WebBox, query: str, ids: list[str]) -> None:
    """Each filter finds its own."""
    await seed_alert(box)
    assert await found(box, f"{ALERTS}?{query}") == ids


async def test_an_alert_is_acknowledged_and_then_dismissed(box: WebBox) -> None:
    """Each step notes its time; the same step again changes nothing."""
    await seed_alert(box)
    acknowledged = await box.ask("POST", f"{ALERTS}/a1/acknowledge")
    again = await box.ask("POST", f"{ALERTS}/a1/acknowledge")
    dismissed = await box.ask("POST", f"{ALERTS}/a1/dismiss")
    assert acknowledged.json["state"] == "acknowledged"
    assert acknowledged.json["acknowledged_at"] is not None
    assert (again.json, again.cursor) == (acknowledged.json, acknowledged.cursor)
    assert dismissed.json["state"] == "dismissed"
    assert dismissed.json["acknowledged_at"] == acknowledged.json["acknowledged_at"]
    assert (await box.get(f"{ALERTS}/a1")).json == dismissed.json


async def test_a_dismissed_alert_cannot_be_acknowledged(box: WebBox) -> None:
    """An alert never goes back, and the answer says why not."""
    await seed_alert(box)
    await box.ask("POST", f"{ALERTS}/a1/dismiss")
    refused = await box.ask("POST", f"{ALERTS}/a1/acknowledge")
    assert refused.status == 409
    assert "dismissed" in refused.json["detail"]


@pytest.mark.parametrize(("action", "state"), [("acknowledge", "acknowledged"), ("dismiss", "dismissed")])
async def test_all_open_alerts_that_somebody_has_seen_are_handled_at_once(
    box: WebBox, action: str, state: str
) -> None:
    """However many, and each is said; one that came since, and one that was dismissed, stays as it is."""
    many = [alert_row(f"a{i}", created_us=NOON_US + i) for i in range(AT_ONCE + 2)]
    since, gone = alert_row("since", created_us=NOON_US + 2_000_000), alert_row("gone", state="dismissed")
    await box.add(batch_row(), event_row(), *many, since, gone)
    until = iso_of_us(WallUs(NOON_US + 1_000_000))
    answer = await box.ask("POST", f"{ALERTS}/{action}", {"until": until})
    again = await box.ask("POST", f"{ALERTS}/{action}", {"until": until})
    assert (answer.json, again.json) == ({"count": AT_ONCE + 2}, {"count": 0})
    async with box.spine.reader.read() as connection:
        said = await connection.execute(
            text(
                "SELECT count(DISTINCT json_extract(data, '$.id')), count(*) FROM outbox WHERE type = :type"
            ),
            {"type": f"alert_{state}"},
        )
        assert said.one() == (AT_ONCE + 2, AT_ONCE + 2)
    assert await found(box, f"{ALERTS}?state=open") == ["since"]
    one = (await box.get(f"{ALERTS}/a0")).json
    assert (one["state"], one[f"{state}_at"] is None) == (state, False)
    assert (await box.get(f"{ALERTS}/gone")).json["dismissed_at"] is None


async def test_which_alerts_were_seen_must_be_said(box: WebBox) -> None:
    """Nothing is dismissed that nobody has seen, only because a time was left out or is none."""
    assert (await box.ask("POST", f"{ALERTS}/dismiss", {})).status == 422
    assert (await box.ask("POST", f"{ALERTS}/dismiss", {"until": "now"})).json["field"] == "until"


async def test_an_action_takes_no_body(box: WebBox) -> None:
    """What is sent along is not ignored in silence."""
    await seed_alert(box)
    plain = {"Content-Type": "text/plain"}
    refused = await box.ask("POST", f"{ALERTS}/a1/dismiss", raw=b"now", headers=plain)
    assert refused.status == 415
    assert (await box.ask("POST", f"{ALERTS}/a1/dismiss", {"at": 1})).status == 415
    assert (await box.ask("POST", f"{ALERTS}/a1/dismiss", {})).status == 200


RULE = {"name": "Night", "labels": ["person"], "cameras": ["front"], "min_severity": "high", "cooldown_s": 60}


async def test_a_rule_is_added_read_changed_and_deleted(box: WebBox) -> None:
    """What was given comes back, with the defaults of what was not."""
    added = await box.ask("POST", RULES, RULE)
    where = added.headers["Location"]
    assert added.json == {
        **RULE,
        "id": where.rpartition("/")[2],
        "enabled": True,
        "cooldown_s": 60.0,
        "deduplication": "batch",
        "zones": None,
        "lines": None,
        "min_dwell_s": 0.0,
        "armed": None,
        "hours": [],
        "targets": None,
    }
    changed = await box.ask("PATCH", where, {"min_severity": "low", "cameras": None, "enabled": False})
    assert changed.json == {**added.json, "min_severity": "low", "cameras": None, "enabled": False}
    assert (await box.get(where)).json == changed.json
    assert await found(box, RULES) == [changed.json["id"]]
    assert (await box.ask("DELETE", where)).status == 204
    assert await found(box, RULES) == []


@pytest.mark.parametrize(
    "change",
    [
        {"min_severity": "grave"},
        {"cooldown_s": -1},
        {"deduplication": "never"},
        {"cameras": ["No Slug"]},
        {"name": ""},
        {"colour": "red"},
    ],
)
async def test_a_rule_that_does_not_fit_is_refused(box: WebBox, change: dict[str, object]) -> None:
    """Neither adding nor changing lets it in."""
    assert (await box.ask("POST", RULES, {**RULE, **change})).status == 422
    where = (await box.ask("POST", RULES, RULE)).headers["Location"]
    assert (await box.ask("PATCH", where, change)).status == 422


UNKNOWN = [
    ("GET", f"{BATCHES}/no"),
    ("PATCH", f"{BATCHES}/no"),
    ("GET", f"{ALERTS}/no"),
    ("POST", f"{ALERTS}/no/acknowledge"),
    ("POST", f"{ALERTS}/no/dismiss"),
    ("GET", f"{RULES}/no"),
    ("PATCH", f"{RULES}/no"),
    ("DELETE", f"{RULES}/no"),
]


async def test_what_is_not_there_is_not_found(box: WebBox) -> None:
    """The answer names the id that was asked for."""
    for method, path in UNKNOWN:
        answer = await box.ask(method, path, {} if method == "PATCH" else None)
        assert answer.status == 404, path
        assert "'no'" in answer.json["detail"]
