"""A camera that goes away is an event, at the watch and in a whole service, and a replay makes the same."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance.domain.camera import CameraState
from appliance.domain.time import WallUs
from appliance.replay.archive import Archive
from appliance.replay.repeat import repeat
from appliance.replay.verdict import judge
from appliance.store.engine import DATABASE
from tests.support.camera_simulator.simulator import simulator
from tests.support.clips import walking_square, write_clip
from tests.support.living import living
from tests.support.server import nightjar
from tests.support.sightings import CAMERA, NOON_US, person

EVER = WallUs(2**62)


async def test_what_was_heard_of_a_camera_is_replayed(tmp_path: Path) -> None:
    """Between frames, over a silence, with an end and with none."""
    async with living(tmp_path) as live:
        live.watch.report(CameraState.CONNECTING)
        live.watch.report(CameraState.ONLINE)
        await live.see(3, person())
        live.watch.report(CameraState.OFFLINE)
        await live.pass_time(30)
        live.watch.report(CameraState.CONNECTING)
        await live.pass_time(700)
        live.watch.report(CameraState.ONLINE)
        await live.see(3, person())
        live.watch.report(CameraState.NO_VIDEO)
        await live.pass_time(100)
        live.watch.report(CameraState.DISABLED)
        live.watch.close()
        kinds = [entry.kind.value for entry in await live.entries()]
        assert kinds.count("away") == kinds.count("online") + 1 == 3
        (first,) = await live.kept()
        assert await live.again(first) == live.writer.changes
    with Archive(tmp_path) as archive:
        verdict = judge(archive, [repeat(archive, CAMERA, NOON_US, EVER)], NOON_US, EVER)
    assert verdict.found == ()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        rows = connection.execute(
            "SELECT state, box, picture, summary FROM events WHERE kind = 'offline' ORDER BY started_us"
        ).fetchall()
    assert rows == [
        ("ended", None, None, "Front door was not reached for 12 min"),
        ("interrupted", None, None, "Front door was not reached for 1 min"),
    ]


CONFIG = """
[packets]
retry_longest_s = 1.0

[events]
offline_after_s = 2.0

[[cameras]]
id = "yard"
name = "Yard"
url = "{url}"
"""


async def test_a_camera_whose_plug_is_pulled_is_an_event_until_it_is_back(tmp_path: Path) -> None:
    """In a whole service: one event, over a restart one that continues it, without a picture or a box."""
    clip = write_clip(tmp_path / "yard.mp4", walking_square(20), 10, 10)
    with simulator() as cameras:
        yard = cameras.camera("yard", clip)
        config = CONFIG.format(url=yard.url)
        async with nightjar(tmp_path / "data", config) as server:
            await asyncio.to_thread(yard.wait, lambda camera: camera.seen.pictures > 5, 30.0)
            yard.refuse()
            yard.cut()
            first = await server.until("events", 20.0, label="offline")
        async with nightjar(tmp_path / "data", config) as server:
            second = await server.until("events", 20.0, label="offline", state="open")
            yard.accept()
            ended = await server.until("events", 20.0, label="offline", state="ended")
            cut = await server.get(f"events/{first['id']}")
            story = await server.get(f"events/{second['id']}/story")
    assert (first["kind"], first["state"], first["summary"]) == ("offline", "open", "Yard was not reached")
    assert (first["box"], first["picture"], first["score"]) == (None, None, 0)
    assert cut["state"] == "interrupted"
    assert (second["continues"], second["visit_id"]) == (first["id"], first["visit_id"])
    assert ended["id"] == second["id"]
    assert ended["summary"].startswith("Yard was not reached for ")
    assert [moment["kind"] for moment in story["moments"]] == ["away", "back"]
    assert story["path"] == []
