"""Pictures a second and their latency, by back end and batch: frame in, boxes out, between two processes.

Ours begins with uint8 frames of 1920 × 1080 (I420) in the service and ends with their boxes there:
letterboxed, through the memory to the worker's process, inferred, decoded, thinned out, and back, by the
product's own worker client, with as many batches at once as the stage asks for. The floor is the bare runtime
on a tensor that lies ready, in the same run and by turns: ``session.run``, OpenVINO's ``infer``, a torch
module in a CUDA graph.

``ratio`` is pictures a second at the best batch, as the median of the rounds' own ratios, and of the case
that loses most; ``added_ms`` is what a single picture takes longer than the runtime alone. ``cpu_ratio`` is
the floor's processor time for a picture by ours, in both processes: it holds where others work, too.

The models are those of the shared folder, each on every back end that can run it here. Where there is an
NVIDIA GPU and ``ultralytics``, YOLO26s at 640 in FP16 comes on top, with random weights, on which speed does
not depend.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import uvloop

from appliance.detections.models import sha256_of
from appliance.detections.settings import Settings
from appliance.detections.stage import MAX_LANES
from appliance.detections.worker_client import DetectorInfo, WorkerClient
from appliance.errors import ModelError
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.supervisor import Supervisor
from bench.bare_runtimes import Bare, bare
from bench.report import median, percentile, progress, result
from detectors.contract import Picture
from detectors.registry import available
from tests.support.rtsp import shared_folder

ROUNDS = 7
TURN_S = 0.6
WARM_UP_S = 0.3
CPU_BATCHES = (1, 2, 4, 8)
GPU_BATCHES = (1, 8, 16, 32)
FRAME_PX = (1920, 1080)
FRAMES = 8
MODELS = ("yolox_nano", "yolo11n_int8")
LEAST_RATIO = 0.8
MOST_ADDED_MS = 3.0
LEAST_GPU_PER_S = 2500.0
RANDOM = "yolo26s (random weights)"
BUILD = """
import sys, torch
if not torch.cuda.is_available():
    sys.exit("torch sees no GPU")
from ultralytics import YOLO
model = YOLO("yolo26s.yaml")
model.save(sys.argv[1])
"""
"""Builds YOLO26s from the yaml in the package, and saves it: for a process of its own."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was done in one turn of some tenths of a second.

    Attributes:
        per_s: pictures a second.
        cpu_ms: the processor's time for a picture.
        latencies_ms: of each batch, from the asking to the answer.
    """

    per_s: float
    cpu_ms: float
    latencies_ms: list[float]


@dataclass(slots=True)
class Case:
    """One model on one back end.

    Attributes:
        takes_batches: the runtime takes several pictures in one run; else it takes them one by one.
        ours: the turns by batch, one of each round.
        floor: the turns that followed each of those.
    """

    model: str
    info: DetectorInfo
    takes_batches: bool
    ours: dict[int, list[Turn]] = field(default_factory=dict)
    floor: dict[int, list[Turn]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For a person."""
        return f"{self.model} on {self.info.back_end}"

    @property
    def best(self) -> tuple[int, int]:
        """The fastest batch of ours, and the floor's that it is held against."""
        ours = _best(self.ours)
        return ours, _best(self.floor) if self.takes_batches else ours

    @property
    def ratio(self) -> float:
        """Ours of the floor's pictures a second, each at its best batch."""
        ours, floor = self.best
        pairs = zip(self.ours[ours], self.floor[floor], strict=True)
        return median([one.per_s / below.per_s for one, below in pairs])

    @property
    def cpu_ratio(self) -> float:
        """The floor's processor time for a picture by ours."""
        ours, floor = self.best
        pairs = zip(self.ours[ours], self.floor[floor], strict=True)
        return median([below.cpu_ms / one.cpu_ms for one, below in pairs])

    @property
    def added_ms(self) -> float:
        """What a single picture takes longer than the runtime alone."""
        pairs = zip(self.ours[1], self.floor[1], strict=True)
        return median([median(one.latencies_ms) - median(below.latencies_ms) for one, below in pairs])

    def figures(self) -> dict[str, object]:
        """Return everything that was measured."""
        ours, floor = self.best
        return {
            "accelerator": self.info.accelerator,
            "lanes": self.info.lanes,
            "ratio": round(self.ratio, 3),
            "cpu_ratio": round(self.cpu_ratio, 3),
            "added_ms": round(self.added_ms, 2),
            "best_batch": ours,
            "floor_best_batch": floor,
            "by_batch": {batch: _shown(turns) for batch, turns in self.ours.items()},
            "floor_by_batch": {batch: _shown(turns) for batch, turns in self.floor.items()},
        }


