"""The page as somebody meets it: in a real browser, with a camera that works."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from tests.support.browser import DESK, PHONE, page_of
from tests.support.server import nightjar

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAMERA = """
[detector]
fetch = false

[[cameras]]
id = "front"
name = "Front door"
url = "demo:"
"""


async def first_frame(url: str, camera_id: str) -> None:
    """Wait until a camera has a frame: a page that asks before is told that there is none, and says so."""
    async with ClientSession() as http:
        for _ in range(200):
            if (await http.get(f"{url}/api/v1/cameras/{camera_id}/frame.jpg")).status == 200:
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"camera {camera_id} has no frame after 20 s")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_the_page_shows_a_camera_and_complains_of_nothing(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Title, card, state and connection are there, and nothing is wider than the window."""
    async with nightjar(tmp_path / "data", CAMERA) as server, page_of(browser, size) as (page, troubles):
        await first_frame(server.url, "front")
        await page.goto(server.url)
        await expect(page).to_have_title("Nightjar")
        card = page.locator("#camera-list .camera")
        await expect(card).to_have_count(1)
        await expect(card.locator("h3")).to_have_text("Front door")
        await expect(card.locator(".state")).to_have_text("Online", timeout=15_000)
        await expect(page.locator("#connection")).to_have_attribute("data-tone", "good")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert troubles.said == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_what_is_recorded_and_where_is_shown_and_can_be_changed(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """The card follows the form, which takes no nonsense; the disk is shown with its state."""
    async with (
        nightjar(tmp_path / "data", "[detector]\nfetch = false\n") as server,
        page_of(browser, size) as (
            page,
            troubles,
        ),
    ):
        async with ClientSession() as http:
            new = {"id": "yard", "name": "Yard", "address": "demo:"}
            assert (await http.post(f"{server.url}/api/v1/cameras", json=new)).status == 201
        await first_frame(server.url, "yard")
        await page.goto(server.url)
        card = page.locator("[data-camera=yard]")
        await expect(card.locator(".recording")).to_have_text("Recording (all the time)", timeout=20_000)
        await expect(page.locator(".storage .state")).to_have_text("Ok")
        await expect(page.locator(".storage")).to_contain_text("free of")
        await page.get_by_role("button", name="Recording of Yard").click()
        await card.get_by_label("Record", exact=True).select_option("events")
        await card.get_by_label("Seconds before").fill("61")
        await card.get_by_role("button", name="Save").click()
        await expect(card.get_by_role("alert")).to_contain_text("from 0 to 60")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        await card.get_by_label("Seconds before").fill("2.5")
        await card.get_by_label("Keep for so many days").fill("7")
        await card.get_by_label("With sound").uncheck()
        await card.get_by_role("button", name="Save").click()
        await expect(card.locator("form")).to_be_hidden()
        await expect(card.locator(".recording")).to_contain_text("at events", timeout=20_000)
        async with ClientSession() as http, http.get(f"{server.url}/api/v1/cameras/yard") as answer:
            recording = (await answer.json())["recording"]
        assert (recording["mode"], recording["pre_roll_s"], recording["keep_days"]) == ("events", 2.5, 7)
        assert recording["sound"] is False
        assert troubles.said == []
