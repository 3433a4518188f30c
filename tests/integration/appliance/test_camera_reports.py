"""What readers say reaches the clients in the order in which it was said."""

import asyncio
from pathlib import Path
from typing import cast

import msgspec

from appliance.bus.filter import Filter
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import spine
from appliance.decisions.setup import House
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera, CameraReport, CameraState, StreamFacts, StreamMeasured
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.roster import Roster
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import pipeline
from appliance.store.recovery import LeftBehind
from appliance.store.settings import StoreSettings
from appliance.watch import LatestFrames, Watch

FRONT = CameraId("front")
ANNOUNCED = StreamFacts("h264", 1920, 1080, 25.0)
MEASURED = StreamFacts("h264", 1920, 1080, 15.0, 2.0)


def is_decoding(_camera_id: CameraId) -> bool:
    """Say that nothing is being decoded."""
    return False


def no_watch(_camera: Camera, _house: House, _left: LeftBehind) -> Watch:
    """Fail: nobody follows the rows here."""
    raise AssertionError("a watch was made")


async def test_a_state_and_what_was_measured_after_it_are_said_one_after_the_other(tmp_path: Path) -> None:
    """From a reader's thread; what was measured before the connection broke is said by nobody."""
    clock = SystemClock()
    async with spine(tmp_path, clock, Health(), Metrics(), StoreSettings(), CommitSettings()) as trunk:
        stage = cast("DetectionStage", None)
        roster = Roster(
            trunk.reader, trunk.committer, trunk.bus, stage, LatestFrames(), clock, is_decoding, no_watch
        )
        cameras = [Camera(FRONT, "Front door", "demo:")]
        await trunk.committer.commit(lambda c: pipeline.provision(c, cameras, WallUs(0)))
        storing = asyncio.create_task(roster.store_reports())
        wanted = Filter(types=frozenset({"camera_status"}))
        with trunk.bus.subscribe(wanted) as heard:
            for report in (
                CameraReport(FRONT, CameraState.ONLINE, "", ANNOUNCED),
                StreamMeasured(FRONT, MEASURED),
                CameraReport(FRONT, CameraState.OFFLINE, "unplugged"),
                StreamMeasured(FRONT, ANNOUNCED),
                CameraReport(FRONT, CameraState.CONNECTING, "again"),
            ):
                await asyncio.to_thread(roster.on_report, report)
            said: list[tuple[str, float]] = []
            while not said or said[-1][0] != "connecting":
                await heard.wait()
                for message in heard.take():
                    data = msgspec.json.decode(message.text)["data"]
                    said.append((data["status"], data["stream"]["fps"]))
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)
    assert said == [("online", 25.0), ("online", 15.0), ("offline", 15.0), ("connecting", 15.0)]
