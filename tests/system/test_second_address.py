"""The second address of a camera behind a real RTSP server, as the running appliance reads it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import ClientSession

from tests.support.clips import walking_square, write_clip
from tests.support.rtsp import RtspServer, RtspServerMissing, rtsp_server
from tests.support.server import Server, nightjar

pytestmark = pytest.mark.system

USER, PASSWORD = "admin", "canary-77"
BIG, SMALL = 320, 160
CONFIG = """
[detector]
model = "builtin"
[packets]
live_linger_s = 2
[[cameras]]
id = "front"
url = "rtsp://{user}:{password}@{where}/big"
live_url = "rtsp://{where}/{small}"
detect_fps = 0.5
"""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[RtspServer]:
    """A camera with two streams that wants a password for either."""
    big = write_clip(tmp_path / "big.mp4", walking_square(600, BIG, 192))
    small = write_clip(tmp_path / "small.mp4", walking_square(600, SMALL, 96))
    try:
        with rtsp_server([big, small], USER, PASSWORD) as server:
            yield server
    except RtspServerMissing as err:
        pytest.skip(str(err))


def config(camera: RtspServer, small: str) -> str:
    """Return a configuration with one camera."""
    where = f"127.0.0.1:{camera.port}"
    return CONFIG.format(user=USER, password=PASSWORD, where=where, small=small)


async def card(server: Server, http: ClientSession) -> int | None:
    """Return the width of the picture that a card of the page is shown; ``None`` where there is none."""
    async with http.get(f"{server.url}/api/v1/cameras/front/frame.jpg?size=small") as answer:
        body = await answer.read()
    if answer.status != 200:
        return None
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return int(picture.shape[1])


async def test_a_card_is_shown_the_smaller_stream(camera: RtspServer, tmp_path: Path) -> None:
    """With the password of the first address; the appliance stops in order while somebody looks."""
    async with nightjar(tmp_path / "data", config(camera, "small")) as server, ClientSession() as http:
        seen = []
        async with asyncio.timeout(25):
            while SMALL not in seen:
                seen.append(await card(server, http))
        assert BIG in seen
        assert (await server.get("cameras/front/address"))["live_note"] == ""
        assert await server.stop() == 0
        assert PASSWORD not in server.output.decode()


async def test_a_second_address_that_is_wrong_costs_only_itself(camera: RtspServer, tmp_path: Path) -> None:
    """The main stream stays online and is shown; the reason stands beside the address and once in the log."""
    async with nightjar(tmp_path / "data", config(camera, "elsewhere")) as server, ClientSession() as http:
        async with asyncio.timeout(25):
            while not (note := (await server.get("cameras/front/address"))["live_note"]):
                assert await card(server, http) in {None, BIG}
        assert await card(server, http) == BIG
        assert (await server.get("cameras/front"))["status"] == "online"
        assert await server.stop() == 0
        said = server.output.decode()
        assert said.count(note) == 1
        assert PASSWORD not in said
