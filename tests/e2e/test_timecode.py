"""The instrument itself: a browser reads from a picture the time that Python drew into it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support import timecode
from tests.support.browser import page_of, sight
from tests.support.clips import plain, write_clip
from tests.support.file_server import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

WALL_MS = 1_764_177_156_789


async def test_a_browser_reads_the_time_in_a_video(browser: Browser, tmp_path: Path) -> None:
    """With its own decoder and its own colours; a picture without a time has none."""
    timed = plain(640, 360)
    timecode.draw(timed[:360], WALL_MS)
    write_clip(tmp_path / "timed.mp4", [timed] * 10)
    write_clip(tmp_path / "plain.mp4", [plain(640, 360)] * 10)
    async with served(tmp_path) as url, page_of(browser) as (page, troubles):
        for name, wall_ms in (("timed.mp4", WALL_MS), ("plain.mp4", None)):
            await page.goto(f"{url}/play/{name}")
            video = page.locator("video")
            await video.evaluate(
                "(video) => video.readyState > 1 || new Promise((done) => (video.onloadeddata = done))"
            )
            seen = await sight(video)
            assert (seen.wall_ms, seen.width, seen.height) == (wall_ms, 640, 360)
            assert 50 < seen.mean < 200
        assert troubles.said == []
