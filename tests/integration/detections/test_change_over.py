"""Changing over to the back end that was measured to be the fastest, with a real worker at work."""

import asyncio
import contextlib
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.calibrator import Calibrator
from appliance.detections.keeper import ModelKeeper
from appliance.detections.measurements import Measurements
from appliance.detections.models import ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.worker_client import WorkerClient
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.supervisor import Supervisor
from detectors.decode import cells
from tests.support.pictures import picture
from tests.support.stub_measure import Plan
from tests.support.tiny_onnx import write_model

pytest.importorskip("openvino", reason="the extra openvino is not installed")
SETTINGS = Settings(fetch=False, threads=1)


async def test_the_change_over_loses_no_picture(tmp_path: Path) -> None:
    """Every batch that was asked for is answered, by the one or by the other."""
    folder = ModelFolder(tmp_path / "models")
    folder.folder.mkdir()
    write_model(folder.folder / "tiny.onnx", np.zeros((1, cells(64, 64), 85), np.float32), any_batch=True)
    plan = Plan(tmp_path / "plan", {"onnxruntime": 15.0, "openvino": 12.0})
    clock, health = SystemClock(), Health()
    worker = WorkerClient(clock, SETTINGS)
    calibrator = Calibrator(Measurements(folder.folder), clock, SETTINGS, program=plan.program)
    keeper = ModelKeeper(worker, folder, clock, health, SETTINGS, calibrator=calibrator)
    seen: list[str] = []

    async def look() -> None:
        while True:
            info, found = await worker.detect([picture(64, 64)])
            assert len(found) == 1
            seen.append(info.back_end)

    async with Supervisor(clock, health) as parts:
        parts.start("worker", worker.run)
        await keeper.run_once()
        looking = asyncio.create_task(look())
        await calibrator.run_once()
        await keeper.run_once()
        assert worker.info is not None
        assert worker.info.back_end == "openvino"
        while "openvino" not in seen:  # noqa: ASYNC110 - it goes on looking
            await asyncio.sleep(0)
        assert not looking.done()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
    assert seen[0] == "onnxruntime"
    assert seen == sorted(seen)


@pytest.mark.parametrize("back_end", ["onnxruntime", "openvino"])
async def test_a_real_back_end_is_measured(back_end: str, tmp_path: Path) -> None:
    """By the real program, in a process of its own; all sizes of batch, in milliseconds that make sense."""
    file = write_model(tmp_path / "tiny.onnx", np.zeros((1, cells(64, 64), 85), np.float32), any_batch=True)
    calibrator = Calibrator(Measurements(tmp_path), SystemClock(), SETTINGS)
    surroundings = await calibrator.surroundings()
    assert back_end in surroundings.candidates(str(file))
    assert back_end in surroundings.machine.versions
    assert await calibrator.probe(str(file), back_end) == ""
    assert "computes on the processor" in await calibrator.probe(str(file), back_end, needs_device=True)


async def test_a_real_measurement_of_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    """The program gives up with the back end's own words."""
    file = tmp_path / "broken.onnx"
    file.write_bytes(b"no model")
    calibrator = Calibrator(Measurements(tmp_path), SystemClock(), SETTINGS)
    assert "broken.onnx" in await calibrator.probe(str(file), "onnxruntime")
