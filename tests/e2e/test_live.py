"""Live view in a real browser: the picture moves, is not black, and is of now."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.axe import grave_findings
from tests.support.browser import PHONE, page_of, position_s, sight
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.clips import plain, write_clip
from tests.support.cut_network import network
from tests.support.server import Server, nightjar

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW_WITHIN_MS = 1500
LOOKS = 6
LOOK_EVERY_S = 0.5
FIRST_PICTURE_MS = 15_000
BACK_WITHIN_MS = 5000


@dataclass(frozen=True)
class Box:
    """A service with two cameras: one with the time in its pictures, one that no browser here can decode."""

    server: Server
    clock: SimulatedCamera


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Box]:
    """Run both cameras and the service for the tests of this module."""
    folder: Path = tmp_path_factory.mktemp("live")
    h265 = write_clip(folder / "h265.mp4", [plain(luma=90 + i) for i in range(40)], codec="libx265")
    with simulator() as sim:
        clock, other = sim.timecode_camera("clock"), sim.camera("h265", h265)
        config = f"""
[detector]
model = "builtin"
fetch = false

[[cameras]]
id = "clock"
url = "{clock.url}"

[[cameras]]
id = "h265"
url = "{other.url}"
"""
        async with nightjar(folder / "data", config) as server:
            yield Box(server, clock)


def screen_of(page: Page, camera: str) -> Locator:
    """Return where a camera's picture is in the grid; ``data-live`` says what is shown there."""
    return page.locator(f'.tile[data-camera="{camera}"] [data-live]')


async def test_live_video_moves_and_shows_now(browser: Browser, box: Box) -> None:
    """Several looks in a row: each is later than the last, none is black, none is older than 1.5 s."""
    async with page_of(browser) as (page, troubles):
        await page.goto(box.server.url)
        screen = screen_of(page, "clock")
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        video = screen.locator("video")
        positions, sights = [await position_s(video)], [await sight(video)]
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_EVERY_S)
            positions.append(await position_s(video))
            sights.append(await sight(video))
        assert troubles.said == []
    steps = [b - a for a, b in itertools.pairwise(positions)]
    assert all(step > 0 for step in steps)
    assert positions[-1] - positions[0] > 0.7 * LOOKS * LOOK_EVERY_S
    assert all(40 < seen.mean < 220 for seen in sights)
    assert all(-100 <= seen.age_ms <= NOW_WITHIN_MS for seen in sights), [seen.age_ms for seen in sights]


async def test_a_camera_that_pauses_is_live_again_by_itself(browser: Browser, box: Box) -> None:
    """After its connection was reset the picture is of now again, in the same page."""
    async with page_of(browser) as (page, _):
        await page.goto(box.server.url)
        screen = screen_of(page, "clock")
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        attempts = len(box.clock.seen.attempts)
        box.clock.cut()
        await asyncio.to_thread(
            box.clock.wait, lambda c: len(c.seen.attempts) > attempts and c.seen.sessions == 1
        )
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        await asyncio.sleep(2.0)
        assert (await sight(screen.locator("video"))).age_ms <= NOW_WITHIN_MS


async def test_where_the_codec_cannot_be_played_there_are_pictures(browser: Browser, box: Box) -> None:
    """Debian's Chromium has no H.265: the card falls back to JPEG, on a phone's small window too."""
    async with page_of(browser, PHONE) as (page, troubles):
        await page.goto(box.server.url)
        screen = screen_of(page, "h265")
        await screen.scroll_into_view_if_needed()
        await expect(screen).to_have_attribute("data-live", "jpeg", timeout=FIRST_PICTURE_MS)
        image = screen.locator("img")
        await expect(image).to_be_visible()
        assert (await image.evaluate("(image) => image.naturalWidth")) > 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert troubles.said == []