def _best(turns: dict[int, list[Turn]]) -> int:
    return max(turns, key=lambda batch: per_s(turns[batch]))


def _shown(turns: list[Turn]) -> dict[str, float]:
    latencies = [latency for turn in turns for latency in turn.latencies_ms]
    return {
        "per_s": round(per_s(turns), 1),
        "p50_ms": round(median(latencies), 2),
        "p99_ms": round(percentile(latencies, 99), 2),
        "cpu_ms": round(median([turn.cpu_ms for turn in turns]), 2),
    }


def per_s(turns: list[Turn]) -> float:
    """Return the median of the turns' pictures a second."""
    return median([turn.per_s for turn in turns])


def frames() -> list[Picture]:
    """Return frames of the shared clip of people, as large as a camera's; of noise where there is none."""
    clip = shared_folder() / "media" / "one-by-one-person.mp4"
    if clip.is_file():
        return [_picture(np.asarray(cv2.resize(frame, FRAME_PX), np.uint8)) for frame in _spread(clip)]
    random = np.random.default_rng(7)
    shape = (FRAME_PX[1], FRAME_PX[0], 3)
    return [_picture(random.integers(0, 256, shape, np.uint8)) for _ in range(FRAMES)]


def _spread(clip: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Return some frames from the first minute of a clip of ten a second."""
    with av.open(clip) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % 75 == 0:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            if index >= 75 * (FRAMES - 1):
                return


def _picture(bgr: npt.NDArray[np.uint8]) -> Picture:
    i420 = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return Picture(i420, np.empty((0, 4), np.float32))


@contextlib.asynccontextmanager
async def working(model: Path, back_end: str) -> AsyncIterator[tuple[WorkerClient, DetectorInfo]]:
    """Run the worker with that model."""
    clock = SystemClock()
    client = WorkerClient(clock, Settings())
    async with Supervisor(clock, Health()) as supervisor:
        supervisor.start("detection worker", client.run)
        yield client, await client.load(str(model), back_end, sha256_of(model))


async def ours_turn(client: WorkerClient, lanes: int, pictures: list[Picture], seconds: float) -> Turn:
    """Have pictures looked at, the same ones over and over, with so many batches at once."""
    latencies_ms: list[float] = []

    async def lane() -> None:
        while time.perf_counter() < end:
            asked = time.perf_counter()
            await client.detect(pictures)
            latencies_ms.append((time.perf_counter() - asked) * 1e3)

    assert client.pid is not None
    cpu_s, began = time.process_time() + cpu_s_of(client.pid), time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(lane() for _ in range(lanes)))
    spent_s, cpu_s = time.perf_counter() - began, time.process_time() + cpu_s_of(client.pid) - cpu_s
    count = len(latencies_ms) * len(pictures)
    return Turn(count / spent_s, cpu_s * 1e3 / count, latencies_ms)


def cpu_s_of(pid: int) -> float:
    """Return the processor's time that a process has taken, in its kernel's steps of mostly 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def floor_turn(run: Callable[[], object], batch: int, seconds: float) -> Turn:
    """Run a model over and over."""
    latencies_ms: list[float] = []
    cpu_s, began = time.process_time(), time.perf_counter()
    while (asked := time.perf_counter()) < began + seconds:
        run()
        latencies_ms.append((time.perf_counter() - asked) * 1e3)
    spent_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    count = len(latencies_ms) * batch
    return Turn(count / spent_s, cpu_s * 1e3 / count, latencies_ms)


async def measure(name: str, model: Path, back_end: str, pictures: list[Picture]) -> Case:
    """Measure a model on a back end: for each batch ours, then the floor, and all that some times over."""
    async with working(model, back_end) as (client, info):
        assert info.input is not None
        below: Bare = await asyncio.to_thread(bare, info.back_end, model, info.input)
        case = Case(name, info, below.takes_batches)
        batches = CPU_BATCHES if info.accelerator == "CPU" else GPU_BATCHES
        floors = {batch: below.prepare(batch if below.takes_batches else 1) for batch in batches}
        for number in range(ROUNDS + 1):
            for batch in batches:
                turns = await both(client, case, (pictures * batch)[:batch], floors[batch], number == 0)
                if number:
                    case.ours.setdefault(batch, []).append(turns[0])
                    case.floor.setdefault(batch, []).append(turns[1])
            if number:
                tell_round(case, number)
    return case


async def both(
    client: WorkerClient, case: Case, pictures: list[Picture], floor: Callable[[], object], is_warm_up: bool
) -> tuple[Turn, Turn]:
    """Return a turn of ours and one of the floor."""
    seconds, batch = WARM_UP_S if is_warm_up else TURN_S, len(pictures)
    lanes = 1 if batch == 1 else min(case.info.lanes, MAX_LANES)  # of one picture the latency is wanted
    ours = await ours_turn(client, lanes, pictures, seconds)
    at_once = batch if case.takes_batches else 1
    return ours, await asyncio.to_thread(floor_turn, floor, at_once, seconds)


def tell_round(case: Case, number: int) -> None:
    """Say how it goes."""
    ours = ", ".join(f"{batch}: {turns[-1].per_s:.1f}/s" for batch, turns in case.ours.items())
    floor = ", ".join(f"{batch}: {turns[-1].per_s:.1f}/s" for batch, turns in case.floor.items())
    progress(f"{case.name}, round {number}: by batch {ours}; the runtime alone {floor}")


def random_model(folder: Path) -> Path | str:
    """Build YOLO26s with random weights where a GPU is to run it, or return why not."""
    file = folder / "yolo26s.pt"
    offline = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_CONFIG_DIR": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-c", BUILD, file],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **offline},
        cwd=folder,
    )
    last = (ran.stderr.strip().splitlines() or ["no word"])[-1]
    return file if file.is_file() else last


