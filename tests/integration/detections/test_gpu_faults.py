"""F27 and F28: what CUDA raises, in the real worker process; the stage and the supervisor behind it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import BUILTIN, Wish, WorkerClient
from appliance.detections.worker_fleet import WorkerFleet
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.errors import DeviceFull, ModelError, WorkerLost
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health, Level, PartHealth
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from tests.support.clock import SimulatedClock
from tests.support.pictures import boxes, frame, moving, picture
from tests.support.stub_worker import FULL, program, tell

CAMERAS = tuple(CameraId(f"cam{number}") for number in range(6))
HERE = moving((8, 8, 24, 40))
MIDDLE = boxes((480.0, 352.6, 1440.0, 736.6))
"""Where the stub sees somebody in a picture of 1920×1080: in its tile (104, 166.4, 312, 249.6)."""


def stub(file: Path) -> WorkerClient:
    """Return a client whose worker is told at that file what to do."""
    return WorkerClient(SystemClock(), Settings(), program=program(file))


@asynccontextmanager
async def living(client: WorkerClient) -> AsyncIterator["asyncio.Task[None]"]:
    """Live one life of a worker, without a supervisor."""
    life = asyncio.create_task(client.run())
    try:
        await client.ready()
        yield life
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("illegal", "with exit status 1: RuntimeError: CUDA error: an illegal memory access was encountered"),
        ("lost", r"with exit status 1: DeviceLost: the GPU has fallen off the bus \(Xid 79\)"),
        ("nonsense", r"by SIGKILL: it answered nonsense: expected classes from 0 to 0, got \[7\]"),
        ("short", "by SIGKILL: it answered nonsense: boxes in 1 of 2 pictures"),
    ],
)
async def test_an_error_that_sticks_ends_the_worker_with_the_reason(
    tmp_path: Path, words: str, reason: str
) -> None:
    """Whoever was waiting hears that its pictures are lost, and health gets CUDA's own words."""
    client = stub(tmp_path / "told")
    async with living(client) as life:
        tell(tmp_path / "told", words)
        asked = [asyncio.create_task(client.detect([picture()] * 2)) for _ in range(2)]
        with pytest.raises(WorkerLost, match=rf"^the detection worker ended {reason}"):
            await life
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(end) for end in ends} == {WorkerLost}


async def test_a_gpu_that_is_lost_while_a_model_is_loaded_ends_the_worker(tmp_path: Path) -> None:
    """It is not the model's fault, and nothing would be loaded there ever again."""
    client = stub(tmp_path / "told")
    async with living(client) as life:
        tell(tmp_path / "told", "lost loading")
        with pytest.raises(WorkerLost):
            await client.load("other.onnx")
        with pytest.raises(WorkerLost, match="DeviceLost: the GPU has fallen off the bus"):
            await life


async def test_a_worker_that_cannot_be_understood_is_ended() -> None:
    """Bytes that are no answer are no crash of the service either."""
    held = "import socket, sys, time; held = socket.socket(fileno=int(sys.argv[1]))"  # it stays open
    babble = f"{held}; held.send(b'\\xc1'); time.sleep(60)"
    client = WorkerClient(SystemClock(), Settings(), program=("-c", babble))
    with pytest.raises(WorkerLost, match="by SIGKILL: it sent no answer that can be read"):
        await client.run()


async def test_full_memory_is_an_answer_and_the_worker_works_on(tmp_path: Path) -> None:
    """The same process looks at fewer pictures."""
    client = stub(tmp_path / "told")
    async with living(client):
        before = client.pid
        tell(tmp_path / "told", "full 2")
        with pytest.raises(DeviceFull, match="Tried to allocate"):
            await client.detect([picture()] * 3)
        info, found = await client.detect([picture(1920, 1080)] * 2)
        assert (client.pid, info.name, len(found)) == (before, f"stub of {BUILTIN}", 2)
        np.testing.assert_allclose(found[0].xyxy, MIDDLE, atol=0.1)


async def test_several_batches_are_looked_at_at_once_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    """Sizes of a batch tell them apart; a third one waits for its turn."""
    client = stub(tmp_path / "told")
    async with living(client):
        answers = await asyncio.gather(*(client.detect([picture()] * n) for n in (3, 1, 4, 2, 5)))
    assert [len(found) for _, found in answers] == [3, 1, 4, 2, 5]