async def test_boxes_are_drawn_on_the_picture_that_they_were_found_in(browser: Browser, box: Box) -> None:
    """They are off until they are wanted; then they are there, on a picture of now, and stay wanted."""
    async with page_of(browser) as (page, troubles):
        await page.goto(box.server.url)
        screen = screen_of(page, "clock")
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        await expect(screen.locator("canvas")).to_have_count(0)
        await page.keyboard.press("b")
        await expect(screen.locator('canvas:not([data-boxes="0"])[data-boxes]')).to_have_count(
            1, timeout=FIRST_PICTURE_MS
        )
        # Looks are a fifth of a second apart: no picture is further from one.
        await expect(screen.locator("canvas")).to_have_attribute(
            "data-off-ms", re.compile(r"^-?(\d\d?|1\d\d)$")
        )
        assert (await sight(screen.locator("video"))).age_ms <= NOW_WITHIN_MS
        await page.reload()
        await expect(screen_of(page, "clock").locator("canvas")).to_have_count(1)
        assert troubles.said == []


async def test_one_camera_is_watched_large_and_the_way_back_closes_it(browser: Browser, box: Box) -> None:
    """It has an address of its own; keys go to other cameras, and back leads to all of them at once."""
    async with page_of(browser) as (page, troubles):
        await page.goto(box.server.url)
        await page.locator('.tile[data-camera="clock"] .tile-open').click()
        large = page.get_by_role("dialog", name="clock")
        await expect(large.locator("[data-live]")).to_have_attribute(
            "data-live", "playing", timeout=FIRST_PICTURE_MS
        )
        assert page.url.endswith("/?camera=clock")
        await page.keyboard.press("l")
        await expect(large.get_by_text("s behind")).to_be_visible()
        assert await grave_findings(page) == []
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("dialog", name="h265")).to_be_visible()
        await page.keyboard.press("1")
        await expect(page.get_by_role("dialog", name="clock")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(screen_of(page, "clock")).to_have_attribute(
            "data-live", "playing", timeout=FIRST_PICTURE_MS
        )
        assert troubles.said == []


async def test_a_tile_says_how_old_its_picture_is_and_is_live_within_five_seconds(
    browser: Browser, box: Box
) -> None:
    """While the network is cut the last picture stays, with its age and the reason; then it moves again."""
    async with network(box.server.url) as through, page_of(browser, through=through) as (page, _):
        await page.goto(box.server.url)
        screen = screen_of(page, "clock")
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        through.cut()
        await expect(screen.locator(".stale")).to_contain_text("Nightjar does not answer")
        await expect(screen.locator(".stale")).to_contain_text("Last picture")
        await expect(screen.locator("img")).to_be_visible()
        await expect(page.locator('.tile[data-camera="clock"] .tile-state')).to_have_text("Not known")
        through.mend()
        await expect(screen).to_have_attribute("data-live", "playing", timeout=BACK_WITHIN_MS)
        assert (await sight(screen.locator("video"))).age_ms <= NOW_WITHIN_MS


async def viewers(box: Box, count: int) -> None:
    """Wait until so many watch live video."""
    for _ in range(100):
        if f"nightjar_live_viewers {count}\n" in await box.server.text("metrics"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(
        [line for line in (await box.server.text("metrics")).splitlines() if "viewers" in line]
    )


async def test_what_nobody_sees_costs_nothing(browser: Browser, box: Box) -> None:
    """A tile that is scrolled out of sight and a page behind others watch nothing; in front again all do."""
    async with page_of(browser, (360, 300)) as (page, troubles):
        await page.goto(box.server.url)
        screen = screen_of(page, "clock")
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        await viewers(box, 1)
        await turn(page, is_hidden=True)
        await viewers(box, 0)
        await expect(screen).to_have_attribute("data-live", "jpeg")
        await turn(page, is_hidden=False)
        await expect(screen).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
        assert (await sight(screen.locator("video"))).age_ms <= NOW_WITHIN_MS
        await screen_of(page, "h265").scroll_into_view_if_needed()
        await expect(screen).to_have_attribute("data-live", "jpeg")
        await page.goto("about:blank")
        await viewers(box, 0)
        assert troubles.said == []


async def turn(page: Page, *, is_hidden: bool) -> None:
    """Have the page believe that it is behind others, or in front: without a screen it always is."""
    await page.evaluate(
        """(isHidden) => {
          Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


async def test_keys_go_to_what_is_in_front(browser: Browser, box: Box) -> None:
    """While the list of keys lies over a camera that is watched large, its keys do nothing there."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.server.url}/?camera=clock")
        await expect(page.get_by_role("dialog", name="clock")).to_be_visible()
        await page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        await expect(keys.get_by_text("The next camera")).to_be_visible()
        assert await grave_findings(page) == []
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Escape")
        await expect(keys).to_have_count(0)
        assert page.url.endswith("/?camera=clock")
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("dialog", name="h265")).to_be_visible()


async def test_colours_are_chosen_once_and_there_from_the_first_paint(browser: Browser, box: Box) -> None:
    """What was chosen holds before anything of the page runs, for the browser's own bars as well."""
    async with page_of(browser, theme="dark") as (page, troubles):
        await page.goto(box.server.url)
        await page.get_by_role("button", name="Colours and clock").first.click()
        dialog = page.get_by_role("dialog", name="Colours and clock")
        await expect(dialog).to_be_visible()
        assert await grave_findings(page) == []
        await dialog.get_by_role("radio", name="Light").check(force=True)
        await page.route("**/*.js", lambda route: route.fallback() if "theme" in route.request.url else None)
        await page.goto(box.server.url, wait_until="commit")
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        bars = page.locator("meta[name=theme-color]")
        assert await bars.evaluate_all("(all) => all.map((one) => one.content)") == ["#f4f1eb", "#f4f1eb"]
        assert troubles.said == []


async def test_the_page_can_be_installed(browser: Browser, box: Box) -> None:
    """Its manifest is read, and its icons are pictures of the sizes that are said there."""
    async with page_of(browser) as (page, troubles):
        await page.goto(box.server.url)
        wrong = await page.evaluate(
            """async () => {
              const address = document.querySelector("link[rel=manifest]").href;
              const {icons, shortcuts} = await (await fetch(address)).json();
              const wrong = [];
              for (const {src, sizes, type} of icons) {
                const picture = new Image();
                picture.src = src;
                await picture.decode();
                if (type === "image/png" && sizes !== `${picture.naturalWidth}x${picture.naturalHeight}`)
                  wrong.push(src);
              }
              for (const {url} of shortcuts) if (!(await fetch(url)).ok) wrong.push(url);
              return wrong;
            }"""
        )
        assert wrong == []
        assert troubles.said == []


async def test_a_screen_with_a_fault_says_so_and_the_others_go_on(browser: Browser, box: Box) -> None:
    """An answer that the page cannot understand takes one screen away, not the whole page."""
    async with page_of(browser) as (page, _):
        odd = {"items": [{"id": "odd", "name": "Odd", "enabled": True, "status": "online"}], "next": None}
        await page.route("**/api/v1/cameras", lambda route: route.fulfill(json=odd))
        await page.goto(box.server.url)
        await expect(page.get_by_role("heading", name="This page has a fault")).to_be_visible()
        assert await grave_findings(page) == []
        await page.get_by_role("link", name="Alerts").click()
        await expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()


async def test_the_first_picture_is_one_press_away(browser: Browser, tmp_path: Path) -> None:
    """A box without cameras offers to add one, or to look around with a drawn street, whose picture comes."""
    async with (
        nightjar(tmp_path / "data", "[detector]\nfetch = false\n") as server,
        page_of(browser, PHONE) as (page, _),
    ):
        await page.goto(server.url)
        await expect(page.get_by_role("link", name="Add a camera")).to_have_attribute("href", "/cameras/new")
        assert await grave_findings(page) == []
        await page.get_by_role("button", name="Look around with a drawn street").click()
        await expect(page.locator(".tile [data-live]")).to_have_attribute(
            "data-live", "playing", timeout=FIRST_PICTURE_MS
        )
