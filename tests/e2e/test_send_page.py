"""Who else is told of alerts, in a real browser: added, tested, told, switched off, deleted."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from appliance.notifications.settings import Settings
from tests.support.axe import grave_findings
from tests.support.browser import DESK, PHONE, page_of
from tests.support.receiver import Receiver, listening
from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, event_row
from tests.support.web import WebBox, web_box

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK = Settings(timeout_s=1, first_pause_s=0.2, longest_pause_s=0.5, picture_wait_s=0)


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """Run the web server and its courier, with an event to be told of."""
    async with web_box(tmp_path, notifications=QUICK) as running:
        await running.add(camera_row("front"), batch_row(), event_row(summary="A person at the door"))
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    """Run somebody's server."""
    async with listening(Receiver()) as running:
        yield running


async def add_webhook(box: WebBox, address: str, name: str) -> str:
    """Add a target as another page would."""
    given = {"name": name, "kind": "webhook", "address": address}
    return str((await box.ask("POST", "/api/v1/targets", given)).json["id"])


async def test_a_webhook_is_added_tested_and_told(browser: Browser, box: WebBox, receiver: Receiver) -> None:
    """Its secret is made here, is what it is signed with, and is nowhere to be seen after that."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts")
        await page.get_by_role("radio", name="Send").check()
        await page.get_by_role("button", name="Add the first target").click()
        form = page.get_by_role("dialog")
        await form.get_by_role("radio", name="Webhook").check()
        await form.get_by_label("Address").fill(f"{receiver.url}/hook/canary")
        await form.get_by_role("button", name="Make a secret").click()
        secret = await form.get_by_label("Secret to sign with").input_value()
        await form.get_by_label("Name").fill("Home automation")
        await page.keyboard.press("Enter")
        await expect(form).to_be_hidden()
        await page.get_by_role("button", name="Send a test to Home automation").click()
        await expect(page.get_by_text("The test was delivered.")).to_be_visible()
        assert receiver.got[0].is_signed_with(secret)
        receiver.statuses = [404]
        await page.get_by_role("button", name="Send a test to Home automation").press("Enter")
        await expect(page.get_by_text("It answered with status 404")).to_be_visible()
        await box.add(alert_row("alert-1", summary="A person at the door"))
        await receiver.until(3)
        await expect(page.locator(".delivery").filter(has_text="A person at the door")).to_contain_text(
            "Delivered"
        )
        shown = await page.content()
        assert "canary" not in shown
        assert secret not in shown
        assert troubles.said == []


async def test_what_is_wrong_is_said_at_its_field(browser: Browser, box: WebBox) -> None:
    """And the form stays as it was filled in."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/alerts?tab=send")
        await page.get_by_role("button", name="Add the first target").click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Server").fill("ftp://host")
        await form.get_by_label("Topic").fill("home")
        await form.get_by_role("button", name="Add the target").click()
        await expect(form.get_by_label("Server")).to_have_attribute("aria-invalid", "true")
        await expect(form.get_by_label("Topic")).to_have_value("home")
        await form.get_by_label("Server").fill("http://127.0.0.1:9")
        await form.get_by_label("Log in with").select_option("password")
        await form.get_by_label("User").fill("ann")
        await form.get_by_label("Password").fill("secret")
        await form.get_by_role("button", name="Add the target").click()
        await expect(page.get_by_role("heading", name="Phone")).to_be_visible()
        await page.get_by_role("button", name="Send a test to Phone").click()
        await expect(page.get_by_text(re.compile("It refused the connection"))).to_be_visible()


async def test_one_that_is_down_says_so_until_it_is_up(browser: Browser, box: WebBox) -> None:
    """What waits is counted with its reason, and arrives by itself."""
    receiver = Receiver()
    async with listening(receiver):
        pass
    await add_webhook(box, receiver.url, "Shop")
    await box.add(alert_row("alert-1"))
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/alerts?tab=send")
        await expect(page.locator(".rule")).to_contain_text("1 alert waits", timeout=10_000)
        await expect(page.locator(".delivery")).to_contain_text("It refused the connection; next attempt")
        async with listening(receiver):
            await expect(page.locator(".delivery")).to_contain_text("Delivered", timeout=15_000)
            await expect(page.locator(".rule")).to_contain_text("Delivered", timeout=10_000)


