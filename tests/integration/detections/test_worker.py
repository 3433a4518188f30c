"""The real worker process: its deaths, its models, and what it leaves behind."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance import __version__
from appliance.detections.models import sha256_of
from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import BUILTIN, DetectorInfo, WorkerClient
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.errors import ModelError, WorkerLost
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from detectors.contract import Detections as Found
from detectors.contract import Picture
from detectors.decode import cells
from tests.support.clock import SimulatedClock
from tests.support.pictures import boxes, frame, moving, picture
from tests.support.tiny_onnx import write_model
from tests.support.worker_kills import zombies

FRONT = CameraId("front")
PART = "detection worker"
MOVED = boxes((8, 8, 24, 40))


@asynccontextmanager
async def supervised(client: WorkerClient, health: Health | None = None) -> AsyncIterator[None]:
    """Run the worker as the service does."""
    async with Supervisor(SystemClock(), health or Health()) as supervisor:
        supervisor.start(PART, client.run)
        yield


def a_model(folder: Path) -> Path:
    """Write a model that sees a person in every picture."""
    output = np.zeros((1, cells(64, 64), 85), np.float32)
    output[0, 36, :6] = (0, 0, 1, 1, 1, 0.9)
    return write_model(folder / "tiny.onnx", output)


class Telling:
    """A worker that tells when it is asked."""

    def __init__(self, worker: WorkerClient) -> None:
        self._worker = worker
        self.name = worker.name
        self.asked = asyncio.Event()

    @property
    def info(self) -> DetectorInfo | None:
        """Pass on."""
        return self._worker.info

    async def ready(self) -> DetectorInfo:
        """Pass on."""
        return await self._worker.ready()

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Found]]:
        """Tell, and pass on."""
        self.asked.set()
        return await self._worker.detect(pictures)


def open_descriptors() -> int:
    """Return how many descriptors this process holds."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def pid_of(client: WorkerClient) -> int:
    """Return the worker's process."""
    assert client.pid is not None
    return client.pid


async def freeze(client: WorkerClient) -> None:
    """Stop the worker where it stands, so that what is asked stays in flight."""
    os.kill(pid_of(client), signal.SIGSTOP)


async def in_flight(client: WorkerClient) -> None:
    """Wait until a request was sent and is not answered."""
    while client._child is None or not client._child._waiting:  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0)


async def test_a_killed_worker_is_noticed_at_once_and_started_again() -> None:
    """What was in flight is lost with an error, what comes after is answered by a new process."""
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        first = pid_of(client)
        await freeze(client)
        asked = asyncio.create_task(client.detect([picture(motion=MOVED)]))
        await in_flight(client)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="in flight"):
            await asyncio.wait_for(asked, 2.0)
        await client.ready()
        assert pid_of(client) != first
        _, found = await client.detect([picture(motion=MOVED)])
        assert len(found[0]) == 1


async def test_a_life_ends_with_the_reason() -> None:
    """The supervisor, and so health, can say how the worker ended."""
    client = WorkerClient(SystemClock(), Settings())
    life = asyncio.create_task(client.run())
    await client.ready()
    os.kill(pid_of(client), signal.SIGKILL)
    with pytest.raises(WorkerLost, match="by SIGKILL, which is what the kernel does when memory runs out"):
        await life
    assert client.info is None
    with pytest.raises(WorkerLost):
        await client.detect([picture()])


@pytest.mark.parametrize("deaths", [4, pytest.param(20, marks=pytest.mark.system)])
async def test_deaths_leave_nothing_behind(deaths: int) -> None:
    """No zombie, no descriptor, no memory: twenty deaths are as one."""
    client = WorkerClient(SystemClock(), Settings())
    counts: list[int] = []
    for _ in range(deaths):
        life = asyncio.create_task(client.run())
        await client.ready()
        await client.detect([picture(1280, 720, motion=MOVED)] * 2)
        await freeze(client)
        asked = asyncio.create_task(client.detect([picture(1280, 720, motion=MOVED)] * 2))
        await asyncio.sleep(0)
        os.kill(pid_of(client), signal.SIGKILL)
        results = await asyncio.gather(asked, life, return_exceptions=True)
        assert [type(result) for result in results] == [WorkerLost, WorkerLost]
        counts.append(open_descriptors())
    assert zombies() == []
    assert counts[-1] <= counts[1]


