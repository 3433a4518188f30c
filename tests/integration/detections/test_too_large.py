"""F28 as a whole: a model for which a GPU has no memory, with the real worker, the stage and the keeper."""

import asyncio
from pathlib import Path

import pytest

from appliance.detections.keeper import PART, ModelKeeper
from appliance.detections.models import ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import WorkerClient
from appliance.detections.worker_fleet import WorkerFleet
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from tests.support.pictures import frame, moving
from tests.support.stub_worker import FULL, program, tell

FRONT = CameraId("front")
SETTINGS = Settings(model="large", fetch=False)


@pytest.mark.parametrize("words", ["hungry large.onnx", "large large.onnx"])
async def test_a_model_that_does_not_fit_is_replaced_by_the_next_smaller_one(
    tmp_path: Path, words: str
) -> None:
    """Whether that shows while it is loaded or at the first picture; every frame is accounted for."""
    folder = ModelFolder(tmp_path / "models")
    folder.folder.mkdir()
    for name, size_bytes in (("large", 9), ("medium", 5), ("small", 2)):
        (folder.folder / f"{name}.onnx").write_bytes(b"x" * size_bytes)
    clock, health = SystemClock(), Health()
    workers = WorkerFleet([WorkerClient(clock, SETTINGS, program=program(tmp_path / "told"))])
    tell(tmp_path / "told", words)
    keeper = ModelKeeper(workers, folder, clock, health, SETTINGS)
    seen: list[Detections] = []

    async def see(_frame: Frame, found: Detections) -> None:
        seen.append(found)

    stage = DetectionStage(workers.clients, clock, Metrics(), SETTINGS, see, health, keeper)
    stage.camera(FRONT)
    async with asyncio.timeout(30.0), Supervisor(clock, health) as supervisor:
        for part, client in workers.parts().items():
            supervisor.start(part, client.run)
        supervisor.start("model keeper", keeper.run)
        supervisor.start("detections", stage.run)
        while not any(one.model is not None and one.model.name == "stub of medium.onnx" for one in seen):
            stage.offer(frame(clock.monotonic_ns() / 1e9, FRONT), moving((8, 8, 24, 40)))
            await asyncio.sleep(0.005)
        reason = next(part.reason for part in health.parts() if part.part == PART)
    assert f"{FULL}; medium.onnx is used meanwhile" in reason
    assert workers.ends <= 1
    ledger = stage.ledger(FRONT)
    assert ledger.done == len(seen)
    assert ledger.done + ledger.dropped + ledger.lost + ledger.gated_out + ledger.waiting == ledger.offered
