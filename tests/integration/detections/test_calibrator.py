"""What is known of this machine and its models, and what is not kept for good."""

from pathlib import Path

import pytest

from appliance.detections.calibrator import GPU_AGAIN_S, LOOK_AGAIN_S, MEASURE_AGAIN_S, Calibrator
from appliance.detections.measurements import Measurements
from appliance.detections.models import sha256_of
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

    def put(self, name: str = "a.onnx") -> tuple[str, str]:
        """Put a model there, wish for it, and return its path and hash."""
        file = self.models / name
        file.write_bytes(b"weights")
        self.calibrator.wish(str(file), sha256_of(file))
        return str(file), sha256_of(file)

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


async def test_what_is_gone_is_not_recorded_as_unusable(rig: Rig) -> None:
    """The same file may come back, and nothing was wrong with it."""
    rig.plan.removes = str(rig.models / "a.onnx")
    rig.plan.back_ends = dict.fromkeys(rig.plan.back_ends, "no such file")
    rig.plan.write()
    _, sha256 = rig.put()
    await rig.calibrator.run_once()
    assert rig.measurements.all() == ()
    assert await rig.calibrator.known(sha256) is None
    rig.plan.removes, rig.plan.back_ends = "", {"onnxruntime": 15.0}
    rig.plan.write()
    await rig.clock.advance(LOOK_AGAIN_S)
    rig.put()
    await rig.calibrator.run_once()
    known = await rig.calibrator.known(sha256)
    assert known is not None
    assert known.ranked


async def test_where_nothing_could_be_measured_nothing_is_kept(rig: Rig) -> None:
    """It is known as long as the service lives, so that it is not measured all the time."""
    rig.plan.back_ends = dict.fromkeys(rig.plan.back_ends, "out of memory")
    rig.plan.write()
    _, sha256 = rig.put()
    await rig.calibrator.run_once()
    assert rig.measurements.all() == ()
    known = await rig.calibrator.known(sha256)
    assert known is not None
    assert known.has_problems
    rig.begin()
    assert await rig.calibrator.known(sha256) is None


async def test_what_failed_is_tried_again_after_an_hour(rig: Rig) -> None:
    """Its reason may have passed; whatever was measured is used until then."""
    rig.plan.back_ends["openvino"] = "out of memory"
    rig.plan.write()
    path, sha256 = rig.put()
    await rig.calibrator.run_once()
    calls = len(rig.plan.calls)
    rig.plan.back_ends["openvino"] = 12.0
    rig.plan.write()
    rig.calibrator.wish(path, sha256)
    await rig.calibrator.run_once()
    assert len(rig.plan.calls) == calls
    known = await rig.calibrator.known(sha256)
    assert known is not None
    assert [one.back_end for one in known.ranked] == ["onnxruntime"]
    await rig.clock.advance(MEASURE_AGAIN_S)
    await rig.calibrator.run_once()
    known = await rig.calibrator.known(sha256)
    assert known is not None
    assert [one.back_end for one in known.ranked] == ["openvino", "onnxruntime"]
    await rig.clock.advance(MEASURE_AGAIN_S)
    calls = len(rig.plan.calls)
    await rig.calibrator.run_once()
    assert len(rig.plan.calls) == calls


async def test_what_failed_is_tried_again_after_a_restart(rig: Rig) -> None:
    """A driver may have been mended meanwhile."""
    rig.plan.back_ends["openvino"] = "out of memory"
    rig.plan.write()
    _, sha256 = rig.put()
    await rig.calibrator.run_once()
    assert rig.measurements.all() != ()
    rig.begin()
    assert await rig.calibrator.known(sha256) is None


async def test_only_the_bytes_that_are_meant_are_loaded(rig: Rig) -> None:
    """Their hash is told to whatever loads them: some run code."""
    path, sha256 = rig.put()
    await rig.calibrator.run_once()
    await rig.calibrator.probe(path, "onnxruntime", sha256=sha256)
    for arguments in rig.plan.arguments[1:]:
        assert arguments[arguments.index("--sha256") + 1] == sha256
