"""The feed of events, in a real browser: it fills as things happen, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from appliance.domain.severity import Severity
from tests.support.axe import grave_findings
from tests.support.browser import DESK, PHONE, page_of
from tests.support.cut_network import network
from tests.support.rows import NOON_US, batch_row, camera_row, event_row
from tests.support.web import WebBox, web_box

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
WITHIN_MS = 1000

ROW_STAYS = """async ([id, ms]) => {
  const top = () => document.querySelector(`[data-event="${id}"]`)?.getBoundingClientRect().top;
  const first = top();
  let most = 0;
  for (const end = performance.now() + ms; performance.now() < end; ) {
    await new Promise((done) => requestAnimationFrame(done));
    most = Math.max(most, Math.abs((top() ?? Infinity) - first));
  }
  return most;
}"""
"""How far an event's row moves in some time, in pixels; infinite when it goes."""


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """Run the web server with two cameras and a batch."""
    async with web_box(tmp_path) as running:
        await running.add(camera_row("front"), camera_row("yard", name="Yard"), batch_row())
        yield running


async def fill(box: WebBox, n: int, **changes: Any) -> None:
    """Add events ``e0001`` … of batches of three, the newest at noon and the others a minute apart."""
    rows: list[object] = []
    for i in range(n):
        number = n - i
        at_us = NOON_US - i * MINUTE_US
        if i % 3 == 0:
            rows.append(batch_row(f"b{number:04d}", started_us=at_us - 2 * MINUTE_US, event_count=3))
            batch_id = f"b{number:04d}"
        values = {"summary": f"event {number}", "batch_id": batch_id, "state": "ended", "ended_us": at_us}
        rows.append(event_row(f"e{number:04d}", started_us=at_us, last_seen_us=at_us, **values, **changes))
    await box.add(*rows)


async def happen(box: WebBox, event_id: str, after_s: int = 60, **changes: Any) -> None:
    """Have an event begin after noon."""
    at_us = NOON_US + after_s * SECOND_US
    await box.add(
        event_row(event_id, started_us=at_us, last_seen_us=at_us, summary=f"news {event_id}", **changes)
    )


def row(page: Page, event_id: str) -> Any:
    """Return the row of an event."""
    return page.locator(f'[data-event="{event_id}"]')


async def refuse(route: Route) -> None:
    """Let a request fail, after a moment."""
    await asyncio.sleep(0.3)
    await route.abort()


async def ids(page: Page) -> list[str]:
    """Return the events in sight, from top to bottom."""
    found: list[str] = await page.locator("[data-event]").evaluate_all(
        "(rows) => rows.map((row) => row.dataset.event)"
    )
    return found


async def test_an_event_is_in_the_feed_within_a_second_of_its_commit(browser: Browser, box: WebBox) -> None:
    """And is said to whoever hears the page."""
    await fill(box, 3)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await expect(row(page, "e0003")).to_be_visible()
        for n in range(5):
            await happen(box, f"new{n}", after_s=60 + n)
            await row(page, f"new{n}").wait_for(timeout=WITHIN_MS)
        assert (await ids(page))[:6] == ["new4", "new3", "new2", "new1", "new0", "e0003"]
        await expect(page.locator("[aria-live=polite]").first).to_contain_text("Medium: news new0")
        assert troubles.said == []


async def test_the_filter_is_in_the_address_and_messages_heed_it(browser: Browser, box: WebBox) -> None:
    """What does not match does not come in, what has ceased to match goes, and an empty list says why."""
    await fill(box, 3)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events?label=car&reviewed=false")
        await expect(page.get_by_text("No event is car · not reviewed.")).to_be_visible()
        await happen(box, "person")
        await happen(box, "car", after_s=61, label="car")
        await expect(row(page, "car")).to_be_visible()
        await expect(row(page, "person")).to_have_count(0)
        assert (await box.ask("PATCH", "/api/v1/events/car", {"reviewed": True})).status == 200
        await expect(row(page, "car")).to_have_count(0)
        await page.get_by_role("button", name="Show all events").click()
        await expect(row(page, "person")).to_be_visible()
        assert page.url == f"{box.url}/events"
        assert troubles.said == []