def models(folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the models that are there by name, and why others are left out."""
    there: dict[str, Path] = {}
    absent: dict[str, str] = {}
    for name in MODELS:
        file = shared_folder() / "models" / f"{name}.onnx"
        if file.is_file():
            there[name] = file
        else:
            absent[name] = "not in the shared folder (NIGHTJAR_SHARED)"
    built = random_model(folder)
    if isinstance(built, Path):
        there[RANDOM] = built
    else:
        absent[RANDOM] = built
    return there, absent


def aims_unmet(case: Case) -> Iterator[str]:
    """Say which aims a case does not meet."""
    if case.ratio < LEAST_RATIO:
        yield f"{case.name}: {case.ratio:.2f} of the runtime alone: expected {LEAST_RATIO}"
    if case.added_ms > MOST_ADDED_MS:
        yield f"{case.name}: {case.added_ms:.1f} ms on top: expected {MOST_ADDED_MS} at most"
    if case.model == RANDOM and per_s(case.ours[case.best[0]]) < LEAST_GPU_PER_S:
        yield f"{case.name}: {per_s(case.ours[case.best[0]]):.0f} pictures/s: expected {LEAST_GPU_PER_S:.0f}"


def tell(cases: list[Case], absent: dict[str, str]) -> None:
    """Print everything; the case that loses most is the figure."""
    unmet = [aim for case in cases for aim in aims_unmet(case)]
    for aim in unmet:
        progress(f"aim not met: {aim}")
    figures: dict[str, object] = {
        "cases": {case.name: case.figures() for case in cases},
        "absent": absent,
        "aims_unmet": unmet,
    }
    if not cases:
        result("detect", 0.0, "pictures/s", 0.0, 0.0, figures)
        return
    worst = min(cases, key=lambda case: case.ratio)
    ours, floor = worst.best
    unit = f"pictures/s, {worst.name}, batch {ours}"
    result("detect", per_s(worst.ours[ours]), unit, per_s(worst.floor[floor]), worst.ratio, figures)


async def main() -> None:
    """Measure every model on every back end."""
    pictures = await asyncio.to_thread(frames)
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as folder:
        there, absent = await asyncio.to_thread(models, Path(folder))
        for name, why in absent.items():
            progress(f"left out: {name}: {why}")
        for name, model in there.items():
            for back_end in available(str(model)):
                try:
                    case = await measure(name, model, back_end, pictures)
                except ModelError as err:
                    absent[f"{name} on {back_end}"] = str(err)
                    progress(f"left out: {name} on {back_end}: {err}")
                    continue
                progress(
                    f"{case.name}: {case.ratio:.2f} of the runtime alone ({case.cpu_ratio:.2f} by processor "
                    f"time), {case.added_ms:.2f} ms on top"
                )
                cases.append(case)
    tell(cases, absent)


if __name__ == "__main__":
    uvloop.run(main())
