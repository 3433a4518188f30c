"""Which back end runs a model is found out by measuring each, and changed when one fails."""

import asyncio
from pathlib import Path

import pytest

from appliance.detections.calibrator import MEASURE_DEADLINE_S, Calibrator
from appliance.detections.keeper import DEATHS, PART, ModelKeeper
from appliance.detections.measurements import FILE, Measurement, Measurements
from appliance.detections.models import ModelFolder, sha256_of
from appliance.detections.passed_over import AGAIN_FIRST_S, AGAIN_LONGEST_S, DEVICE_AGAIN_S, TOO_LARGE_AGAIN_S
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.runtime.health import Health
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.stub_measure import Plan

ORT, OPENVINO, TORCH = "onnxruntime", "openvino", "ultralytics"


class Rig:
    """A keeper that lets a stub measure; the stub is a process of its own."""

    def __init__(
        self, folder: Path, model: str = "auto", back_end: str = "auto", **back_ends: float | str
    ) -> None:
        self.plan = Plan(folder / "plan", back_ends)
        self.folder = ModelFolder(folder / "models")
        self.folder.folder.mkdir(exist_ok=True)
        self.settings = Settings(model=model, fetch=False, back_end=back_end)
        self.clock = SimulatedClock()
        self.health = Health()
        self.worker = FakeWorker()
        self.begin()

    def begin(self) -> None:
        """Start (again), with what is on the disk."""
        measurements = Measurements(self.folder.folder)
        self.calibrator = Calibrator(measurements, self.clock, self.settings, program=self.plan.program)
        self.keeper = ModelKeeper(
            *(self.worker, self.folder, self.clock, self.health, self.settings), calibrator=self.calibrator
        )

    def put(self, name: str = "a", content: bytes = b"weights") -> str:
        """Put a model file there by hand and return its path."""
        path = self.folder.folder / f"{name}.onnx"
        path.write_bytes(content)
        return str(path)

    async def settle(self) -> None:
        """Look, measure what is wished for, and look again."""
        await self.keeper.run_once()
        await self.calibrator.run_once()
        await self.keeper.run_once()

    @property
    def info(self) -> DetectorInfo:
        """What is at work."""
        assert self.worker.info is not None
        return self.worker.info

    @property
    def reason(self) -> str:
        """What health says."""
        return next(part for part in self.health.parts() if part.part == PART).reason


async def _known(rig: Rig, path: str) -> Measurement:
    found = await rig.calibrator.known(sha256_of(Path(path)))
    assert found is not None
    return found


async def test_the_fastest_back_end_is_used_once_it_is_known(tmp_path: Path) -> None:
    """The first one looks at the pictures meanwhile; the change-over is one load, and all is well."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    path = rig.put()
    await rig.keeper.run_once()
    assert (rig.info.model, rig.info.back_end) == (path, ORT)
    await rig.calibrator.run_once()
    await rig.keeper.run_once()
    assert (rig.info.model, rig.info.back_end, rig.reason) == (path, OPENVINO, "")
    assert rig.keeper.status.back_end == OPENVINO
    known = await _known(rig, path)
    assert known.words == "openvino 12.0 ms, onnxruntime 15.0 ms: openvino is used"


async def test_it_is_measured_once_and_kept(tmp_path: Path) -> None:
    """A restart loads the fastest at once and measures nothing."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    rig.put()
    await rig.settle()
    assert rig.plan.calls == ["look", ORT, OPENVINO]
    rig.worker = FakeWorker()
    rig.begin()
    await rig.settle()
    assert (rig.plan.calls[3:], rig.info.back_end) == (["look"], OPENVINO)
    assert len(rig.worker.loads) == 1