async def test_nothing_is_asked_before_the_model_is_loaded_again(tmp_path: Path) -> None:
    """After a death the frames wait for the model, and a question that is too early is no fault of it."""
    client = stub(tmp_path / "told")
    async with living(client) as life:
        tell(tmp_path / "told", "lost")
        await asyncio.gather(client.detect([picture()]), life, return_exceptions=True)
    tell(tmp_path / "told", "")
    life = asyncio.create_task(client.run())
    while client.pid is None:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0)
    with pytest.raises(WorkerLost, match="is loading its model"):
        await client.detect([picture()])
    await client.ready()
    assert len((await client.detect([picture()]))[1]) == 1
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)


@dataclass
class Rig:
    """A stage with a worker on each of two GPUs, under the supervisor, offered frames all the time."""

    folder: Path
    health: Health = field(default_factory=Health)
    supervising: SimulatedClock = field(default_factory=SimulatedClock)
    reported: list[Frame] = field(default_factory=list)
    too_large_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changed = asyncio.Event()
        self.health.on_change(self.changed.set)
        clients = [
            WorkerClient(SystemClock(), Settings(), gpu, f"GPU {gpu}", program(self.told(gpu)))
            for gpu in range(2)
        ]
        self.fleet = WorkerFleet(clients)
        self.stage = DetectionStage(
            *(clients, SystemClock(), Metrics(), Settings(max_batch=4), self._report, self.health, self)
        )
        for camera in CAMERAS:
            self.stage.camera(camera)

    def told(self, gpu: int) -> Path:
        """Return the file at which a worker is told what to do."""
        return self.folder / f"told {gpu}"

    def too_large(self, info: object, reason: str) -> None:
        """Hear of a model that is too large."""
        self.too_large_for.append(reason)

    async def _report(self, seen: Frame, _found: Detections) -> None:
        self.reported.append(seen)

    async def until(self, levels: Sequence[Level], part: str) -> PartHealth:
        """Offer frames until a part of health is at one of these levels; return it."""
        async with asyncio.timeout(30.0):
            while True:
                for one in self.health.parts():
                    if one.part == part and one.level in levels:
                        return one
                await self.offered()

    async def looked(self, frames: int) -> None:
        """Offer frames until so many more were looked at."""
        wanted = len(self.reported) + frames
        async with asyncio.timeout(30.0):
            while len(self.reported) < wanted:
                await self.offered()

    async def offered(self) -> None:
        """Offer one frame of each camera."""
        now_s = SystemClock().monotonic_ns() / 1e9
        for camera in CAMERAS:
            self.stage.offer(frame(now_s, camera), HERE)
        await asyncio.sleep(0.005)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rig"]:
        """Run it until the block is left; then every frame must be accounted for."""
        async with Supervisor(self.supervising, self.health) as supervisor:
            for client in self.fleet.clients:
                supervisor.start(client.name, client.run)
            supervisor.start("detections", self.stage.run)
            await asyncio.gather(*(client.ready() for client in self.fleet.clients))
            yield self
        for ledger in self.stage.ledgers().values():
            assert 0 <= ledger.waiting <= 1
            assert ledger.done + ledger.dropped + ledger.lost + ledger.waiting == ledger.offered
        assert sum(ledger.done for ledger in self.stage.ledgers().values()) == len(self.reported)


async def test_a_gpu_that_is_lost_leaves_the_other_one_at_work_and_comes_back(tmp_path: Path) -> None:
    """Five ends within a minute are the brake: degraded, with the reason, and one try a minute."""
    async with Rig(tmp_path).running() as rig:
        await rig.looked(50)
        tell(rig.told(1), "lost")
        levels, pid = list[Level](), rig.fleet.clients[0].pid
        while Level.DEGRADED not in levels:
            said = await rig.until([Level.FAILED, Level.DEGRADED], "GPU 1")
            levels.append(said.level)
            await rig.looked(10)
            await rig.supervising.advance(5.0)
            if said.level is Level.FAILED:
                await asyncio.wait_for(rig.fleet.clients[1].ready(), 20.0)
        assert levels == [Level.FAILED] * 4 + [Level.DEGRADED]
        assert "the GPU has fallen off the bus (Xid 79)" in said.reason
        assert [client.pid for client in rig.fleet.clients] == [pid, None]
        tell(rig.told(1), "")
        await rig.supervising.advance(60.0)
        await asyncio.wait_for(rig.fleet.clients[1].ready(), 20.0)
        await rig.looked(20)


