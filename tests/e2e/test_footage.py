"""Footage in a real browser: it plays across the borders of files and over a gap, and can be taken away."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FloatRect, Locator, Page, expect

from appliance.store.times import iso_of_us, us_of_iso
from tests.support import timecode
from tests.support.browser import PHONE, loaded, page_of, played_s, seek, sight
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.file_server import served
from tests.support.footage import Piece, complaints, ledger, play
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

STRETCH_S = 10.0
GAP_S = 3.0
READY_WITHIN_S = 30.0
PICTURES_S = 10
PICTURE_MS = 1000 // PICTURES_S
LOOK_EVERY_S = 0.2
SAID_WITHIN_MS = 300
"""A picture is handed on, and its time taken, when the next one begins to arrive: late by one picture,
unless the camera says itself when it was; and the browser may show the next one while we read."""
CAMERA = "clock"
OTHER = "watch"
IN_STEP_MS = 100
PREVIEW_SMALLER = 2
HOUR_US = 3_600_000_000
"""Of a month the timeline shows what there is of each hour."""
SAID_PX = 30
"""The timeline says its ends to the second; of a minute that is so many pixels, before and after."""
UNFINISHED = {"waiting", "running"}


@dataclass(frozen=True)
class Recorded:
    """A service with the footage of two cameras: two stretches of several files each, and a gap between them.

    Attributes:
        pieces: of the first one's ledger, from the first file on.
    """

    server: Server
    pieces: list[Piece]

    @property
    def files(self) -> list[Piece]:
        """The segments, in order."""
        return [piece for piece in self.pieces if not piece.cause]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Recorded]:
    """Record two cameras that are unplugged in between; then they are unplugged for good."""
    folder = tmp_path_factory.mktemp("footage")
    with simulator() as sim:
        cameras = [sim.timecode_camera(name) for name in (CAMERA, OTHER)]
        config = """
[detector]
model = "builtin"
fetch = false

[recordings]
segment_s = 3.0

""" + "".join(
            f'[[cameras]]\nid = "{name}"\nurl = "{camera.url}"\ndecode = "keyframes"\n'
            for name, camera in zip((CAMERA, OTHER), cameras, strict=True)
        )
        async with nightjar(folder / "data", config) as server:
            for _ in range(2):
                for camera in cameras:
                    camera.plug()
                for camera in cameras:
                    await recorded_for(camera, STRETCH_S)
                for camera in cameras:
                    camera.unplug()
                await asyncio.sleep(GAP_S)
            yield Recorded(server, await accounted(server, round(1e6 * (time.time() - GAP_S))))


async def recorded_for(camera: SimulatedCamera, seconds: float) -> None:
    """Wait until a camera has sent pictures for so long."""
    wanted = camera.seen.pictures + seconds * PICTURES_S
    await asyncio.to_thread(camera.wait, lambda sending: sending.seen.pictures >= wanted, READY_WITHIN_S)


async def accounted(server: Server, until_us: int) -> list[Piece]:
    """Wait until the ledger reaches that time; return that of the first camera from the first file on."""
    async with asyncio.timeout(READY_WITHIN_S):
        while (pieces := pieces_of(server, CAMERA))[-1].end_us < until_us or (  # noqa: ASYNC110
            pieces_of(server, OTHER)[-1].end_us < until_us
        ):
            await asyncio.sleep(0.2)
    return pieces[next(i for i, piece in enumerate(pieces) if not piece.cause) :]


def pieces_of(server: Server, camera_id: str) -> list[Piece]:
    """Return a camera's ledger."""
    return [piece for piece in ledger(server.data) if piece.camera_id == camera_id]


async def export(server: Server, from_us: int, to_us: int, exact: bool) -> tuple[dict[str, Any], str]:
    """Have an export made; return what the API says of it, and the address of its file."""
    wanted = {"camera_id": CAMERA, "from": iso_of_us(from_us), "to": iso_of_us(to_us), "exact": exact}
    status, made = await server.ask("POST", "exports", wanted)
    assert status == 201, made
    async with asyncio.timeout(READY_WITHIN_S):
        while (made := await server.get(f"exports/{made['id']}"))["state"] in UNFINISHED:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert made["state"] == "done", made
    return made, f"{server.url}{made['file']}"


def seconds_of(gap: dict[str, Any]) -> float:
    """Return how long a gap is, as the API says it."""
    return (us_of_iso(gap["to"]) - us_of_iso(gap["from"])) / 1e6