async def test_a_target_is_switched_off_and_deleted_with_an_undo(
    browser: Browser, box: WebBox, receiver: Receiver
) -> None:
    """It can be had back for a while, as everything here."""
    target = await add_webhook(box, receiver.url, "Shop")
    where = f"/api/v1/targets/{target}"
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/alerts?tab=send")
        await page.get_by_role("checkbox", name="Shop").uncheck()
        await expect(page.locator(".rule")).to_contain_text("Off")
        assert (await box.get(where)).json["enabled"] is False
        await page.get_by_role("button", name="Delete the target Shop").click()
        await expect(page.get_by_role("heading", name="Shop")).to_have_count(0)
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("heading", name="Shop")).to_be_visible()
        await page.get_by_role("button", name="Delete the target Shop").click()
        await page.goto("about:blank")
        async with asyncio.timeout(5):
            while (await box.get(where)).status == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert troubles.said == []


async def test_a_rule_names_who_is_told(browser: Browser, box: WebBox, receiver: Receiver) -> None:
    """In its form, where there is anybody to choose."""
    shop = await add_webhook(box, receiver.url, "Shop")
    await add_webhook(box, receiver.url, "Phone")
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/alerts?tab=rules&new=1")
        form = page.get_by_role("dialog")
        await form.get_by_role("checkbox", name="All targets, later ones as well").uncheck()
        await form.get_by_role("checkbox", name="Phone").uncheck()
        await form.get_by_role("button", name="Add the rule").click()
        await expect(page.locator(".rule-list li")).to_have_count(1)
    assert (await box.get("/api/v1/rules")).json["items"][0]["targets"] == [shop]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_it_can_be_used_by_everybody(
    browser: Browser, box: WebBox, receiver: Receiver, size: tuple[int, int], theme: str
) -> None:
    """It fits the window, and axe finds nothing serious: in the list, after a test, and in both forms."""
    receiver.usual = 403
    await add_webhook(box, receiver.url, "Home automation")
    await add_webhook(box, "http://127.0.0.1:9/hook", "Shop")
    await box.add(
        *(alert_row(f"a{n}", created_us=NOON_US + n, summary="A person at the door") for n in range(4))
    )
    await receiver.until(4)
    wrong: list[str] = []
    async with page_of(browser, size, "dark" if theme == "dark" else "light") as (page, _):
        await page.goto(f"{box.url}/alerts?tab=send")
        await page.get_by_role("button", name="Send a test to Home automation").click()
        await expect(page.get_by_text("It answered with status 403 (Forbidden). Check")).to_be_visible()
        wrong += await looked_at(page, size, f"send-{'desk' if size == DESK else 'phone'}-{theme}")
        await page.get_by_role("button", name="Add a target").click()
        await page.get_by_role("dialog").get_by_label("Log in with").select_option("password")
        wrong += await looked_at(page, size, f"send-ntfy-{'desk' if size == DESK else 'phone'}-{theme}")
        await page.get_by_role("radio", name="Webhook").check()
        wrong += await looked_at(page, size, f"send-webhook-{'desk' if size == DESK else 'phone'}-{theme}")
    assert wrong == []


async def looked_at(page: Page, size: tuple[int, int], name: str) -> list[str]:
    """Return what is wrong with the page as it is, and leave a picture of it where pictures are wanted."""
    await keep(page, name)
    width = await page.evaluate("document.documentElement.scrollWidth")
    return [f"{name}: {line}" for line in await grave_findings(page)] + (
        [f"{name}: {width} px wide"] if width > size[0] else []
    )


async def keep(page: Page, name: str) -> None:
    """Leave a picture of the page where pictures are wanted."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
