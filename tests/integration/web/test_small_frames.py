"""The page's small pictures, from a fake camera's second stream to the browser."""

import asyncio
from pathlib import Path

import cv2
import numpy as np

from appliance.domain.camera import Camera
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, WallUs
from appliance.packets.settings import Settings
from appliance.packets.viewers import Viewers
from appliance.roster import CameraViews
from appliance.runtime.clock import SystemClock
from appliance.small_pictures import SmallPictures
from appliance.watch import LatestFrames
from tests.support.fake_source import FakeCamera, Script, stream
from tests.support.rows import camera_row
from tests.support.web import WebBox, web_box

FRONT = CameraId("front")
LIVE_URL = "rtsp://192.0.2.1/small"
PATH = "/api/v1/cameras/front/frame.jpg"


async def width_of(box: WebBox, path: str) -> int:
    """Return the width of the picture that the server sends."""
    answer = await box.get(path)
    assert answer.status == 200, answer.body
    picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return int(picture.shape[1])


async def test_a_card_is_shown_the_main_picture_first_and_the_small_stream_s_after_that(
    tmp_path: Path,
) -> None:
    """The second address is connected by the request, which does not wait for it; a full frame stays full."""
    clock, latest, viewers = SystemClock(), LatestFrames(), Viewers(10.0)
    second = FakeCamera(clock, [Script(pictures=10**9, fps=100.0)])
    small = SmallPictures(second, clock, Settings())
    small.apply([Camera(FRONT, "Front door", "rtsp://192.0.2.1/stream", live_url=LIVE_URL)])
    views = CameraViews(latest, small, viewers, clock, Settings())
    i420 = np.full((144, 128), 128, np.uint8)
    latest.put(Frame(FRONT, i420, MediaTime(0, stream().time_base), WallUs(0), clock.monotonic_ns()))
    async with web_box(tmp_path, cameras=views) as box:
        await box.add(camera_row(live_url=LIVE_URL))
        assert await width_of(box, PATH) == 128
        assert (second.sources, viewers.is_watched(FRONT, clock.monotonic_ns())) == ([], True)
        widths = [await width_of(box, f"{PATH}?size=small")]
        async with asyncio.timeout(10):
            while widths[-1] != 64:
                widths.append(await width_of(box, f"{PATH}?size=small"))
        assert widths == [*[128] * (len(widths) - 1), 64]
        assert await width_of(box, PATH) == 128
    await asyncio.to_thread(small.close)
    assert not any(source.is_open for source in second.sources)