async def test_filters_are_chosen_and_cleared(browser: Browser, box: WebBox) -> None:
    """Cameras, labels, severity, reviewed and days, each in the address."""
    await fill(box, 3)
    await happen(box, "yard1", camera_id="yard", label="dog", severity=int(Severity.HIGH))
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await page.get_by_text("All cameras").click()
        await page.get_by_role("checkbox", name="Yard").check()
        await expect(row(page, "e0003")).to_have_count(0)
        await expect(row(page, "yard1")).to_be_visible()
        await page.get_by_text("All labels").click()
        await page.get_by_role("checkbox", name="dog").check()
        await page.get_by_label("Severity", exact=True).select_option("high")
        await page.get_by_role("radio", name="Not reviewed").check()
        await expect(row(page, "yard1")).to_be_visible()
        assert page.url.endswith("/events?camera=yard&label=dog&severity=high&reviewed=false")
        await page.get_by_role("button", name="Clear").click()
        await expect(row(page, "e0003")).to_be_visible()
        assert page.url == f"{box.url}/events"
        assert troubles.said == []


async def test_whoever_reads_further_down_is_not_moved_by_what_is_new(browser: Browser, box: WebBox) -> None:
    """The rows stay to the pixel; a button says how many are new, and leads to them."""
    await fill(box, 120)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "e0120").wait_for()
        await page.locator(".virtual").evaluate("(it) => it.scrollTo(0, 4000)")
        await asyncio.sleep(0.5)
        reading = (await ids(page))[8]
        moved = asyncio.create_task(page.evaluate(ROW_STAYS, [reading, 1500]))
        for n in range(3):
            await happen(box, f"new{n}", after_s=60 + n)
        assert await moved <= 1
        await page.get_by_role("button", name="3 new").click()
        await expect(row(page, "new2")).to_be_in_viewport()
        await expect(page.get_by_role("button", name="3 new")).to_have_count(0)
        assert troubles.said == []


async def test_every_event_is_shown_once_however_many_pages_there_are(browser: Browser, box: WebBox) -> None:
    """Scrolling to the end fetches page after page, and rows of different heights lie side by side."""
    await fill(box, 700, note="a note makes a row higher than others are, and is shown in two lines at most")
    async with page_of(browser, PHONE) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "e0700").wait_for()
        seen: list[str] = []
        for _ in range(400):
            seen += [one for one in await ids(page) if one not in seen[-60:]]
            if seen[-1] == "e0001":
                break
            await page.locator(".virtual").evaluate("(it) => it.scrollBy(0, 500)")
            await asyncio.sleep(0.03)
        assert seen == [f"e{n:04d}" for n in range(700, 0, -1)]
        await expect(page.get_by_text("That is all.")).to_be_visible()
        gaps = await page.evaluate(
            "[...document.querySelectorAll('.virtual > ul > li:not([data-head])')]"
            ".map((li) => li.getBoundingClientRect())"
            ".sort((one, other) => one.top - other.top)"
            ".map((it, i, all) => (i === 0 ? 0 : Math.abs(it.top - all[i - 1].bottom)))"
        )
        assert max(gaps) <= 1
        assert troubles.said == []


async def test_a_deletion_can_be_undone_and_is_sent_when_the_page_is_left(
    browser: Browser, box: WebBox
) -> None:
    """Gone at once; the server is asked after 8 s, or on leaving the page."""
    await fill(box, 6)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "e0006").get_by_role("button", name="Delete: event 6").click()
        await expect(row(page, "e0006")).to_have_count(0)
        await page.get_by_role("button", name="Undo").click()
        await expect(row(page, "e0006")).to_be_visible()
        await row(page, "e0005").get_by_role("button", name="Delete: event 5").click()
        await row(page, "e0004").get_by_role("button", name="Delete: event 4").click()
        await expect(row(page, "e0004")).to_have_count(0)
        assert (await box.get("/api/v1/events/e0004")).status == 200
        await page.goto("about:blank")
        for event_id in ("e0004", "e0005"):
            for _ in range(100):
                if (await box.get(f"/api/v1/events/{event_id}")).status == 404:
                    break
                await asyncio.sleep(0.02)
            assert (await box.get(f"/api/v1/events/{event_id}")).status == 404
        assert (await box.get("/api/v1/events/e0006")).status == 200
        assert troubles.said == []


