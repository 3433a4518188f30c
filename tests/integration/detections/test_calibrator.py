"""What is known of this machine and its models, and what is not kept for good."""

from pathlib import Path

import pytest

from appliance.detections.calibrator import GPU_AGAIN_S, LOOK_AGAIN_S, Calibrator
from appliance.detections.measurements import Measurements
from appliance.detections.settings import Settings
from tests.support.clock import SimulatedClock
from tests.support.stub_measure import Plan


class Rig:
    """A calibrator with a stub that measures, on a machine whose GPU comes and goes."""

    def __init__(self, folder: Path, **back_ends: float | str) -> None:
        self.plan = Plan(folder / "plan", back_ends)
        self.models = folder / "models"
        self.models.mkdir()
        self.sign = folder / "nvidia0"
        self.clock = SimulatedClock()
        self.begin()

    def begin(self) -> None:
        """Start (again), with what is on the disk."""
        self.measurements = Measurements(self.models)
        self.calibrator = Calibrator(
            *(self.measurements, self.clock, Settings()), program=self.plan.program, signs=(self.sign,)
        )

    async def gpu(self) -> str:
        """Return which GPU is known."""
        return (await self.calibrator.surroundings()).machine.gpu


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Return one with two back ends."""
    return Rig(tmp_path, onnxruntime=15.0, openvino=12.0)


async def test_a_look_that_failed_is_not_kept(rig: Rig) -> None:
    """It is tried again after a minute, and not all the time."""
    rig.plan.cannot_look = True
    rig.plan.write()
    for _ in range(3):
        assert (await rig.calibrator.surroundings()).candidates("a.onnx") == ()
    assert rig.plan.calls == ["look"]
    rig.plan.cannot_look = False
    rig.plan.write()
    await rig.clock.advance(LOOK_AGAIN_S)
    assert (await rig.calibrator.surroundings()).candidates("a.onnx") == ("onnxruntime", "openvino")


async def test_a_gpu_that_comes_late_is_found(rig: Rig) -> None:
    """Its driver is loaded after the service has begun; where none comes, nobody looks again."""
    for _ in range(3):
        assert await rig.gpu() == ""
        await rig.clock.advance(GPU_AGAIN_S)
    assert rig.plan.calls == ["look"]
    rig.sign.touch()
    assert await rig.gpu() == ""
    assert await rig.gpu() == ""
    assert rig.plan.calls == ["look"] * 2
    rig.plan.gpu = "an H100"
    rig.plan.write()
    await rig.clock.advance(GPU_AGAIN_S)
    assert await rig.gpu() == "an H100"
    await rig.clock.advance(GPU_AGAIN_S)
    assert await rig.gpu() == "an H100"
    assert rig.plan.calls == ["look"] * 3