async def test_another_version_is_measured_anew(tmp_path: Path) -> None:
    """An upgrade of a runtime may have changed which is the fastest."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    rig.put()
    await rig.settle()
    rig.plan.versions, rig.plan.back_ends = {"onnxruntime": "2"}, {ORT: 9.0, OPENVINO: 12.0}
    rig.begin()
    await rig.settle()
    assert rig.info.back_end == ORT


@pytest.mark.parametrize(
    ("what", "problem"),
    [("dies", "SIGILL: Illegal instruction"), ("no such library", "no such library")],
)
async def test_one_that_cannot_be_measured_is_not_used(what: str, problem: str, tmp_path: Path) -> None:
    """Its death is one entry with the reason, and costs nobody else anything."""
    rig = Rig(tmp_path, onnxruntime=what, openvino=12.0)
    path = rig.put()
    await rig.settle()
    assert (rig.info.back_end, rig.reason) == (OPENVINO, "")
    known = await _known(rig, path)
    assert problem in known.back_ends[0].problem
    assert "onnxruntime not usable: " in known.words


async def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    """No measurement is waited for for ever."""
    rig = Rig(tmp_path, onnxruntime="hangs", openvino=12.0)
    path = rig.put()
    await rig.keeper.run_once()
    measuring = asyncio.create_task(rig.calibrator.run_once())
    while rig.calibrator.now != f"a with {ORT}" or ORT not in rig.plan.calls:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert "measuring a with onnxruntime" in rig.keeper.status.note
    await rig.clock.advance(MEASURE_DEADLINE_S)
    await measuring
    known = await _known(rig, path)
    assert "was not done within" in known.back_ends[0].problem


async def test_one_back_end_is_not_measured(tmp_path: Path) -> None:
    """There is nothing to choose."""
    rig = Rig(tmp_path, onnxruntime=15.0)
    rig.put()
    await rig.settle()
    assert (rig.plan.calls, rig.info.back_end) == (["look"], ORT)


async def test_the_built_in_detector_needs_no_look_at_what_is_installed(tmp_path: Path) -> None:
    """A box without a model starts no process for it."""
    rig = Rig(tmp_path, model=BUILTIN, onnxruntime=15.0, openvino=12.0)
    await rig.settle()
    assert (rig.plan.calls, rig.info.model) == ([], BUILTIN)


async def test_a_named_back_end_is_used_unmeasured(tmp_path: Path) -> None:
    """The owner's word counts."""
    rig = Rig(tmp_path, back_end=OPENVINO, onnxruntime=1.0, openvino=12.0)
    rig.put()
    await rig.settle()
    assert (rig.plan.calls, rig.info.back_end) == (["look"], OPENVINO)