async def test_a_deletion_that_fails_or_is_met_again_says_so(browser: Browser, box: WebBox) -> None:
    """The story of what is about to go offers it back; what cannot be deleted is back, with the reason."""
    await fill(box, 6)
    async with page_of(browser) as (page, _):
        await page.clock.install()
        await page.goto(f"{box.url}/events/e0006")
        await page.get_by_role("button", name="Delete").click()
        await expect(page).to_have_url(f"{box.url}/events")
        await page.go_back()
        await expect(page.get_by_role("heading", name="You have deleted this event")).to_be_visible()
        await page.locator("main").get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("button", name="Delete")).to_be_visible()
        await page.goto(f"{box.url}/events")
        await page.route("**/api/v1/events/e0005", lambda route: route.abort())
        await row(page, "e0005").get_by_role("button", name="Delete: event 5").click()
        await expect(row(page, "e0005")).to_have_count(0)
        await page.clock.run_for(9000)
        await expect(page.get_by_text("Not deleted: Nightjar does not answer.")).to_be_visible()
        await expect(row(page, "e0005")).to_be_visible()
        assert (await box.get("/api/v1/events/e0006")).status == 200


async def test_stories_are_gone_through_within_the_filter(browser: Browser, box: WebBox) -> None:
    """J and K keep to what the feed shows, however fast they are pressed and however close the events are."""
    await fill(box, 3, label="car")
    for n in range(4):
        await happen(box, f"near{n}", after_s=60, label="car", reviewed=n == 2)
        await happen(box, f"dog{n}", after_s=60, label="dog")
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/events?label=car&reviewed=false")
        await row(page, "near3").get_by_role("link", name="Play").first.click()
        story = page.locator(".story")
        await expect(story).to_have_attribute("data-event", "near3")
        for step in ("j near1", "j near0", "j e0003", "k near0", "k near1"):
            key, event_id = step.split()
            await page.keyboard.press(key)
            await expect(story).to_have_attribute("data-event", event_id)
            assert page.url == f"{box.url}/events/{event_id}?label=car&reviewed=false"
        for _ in range(3):
            await page.keyboard.press("j")
        await expect(story).to_have_attribute("data-event", "e0002")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{box.url}/events?label=car&reviewed=false")
        await expect(row(page, "near1")).to_be_visible()
        await expect(row(page, "near2")).to_have_count(0)


async def test_the_feed_is_worked_through_with_the_keyboard(browser: Browser, box: WebBox) -> None:
    """J and K go, R reviews, U takes back, N writes, Delete deletes, Enter plays; the row is in sight."""
    await fill(box, 40)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "e0040").wait_for()
        await page.keyboard.press("j")
        await expect(row(page, "e0040")).to_be_focused()
        for _ in range(20):
            await page.keyboard.press("j")
        await page.keyboard.press("k")
        await expect(row(page, "e0021")).to_be_focused()
        await expect(row(page, "e0021")).to_be_in_viewport(ratio=1)
        await page.keyboard.press("r")
        await expect(row(page, "e0021")).to_have_attribute("data-reviewed", "true")
        await page.keyboard.press("u")
        await expect(row(page, "e0021")).to_have_attribute("data-reviewed", "false")
        await page.keyboard.press("n")
        await page.get_by_role("dialog").get_by_role("textbox").fill("the postman")
        await page.keyboard.press("Control+Enter")
        await expect(row(page, "e0021")).to_contain_text("the postman")
        await page.keyboard.press("Delete")
        await expect(row(page, "e0020")).to_be_focused()
        await page.keyboard.press("u")
        await expect(row(page, "e0021")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{box.url}/events/e0020")
        await page.go_back()
        await expect(row(page, "e0020")).to_be_in_viewport(ratio=1)
        assert troubles.said == []


async def test_a_held_key_goes_on_and_deletes_one(browser: Browser, box: WebBox) -> None:
    """J goes from event to event for as long as it is held; Delete is meant once."""
    await fill(box, 9)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "e0009").wait_for()
        for _ in range(3):
            await page.keyboard.down("j")
        await page.keyboard.up("j")
        await expect(row(page, "e0007")).to_be_focused()
        for _ in range(3):
            await page.keyboard.down("Delete")
        await page.keyboard.up("Delete")
        await expect(row(page, "e0006")).to_be_focused()
        assert await page.locator("[data-event]").count() == 8
        assert troubles.said == []


async def test_the_keyboard_stays_where_a_note_was_refused(browser: Browser, box: WebBox) -> None:
    """Enter tries once more."""
    await fill(box, 3)
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/events")
        await row(page, "e0003").get_by_role("button", name="Write a note").click()
        await page.get_by_role("dialog").get_by_role("textbox").fill("the postman")
        save = page.get_by_role("button", name="Save")
        await page.route("**/api/v1/events/e0003", refuse)
        await save.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").get_by_text("Nightjar does not answer.")).to_be_visible()
        await expect(save).to_be_focused()
        await page.unroute("**/api/v1/events/e0003")
        await page.keyboard.press("Enter")
        await expect(row(page, "e0003")).to_contain_text("the postman")