async def test_five_deaths_in_a_minute_are_the_brake() -> None:
    """Health says degraded, and why, instead of a loop that eats the processor."""
    clock, health = SimulatedClock(), Health()
    client = WorkerClient(SystemClock(), Settings())
    changed = asyncio.Event()
    health.on_change(changed.set)

    def level() -> Level:
        return next(part.level for part in health.parts() if part.part == PART)

    async with Supervisor(clock, health) as supervisor:
        supervisor.start(PART, client.run)
        for _ in range(5):
            await client.ready()
            changed.clear()
            os.kill(pid_of(client), signal.SIGKILL)
            await changed.wait()
            last = level()
            await clock.advance(5.0)
        assert last is Level.DEGRADED
        assert "SIGKILL" in next(part.reason for part in health.parts() if part.part == PART)


async def test_a_worker_that_hangs_is_ended() -> None:
    """A deadline passes, the process is killed, and the frames are lost, not the camera."""
    client = WorkerClient(SystemClock(), Settings(deadline_s=0.1))
    async with supervised(client):
        await client.ready()
        await freeze(client)
        with pytest.raises(WorkerLost, match="did not answer within"):
            await client.detect([picture(motion=MOVED)])
        await client.ready()
        assert len((await client.detect([picture(motion=MOVED)]))[1]) == 1


async def test_a_worker_that_we_have_ended_is_not_said_to_have_run_out_of_memory() -> None:
    """Only what comes from elsewhere may be the kernel's doing."""
    client = WorkerClient(SystemClock(), Settings(deadline_s=0.1))
    life = asyncio.create_task(client.run())
    await client.ready()
    await freeze(client)
    with pytest.raises(WorkerLost, match="did not answer within"):
        await client.detect([picture(motion=MOVED)])
    with pytest.raises(WorkerLost, match=r"by SIGKILL(?!.*memory)"):
        await life


async def test_a_cancelled_question_does_not_disturb_the_next() -> None:
    """Memory that the worker may still read is not written again, and late answers are nobody's."""
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        await freeze(client)
        asked = asyncio.create_task(client.detect([picture(motion=MOVED)]))
        await in_flight(client)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        os.kill(pid_of(client), signal.SIGCONT)
        _, found = await client.detect([picture(motion=boxes((1, 1, 5, 5), (30, 1, 35, 9)))])
        assert len(found[0]) == 2


async def test_interrupts_of_the_terminal_do_not_reach_the_worker() -> None:
    """Ctrl-C ends the service in its own order, with the frames in flight answered."""
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        before = pid_of(client)
        os.kill(before, signal.SIGINT)
        os.kill(before, signal.SIGTERM)
        _, found = await client.detect([picture(motion=MOVED)])
        assert len(found[0]) == 1
        assert pid_of(client) == before
        assert os.getpriority(os.PRIO_PROCESS, before) >= 5


async def test_the_worker_ends_when_the_service_lets_go_of_it() -> None:
    """Cancelling its run leaves no process, however it was left."""
    client = WorkerClient(SystemClock(), Settings())
    life = asyncio.create_task(client.run())
    await client.ready()
    gone = pid_of(client)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(gone, 0)


async def test_a_model_is_changed_in_the_running_worker(tmp_path: Path) -> None:
    """No restart, and what is found is named by the labels of the model that found it."""
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        before = pid_of(client)
        info = await client.load(str(a_model(tmp_path)))
        assert pid_of(client) == before
        assert info.searches_whole_picture
        by, found = await client.detect([picture()])
        assert by == info
        assert [by.labels[i] for i in found[0].class_ids] == ["person"]
        assert (await client.load(BUILTIN)).labels == ("person", "motion")


async def test_each_picture_of_a_large_batch_arrives_whole_and_in_order(tmp_path: Path) -> None:
    """Several threads write it: a model whose score is the picture's brightness tells them apart."""
    output, slope = np.zeros((2, 1, cells(64, 64), 85), np.float32)
    output[0, 36, :6] = (0, 0, 1, 1, 0, 1)
    slope[0, 36, 4] = 1 / 255
    model = write_model(tmp_path / "brightness.onnx", output, slope=slope)
    levels = range(100, 220, 10)
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.load(str(model))
        _, found = await client.detect([evenly(level) for level in levels])
    scores = [float(one.scores[0]) for one in found]
    assert len(scores) == len(levels)
    assert np.diff(scores).min() > 0.02


def evenly(level: int) -> Picture:
    """Return a large picture of one grey."""
    i420 = np.full((540, 640), 128, np.uint8)
    i420[:360] = level
    return Picture(i420, boxes())