async def download(browser: Browser, server: Server, url: str, folder: Path) -> Path:
    """Fetch a file as somebody does who clicks on a link of our page."""
    async with page_of(browser) as (page, troubles):
        await page.goto(server.url)
        async with page.expect_download() as waiting:
            await page.evaluate(
                "(url) => Object.assign(document.createElement('a'), { href: url, download: '' }).click()",
                url,
            )
        got = await waiting.value
        path = folder / got.suggested_filename
        await got.save_as(path)
        assert troubles.said == []
    return path


@pytest.mark.parametrize("exact", [False, True], ids=["at keyframes", "exact"])
async def test_an_exported_file_plays_and_shows_the_time_that_was_asked_for(
    browser: Browser, recorded: Recorded, tmp_path: Path, exact: bool
) -> None:
    """Across files and the gap, which is closed up; ffprobe finds nothing to say, and it plays to its end."""
    first, last = recorded.files[0], recorded.files[-1]
    from_us, to_us = first.start_us + 1_330_000, last.end_us - 1_570_000
    made, url = await export(recorded.server, from_us, to_us, exact)
    gaps_s = sum(seconds_of(gap) for gap in made["gaps"])
    assert gaps_s > GAP_S / 2
    path = await download(browser, recorded.server, url, tmp_path)
    assert complaints(path) == ""
    assert play(path, shows_all=not exact) > STRETCH_S * PICTURES_S
    async with served(tmp_path) as served_url, page_of(browser) as (page, troubles):
        await page.goto(f"{served_url}/play/{path.name}")
        video = page.locator("video")
        await loaded(video)
        begins_ms = (await sight(video)).wall_ms
        length_s = await played_s(video)
        ends_ms = (await sight(video)).wall_ms
        assert troubles.said == []
    assert begins_ms is not None
    assert ends_ms is not None
    slack_ms = 1.5 * PICTURE_MS
    early_ms = slack_ms if exact else 1000 + slack_ms
    assert from_us / 1e3 - early_ms <= begins_ms <= from_us / 1e3 + slack_ms
    assert abs(to_us / 1e3 - PICTURE_MS / 2 - ends_ms) <= (slack_ms if exact else 1000 + slack_ms)
    shown_s = (ends_ms - begins_ms) / 1e3 + PICTURE_MS / 1e3
    assert length_s == pytest.approx(shown_s - gaps_s, abs=0.4)


async def test_in_an_exported_file_every_moment_is_in_its_place(
    browser: Browser, recorded: Recorded, tmp_path: Path
) -> None:
    """Wherever it is opened, in either stretch, the picture's own time is that of the position."""
    first, last = recorded.files[0], recorded.files[-1]
    made, url = await export(recorded.server, first.start_us, last.end_us, exact=False)
    path = await download(browser, recorded.server, url, tmp_path)
    # The API's times are whole milliseconds: less than one may be missing at either end of the range.
    (gap,) = (gap for gap in made["gaps"] if seconds_of(gap) > GAP_S / 2)
    before_s, gap_s = (us_of_iso(gap["from"]) - first.start_us) / 1e6, seconds_of(gap)
    async with served(tmp_path) as served_url, page_of(browser) as (page, _):
        await page.goto(f"{served_url}/play/{path.name}")
        video = page.locator("video")
        await loaded(video)
        for at_s in (1.55, before_s - 0.55, before_s + 0.55, before_s + 5.05):
            shown_ms = (await seek(video, at_s)).wall_ms
            assert shown_ms is not None
            passed_s = at_s + (gap_s if at_s > before_s else 0.0)
            assert shown_ms / 1e3 - first.start_us / 1e6 == pytest.approx(passed_s, abs=0.25)


async def test_it_plays_across_the_borders_of_files_and_over_a_gap(
    browser: Browser, recorded: Recorded
) -> None:
    """On the page, from the first stretch to the end of the second one: no black picture, none out of order.

    The page says of each picture when it was, and the picture's own time agrees.
    """
    files = recorded.files
    ends_ms, longest_ms = files[-1].end_us / 1e3, max(piece.seconds for piece in recorded.pieces) * 1e3
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, files[0].start_us, CAMERA))
        video = page.locator("video")
        await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        seen = [await sight(video)]
        async with asyncio.timeout(60):
            while seen[-1].wall_ms is None or seen[-1].wall_ms < ends_ms - 1000:
                await asyncio.sleep(LOOK_EVERY_S)
                seen.append(await sight(video))
        assert troubles.said == []
    times_ms = [one.wall_ms for one in seen if one.wall_ms is not None]
    assert len(times_ms) > 0.9 * len(seen)
    assert timecode.holes(times_ms, longest_ms=round(GAP_S * 1e3 + longest_ms)) == []
    shown = {number for number, file in enumerate(files) if any(_is_in(file, at) for at in times_ms)}
    assert shown >= set(range(min(shown), len(files)))
    assert len(shown) >= 4
    assert min(times_ms) < _gap(recorded).start_us / 1e3 < _gap(recorded).end_us / 1e3 < max(times_ms)
    assert all(40 < one.mean < 220 for one in seen if one.wall_ms is not None)
    wrong = [
        one for one in seen if one.wall_ms and abs(us_of_iso(one.said) / 1e3 - one.wall_ms) > SAID_WITHIN_MS
    ]
    assert wrong == []