async def test_a_batch_is_marked_as_reviewed_at_once(browser: Browser, box: WebBox) -> None:
    """All of its events, and no other; U takes it back."""
    await fill(box, 6)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await page.get_by_role("button", name="Mark 3 events as reviewed").first.click()
        reviewed = page.locator("[data-event][data-reviewed=true]")
        await expect(reviewed).to_have_count(3)
        await expect(page.get_by_role("button", name="Mark 3 events as reviewed")).to_have_count(1)
        await page.keyboard.press("u")
        await expect(reviewed).to_have_count(0)
        assert troubles.said == []


async def test_the_feed_is_filtered_by_zone(browser: Browser, box: WebBox) -> None:
    """The zones that are drawn are offered by name; what was in the chosen one stays, also of what comes."""
    corners = [[0.1, 0.5], [0.9, 0.5], [0.9, 0.9]]
    drawn = {"zones": [{"id": one, "name": one.title(), "points": corners} for one in ("drive", "lawn")]}
    assert (await box.ask("PATCH", "/api/v1/cameras/yard", {"scene": drawn})).status == 200
    await fill(box, 3)
    await happen(box, "driven", zones=["drive"])
    await happen(box, "mown", after_s=61, zones=["lawn"])
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "mown").wait_for()
        await page.locator("summary", has_text="All zones").click()
        await page.get_by_role("checkbox", name="Drive").check()
        await expect(row(page, "mown")).to_have_count(0)
        await happen(box, "later", after_s=70, zones=["lawn", "drive"])
        await happen(box, "elsewhere", after_s=71)
        await expect(row(page, "later")).to_be_visible()
        assert await ids(page) == ["later", "driven"]
        await expect(page).to_have_url(f"{box.url}/events?zone=drive")
        await page.reload()
        await expect(row(page, "later")).to_be_visible()
        assert await ids(page) == ["later", "driven"]
        assert troubles.said == []


async def test_all_that_match_the_filter_are_marked_as_reviewed(browser: Browser, box: WebBox) -> None:
    """It asks first and says how many; what does not match, and what has come later, stays as it is."""
    await fill(box, 4, label="car")
    await happen(box, "person")
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/events?label=car")
        await row(page, "e0004").wait_for()
        await page.keyboard.press("a")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("4 events will be marked.")
        await happen(box, "late", after_s=70, label="car")
        await expect(row(page, "late")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("4 events marked as reviewed.")).to_be_visible()
        await expect(page.locator("[data-event][data-reviewed=true]")).to_have_count(4)
        assert (await box.get("/api/v1/events/person")).json["reviewed"] is False
        assert (await box.get("/api/v1/events/late")).json["reviewed"] is False
        assert troubles.said == []


async def test_after_a_loss_of_the_network_nothing_is_missing_or_double(
    browser: Browser, box: WebBox
) -> None:
    """What happened meanwhile is there without a reload, each once; and the page says while it may be old."""
    await fill(box, 5)
    async with (
        network(box.url) as between,
        page_of(browser, through=between) as (page, _),
    ):
        await page.goto(f"{box.url}/events")
        await row(page, "e0005").wait_for()
        between.cut()
        await expect(page.get_by_text("What you see may be old")).to_be_visible(timeout=15_000)
        for n in range(4):
            await happen(box, f"new{n}", after_s=60 + n)
        assert (await box.ask("DELETE", "/api/v1/events/e0005")).status == 204
        between.mend()
        await expect(row(page, "new3")).to_be_visible(timeout=15_000)
        await expect(row(page, "e0005")).to_have_count(0)
        assert await ids(page) == ["new3", "new2", "new1", "new0", "e0004", "e0003", "e0002", "e0001"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_axe_finds_nothing_grave_and_nothing_is_too_wide(
    browser: Browser, box: WebBox, size: tuple[int, int], scheme: Any
) -> None:
    """With a row explained, a note, and every severity in sight."""
    await fill(box, 12, note="the postman")
    for n, severity in enumerate(Severity):
        await happen(box, f"new{n}", after_s=60 + n, severity=int(severity), reviewed=n % 2)
    async with page_of(browser, size, scheme) as (page, troubles):
        await page.goto(f"{box.url}/events")
        await row(page, "new3").get_by_role("button", name="Why").click()
        await page.keyboard.press("f")
        await expect(page.get_by_label("Severity", exact=True)).to_be_visible()
        assert await grave_findings(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert troubles.said == []
