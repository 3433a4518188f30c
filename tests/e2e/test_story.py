"""An event's story in a real browser: its lines, its box, and footage that shows the right second."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.store.boxes import pack
from appliance.store.tables import Detection
from appliance.store.times import us_of_iso
from tests.support.browser import PHONE, page_of, sight
from tests.support.camera_simulator.simulator import simulator
from tests.support.footage import ledger
from tests.support.rows import batch_row, event_row
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

CAMERA = "clock"
EVENT = "01a219faee4218bb0fc5223d"
PICTURES_S = 10
RECORDED_S = 16.0
BEFORE_S = 3.0
LASTED_S = 9.0
STOOD_FROM_S = 4.0
TRACK = 1_000_007
"""None that the service itself would follow in these pictures."""
FPS = 5
LEFT, MIDDLE = 40.0, 260.0
READY_WITHIN_S = 30.0
SAID_WITHIN_MS = 300


@dataclass(frozen=True)
class Told:
    """A service with an event of a camera that shows the time: somebody came from the left and stands there.

    Attributes:
        start_us: when it began.
    """

    server: Server
    start_us: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """Record a camera with a microphone for a while, in short files, and write an event of it."""
    folder = tmp_path_factory.mktemp("story")
    with simulator() as sim:
        camera = sim.timecode_camera(CAMERA, sound="aac")
        config = f"""
[detector]
model = "builtin"
fetch = false

[recordings]
segment_s = 3.0

[[cameras]]
id = "{CAMERA}"
url = "{camera.url}"
decode = "keyframes"
"""
        async with nightjar(folder / "data", config) as server:
            wanted = RECORDED_S * PICTURES_S
            await asyncio.to_thread(camera.wait, lambda it: it.seen.pictures >= wanted, READY_WITHIN_S)
            camera.unplug()
            first = next(piece for piece in ledger(server.data) if not piece.cause)
            start_us = first.start_us + round(BEFORE_S * US_PER_S)
            await asyncio.to_thread(write_event, server, start_us)
            yield Told(server, start_us)


def write_event(server: Server, start_us: int) -> None:
    """Write an event with its boxes, as another program may."""
    end_us = start_us + round(LASTED_S * US_PER_S)
    engine = create_engine(f"sqlite:///{server.data / 'nightjar.db'}")
    with Session(engine) as session, session.begin():
        session.add(batch_row(camera_id=CAMERA, started_us=start_us))
        session.flush()
        ended: dict[str, Any] = {"state": "ended", "started_us": start_us, "last_seen_us": end_us}
        session.add(event_row(EVENT, camera_id=CAMERA, track_id=TRACK, ended_us=end_us, **ended))
        session.add_all(frame(start_us, i / FPS) for i in range(round(LASTED_S * FPS) + 1))
    engine.dispose()


def frame(start_us: int, at_s: float) -> Detection:
    """Return an analysed frame: somebody comes from the left, and stands still in the middle."""
    x = LEFT + (MIDDLE - LEFT) * min(at_s / STOOD_FROM_S, 1.0)
    at_us = WallUs(start_us + round(at_s * US_PER_S))
    place = (CameraId(CAMERA), at_us, MediaTime(0, Fraction(1)), MonotonicNs(0), 640, 360)
    boxes = np.array([[x, 100, x + 60, 280]], np.float32)
    found = Detections(*place, boxes, np.full(1, 0.9, np.float32), ("person",))
    packed = pack(TrackedDetections(found, np.array([TRACK], np.int64)))
    row: dict[str, Any] = {"camera_id": CAMERA, "at_us": at_us, "width": 640, "height": 360}
    row["model_id"] = 1
    return Detection(**row, labels=packed.labels, boxes=packed.boxes)


async def opened(page: Page, told: Told) -> Locator:
    """Open the story, and wait until it plays; return its video."""
    await page.goto(f"{told.server.url}/events/{EVENT}")
    video = page.locator(".stage video")
    await expect(video).to_have_attribute("data-state", "playing", timeout=20_000)
    return video


async def test_it_plays_with_its_lines_and_each_goes_to_its_moment(browser: Browser, told: Told) -> None:
    """The picture's own time is that of the line, and the page says the same."""
    async with page_of(browser) as (page, troubles):
        video = await opened(page, told)
        lines = page.locator(".story-line")
        await expect(lines).to_contain_text(
            ["Appeared on the left", "Moved to the right", "Stood still in the middle", "Was seen last"]
        )
        moments = (await told.server.get(f"events/{EVENT}/story"))["moments"]
        stood = next(one for one in moments if one["kind"] == "stood_still")
        await lines.nth(2).click()
        await expect(lines.nth(2)).to_have_attribute("aria-current", "true")
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(video).to_have_attribute("data-state", "paused")
        seen = await sight(video)
        assert seen.wall_ms is not None
        assert 0 <= seen.wall_ms - us_of_iso(stood["at"]) / 1e3 + SAID_WITHIN_MS < 5000
        assert abs(us_of_iso(seen.said) / 1e3 - seen.wall_ms) < SAID_WITHIN_MS
        assert troubles.said == []