def address(recorded: Recorded, at_us: int, *cameras: str) -> str:
    """Return the address of the cameras' footage at a moment."""
    chosen = "&".join(f"camera={name}" for name in cameras)
    return f"{recorded.server.url}/footage?{chosen}&at={iso_of_us(at_us)}"


async def test_while_somebody_scrubs_small_pictures_show_the_right_second(
    browser: Browser, recorded: Recorded
) -> None:
    """Dragged over the scale, each picture says by itself that it is of the time under the pointer."""
    begin_us = recorded.files[1].start_us
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, begin_us, CAMERA))
        video = page.locator("video")
        await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.get_by_role("button", name="1 min", exact=True).click()
        track = page.get_by_role("slider", name="Time that is shown")
        box = await track.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
        await page.mouse.down()
        pointed_ms = [await scrub(page, box, share) for share in (0.5, 0.52, 0.54, 0.56)]
        wanted_ms = pointed_ms[-1]
        await page.mouse.up()
        await expect(page.locator("img.stage-preview")).to_have_count(0)
        await page.keyboard.press("k")
        async with asyncio.timeout(15):
            while not _is_near((await sight(video)).wall_ms, wanted_ms, 2500):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY_S)
        assert troubles.said == []


async def scrub(page: Page, box: FloatRect, share: float) -> float:
    """Move the pointer to a share of the timeline; return which moment that is, once it is shown."""
    await page.mouse.move(box["x"] + box["width"] * share, box["y"] + 12)
    track = page.get_by_role("slider", name="Time that is shown")
    values = [int(await track.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max")]
    pointed_ms = 1e3 * (values[0] + (values[1] - values[0]) * share)
    picture = page.locator("img.stage-preview")
    async with asyncio.timeout(10):
        while not _is_near(await _asked_ms(picture), pointed_ms, 1600):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    shown = await sight(picture, PREVIEW_SMALLER)
    asked_ms = await _asked_ms(picture)
    assert shown.wall_ms is not None
    assert asked_ms is not None
    # The keyframe at or before the second that was asked for: there is one every second.
    assert -1100 <= shown.wall_ms - asked_ms <= 2 * PICTURE_MS
    return pointed_ms


async def _asked_ms(picture: Locator) -> float | None:
    if await picture.count() == 0:
        return None
    return us_of_iso(await picture.get_attribute("data-at") or "") / 1e3


def _is_near(one_ms: float | None, other_ms: float, within_ms: float) -> bool:
    return one_ms is not None and abs(one_ms - other_ms) <= within_ms


async def test_two_cameras_play_in_step(browser: Browser, recorded: Recorded) -> None:
    """Within 100 ms on the average of ten looks, over a gap as well; a picture lasts as long itself."""
    begin_us = recorded.files[0].start_us + 500_000
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, begin_us, CAMERA, OTHER))
        videos = [page.get_by_label(f"Footage of {name}") for name in (CAMERA, OTHER)]
        for video in videos:
            await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        await asyncio.sleep(2.0)
        apart_ms = []
        for _ in range(10):
            one, other = [await sight(video) for video in videos]
            if one.wall_ms is not None and other.wall_ms is not None:
                apart_ms.append((one.wall_ms - one.now_ms) - (other.wall_ms - other.now_ms))
            await asyncio.sleep(LOOK_EVERY_S)
        assert troubles.said == []
    assert len(apart_ms) >= 8
    assert abs(sum(apart_ms) / len(apart_ms)) <= IN_STEP_MS


async def test_a_reload_shows_the_same_moment(browser: Browser, recorded: Recorded) -> None:
    """The address says which cameras and when; paused, it is exact to the second."""
    begin_us = recorded.files[1].start_us
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, begin_us, OTHER, CAMERA))
        video = page.get_by_label(f"Footage of {CAMERA}")
        await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.keyboard.press("k")
        await expect(video).to_have_attribute("data-state", "paused")
        await page.wait_for_timeout(1000)
        before = await sight(video)
        await page.reload()
        await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.keyboard.press("k")
        after = await sight(video)
        assert troubles.said == []
    assert before.wall_ms is not None
    assert after.wall_ms is not None
    assert -1200 <= after.wall_ms - before.wall_ms <= 8000