async def test_a_damaged_file_of_measurements_is_measured_anew(tmp_path: Path) -> None:
    """It is a note, not data: no fault of the box."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    rig.put()
    (rig.folder.folder / FILE).write_bytes(b'{"half')
    await rig.settle()
    assert (rig.info.back_end, rig.reason) == (OPENVINO, "")


async def test_a_lost_gpu_falls_back_and_comes_back(tmp_path: Path) -> None:
    """Detection goes on on the processor, says why, and is on the GPU again within 30 s of its return."""
    rig = Rig(tmp_path, ultralytics=2.0, onnxruntime=15.0)
    rig.plan.accelerators = {TORCH: "an H100"}
    rig.begin()
    rig.worker.accelerators = rig.plan.accelerators
    rig.put()
    await rig.settle()
    assert rig.info.back_end == TORCH
    rig.plan.back_ends[TORCH] = "torch sees no GPU"
    rig.plan.write()
    rig.worker.lose("GPU is lost (Xid 79)")
    await rig.keeper.run_once()
    assert rig.info.back_end == ORT
    assert "GPU is lost (Xid 79); a.onnx with onnxruntime is used meanwhile" in rig.reason
    for _ in range(20):  # it stays away for long
        await rig.clock.advance(DEVICE_AGAIN_S)
        await rig.keeper.run_once()
    assert (rig.info.back_end, "torch sees no GPU" in rig.reason) == (ORT, True)
    rig.plan.back_ends[TORCH] = 2.0
    rig.plan.write()
    rig.worker.bad_back_ends.clear()
    await rig.clock.advance(DEVICE_AGAIN_S)
    await rig.keeper.run_once()
    assert (rig.info.back_end, rig.reason) == (TORCH, "")


async def test_a_gpu_that_fell_to_the_processor_is_no_gpu(tmp_path: Path) -> None:
    """Torch computes on the processor without a word where it sees no GPU any more."""
    rig = Rig(tmp_path, ultralytics=2.0, onnxruntime=15.0)
    rig.plan.accelerators = {TORCH: "an H100"}
    rig.begin()
    rig.worker.accelerators = {TORCH: "an H100"}
    rig.put()
    await rig.settle()
    rig.worker.accelerators = {TORCH: "CPU"}
    rig.plan.accelerators = {}
    rig.plan.write()
    await rig.keeper.run_once()
    assert rig.info.back_end == ORT
    await rig.clock.advance(DEVICE_AGAIN_S)
    await rig.keeper.run_once()
    assert rig.info.back_end == ORT
    assert "it computes on the processor" in rig.reason


async def test_one_that_ends_again_and_again_gives_way(tmp_path: Path) -> None:
    """Before the supervisor's brake bites, the next back end is tried."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    rig.put()
    await rig.settle()
    for _ in range(DEATHS):
        assert rig.info.back_end == OPENVINO
        rig.worker.ends += 1
        rig.worker.last_end = "it ended by SIGSEGV"
        await rig.clock.advance(5.0)
        await rig.keeper.run_once()
    assert rig.info.back_end == ORT
    assert "ended 3 times within 60 s: it ended by SIGSEGV" in rig.reason


async def test_the_only_way_is_kept_whatever_it_does(tmp_path: Path) -> None:
    """Where there is no other, the model comes back with each new life of the worker."""
    rig = Rig(tmp_path, onnxruntime=15.0)
    path = rig.put()
    await rig.settle()
    for _ in range(5):
        rig.worker.ends += 1
        rig.worker.lose("lost")
        rig.worker.bad_back_ends.clear()
        await rig.keeper.run_once()
        assert (rig.info.model, rig.info.back_end) == (path, ORT)


async def test_a_model_that_is_too_large_gives_way_to_a_smaller_one(tmp_path: Path) -> None:
    """The next smaller one, then the next; the wanted one again after some minutes."""
    rig = Rig(tmp_path, model="large", ultralytics=2.0)
    large, middle, small = (rig.put(name, b"x" * size) for name, size in [("large", 9), ("m", 5), ("s", 2)])
    await rig.keeper.run_once()
    for expected in (middle, small):
        rig.keeper.too_large(rig.info, "1 GB of 80 is free")
        await rig.keeper.run_once()
        assert rig.info.model == expected
        assert "large.onnx with ultralytics: 1 GB of 80 is free" in rig.reason
    await rig.clock.advance(TOO_LARGE_AGAIN_S)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.reason) == (large, "")


async def test_a_model_that_cannot_even_be_loaded_for_want_of_memory_gives_way(tmp_path: Path) -> None:
    """It is not taken for a bad file: it is tried again after some minutes."""
    rig = Rig(tmp_path, model="large", ultralytics=2.0)
    large, small = rig.put("large", b"x" * 9), rig.put("small", b"x")
    rig.worker.too_large.add(large)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.worker.loads) == (small, [large, small])
    assert "out of memory while it was loaded" in rig.reason
    rig.worker.too_large.clear()
    await rig.clock.advance(TOO_LARGE_AGAIN_S)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.reason) == (large, "")


