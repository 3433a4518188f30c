"""Live video of simulated cameras, from their RTSP server through the whole appliance to the viewers."""

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import av
import pytest
from aiohttp import ClientSession

from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip
from tests.support.server import Server, nightjar
from tests.support.watching import watching

FPS, GOP = 20, 40
MAIN, SMALL = (320, 192), (160, 96)
CONFIG = """
[detector]
model = "builtin"
[packets]
live_linger_s = 2
[[cameras]]
id = "yard"
url = "{}"
live_url = "{}"
"""


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Simulator]:
    """A camera with two streams of different size; GOPs last two seconds."""
    with simulator() as running:
        for name, (width, height) in (("main", MAIN), ("small", SMALL)):
            clip = write_clip(tmp_path / f"{name}.mp4", walking_square(4 * GOP, width, height), FPS, GOP)
            running.camera(name, clip)
        yield running


@pytest.fixture
async def server(sim: Simulator, tmp_path: Path) -> AsyncIterator[Server]:
    """An appliance that reads that camera."""
    urls = [sim.cameras[name].url for name in ("main", "small")]
    async with nightjar(tmp_path / "data", CONFIG.format(*urls)) as running:
        await asyncio.to_thread(sim.cameras["main"].wait, lambda camera: camera.seen.pictures > 0, 30.0)
        yield running


async def test_it_is_watched_large_and_small_and_again_after_a_cut(sim: Simulator, server: Server) -> None:
    """Every picture comes once and in order; a new connection to the camera is a new stream."""
    async with (
        ClientSession() as http,
        watching(http, server.url, "yard") as large,
        watching(http, server.url, "yard", "?stream=small") as small,
    ):
        for watcher, (width, height) in ((large, MAIN), (small, SMALL)):
            pictures = await watcher.pictures(GOP)
            assert (watcher.seen.said[-1]["width"], watcher.seen.said[-1]["height"]) == (width, height)
            assert pictures[0].is_keyframe
            steps = [b.wall_us - a.wall_us for a, b in itertools.pairwise(pictures)]
            assert steps == pytest.approx([1_000_000 / FPS] * len(steps), abs=2000)
            with av.open(io.BytesIO(watcher.seen.file), "r") as container:
                sizes = {(frame.width, frame.height) for frame in container.decode(video=0)}
            assert sizes == {(width, height)}
        sim.cameras["main"].cut()
        async with asyncio.timeout(30):
            while [said["type"] for said in large.seen.said][-1:] != ["stream"] or len(large.seen.inits) < 2:
                await large.next()
        before, after = (said for said in large.seen.said if said["type"] == "stream")
        assert after["base_us"] > before["base_us"]
        assert (await large.pictures(2))[0].is_keyframe


async def test_a_camera_that_goes_is_said_to_its_viewers(sim: Simulator, server: Server) -> None:
    """With the reason that the page shows as well."""
    async with ClientSession() as http, watching(http, server.url, "yard") as watcher:
        await watcher.pictures(1)
        sim.cameras["main"].unplug()
        async with asyncio.timeout(30):
            said = await watcher.state()
    assert said["state"] == "offline"
    assert said["reason"]


async def test_the_second_address_is_let_go_when_nobody_watches(sim: Simulator, server: Server) -> None:
    """It is connected while somebody does, however long that is."""
    small = sim.cameras["small"]
    async with ClientSession() as http, watching(http, server.url, "yard", "?stream=small") as watcher:
        await watcher.pictures(5 * FPS)
    await asyncio.to_thread(small.wait, lambda camera: not camera.seen.sessions, 30.0)
    assert small.seen.requests["PLAY"] == 1
