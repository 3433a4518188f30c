"""Engines: built by a program beside the service, used where they fit, and built anew where they do not."""

import asyncio
import errno
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from appliance.detections.calibrator import Calibrator, Surroundings
from appliance.detections.exporter import AGAIN_FIRST_S, DEADLINE_S, PROGRAM, Exporter, Exporting
from appliance.detections.keeper import ModelKeeper
from appliance.detections.measurements import Measurements
from appliance.detections.models import Engine, FailedExport, Model, ModelFolder, Recipe
from appliance.detections.settings import Settings
from appliance.errors import (
    Conflict,
    InvalidInput,
    ModelError,
    NightjarError,
    NotFound,
    TemporaryFailure,
    WorkerLost,
)
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from detectors.reports import Machine
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.stub_measure import Plan

STUB = Path(__file__).parents[2] / "support" / "stub_builder.py"
H100 = Machine("a processor", "an H100", "9.0", {"tensorrt": "10.9"})
ORIN = Machine("a processor", "an Orin", "8.7", {"tensorrt": "10.3"})


class Rig:
    """A folder with one model, and an exporter with a stub."""

    def __init__(self, tmp_path: Path, how: str = "succeeds") -> None:
        self.folder = ModelFolder(tmp_path / "models")
        source = tmp_path / "big.onnx"
        source.write_bytes(b"weights")
        self.folder.copy_in(source)
        self.log = tmp_path / "log"
        self.clock = SimulatedClock()
        self.machine = H100
        self.exporter = self.with_(how)

    def with_(self, how: str) -> Exporter:
        """Return an exporter whose builder does that."""
        self.exporter = Exporter(self.folder, self.clock, self.look, (str(STUB), how, str(self.log)))
        return self.exporter

    async def look(self) -> Surroundings:
        """Say which machine this is."""
        return Surroundings(self.machine, {".engine": ("ultralytics",), ".onnx": ("onnxruntime",)})

    @property
    def model(self) -> Model:
        """The one model."""
        return self.folder.find("big")

    @property
    def builds(self) -> int:
        """How often the builder was started."""
        return len(self.log.read_text().split()) if self.log.exists() else 0


async def test_an_engine_is_built_beside_everything_else_and_recorded(tmp_path: Path) -> None:
    """With all that it depends on; progress is seen on the way."""
    rig = Rig(tmp_path)
    seen: list[tuple[float, str]] = []
    path = await rig.exporter.export("big", Recipe(4, 640, "fp16"), lambda *told: seen.append(told))
    (engine,) = rig.model.engines
    assert path.read_bytes() == b"engine of weights"
    assert rig.folder.verified_engine(engine) == path
    assert (engine.gpu, engine.compute_capability, engine.tensorrt) == ("an H100", "9.0", "10.9")
    assert (engine.recipe, engine.model_sha256) == (Recipe(4, 640, "fp16"), rig.model.sha256)
    assert seen == [(0.5, "building the engine")]
    assert sorted(one.suffix for one in rig.folder.folder.iterdir() if one.is_dir()) == []


async def test_what_was_asked_for_is_seen_and_there_is_one_at_a_time(tmp_path: Path) -> None:
    """Another wish meanwhile is a conflict."""
    rig = Rig(tmp_path)
    await rig.exporter.ask("big", Recipe())
    waiting = rig.exporter.now
    assert waiting == Exporting("big", 0.0, "")
    with pytest.raises(Conflict, match="engine of big is being built"):
        await rig.exporter.ask("big", Recipe())
    await rig.exporter.run_once()
    assert rig.exporter.now is None
    assert len(rig.model.engines) == 1


@pytest.mark.parametrize(
    ("how", "kind", "reason"),
    [
        ("fails", ModelError, "operator that TensorRT does not know"),
        ("dies", WorkerLost, r"SIGKILL: free\(\): invalid pointer"),
        ("makes nothing", ModelError, "there is no engine"),
        ("babbles", WorkerLost, "nobody understands"),
    ],
)
async def test_a_build_that_fails_leaves_its_reason_and_nothing_else(
    how: str, kind: type[NightjarError], reason: str, tmp_path: Path
) -> None:
    """The model works on as it is; what was half written is gone."""
    rig = Rig(tmp_path, how)
    before = sorted(one.name for one in rig.folder.folder.iterdir())
    with pytest.raises(kind, match=reason):
        await rig.exporter.export("big", Recipe())
    assert rig.model.engines == ()
    assert rig.model.failed is not None
    assert sorted(one.name for one in rig.folder.folder.iterdir()) == before


async def test_a_build_that_hangs_is_ended(tmp_path: Path) -> None:
    """An hour is the most that it may take."""
    rig = Rig(tmp_path, "hangs")
    building = asyncio.create_task(rig.exporter.export("big", Recipe()))
    while rig.exporter.now is None or rig.exporter.now.ratio == 0:  # noqa: ASYNC110 - it has begun
        await asyncio.sleep(0)
    await rig.clock.advance(DEADLINE_S)
    with pytest.raises(WorkerLost, match="not done within 3600 s"):
        await building
    assert rig.exporter.now is None


