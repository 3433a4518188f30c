"""How long somebody waits in front of the page: for nine live pictures, and for each step along the timeline.

The appliance runs in a process of its own with nine simulated cameras (640×360, 15 pictures a second). A
headless Chromium opens its page in a fresh profile, so that nothing is cached. A tile has its first picture
when an image or a video in it has one, and plays when its video does. A step of the timeline ends when the
small picture of the moment under the pointer is there. The window's own pace is that of one long drag.

The floor is the same browser that fetches and decodes the newest picture of the nine cameras at once, without
a page, in turn with ours; ``ratio`` is ours to that.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Page

from appliance.store.times import iso_of_us
from bench.report import median, percentile, progress, result
from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.browser import DESK, Troubles, chromium, page_of
from tests.support.camera_simulator.process import simulator_process
from tests.support.footage import ledger
from tests.support.server import Server, nightjar

CAMERAS = 9
CLIP = ClipSpec(seed=9, duration_s=40, width=640, height=360, gop_s=1)
OPENINGS = 7
STEPS = 80
DRAG_MS = 5000
RECORDED_US = 60_000_000
"""So much is recorded before somebody looks; rings and pictures are there by then."""
TIMEOUT_MS = 30_000
GOLDEN = 0.382
"""Steps of this share of the way never come to the same place again."""
INSIDE = (Path(__file__).parent / "page.js").read_text()


@dataclass
class Waited:
    """Milliseconds of each opening of the page; ``bytes`` are those of its scripts and styles."""

    pictured: list[float] = field(default_factory=list)
    playing: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    bytes: int = 0


def opened(browser: Browser) -> AbstractAsyncContextManager[tuple[Page, Troubles]]:
    """Open an empty page as large as a desk's."""
    return page_of(browser, DESK)


async def goto(page: Page, url: str) -> None:
    """Go there, with what measures inside."""
    await page.add_init_script(INSIDE)
    await page.goto(url)


def config_of(urls: Sequence[str]) -> str:
    """Return the appliance's configuration: these cameras, the built-in detector, nothing fetched."""
    cameras = "".join(f'\n[[cameras]]\nid = "cam{i}"\nurl = "{url}"\n' for i, url in enumerate(urls))
    return f'[detector]\nmodel = "builtin"\nfetch = false\n{cameras}'


async def recorded_us(server: Server) -> int:
    """Wait until every camera has recorded long enough; return a moment in the midst of it."""
    while True:
        await asyncio.sleep(1.0)
        recorded = [piece for piece in ledger(server.data) if not piece.cause]
        files = [[piece for piece in recorded if piece.camera_id == f"cam{i}"] for i in range(CAMERAS)]
        if all(one and one[-1].end_us - one[0].start_us >= RECORDED_US for one in files):
            return (files[0][0].start_us + files[0][-1].end_us) // 2


async def openings(browser: Browser, server: Server) -> Waited:
    """Open the live screen again and again, in turn with the floor."""
    waited = Waited()
    paths = [f"/api/v1/cameras/cam{i}/frame.jpg?size=small" for i in range(CAMERAS)]
    for count in range(OPENINGS):
        async with opened(browser) as (page, _):
            await goto(page, server.url)
            pictured, playing = await page.evaluate("(count) => bench.tiles(count)", CAMERAS)
            waited.bytes = await page.evaluate("bench.loaded()")
        async with opened(browser) as (page, _):
            await goto(page, f"{server.url}/healthz")
            bare = await page.evaluate("(paths) => bench.pictures(paths)", paths)
        waited.pictured.append(pictured)
        waited.playing.append(playing)
        waited.bare.append(bare)
        progress(f"{count + 1}: pictures {pictured:.0f} ms, video {playing:.0f} ms, bare {bare:.0f} ms")
    return waited


async def steps(browser: Browser, url: str) -> tuple[list[float], list[float]]:
    """Drag over the timeline; return the milliseconds of each step, and of each of the window's frames."""
    async with opened(browser) as (page, _):
        await goto(page, url)
        await page.locator("video[data-state=playing]").wait_for(timeout=TIMEOUT_MS)
        await page.get_by_role("button", name="1 min", exact=True).click()
        box = await page.get_by_role("slider", name="Time that is shown").bounding_box()
        assert box is not None
        y, left, width = box["y"] + 12, box["x"] + 0.1 * box["width"], 0.8 * box["width"]
        await page.mouse.move(left + width, y)
        await page.mouse.down()
        took: dict[str, float] = {}
        shown = ""
        for i in range(STEPS):
            x = left + width * (i * GOLDEN % 1)
            if (step := await page.evaluate("(at) => bench.step(...at)", [x, y, shown])) is not None:
                shown = step[1]
                # Only the first time: then neither the appliance nor the browser has the picture yet.
                took.setdefault(shown, step[0])
        frames: list[float] = await page.evaluate(
            "(drag) => bench.frames(...drag)", [left, left + width, y, DRAG_MS]
        )
        await page.mouse.up()
    return list(took.values()), frames


async def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder, simulator_process([cached(CLIP)], CAMERAS) as cameras:
        async with nightjar(Path(folder) / "data", config_of(cameras.urls)) as server, chromium() as browser:
            at = iso_of_us(await recorded_us(server))
            waited = await openings(browser, server)
            took, frames = await steps(browser, f"{server.url}/footage?camera=cam0&at={at}")
    report(waited, took, frames)


def report(waited: Waited, took: Sequence[float], frames: Sequence[float]) -> None:
    """Print the result."""
    result(
        "page",
        median(waited.pictured),
        f"ms until {CAMERAS} tiles have a picture",
        median(waited.bare),
        median([ours / bare for ours, bare in zip(waited.pictured, waited.bare, strict=True)]),
        {
            "pictured_ms_of_each": [round(one) for one in waited.pictured],
            "playing_ms_median": round(median(waited.playing)),
            "first_load_bytes": waited.bytes,
            "step_ms_median": round(median(took), 1),
            "step_ms_p90": round(percentile(took, 90), 1),
            "moments": len(took),
            "frame_ms_median": round(median(frames), 1),
            "frame_ms_p95": round(percentile(frames, 95), 1),
        },
    )


if __name__ == "__main__":
    asyncio.run(main())
