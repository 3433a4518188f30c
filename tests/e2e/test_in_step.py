"""As many cameras as a desk shows side by side play the same moment."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from appliance.store.times import iso_of_us
from tests.support.browser import page_of, sight
from tests.support.camera_simulator.simulator import simulator
from tests.support.footage import ledger
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

CAMERAS = ("clock", "watch", "dial", "bell")
RECORDED_US = 15_000_000
IN_STEP_MS = 100
LOOKS = 10
LOOK_EVERY_S = 0.2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Record the cameras for a while; then they are unplugged, so that nothing is made beside the looking."""
    folder: Path = tmp_path_factory.mktemp("in-step")
    with simulator() as sim:
        cameras = [sim.timecode_camera(name) for name in CAMERAS]
        config = '[detector]\nmodel = "builtin"\nfetch = false\n\n[recordings]\nsegment_s = 5.0\n' + "".join(
            f'\n[[cameras]]\nid = "{name}"\nurl = "{camera.url}"\ndecode = "keyframes"\n'
            for name, camera in zip(CAMERAS, cameras, strict=True)
        )
        async with nightjar(folder / "data", config) as running:
            async with asyncio.timeout(60):
                while (span := common_us(running))[1] - span[0] < RECORDED_US:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            for camera in cameras:
                camera.unplug()
            yield running


def common_us(server: Server) -> tuple[int, int]:
    """Return the time, from and to, that every camera has recorded; an empty one while some have nothing."""
    recorded = [one for one in ledger(server.data) if not one.cause]
    files = [[one for one in recorded if one.camera_id == name] for name in CAMERAS]
    if not all(files):
        return 0, 0
    return max(of_one[0].start_us for of_one in files), min(of_one[-1].end_us for of_one in files)


async def test_four_cameras_play_in_step(browser: Browser, server: Server) -> None:
    """Each picture has the time in it that it was taken at: on the average of ten looks within 100 ms."""
    at = iso_of_us(common_us(server)[0] + 1_000_000)
    behind_ms: list[list[int]] = []
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{server.url}/footage?{'&'.join(f'camera={name}' for name in CAMERAS)}&at={at}")
        videos = [page.get_by_label(f"Footage of {name}") for name in CAMERAS]
        for video in videos:
            await expect(video).to_have_attribute("data-state", "playing", timeout=15_000)
        await asyncio.sleep(2.0)
        for _ in range(LOOKS):
            seen = [await sight(video) for video in videos]
            if all(one.wall_ms is not None for one in seen):
                behind_ms.append([one.age_ms for one in seen])
            await asyncio.sleep(LOOK_EVERY_S)
        assert troubles.said == []
    assert len(behind_ms) >= LOOKS - 2
    means = [statistics.mean(of_one) for of_one in zip(*behind_ms, strict=True)]
    assert max(means) - min(means) <= IN_STEP_MS, means
