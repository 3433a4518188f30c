"""Why, in a real browser: beside an event, at an alert, and of what became neither."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.axe import grave_findings
from tests.support.browser import page_of
from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, candidate_row, event_row
from tests.support.web import WebBox, web_box

pytestmark = pytest.mark.asyncio(loop_scope="module")


def step(name: str, detail: str, *, passed: bool = True) -> dict[str, Any]:
    """Return a step of a decision."""
    return {"name": name, "passed": passed, "detail": detail}


SURE = step("score", "best score 0.83 ≥ 0.70")
LABEL = step("label", "person is one of person, car")
COOLS = step("cooldown", "cool-down of rule Late until 02:14", passed=False)
FACTORS = [
    {"name": "label", "points": 25, "detail": "person"},
    {"name": "rarity", "points": 10, "detail": "rare here at this hour: 1 in 28 days"},
]


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """Run the web server with an event, its alert, and two things that nearly were."""
    async with web_box(tmp_path) as running:
        await running.ask("POST", "/api/v1/rules", {"name": "Late"})
        rule_id = (await running.get("/api/v1/rules")).json["items"][0]["id"]
        await running.add(
            camera_row("front"),
            camera_row("yard", name="Yard"),
            batch_row(),
            event_row(summary="A visitor", state="ended", trace=[SURE], risk_factors=FACTORS),
            alert_row(summary="A visitor", trace=[LABEL, step("severity", "medium ≥ low")]),
            candidate_row(
                "c1",
                what="alert",
                event_id="event-1",
                rule_id=rule_id,
                reason=COOLS["detail"],
                trace=[LABEL, COOLS],
            ),
            candidate_row("c2", camera_id="yard", label="dog", started_us=NOON_US + 1),
        )
        yield running


async def test_an_event_says_why(browser: Browser, box: WebBox) -> None:
    """The factors that add up, the steps that made it an event, who alerted, and who did not and why."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events/event-1")
        panel = page.get_by_role("region", name="Why is this an event?")
        await expect(panel.get_by_role("list", name="Why this is an event")).to_contain_text(
            "best score 0.83 ≥ 0.70"
        )
        await expect(page.get_by_text("rare here at this hour: 1 in 28\u00a0days")).to_be_visible()
        await panel.get_by_text("Rule “Night” alerted").click()
        await expect(panel.get_by_text("person is one of person, car").first).to_be_visible()
        missed = panel.get_by_text("Rule “Late” did not alert: cool-down of rule Late until 02:14")
        await missed.focus()
        await page.keyboard.press("Enter")
        await expect(panel.locator("[data-passed=false]")).to_contain_text("No: cool-down")
        assert await grave_findings(page) == []
        assert all("404" in one for one in troubles.said), "but for pictures that are not there"


async def test_an_alert_says_why(browser: Browser, box: WebBox) -> None:
    """Its conditions, one by one, in a dialog that the keyboard opens and closes."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts")
        why = page.get_by_role("button", name="Why: A visitor")
        await why.focus()
        await page.keyboard.press("Enter")
        conditions = page.get_by_role("dialog").get_by_role("listitem")
        await expect(conditions).to_have_text(["Yes: person is one of person, car", "Yes: medium ≥ low"])
        assert await grave_findings(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(why).to_be_focused()
        assert all("404" in one for one in troubles.said), "but for pictures that are not there"


async def test_what_was_not_alerted_is_listed_with_its_reason(browser: Browser, box: WebBox) -> None:
    """Newest first, both kinds, by camera; each leads to where it can be looked at."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts")
        await page.get_by_role("radio", name="Not alerted").check()
        rows = page.locator(".missed-row")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(0)).to_contain_text("Best score 0.61 < 0.70")
        await expect(rows.nth(1)).to_contain_text("Cool-down of rule Late until 02:14")
        assert await grave_findings(page) == []
        await page.get_by_label("Camera").select_option("front")
        await expect(rows).to_have_count(1)
        assert "camera=front" in page.url
        await rows.nth(0).get_by_role("link").click()
        await expect(page.get_by_role("heading", name="A visitor")).to_be_visible()
        assert all("404" in one for one in troubles.said), "but for pictures that are not there"