@pytest.mark.parametrize("change", ["gpu", "bytes", "gone", "model"])
async def test_an_engine_that_does_not_fit_is_built_anew(change: str, tmp_path: Path) -> None:
    """Another GPU, flipped bytes, a lost file, another model under the name: as it was built before."""
    rig = Rig(tmp_path)
    recipe = Recipe(2, 320, "fp32")
    path = await rig.exporter.export("big", recipe)
    await rig.exporter.run_once()
    assert rig.builds == 1
    match change:
        case "gpu":
            rig.machine = ORIN
        case "bytes":
            path.write_bytes(b"engine of wEights")
        case "gone":
            path.unlink()
        case _:
            (tmp_path / "other.onnx").write_bytes(b"other weights")
            part = rig.folder.folder / "other.part"
            (tmp_path / "other.onnx").rename(part)
            model = rig.model
            rig.folder.put(part, Model("big", "big.onnx", 13, "", model.licence, model.source, model.engines))
    await rig.exporter.run_once()
    (engine,) = rig.model.engines
    assert (rig.builds, engine.recipe, engine.gpu) == (2, recipe, rig.machine.gpu)
    rig.folder.verified_engine(engine)


@pytest.mark.parametrize("machine", [Machine(), Machine("a processor", versions={"tensorrt": "10.9"})])
async def test_a_good_engine_survives_a_machine_that_is_not_known(machine: Machine, tmp_path: Path) -> None:
    """A look that failed, or a driver that is not there yet: nothing is built, nothing removed."""
    rig = Rig(tmp_path)
    path = await rig.exporter.export("big", Recipe())
    rig.machine = machine
    await rig.exporter.run_once()
    assert (rig.builds, path.exists()) == (1, True)


