"""When memory runs out the detection worker goes first, and footage depends on nothing of that."""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.fire import workers_of
from tests.support.footage import digests_of, files_of, ledger, play, unaccounted
from tests.support.listener import Listener
from tests.support.memory_group import MemoryGroup, memory_group, refusal
from tests.support.server import Server, nightjar, nightjar_command
from tests.support.source import ROOT

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

NAMES = ("north", "south")
OF_THE_WORKER = 500
ROOM_BYTES = 192 * 1024**2
"""For what is hungry, beyond what the service holds: more than the worker has."""

RECORDED_WITHIN_S = 20.0
TOLD_WITHIN_S = 10.0
HUNGRY_FOR_S = 30.0
AFTER_S = 3.0
LOOK_EVERY_S = 0.1


async def test_out_of_memory_the_worker_is_ended_alone_and_no_picture_is_lost(tmp_path: Path) -> None:
    """In a control group as the unit makes one; what is hungry there has the service's own rank.

    The unit's rank of -500 takes a right that tests seldom have; without it the worker has less of a lead.
    Health says that the worker was ended and why, then that it is back; each picture that was sent is in a
    file, once, in order.
    """
    if why := refusal():
        pytest.skip(why)
    with memory_group("nightjar-test") as group, simulator() as sim:
        cameras = {
            name: sim.timecode_camera(name, TimecodeSpec(noise_levels=2.0), notes_pictures=True)
            for name in NAMES
        }
        config = config_of(cameras)
        async with nightjar(tmp_path / "data", config, wrapper=group.enter) as server:
            before = await worker_of(server)
            await recorded(server)
            said = await out_of_memory(group, server)
            assert await worker_of(server) != before
            assert 1 <= group.ended() <= 2, "the worker, and perhaps what was hungry"
            assert server.process.pid in group.processes(), "the service itself was ended"
            await asyncio.sleep(AFTER_S)
            until_us = round(1e6 * time.time())
            for camera in cameras.values():
                camera.stall()
            await asyncio.sleep(2.0)
            assert await server.stop() == 0
    assert "SIGKILL" in said
    assert "memory" in said
    await expect_everything_recorded(server.data, cameras, until_us)


async def test_the_worker_is_offered_before_the_recorder(tmp_path: Path) -> None:
    """As the kernel itself ranks them (``oom_score`` in proc(5)); shown wherever there is Linux."""
    async with nightjar(tmp_path / "data", '[detector]\nmodel = "builtin"\nfetch = false\n') as server:
        worker, service = await worker_of(server), server.process.pid
        assert score(worker, "oom_score_adj") == OF_THE_WORKER > score(service, "oom_score_adj")
        assert score(worker, "oom_score") > score(service, "oom_score")


def config_of(cameras: dict[str, SimulatedCamera]) -> str:
    """Return the configuration: as an owner has it, but files of a few seconds."""
    lines = ["[detector]", 'model = "builtin"', "fetch = false", "[recordings]", "segment_s = 5.0"]
    for name, camera in cameras.items():
        lines += ["[[cameras]]", f'id = "{name}"', f'url = "{camera.url}"', "detect_fps = 1.0"]
    return "\n".join(lines) + "\n"


def score(process_id: int, name: str) -> int:
    """Return a number of a process that says when the kernel ends it for want of memory."""
    return int(Path(f"/proc/{process_id}/{name}").read_text())


async def worker_of(server: Server) -> int:
    """Wait until a detection worker is there that has offered itself, and return its process."""
    async with asyncio.timeout(RECORDED_WITHIN_S):
        while True:
            for worker in workers_of(server.process.pid):
                if score(worker, "oom_score_adj") == OF_THE_WORKER:
                    return worker
            await asyncio.sleep(LOOK_EVERY_S)


async def recorded(server: Server) -> None:
    """Wait until there is footage of every camera, and the detector is at work."""
    async with asyncio.timeout(RECORDED_WITHIN_S):
        while {one.camera_id for one in ledger(server.data) if one.file} != set(NAMES):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        while (await worker_part(server)).get("level") != "ok":  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)


async def worker_part(server: Server) -> dict[str, Any]:
    """Return what health says of the worker."""
    parts: list[dict[str, Any]] = (await server.get("system/health"))["parts"]
    return next((part for part in parts if part["part"] == "worker"), {})


async def out_of_memory(group: MemoryGroup, server: Server) -> str:
    """Have memory run out until a process was ended; return what health said of the worker meanwhile."""
    room = group.held_bytes() + ROOM_BYTES
    group.bound(room)
    async with server.listener("system") as listener:
        hungry = await asyncio.create_subprocess_exec(
            *(*group.enter, sys.executable, "-m", "tests.support.hungry"),
            *(str(group.counter), str(2 * room)),
            cwd=ROOT,
        )
        await asyncio.wait_for(hungry.wait(), HUNGRY_FOR_S)
        # A worker is small: what it leaves may be too little, or come too late, for what is hungry.
        assert hungry.returncode in {0, -signal.SIGKILL}, "there was always more memory"
        assert await listener.until(lambda so_far: bool(reasons(so_far)), TOLD_WITHIN_S), (
            "health says nothing"
        )
        async with asyncio.timeout(TOLD_WITHIN_S):
            while (await worker_part(server))["level"] != "ok":  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY_S)
        return reasons(listener)[0]


def reasons(listener: Listener) -> list[str]:
    """Return why the worker was not well, as messages said."""
    said = [part for heard in listener.of("health") for part in heard.data["parts"]]
    return [part["reason"] for part in said if part["part"] == "worker" and part["level"] != "ok"]


async def expect_everything_recorded(data: Path, cameras: dict[str, SimulatedCamera], until_us: int) -> None:
    """Compare what was sent with what is stored, picture by picture, and read the ledger."""
    pieces = ledger(data)
    assert unaccounted(pieces) == []
    for name, camera in cameras.items():
        own = [piece for piece in pieces if piece.camera_id == name]
        first = next(at for at, piece in enumerate(own) if piece.file is not None)
        assert [one.cause for one in own[first:] if one.cause and one.start_us < until_us] == []
        files = files_of(data, name)
        stored = [digest for file in files for digest in digests_of(file)]
        assert stored == [picture.digest for picture in camera.sent]
        assert camera.seen.dropped == 0
        assert len(camera.seen.attempts) == 1, "the camera was connected to again"
        assert sum(play(file) for file in files) == len(camera.sent)
    status, output = await nightjar_command("check", "--data", str(data))
    assert status == 0, output