async def test_full_memory_is_less_at_once_and_then_a_pause_but_never_a_restart(tmp_path: Path) -> None:
    """Half the batch, until one is too much; then the chooser is told once, and the other GPU works on."""
    async with Rig(tmp_path).running() as rig:
        pids = [client.pid for client in rig.fleet.clients]
        tell(rig.told(1), "full 1")
        await rig.looked(100)
        assert rig.too_large_for == []
        tell(rig.told(1), "full 0")
        said = await rig.until([Level.DEGRADED], "memory of GPU 1")
        assert said.reason == f"detection is paused: {FULL}"
        await rig.looked(50)
        assert rig.too_large_for == [FULL]
        assert [client.pid for client in rig.fleet.clients] == pids
        await rig.fleet.load("smaller.onnx")
        tell(rig.told(1), "")
        async with asyncio.timeout(10.0):
            while any(part.part == "memory of GPU 1" for part in rig.health.parts()):
                await rig.offered()


async def test_a_fleet_changes_over_together(tmp_path: Path) -> None:
    """Also the worker that was away: it comes back with the model that the others have."""
    rig = Rig(tmp_path)
    async with rig.running():
        info = await rig.fleet.load("first.onnx")
        infos = [await client.ready() for client in rig.fleet.clients]
        assert [one.model for one in infos] == [info.model] * 2
        assert [one.accelerator for one in infos] == ["GPU 0", "GPU 1"]
        tell(rig.told(1), "lost")
        await rig.until([Level.FAILED], "GPU 1")
        tell(rig.told(1), "")
        info = await rig.fleet.load("second.onnx")
        assert (info.model, rig.fleet.processes()["GPU 1"]) == ("second.onnx", None)
        await rig.supervising.advance(5.0)
        assert (await rig.fleet.clients[1].ready()).model == "second.onnx"


async def test_a_worker_that_is_lost_in_a_change_comes_back_with_the_new_model(tmp_path: Path) -> None:
    """The others have it already."""
    rig = Rig(tmp_path)
    async with rig.running():
        tell(rig.told(1), "lost loading")
        info = await rig.fleet.load("new.onnx")
        assert info.model == "new.onnx"
        assert [client.wanted for client in rig.fleet.clients] == [Wish("new.onnx")] * 2
        await rig.until([Level.FAILED], "GPU 1")
        tell(rig.told(1), "")
        await rig.supervising.advance(5.0)
        assert (await rig.fleet.clients[1].ready()).model == "new.onnx"


async def test_a_change_that_takes_every_worker_with_it_is_no_change(tmp_path: Path) -> None:
    """Nobody would ever have it at work."""
    rig = Rig(tmp_path)
    async with rig.running():
        for gpu in range(2):
            tell(rig.told(gpu), "lost loading")
        with pytest.raises(WorkerLost):
            await rig.fleet.load("deadly.onnx")
        assert [client.wanted for client in rig.fleet.clients] == [Wish(BUILTIN)] * 2


@pytest.mark.parametrize(("words", "kind"), [("bad", ModelError), ("large", DeviceFull)])
async def test_a_model_that_one_worker_refuses_is_at_work_nowhere(
    tmp_path: Path, words: str, kind: type[Exception]
) -> None:
    """What is found does not depend on which of them looks."""
    rig = Rig(tmp_path)
    async with rig.running():
        await rig.fleet.load("old.onnx")
        tell(rig.told(1), f"{words} new.onnx")
        with pytest.raises(kind):
            await rig.fleet.load("new.onnx")
        infos = [await client.ready() for client in rig.fleet.clients]
        assert [info.model for info in infos] == ["old.onnx"] * 2
        assert [client.wanted for client in rig.fleet.clients] == [Wish("old.onnx")] * 2
