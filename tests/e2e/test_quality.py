"""The large view through a connection that is too slow for the whole picture, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.axe import grave_findings
from tests.support.browser import page_of, sight
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.cut_network import Network, network
from tests.support.server import Server, nightjar

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE = TimecodeSpec(width=768, height=432, noise_levels=5.0)
"""About 400 kB a second; the small picture has about 3."""
SMALL = TimecodeSpec()
SLOW_BYTES_S = 120_000

FIRST_PICTURE_MS = 15_000
SMALL_WITHIN_MS = 10_000
WHOLE_WITHIN_MS = 30_000
NOW_WITHIN_MS = 2000
LOOKS = 6
LOOK_EVERY_S = 0.5

WATCH_FOR_BLACK = """() => {
  const canvas = new OffscreenCanvas(32, 18);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  [window.darkest, window.looks] = [255, 0];
  setInterval(() => {
    const screen = document.querySelector(".large .screen-of:not(.is-waiting)");
    const picture = screen?.querySelector(screen.dataset.live === "playing" ? "video" : "img");
    context.clearRect(0, 0, 32, 18);
    if (picture) context.drawImage(picture, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    const lights = data.filter((_, at) => at % 4 === 1);
    window.darkest = Math.min(window.darkest, lights.reduce((sum, one) => sum + one, 0) / lights.length);
    window.looks += 1;
  }, 100);
}"""
"""Looks ten times a second at what is in sight, and notes how bright the darkest look was, 0 to 255."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a camera with two streams, and the service, for the tests of this module."""
    folder: Path = tmp_path_factory.mktemp("quality")
    with simulator() as sim:
        whole, small = sim.timecode_camera("whole", WHOLE), sim.timecode_camera("small", SMALL)
        config = f"""
[detector]
model = "builtin"
fetch = false

[[cameras]]
id = "yard"
url = "{whole.url}"
live_url = "{small.url}"
decode = "keyframes"
recording = {{ mode = "off" }}
"""
        async with nightjar(folder / "data", config) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="module")
async def through(server: Server) -> AsyncIterator[Network]:
    """Run a network that is not slow yet."""
    async with network(server.url) as running:
        yield running


async def large_of(page: Page, server: Server) -> Locator:
    """Open the large view, and return it once its whole picture plays."""
    await page.goto(f"{server.url}/?camera=yard")
    large = page.locator('.large[data-camera="yard"]')
    await expect(large).to_have_attribute("data-stream", "main", timeout=FIRST_PICTURE_MS)
    await expect(shown(large)).to_have_attribute("data-live", "playing", timeout=FIRST_PICTURE_MS)
    return large


def shown(large: Locator) -> Locator:
    """Return what is in sight of the large view's pictures."""
    return large.locator(".screen-of:not(.is-waiting)")


async def test_where_the_whole_picture_does_not_fit_the_small_one_comes_and_goes_by_itself(
    browser: Browser, server: Server, through: Network
) -> None:
    """It says so, is of now and never black; once the connection is mended the whole one is back."""
    async with page_of(browser, through=through) as (page, troubles):
        large = await large_of(page, server)
        video = shown(large).locator("video")
        assert (await sight(video)).width == WHOLE.width
        await expect(large.get_by_role("status")).to_have_text("")

        through.bound(SLOW_BYTES_S)
        await page.evaluate(WATCH_FOR_BLACK)
        await expect(large).to_have_attribute("data-stream", "small", timeout=SMALL_WITHIN_MS)
        await expect(large.get_by_role("status")).to_have_text("Smaller picture: the connection is slow")
        await expect(large.get_by_role("radio", name="Auto")).to_be_checked()
        assert await grave_findings(page) == []
        sights = []
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_EVERY_S)
            sights.append(await sight(video))
        assert {seen.width for seen in sights} == {SMALL.width}
        assert all(seen.age_ms <= NOW_WITHIN_MS for seen in sights), [seen.age_ms for seen in sights]

        through.bound(None)
        await expect(large).to_have_attribute("data-stream", "main", timeout=WHOLE_WITHIN_MS)
        await expect(large.get_by_role("status")).to_have_text("")
        seen = await sight(video)
        assert (seen.width, seen.age_ms <= NOW_WITHIN_MS) == (WHOLE.width, True), seen
        assert await page.evaluate("window.looks") > 10 * LOOKS
        assert await page.evaluate("window.darkest") > 40
        assert troubles.said == []


async def test_what_was_chosen_stays_however_slow_the_connection_is(
    browser: Browser, server: Server, through: Network
) -> None:
    """Full is never left by itself, and the choice is kept; small comes when it is asked for."""
    async with page_of(browser, through=through) as (page, _):
        large = await large_of(page, server)
        await large.get_by_role("radio", name="Full").check(force=True)
        through.bound(SLOW_BYTES_S)
        streams = set()
        for _ in range(SMALL_WITHIN_MS // 500):
            await asyncio.sleep(0.5)
            streams.add(await large.get_attribute("data-stream"))
        assert streams == {"main"}
        through.bound(None)
        await page.reload()
        await expect(large.get_by_role("radio", name="Full")).to_be_checked()
        await large.get_by_role("radio", name="Small").check(force=True)
        await expect(large).to_have_attribute("data-stream", "small", timeout=SMALL_WITHIN_MS)
        await expect(large.get_by_role("status")).to_have_text("")
