"""The alerts in a real browser: what comes by itself moves nobody, and what is put away is put away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import page_of
from tests.support.cut_network import network
from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, event_row
from tests.support.web import WebBox, web_box

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND_US = 1_000_000


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """Run the web server with a camera, and three alerts of three events."""
    async with web_box(tmp_path) as running:
        await running.add(camera_row("front"), batch_row())
        for n in range(3):
            await alarm(running, n)
        yield running


async def alarm(box: WebBox, n: int) -> None:
    """Have an event happen that somebody is to be told of: ``visitor n``."""
    at_us = NOON_US + n * SECOND_US
    what = f"visitor {n}"
    await box.add(
        event_row(f"event-{n}", started_us=at_us, last_seen_us=at_us, summary=what),
        alert_row(f"alert-{n}", event_id=f"event-{n}", created_us=at_us, summary=what),
    )


def row(page: Page, n: int) -> Any:
    """Return the row of an alert."""
    return page.locator(".alert-row").filter(has_text=f"visitor {n}")


async def state(box: WebBox, n: int) -> str:
    """Return how an alert is."""
    return str((await box.get(f"/api/v1/alerts/alert-{n}")).json["state"])


async def refuse(route: Route) -> None:
    """Let a request fail, after a moment."""
    await asyncio.sleep(0.3)
    await route.abort()


async def until_dismissed(box: WebBox, *numbers: int) -> None:
    """Wait until the box has put alerts away."""
    async with asyncio.timeout(5):
        for n in numbers:
            while await state(box, n) != "dismissed":  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_keys_stay_with_the_alert_that_was_chosen(browser: Browser, box: WebBox) -> None:
    """A new one comes above it, is said, and is not what the next key means."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts")
        await expect(row(page, 2)).to_be_visible()
        await page.keyboard.press("j")
        await expect(row(page, 2)).to_be_focused()
        await alarm(box, 3)
        await expect(row(page, 3)).to_be_visible()
        await expect(page.locator("[aria-live=polite]").first).to_contain_text("visitor 3")
        await expect(row(page, 2)).to_have_attribute("aria-current", "true")
        await page.keyboard.press("a")
        await expect(row(page, 2)).to_have_count(0)
        await expect(row(page, 1)).to_be_focused()
        assert [await state(box, n) for n in range(4)] == ["open", "open", "acknowledged", "open"]
        await page.keyboard.press("k")
        await expect(row(page, 3)).to_be_focused()
        assert all("404" in one for one in troubles.said), "but for pictures that are not there"


async def test_what_is_dismissed_is_so_though_the_page_is_left(browser: Browser, box: WebBox) -> None:
    """One or all of them: out of sight at once, to be had back for 8 s, and not forgotten on leaving."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/alerts")
        await row(page, 1).get_by_role("button", name="Dismiss").click()
        await expect(row(page, 1)).to_have_count(0)
        await page.get_by_role("button", name="Undo", exact=True).click()
        await expect(row(page, 1)).to_be_visible()
        await row(page, 0).get_by_role("button", name="Dismiss").click()
        await expect(row(page, 0)).to_have_count(0)
        assert await state(box, 0) == "open"
        await page.goto("about:blank")
        await until_dismissed(box, 0)
        assert await state(box, 1) == "open"
        await page.goto(f"{box.url}/alerts")
        await page.get_by_role("button", name="Dismiss all").click()
        await expect(page.locator(".alert-row")).to_have_count(0)
        await alarm(box, 3)
        await expect(row(page, 3)).to_be_visible()
        await page.goto("about:blank")
        await until_dismissed(box, 1, 2)
        assert await state(box, 3) == "open"


async def test_a_rule_that_is_deleted_is_gone_for_whoever_comes_back(browser: Browser, box: WebBox) -> None:
    """It can be had back for a while, whichever screen was shown meanwhile."""
    rule = (await box.ask("POST", "/api/v1/rules", {"name": "Night"})).json
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts?tab=rules")
        await page.get_by_role("button", name="Delete the rule Night").click()
        await expect(page.get_by_role("heading", name="No rule yet")).to_be_visible()
        await page.get_by_role("link", name="Events").click()
        await page.go_back()
        await expect(page.get_by_role("heading", name="No rule yet")).to_be_visible()
        await page.get_by_role("button", name="Undo", exact=True).click()
        await expect(page.get_by_role("heading", name="Night")).to_be_visible()
        await page.get_by_role("button", name="Delete the rule Night").click()
        await page.goto("about:blank")
        async with asyncio.timeout(5):
            while (await box.get(f"/api/v1/rules/{rule['id']}")).status == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert troubles.said == []


async def test_rules_come_when_the_box_is_back(browser: Browser, box: WebBox) -> None:
    """Nobody has to load the page anew."""
    await box.ask("POST", "/api/v1/rules", {"name": "Night"})
    async with network(box.url) as between, page_of(browser, through=between) as (page, _):
        await page.goto(f"{box.url}/alerts")
        await expect(row(page, 2)).to_be_visible()
        between.cut()
        await page.get_by_role("radio", name="Rules").check()
        await expect(page.get_by_text("Nightjar does not answer.", exact=True).first).to_be_visible()
        between.mend()
        await expect(page.get_by_role("heading", name="Night")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("Nightjar does not answer.", exact=True)).to_have_count(0)


async def test_the_keyboard_stays_where_a_rule_was_refused(browser: Browser, box: WebBox) -> None:
    """Enter tries once more."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/alerts?tab=rules&new=1")
        save = page.get_by_role("button", name="Add the rule")
        await save.wait_for()
        await page.route("**/api/v1/rules", refuse)
        await save.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").get_by_text("Nightjar does not answer.")).to_be_visible()
        await expect(save).to_be_focused()
        await page.unroute("**/api/v1/rules")
        await page.keyboard.press("Enter")
        await expect(page.locator(".rule-list li")).to_have_count(1)
