"""A real browser without a screen: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Response, async_playwright

from tests.support import timecode
from tests.support.cut_network import Network

EXECUTABLE = shutil.which("chromium")
MISSING = "there is no chromium on this machine: apt install chromium"

ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-features=AutofillServerCommunication,OptimizationHints,Translate",
)
"""For root in a container: its own sandbox needs user namespaces there. What the browser by itself asks its
maker's servers about forms and pages is off, so that what is left is asked by the page. Nothing that a user
would not have is switched on: autoplay, codecs and the media pipeline are Chromium's own."""

PHONE = (360, 740)
DESK = (1280, 900)
TOUCH_BELOW = 600


@dataclass
class Troubles:
    """What a page complained of, in order: errors on the console, exceptions, refused answers."""

    said: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.said.append(f"exception: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.said.append(f"{response.status}: {response.url}")


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """Run the browser until the block is left; ``more`` are further arguments of its command line."""
    assert EXECUTABLE is not None, MISSING
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_of(
    browser: Browser,
    size: tuple[int, int] = DESK,
    theme: Literal["dark", "light"] = "dark",
    through: Network | None = None,
) -> AsyncIterator[tuple[Page, Troubles]]:
    """Open an empty page in a profile of its own, with a record of its troubles; sizes are CSS pixels.

    Args:
        browser: in which.
        size: of the window; one as narrow as a phone's has a touch screen.
        theme: what the system prefers.
        through: the network that is between page and appliance, loopback or not.
    """
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=width < TOUCH_BELOW,
        timezone_id="UTC",
        color_scheme=theme,
        # A device vouches for itself: its owner has looked at the fingerprint.
        ignore_https_errors=True,
        proxy=None if through is None else {"server": through.url, "bypass": "<-loopback>"},
    )
    try:
        page = await context.new_page()
        troubles = Troubles()
        troubles.follow(page)
        yield page, troubles
    finally:
        await context.close()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a ``video`` or ``img`` element shows at a moment.

    Attributes:
        wall_ms: the time that its picture was taken, or ``None`` where no whole timecode is seen.
        now_ms: the browser's clock at that moment.
        mean: brightness of the timecode's blocks on the average, 0 to 255.
        position_s: where a video is; ``None`` for an image.
        said: when the page says that was, in ISO 8601; empty where it says nothing.
    """

    wall_ms: int | None
    now_ms: int
    mean: float
    width: int
    height: int
    position_s: float | None
    said: str

    @property
    def age_ms(self) -> int:
        """How old the picture is.

        Raises:
            AssertionError: it has no timecode.
        """
        assert self.wall_ms is not None, f"no timecode in {self}"
        return self.now_ms - self.wall_ms


async def sight(element: Locator, smaller: int = 1) -> Sight:
    """Read what an element shows, of a picture that was made so many times smaller."""
    columns, rows, *pixels = timecode.LAYOUT
    layout = [columns, rows, *(one // smaller for one in pixels)]
    seen = await element.evaluate(timecode.READ_IN_BROWSER, layout)
    return Sight(**seen)


async def position_s(video: Locator) -> float:
    """Return where a video is."""
    return float(await video.evaluate("(video) => video.currentTime"))


async def loaded(video: Locator) -> None:
    """Wait until a video shows a picture."""
    await video.evaluate(
        """(video) => video.readyState > 1 || new Promise((done, failed) => {
          video.onloadeddata = done;
          video.onerror = () => failed(new Error(video.error.message));
        })"""
    )


async def seek(video: Locator, to_s: float) -> Sight:
    """Move a paused video that is loaded to another position, and return what it shows there."""
    await video.evaluate(
        """(video, to_s) => new Promise((done, failed) => {
          video.onerror = () => failed(new Error(video.error.message));
          video.onseeked = done;
          video.currentTime = to_s;
        })""",
        to_s,
    )
    return await sight(video)


async def played_s(video: Locator, rate: float = 4.0) -> float:
    """Play a video from where it is to its end, at a multiple of its speed; return its length."""
    await video.evaluate(
        """(video, rate) => new Promise((done, failed) => {
          video.onended = done;
          video.onerror = () => failed(new Error(video.error.message));
          video.playbackRate = rate;
          video.play().catch(failed);
        })""",
        rate,
    )
    return float(await video.evaluate("(video) => video.duration"))