async def test_a_truncated_model_is_refused_while_the_old_one_goes_on(tmp_path: Path) -> None:
    """The error says what was expected and what came; detection has no gap."""
    whole = a_model(tmp_path)
    short = tmp_path / "short.onnx"
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        info, before = await client.load(str(whole)), pid_of(client)
        with pytest.raises(ModelError, match=r"short\.onnx: expected an ONNX model, got \d+ bytes"):
            await client.load(str(short))
        by, found = await client.detect([picture()])
        assert (by, len(found[0]), pid_of(client)) == (info, 1, before)


async def test_after_a_death_the_same_model_is_at_work(tmp_path: Path) -> None:
    """A restart is no change of detector."""
    client = WorkerClient(SystemClock(), Settings())
    life = asyncio.create_task(client.run())
    await client.ready()
    info = await client.load(str(a_model(tmp_path)))
    os.kill(pid_of(client), signal.SIGKILL)
    await asyncio.gather(life, return_exceptions=True)
    async with supervised(client):
        assert await client.ready() == info
        assert client.refusal == ""


async def test_a_model_that_is_gone_after_a_death_leaves_built_in(tmp_path: Path) -> None:
    """Half a detector is better than a loop of restarts; the reason is kept."""
    file = a_model(tmp_path)
    client = WorkerClient(SystemClock(), Settings())
    life = asyncio.create_task(client.run())
    assert (await client.ready()).sha256 == f"builtin {__version__}"
    assert (await client.load(str(file))).sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    file.unlink()
    os.kill(pid_of(client), signal.SIGKILL)
    await asyncio.gather(life, return_exceptions=True)
    async with supervised(client):
        assert (await client.ready()).model == BUILTIN
        assert "tiny.onnx" in client.refusal


async def test_the_ledger_stays_exact_over_a_death() -> None:
    """The killed batch is counted as lost, the frame that waited is looked at, and nothing is missing."""
    client = WorkerClient(SystemClock(), Settings())
    telling = Telling(client)
    reported: asyncio.Queue[Detections] = asyncio.Queue()

    async def report(_frame: Frame, found: Detections) -> None:
        await reported.put(found)

    stage = DetectionStage([telling], SystemClock(), Metrics(), Settings(), report)
    stage.camera(FRONT)
    motion = moving((8, 8, 24, 40))
    async with Supervisor(SystemClock(), Health()) as supervisor:
        supervisor.start(PART, client.run)
        supervisor.start("detections", stage.run)
        stage.offer(frame(0.0), motion)
        await reported.get()
        telling.asked.clear()
        await freeze(client)
        stage.offer(frame(0.2), motion)
        await telling.asked.wait()
        stage.offer(frame(0.4), motion)
        os.kill(pid_of(client), signal.SIGKILL)
        found = await reported.get()
    assert found.arrived_ns == 400_000_000
    ledger = stage.ledger(FRONT)
    assert (ledger.offered, ledger.done, ledger.lost, ledger.waiting) == (3, 2, 1, 0)


async def test_when_memory_runs_out_the_worker_goes_before_the_service() -> None:
    """The kernel ends the process with the highest score; recording goes on, and detection after a moment."""
    client = WorkerClient(SystemClock(), Settings())
    async with supervised(client):
        await client.ready()
        assert oom_score(pid_of(client)) == 500 > oom_score(os.getpid())


def oom_score(pid: int) -> int:
    """Return what the kernel adds to a process's score when memory runs out (``proc(5)``)."""
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


async def test_a_file_that_was_exchanged_does_not_come_back_with_the_worker(tmp_path: Path) -> None:
    """After a restart the same bytes are loaded again, or none: somebody else's are nobody's wish."""
    client = WorkerClient(SystemClock(), Settings())
    file = a_model(tmp_path)
    async with supervised(client):
        info = await client.load(str(file), "", sha256_of(file))
        assert (info.model, client.wanted.sha256) == (str(file), info.sha256)
        file.write_bytes(file.read_bytes() + b"\0")
        with pytest.raises(ModelError, match="expected the recorded bytes"):
            await client.load(str(file), "", info.sha256)
        assert client.info == info
        os.kill(pid_of(client), signal.SIGKILL)
        while client.info == info:  # noqa: ASYNC110 - nobody tells of an end
            await asyncio.sleep(0.01)
        assert (await client.ready()).model == BUILTIN
        assert "expected the recorded bytes" in client.refusal
