"""Footage in a real browser: it plays across the borders of files and over a gap, and can be taken away."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from appliance.store.times import iso_of_us, us_of_iso
from tests.support import timecode
from tests.support.browser import loaded, page_of, played_s, seek, sight
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
CAMERA = "clock"
UNFINISHED = {"waiting", "running"}


@dataclass(frozen=True)
class Recorded:
    """A service with the footage of one camera: two stretches of several files each, and a gap between them.

    Attributes:
        pieces: of the ledger, from the first file on.
    """

    server: Server
    pieces: list[Piece]

    @property
    def files(self) -> list[Piece]:
        """The segments, in order."""
        return [piece for piece in self.pieces if not piece.cause]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Recorded]:
    """Record a camera that is unplugged in between; then it is unplugged for good."""
    folder = tmp_path_factory.mktemp("footage")
    with simulator() as sim:
        camera = sim.timecode_camera(CAMERA)
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
            for _ in range(2):
                camera.plug()
                await recorded_for(camera, STRETCH_S)
                camera.unplug()
                await asyncio.sleep(GAP_S)
            yield Recorded(server, await accounted(server, round(1e6 * (time.time() - GAP_S))))


async def recorded_for(camera: SimulatedCamera, seconds: float) -> None:
    """Wait until a camera has sent pictures for so long."""
    wanted = camera.seen.pictures + seconds * PICTURES_S
    await asyncio.to_thread(camera.wait, lambda sending: sending.seen.pictures >= wanted, READY_WITHIN_S)


async def accounted(server: Server, until_us: int) -> list[Piece]:
    """Wait until the ledger reaches that time; return it from the first file on."""
    async with asyncio.timeout(READY_WITHIN_S):
        while (pieces := ledger(server.data))[-1].end_us < until_us:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return pieces[next(i for i, piece in enumerate(pieces) if not piece.cause) :]


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
        await page.goto(recorded.server.url)
        await page.get_by_role("button", name=f"Footage of {CAMERA}").click()
        dialog = page.locator("dialog.footage")
        video = dialog.locator("video")
        await expect(dialog.locator(".stage")).to_have_attribute("data-state", "playing", timeout=15_000)
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
    """With the form in the footage's dialog; what arrives is an MP4 file of that time."""
    begin_us = recorded.files[1].start_us // 1_000_000 * 1_000_000
    async with page_of(browser) as (page, troubles):
        await page.goto(recorded.server.url)
        await page.get_by_role("button", name=f"Footage of {CAMERA}").click()
        form = page.locator("dialog.footage details.take")
        await form.locator("summary").click()
        for field, at_us in (("from", begin_us), ("to", begin_us + 4_000_000)):
            await form.locator(f"#export-{field}").fill(iso_of_us(at_us)[:19])
        before = len((await recorded.server.get("exports"))["items"])
        await expect(form.locator(".export")).to_have_count(before)
        await form.get_by_role("button", name="Export", exact=True).click()
        await expect(form.locator(".export")).to_have_count(before + 1)
        async with page.expect_download() as waiting:
            await form.locator(".export").first.get_by_role("link").click()
        got = await waiting.value
        path = tmp_path / got.suggested_filename
        await got.save_as(path)
        assert troubles.said == []
    assert path.suffix == ".mp4"
    assert complaints(path) == ""
    assert 4 * PICTURES_S - 1 <= play(path) <= 5 * PICTURES_S + 1