async def test_a_restart_without_memory_is_no_fault_of_the_back_end(tmp_path: Path) -> None:
    """The smaller model is taken meanwhile, and the wanted one again without a trial beside the service."""
    rig = Rig(tmp_path, model="large", ultralytics=2.0, onnxruntime=15.0)
    large, small = rig.put("large", b"x" * 9), rig.put("small", b"x")
    await rig.settle()
    assert (rig.info.model, rig.info.back_end) == (large, "ultralytics")
    calls = len(rig.plan.calls)
    rig.worker.do_without("1 GB of 80 is free")
    await rig.keeper.run_once()
    assert rig.info.model == small
    assert "large.onnx with ultralytics: 1 GB of 80 is free" in rig.reason
    await rig.clock.advance(TOO_LARGE_AGAIN_S)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.info.back_end, rig.reason) == (large, "ultralytics", "")
    assert len(rig.plan.calls) == calls


async def test_a_worker_that_found_room_by_itself_is_believed(tmp_path: Path) -> None:
    """Where nothing smaller is there it tries again and again, and then all is well at once."""
    rig = Rig(tmp_path, ultralytics=2.0)
    path = rig.put()
    await rig.settle()
    rig.worker.do_without("full")
    await rig.keeper.run_once()
    assert "no memory for any model: a.onnx with ultralytics: full" in rig.reason
    rig.worker.find_room(path, "ultralytics")
    await rig.keeper.run_once()
    assert (rig.info.model, rig.reason) == (path, "")


async def test_without_a_smaller_model_another_back_end_is_taken(tmp_path: Path) -> None:
    """The processor has other memory than the GPU."""
    rig = Rig(tmp_path, ultralytics=2.0, onnxruntime=15.0)
    path = rig.put()
    await rig.settle()
    rig.keeper.too_large(rig.info, "full")
    await rig.keeper.run_once()
    assert (rig.info.model, rig.info.back_end) == (path, ORT)


async def test_where_nothing_fits_it_waits_and_says_so(tmp_path: Path) -> None:
    """What is at work stays, paused by the stage; nothing is loaded over and over."""
    rig = Rig(tmp_path, ultralytics=2.0)
    path = rig.put()
    await rig.settle()
    rig.keeper.too_large(rig.info, "full")
    loads = list(rig.worker.loads)
    for _ in range(3):
        await rig.keeper.run_once()
    assert (rig.info.model, rig.worker.loads) == (path, loads)
    assert "no memory for any model: a.onnx with ultralytics: full" in rig.reason


async def test_a_call_for_less_is_heard_at_once(tmp_path: Path) -> None:
    """The keeper does not wait for its next look."""
    rig = Rig(tmp_path, model="large", ultralytics=2.0)
    rig.put("large", b"x" * 9)
    small = rig.put("small", b"x")
    running = asyncio.create_task(rig.keeper.run())
    while rig.info.model == BUILTIN:  # noqa: ASYNC110
        await asyncio.sleep(0)
    rig.keeper.too_large(rig.info, "full")
    while rig.info.model != small:  # noqa: ASYNC110
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_bytes_that_were_refused_are_not_tried_either(tmp_path: Path) -> None:
    """Not even in a process of its own; when they are the recorded ones again, they are used."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    source = tmp_path / "mine.onnx"
    source.write_bytes(b"weights")
    rig.folder.copy_in(source)
    path = rig.put("mine", b"somebody else's")
    await rig.keeper.run_once()
    await rig.clock.advance(AGAIN_FIRST_S + 1)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.worker.loads, rig.plan.calls) == (BUILTIN, [], ["look"])
    assert "expected the recorded bytes" in rig.reason
    rig.put("mine")
    await rig.clock.advance(AGAIN_LONGEST_S)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.reason) == (path, "")


async def test_a_way_that_failed_and_is_used_for_want_of_another_is_told(tmp_path: Path) -> None:
    """Better than nothing is not well."""
    rig = Rig(tmp_path, onnxruntime=15.0, openvino=12.0)
    path = rig.put()
    for back_end in (ORT, OPENVINO):
        rig.keeper._passed_over.fault((path, back_end), f"{back_end} ended", is_device=False)
    await rig.keeper.run_once()
    assert (rig.info.model, rig.info.back_end) == (path, ORT)
    assert "onnxruntime ended" in rig.reason
    assert rig.reason.endswith("a.onnx with onnxruntime is used meanwhile")