async def test_it_goes_on_picture_by_picture(browser: Browser, told: Told) -> None:
    """With the arrows, one at a time, on and back."""
    async with page_of(browser) as (page, _):
        video = await opened(page, told)
        await page.locator(".story-line").nth(1).click()
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(video).to_have_attribute("data-state", "paused")
        before = await at_rest(video)
        for key, pictures in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
            await page.keyboard.press(key)
            await shows(video, before + pictures * 1000 // PICTURES_S)


async def at_rest(video: Locator) -> int:
    """Return the time of a paused video's picture; one more may come after it has said that it is paused."""
    seen, before = (await sight(video)).wall_ms, None
    async with asyncio.timeout(5):
        while seen is None or seen != before:
            await asyncio.sleep(0.2)
            seen, before = (await sight(video)).wall_ms, seen
    return seen


async def shows(video: Locator, wall_ms: int) -> None:
    """Wait until a video shows the picture of a time."""
    async with asyncio.timeout(5):
        while abs(((await sight(video)).wall_ms or 0) - wall_ms) > 500 / PICTURES_S:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_box_is_where_the_object_is(browser: Browser, told: Told) -> None:
    """In the frame's own coordinates, and not before it appeared."""
    async with page_of(browser) as (page, _):
        await opened(page, told)
        box = page.locator(".boxes-box")
        await page.locator(".story-line").nth(2).click()
        await expect(box).to_have_count(1)
        await expect(box).to_have_attribute("x", str(int(MIDDLE)), timeout=5000)
        await page.keyboard.press("b")
        await expect(box).to_have_count(0)


async def test_it_is_reviewed_noted_and_protected(browser: Browser, told: Told) -> None:
    """Each act is done, and shown as done."""
    event = f"events/{EVENT}"
    async with page_of(browser, PHONE) as (page, troubles):
        await opened(page, told)
        await page.keyboard.press("r")
        reviewed = page.get_by_role("button", name="Reviewed", exact=True)
        await expect(reviewed).to_have_attribute("aria-pressed", "true")
        await page.keyboard.press("n")
        await page.get_by_role("textbox", name="Note").fill("The clockmaker")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".story-noted")).to_have_text("The clockmaker")
        now = await told.server.get(event)
        assert (now["reviewed"], now["note"]) == (True, "The clockmaker")
        await page.get_by_role("button", name="Protect", exact=True).click()
        await expect(page.get_by_role("button", name="Protected")).to_have_attribute("aria-pressed", "true")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert troubles.said == []


async def test_its_clip_can_be_taken_away(browser: Browser, told: Told) -> None:
    """It is made while one looks on, and downloaded."""
    async with page_of(browser) as (page, troubles):
        await opened(page, told)
        await page.get_by_role("button", name="Export").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Download").click()
        assert (await waiting.value).suggested_filename.endswith(".mp4")
        assert troubles.said == []


async def test_an_event_that_is_not_there_is_said_to_be_gone(browser: Browser, told: Told) -> None:
    """With a way back."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{told.server.url}/events/nothing")
        await expect(page.get_by_role("heading", name="This event is gone")).to_be_visible()
        await page.get_by_role("link", name="Go to the events").click()
        await expect(page).to_have_url(f"{told.server.url}/events")
