"""Cameras are recorded by the running appliance, and every second of them is accounted for."""

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import plain, walking_square, write_clip
from tests.support.recorded import Recorded
from tests.support.server import nightjar, nightjar_command

pytestmark = pytest.mark.system

CONFIG = """
[detector]
model = "builtin"
[recordings]
segment_s = {segment_s}
sync_every_s = 0.5
[[cameras]]
id = "front"
url = "{url}"
[cameras.recording]
{recording}
"""
LOCKED_S = 6.0
DOWN_S = 3.0
TOLD_S = 6.0
"""As long after the last sight an event has ended at the latest, on a busy machine."""


@pytest.fixture
def cameras() -> Iterator[Simulator]:
    """A simulator without cameras."""
    with simulator() as running:
        yield running


def config(camera: SimulatedCamera, segment_s: int = 60, recording: str = "") -> str:
    """Return a configuration with one camera."""
    return CONFIG.format(segment_s=segment_s, url=camera.url, recording=recording)


def change(data: Path, recording: str) -> None:
    """Change what of the camera is recorded, as a program other than ours does."""
    with closing(sqlite3.connect(data / "nightjar.db")) as database, database:
        database.execute("UPDATE cameras SET recording = json_patch(recording, ?)", (recording,))


async def test_every_second_of_a_camera_is_in_a_file_that_plays_or_has_its_cause(
    tmp_path: Path, cameras: Simulator
) -> None:
    """Over a locked database, a lost camera, a killed service and an orderly stop."""
    camera = cameras.camera("front", write_clip(tmp_path / "a.mp4", walking_square(300)), sound="aac")
    data, recorded = tmp_path / "data", Recorded(tmp_path / "data")
    async with nightjar(data, config(camera, segment_s=2)) as server:
        await recorded.wait(lambda: recorded.recorded_s("front") > 3)
        before = len(recorded.told("front"))
        with closing(sqlite3.connect(data / "nightjar.db")) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(LOCKED_S)
            assert len(recorded.told("front")) == before
        await recorded.wait(lambda: recorded.recorded_s("front") > 3 + LOCKED_S)
        assert recorded.story("front")[-1] == "recorded"
        camera.unplug()
        await asyncio.sleep(DOWN_S)
        camera.plug()
        await recorded.wait(lambda: recorded.story("front")[-2:] == ["camera_down", "recorded"])
        await asyncio.sleep(2)
        await server.kill()
    async with nightjar(data, config(camera, segment_s=2)) as server:
        await recorded.wait(lambda: recorded.story("front")[-1] == "recorded")
        await asyncio.sleep(3)
        assert await server.stop() == 0
        assert "Traceback" not in server.output.decode()
    status, output = await nightjar_command("check", "--data", str(data))
    assert status == 0, output
    told = recorded.expect_whole("front")
    recorded.expect_playable("front")
    story = [word for word in recorded.story("front") if word != "camera_down"]
    assert story == ["recorded", "recorded", "service_down", "recorded"]
    down = [one for one in told[1:] if one.what == "camera_down"]
    assert DOWN_S - 1 < down[0].seconds < DOWN_S + 4
    assert next(one for one in told if one.what == "service_down").seconds < 5
    files = [one for one in told if one.what == "recorded"]
    assert max(one.seconds for one in files) < 3.5
    assert recorded.sound_s(files[1].path) == pytest.approx(files[1].seconds, abs=0.4)
    expect_nothing_to_say([recorded.file(one.path) for one in files])


def expect_nothing_to_say(files: list[Path]) -> None:
    """Let a player that is not ours read the files, where there is one."""
    if shutil.which("ffprobe") is None:
        return
    for file in files:
        words = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames"]
        said = subprocess.run([*words, str(file)], capture_output=True, text=True, check=True)
        assert said.stderr == ""


def is_walked_through(luma: "np.typing.NDArray[np.uint8]") -> bool:
    """Return whether the bright square is in a picture."""
    return bool((luma > 180).sum() > 100)


async def test_motion_is_recorded_with_what_was_before_and_after_it(
    tmp_path: Path, cameras: Simulator
) -> None:
    """And a change of what is recorded costs no connection."""
    quiet = [plain()] * 80
    clip = write_clip(tmp_path / "a.mp4", [*quiet, *walking_square(40), *quiet])
    camera = cameras.camera("front", clip)
    data, recorded = tmp_path / "data", Recorded(tmp_path / "data")
    wanted = config(camera, recording='mode = "motion"\npre_roll_s = 2\npost_roll_s = 3')
    async with nightjar(data, wanted) as server:
        await recorded.wait(lambda: recorded.story("front")[-2:] == ["recorded", "idle"], 40)
        (told,) = [one for one in recorded.told("front") if one.what == "recorded"]
        shown = recorded.pictures(told.path)
        walked = [at for at, luma in shown if is_walked_through(luma)]
        assert 2 <= walked[0] <= 4.5
        assert shown[-1][0] - walked[-1] >= 2
        change(data, '{"mode": "continuous"}')
        await recorded.wait(lambda: recorded.story("front")[-1] == "recorded")
        assert (await server.get("cameras/front"))["recording"]["pre_roll_s"] == 2
        change(data, '{"mode": "off"}')
        await recorded.wait(lambda: recorded.story("front")[-1] == "off")
        assert camera.seen.requests["PLAY"] == 1
    recorded.expect_whole("front")
    recorded.expect_playable("front")


async def test_an_event_is_recorded_and_motion_alone_is_not(tmp_path: Path, cameras: Simulator) -> None:
    """The built-in detector makes an event of what moves for a while."""
    quiet = [plain()] * 80
    clip = write_clip(tmp_path / "a.mp4", [*quiet, *walking_square(60), *quiet])
    camera = cameras.camera("front", clip)
    data, recorded = tmp_path / "data", Recorded(tmp_path / "data")
    wanted = config(camera, recording='mode = "events"\npre_roll_s = 2\npost_roll_s = 1')
    async with nightjar(data, wanted) as server, server.listener("events") as listener:
        created = await listener.first(lambda heard: heard.type == "event_created")
        await recorded.wait(lambda: recorded.story("front")[-2:] == ["recorded", "idle"], 60)
        event = await server.get(f"events/{created.data['id']}")
    (told,) = [one for one in recorded.expect_whole("front") if one.what == "recorded"]
    started_us, ended_us = (
        np.datetime64(event[name].rstrip("Z"), "us").astype(int) for name in ("started_at", "last_seen_at")
    )
    assert told.start_us <= started_us - 2_000_000
    assert told.end_us >= ended_us + 1_000_000
    assert started_us - told.start_us <= (2 + 1.1) * 1e6
    assert told.end_us - ended_us < (TOLD_S + 1 + 1.1) * 1e6
    recorded.expect_playable("front")