def _gap(recorded: Recorded) -> Piece:
    """Return the gap between the stretches."""
    return next(
        piece for piece in recorded.pieces if piece.cause and piece.end_us < recorded.files[-1].end_us
    )


def _is_in(file: Piece, at_ms: int) -> bool:
    return file.start_us <= at_ms * 1000 < file.end_us


async def test_somebody_exports_and_downloads_on_the_page(
    browser: Browser, recorded: Recorded, tmp_path: Path
) -> None:
    """A time is marked, its fields say it exactly; what arrives is an MP4 file of that time."""
    begin_us = recorded.files[1].start_us // 1_000_000 * 1_000_000
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, begin_us, CAMERA))
        await page.get_by_role("button", name="Export or protect").click()
        marked = page.get_by_role("region", name="The marked time")
        # The end first: at no moment it is before the begin.
        for field, at_us in (("To", begin_us + 4_000_000), ("From", begin_us)):
            await marked.get_by_label(field, exact=True).fill(iso_of_us(at_us)[:19])
        await expect(marked.get_by_text("about")).to_be_visible()
        before = len((await recorded.server.get("exports"))["items"])
        rows = page.locator(".export-list > li")
        await expect(rows).to_have_count(before)
        await marked.get_by_role("button", name="Export", exact=True).click()
        await expect(rows).to_have_count(before + 1)
        async with page.expect_download() as waiting:
            await rows.first.get_by_role("link", name="Download").click()
        got = await waiting.value
        path = tmp_path / got.suggested_filename
        await got.save_as(path)
        assert troubles.said == []
    assert path.suffix == ".mp4"
    assert complaints(path) == ""
    # Cut exactly: what the file holds before that is not shown.
    assert abs(play(path, shows_all=False) - 4 * PICTURES_S) <= 1


async def test_somebody_protects_a_marked_time_and_lets_go_of_it(
    browser: Browser, recorded: Recorded
) -> None:
    """Each with one click; the timeline and the API say so."""
    begin_us = recorded.files[1].start_us
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, begin_us, CAMERA))
        await page.get_by_role("button", name="Export or protect").click()
        await page.get_by_role("button", name="Protect", exact=True).click()
        let_go = page.get_by_role("button", name="Stop protecting")
        await expect(let_go).to_be_visible(timeout=10_000)
        assert await _is_protected(recorded, begin_us)
        await let_go.click()
        await expect(page.get_by_role("button", name="Protect", exact=True)).to_be_visible(timeout=10_000)
        assert not await _is_protected(recorded, begin_us)
        assert troubles.said == []


async def _is_protected(recorded: Recorded, at_us: int) -> bool:
    asked = {"from": iso_of_us(at_us), "to": iso_of_us(at_us + 1_000_000)}
    footage = await recorded.server.get(f"cameras/{CAMERA}/footage", **asked)
    return all(item["protected"] for item in footage["items"])


def _middle_of_the_gap_ms(recorded: Recorded) -> float:
    gap = _gap(recorded)
    return (gap.start_us + gap.end_us) / 2e3


async def _view_ms(page: Page) -> tuple[float, float]:
    """Return from when until when the timeline shows."""
    track = page.get_by_role("slider", name="Time that is shown")
    begin, end = [int(await track.get_attribute(f"aria-value{name}") or 0) for name in ("min", "max")]
    return 1e3 * begin, 1e3 * end


async def _place_of(page: Page, at_ms: float) -> tuple[float, float]:
    """Return where on the page the timeline has the footage of a moment."""
    box = await page.get_by_role("slider", name="Time that is shown").bounding_box()
    assert box is not None
    begin_ms, end_ms = await _view_ms(page)
    return box["x"] + box["width"] * (at_ms - begin_ms) / (end_ms - begin_ms), box["y"] + 70


async def _ms_of_a_pixel(page: Page) -> float:
    box = await page.get_by_role("slider", name="Time that is shown").bounding_box()
    assert box is not None
    begin_ms, end_ms = await _view_ms(page)
    return (end_ms - begin_ms) / box["width"]