class FullDisk(ModelFolder):
    """Takes nothing, neither a record nor a note nor an engine, while it is full."""

    is_full = False

    def record(self, name: str) -> Model:
        """Refuse, if it is full."""
        self._refuse()
        return super().record(name)

    def note_failed_export(self, name: str, failed: FailedExport) -> None:
        """Refuse, if it is full."""
        self._refuse()
        super().note_failed_export(name, failed)

    def _refuse(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullLater(FullDisk):
    """Is full as soon as a build has begun."""

    def record(self, name: str) -> Model:
        """Let it begin."""
        return ModelFolder.record(self, name)

    def put_engine(self, name: str, file: Path, engine: Engine) -> Path:
        """Refuse, if it is full."""
        self._refuse()
        return super().put_engine(name, file, engine)


async def test_a_full_disk_refuses_and_ends_nothing(tmp_path: Path) -> None:
    """Before the build as after it: the reason is the disk's, or the build's where only the note is lost."""
    rig = Rig(tmp_path)
    for folder, how, kind, reason in (
        (FullDisk, "succeeds", TemporaryFailure, "No space left"),
        (FullLater, "succeeds", TemporaryFailure, "No space left"),
        (FullLater, "fails", ModelError, "operator that TensorRT"),
    ):
        rig.folder = folder(rig.folder.folder)
        rig.folder.is_full = True
        exporter = rig.with_(how)
        with pytest.raises(kind, match=reason):
            await exporter.export("big", Recipe())
        await exporter.ask("big", Recipe())
        await exporter.run_once()
        assert exporter.now is None


@pytest.mark.parametrize("how", ["succeeds", "fails"])
async def test_a_full_disk_is_no_endless_build(how: str, tmp_path: Path) -> None:
    """What cannot be noted is remembered; it is built when there is room, later each time."""
    rig = Rig(tmp_path)
    await rig.exporter.export("big", Recipe())
    rig.machine = ORIN
    folder = rig.folder = FullLater(rig.folder.folder)
    folder.is_full = True
    exporter = rig.with_(how)
    for _ in range(3):
        await exporter.run_once()
    assert rig.builds == 2
    await rig.clock.advance(AGAIN_FIRST_S)
    await exporter.run_once()
    assert rig.builds == 3
    folder.is_full = False
    await rig.clock.advance(2 * AGAIN_FIRST_S)
    await exporter.run_once()
    assert rig.builds == 4


async def test_a_builder_that_cannot_be_started_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There was no memory for a process: it is built by itself when there is some."""
    rig = Rig(tmp_path)
    await rig.exporter.export("big", Recipe())
    rig.machine = ORIN
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", str(tmp_path / "nothing"))
        await rig.exporter.run_once()
    assert (rig.builds, rig.model.failed) == (1, None)
    await rig.exporter.run_once()
    assert rig.builds == 1
    await rig.clock.advance(AGAIN_FIRST_S)
    await rig.exporter.run_once()
    assert rig.builds == 2


async def test_a_file_that_no_engine_can_be_built_of_any_more_ends_nothing(tmp_path: Path) -> None:
    """It was exchanged after somebody had asked for it."""
    rig = Rig(tmp_path)
    await rig.exporter.ask("big", Recipe())
    with rig.folder.part() as part:
        rig.folder.put(Path(part.name), Model("big", "big.engine", 0, "0"))
    await rig.exporter.run_once()
    assert (rig.builds, rig.exporter.now) == (0, None)


async def test_the_builder_is_told_which_bytes_are_meant(tmp_path: Path) -> None:
    """A .pt runs code when it is loaded."""
    rig = Rig(tmp_path)
    await rig.exporter.export("big", Recipe())
    (arguments,) = rig.log.with_suffix(".arguments").read_text().splitlines()
    assert f"--sha256 {rig.model.sha256}" in arguments


async def test_what_cannot_be_built_anew_is_tried_once(tmp_path: Path) -> None:
    """Until something changes: no loop of builds; by hand it may be tried again."""
    rig = Rig(tmp_path)
    await rig.exporter.export("big", Recipe())
    rig.machine = ORIN
    exporter = rig.with_("fails")
    for _ in range(3):
        await exporter.run_once()
    assert rig.builds == 2
    rig.machine = Machine(ORIN.cpu, ORIN.gpu, ORIN.compute_capability, {"tensorrt": "10.4"})
    await exporter.run_once()
    assert rig.builds == 3
    await exporter.ask("big", Recipe())
    await exporter.run_once()
    assert rig.builds == 4


async def test_the_keeper_uses_an_engine_that_fits_and_the_model_until_then(tmp_path: Path) -> None:
    """Detection runs on the ONNX file while the engine is built, damaged, or of another machine."""
    rig = Rig(tmp_path)
    plan = Plan(tmp_path / "plan", {"onnxruntime": 15.0}, engines=("ultralytics",), gpu="an H100")
    plan.versions = {"tensorrt": "10.9"}
    calibrator = Calibrator(
        Measurements(rig.folder.folder), rig.clock, Settings(fetch=False), program=plan.program
    )
    rig.exporter = Exporter(
        *(rig.folder, rig.clock, calibrator.surroundings), (str(STUB), "succeeds", str(rig.log))
    )
    worker = FakeWorker()
    keeper = ModelKeeper(
        *(worker, rig.folder, rig.clock, Health(), Settings(fetch=False)), calibrator=calibrator
    )

    async def at_work() -> str:
        await keeper.run_once()
        assert worker.info is not None
        return worker.info.model

    onnx = str(rig.folder.folder / "big.onnx")
    assert await at_work() == onnx
    path = await rig.exporter.export("big", Recipe())
    assert await at_work() == str(path)
    await rig.exporter.export("big", Recipe(2))
    newer = str(rig.folder.folder / rig.model.engines[0].file)
    assert await at_work() == newer != str(path)
    worker.lose("the engine was built by another TensorRT")
    assert await at_work() == onnx
    assert "the engine was built by another TensorRT" in keeper.status.note


async def test_a_damaged_engine_is_no_boot_loop(tmp_path: Path) -> None:
    """Flipped bytes are noticed before the worker sees them."""
    rig = Rig(tmp_path)
    path = await rig.exporter.export("big", Recipe())
    path.write_bytes(b"engine of wEights")
    plan = Plan(tmp_path / "plan", {"onnxruntime": 15.0}, engines=("ultralytics",), gpu="an H100")
    plan.versions = {"tensorrt": "10.9"}
    calibrator = Calibrator(Measurements(rig.folder.folder), rig.clock, Settings(), program=plan.program)
    worker = FakeWorker()
    keeper = ModelKeeper(
        *(worker, rig.folder, rig.clock, Health(), Settings(fetch=False)), calibrator=calibrator
    )
    for _ in range(3):
        await keeper.run_once()
    assert worker.loads == [str(rig.folder.folder / "big.onnx")]
    assert "expected the recorded bytes" in keeper.status.note


@pytest.mark.parametrize(
    ("recipe", "wrong"),
    [(Recipe(0), "batch"), (Recipe(1, 100), "size"), (Recipe(1, 0, "int4"), "precision")],
)
async def test_a_recipe_that_makes_no_sense_is_refused(recipe: Recipe, wrong: str, tmp_path: Path) -> None:
    """With what was expected, before anything is started."""
    rig = Rig(tmp_path)
    with pytest.raises(InvalidInput, match=f"{wrong}: expected"):
        await rig.exporter.ask("big", recipe)
    with pytest.raises(NotFound, match="'none'"):
        await rig.exporter.ask("none", Recipe())


@pytest.mark.skipif(importlib.util.find_spec("tensorrt") is not None, reason="TensorRT is here")
async def test_the_real_builder_says_what_is_missing(tmp_path: Path) -> None:
    """One clear sentence without TensorRT or a GPU."""
    rig = Rig(tmp_path)
    exporter = Exporter(rig.folder, SystemClock(), rig.look, PROGRAM)
    with pytest.raises(ModelError, match="by TensorRT on an NVIDIA GPU: not installed here: tensorrt"):
        await exporter.export("big", Recipe())