async def test_why_something_is_missing_is_told_to_a_pointer_a_finger_and_a_key(
    browser: Browser, recorded: Recorded
) -> None:
    """A pointer that rests there, a finger that taps there, and playing into it: each hears of the cause."""
    cause, middle_ms = "Missing: the camera sent nothing", _middle_of_the_gap_ms(recorded)
    async with page_of(browser, PHONE) as (page, troubles):
        await page.goto(address(recorded, recorded.files[0].start_us, CAMERA))
        await expect(page.locator("video")).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.get_by_role("button", name="Pause").tap()
        await page.get_by_role("button", name="1 min", exact=True).tap()
        await page.touchscreen.tap(*await _place_of(page, middle_ms))
        said = page.get_by_role("status").filter(has_text=cause)
        await expect(said).to_contain_text("It goes on")
        assert troubles.said == []
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, _gap(recorded).start_us - 2_500_000, CAMERA))
        await expect(page.locator("video")).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.get_by_role("button", name="1 min", exact=True).click()
        await expect(page.get_by_role("status").filter(has_text=cause)).to_contain_text(
            "It goes on", timeout=15_000
        )
        await page.keyboard.press("k")
        await page.mouse.move(*await _place_of(page, middle_ms))
        await expect(page.locator(".timeline-bubble")).to_contain_text(cause)
        assert troubles.said == []


async def test_a_timeline_is_zoomed_by_wheel_keys_and_fingers(browser: Browser, recorded: Recorded) -> None:
    """From a minute to a month and back; what is under the pointer, or between the fingers, stays there."""
    at_us = recorded.files[1].start_us
    async with page_of(browser) as (page, troubles):
        await page.goto(address(recorded, at_us, CAMERA))
        await expect(page.locator("video")).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.keyboard.press("k")
        x, y = await _place_of(page, at_us / 1e3)
        # A wheel is turned at whole pixels.
        under_ms = at_us / 1e3 + (round(x) - x) * await _ms_of_a_pixel(page)
        await page.mouse.move(round(x), y)
        for _ in range(8):
            await page.mouse.wheel(0, -300)
        await expect(page.get_by_text("1 min shown")).to_be_visible()
        assert (await _place_of(page, under_ms))[0] == pytest.approx(x, abs=SAID_PX)
        # Of what is only partly recorded, seen from so far, there is a picture as well.
        for _ in range(25):
            await page.keyboard.press("-")
        await expect(page.get_by_text("31 days shown")).to_be_visible()
        x, y = await _place_of(page, (at_us // HOUR_US + 0.5) * HOUR_US / 1e3)
        await page.mouse.move(round(x), y)
        await expect(page.locator(".timeline-bubble img")).to_be_visible()
        for _ in range(25):
            await page.keyboard.press("+")
        await expect(page.get_by_text("1 min shown")).to_be_visible()
        assert troubles.said == []


async def test_two_fingers_show_less_time(browser: Browser, recorded: Recorded) -> None:
    """Apart by four times as much they show a quarter of it; one that stays moves it."""
    async with page_of(browser, PHONE) as (page, troubles):
        await page.goto(address(recorded, recorded.files[1].start_us, CAMERA))
        await expect(page.locator("video")).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.get_by_role("button", name="Pause").tap()
        begin_ms, end_ms = await _view_ms(page)
        box = await page.get_by_role("slider", name="Time that is shown").bounding_box()
        assert box is not None
        middle, y = box["x"] + box["width"] / 2, box["y"] + 70
        fingers = await page.context.new_cdp_session(page)

        async def touch(kind: str, *xs: float) -> None:
            points = [{"x": x, "y": y, "id": number} for number, x in enumerate(xs)]
            await fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        await touch("touchStart", middle - 20)
        await touch("touchStart", middle - 20, middle + 20)
        for apart in (40, 60, 80):
            await touch("touchMove", middle - apart, middle + apart)
        await touch("touchEnd")
        shown_ms = await _view_ms(page)
        assert shown_ms[1] - shown_ms[0] == pytest.approx((end_ms - begin_ms) / 4, rel=0.05)
        assert troubles.said == []


async def test_what_is_live_is_live_again_after_a_reload(browser: Browser, recorded: Recorded) -> None:
    """Somebody who watched what happens now does not find old pictures there."""
    async with page_of(browser) as (page, _):
        await page.goto(address(recorded, recorded.files[1].start_us, CAMERA))
        await expect(page.locator("video")).to_have_attribute("data-state", "playing", timeout=15_000)
        await page.keyboard.press("End")
        now = page.get_by_role("button", name="Now", exact=True)
        await expect(now).to_have_attribute("aria-pressed", "true")
        await page.wait_for_url("**at=now")
        await page.reload()
        await expect(now).to_have_attribute("aria-pressed", "true")
