"""F31: a service that may have few files open records on, whatever clients do, and serves them again."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.connection_flood import UPGRADE, ConnectionFlood, connection_flood
from tests.support.footage import digests_of, files_of, ledger, missing, unaccounted
from tests.support.footage_kills import SPEC, config_of
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

NAMES = ("north", "south")
CUT = "west"
"""A camera that is cut off while nobody else comes in, and needs a new connection."""

LIMIT = 128
LIMITED = ("sh", "-c", f'ulimit -n {LIMIT}; exec "$@"', "sh")
"""For the soft limit and the hard one: this one cannot be raised."""

SILENT = 200
FLOOD_S = 12.0
"""Longer than a file of footage, and than a connection may be silent."""

CUT_S = 2.0
BACK_WITHIN_S = 5.0


def open_files(server: Server) -> int:
    """Return how many descriptors the service has open."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))  # noqa: PTH208


def worker_of(server: Server) -> int:
    """Return the process id of the detection worker."""
    tasks = Path(f"/proc/{server.process.pid}/task")
    [pid] = {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}
    return pid


async def fill(flood: ConnectionFlood) -> None:
    """Open WebSockets until they are refused, and then connections that ask for the page."""
    for path, headers in (("/api/v1/ws?channels=events", UPGRADE), ("/healthz", "")):
        statuses = [await flood.ask(path, headers) for _ in range(LIMIT // 2)]
        assert statuses[-10:] == [503] * 10, f"{path}: {statuses}"
        assert set(statuses) <= {101, 200, 503}


async def cut_off(camera: SimulatedCamera) -> None:
    """Cut a camera off for a moment, and wait until it is read again."""
    camera.unplug()
    await asyncio.sleep(CUT_S)
    camera.plug()
    before = len(camera.sent)
    await asyncio.to_thread(camera.wait, lambda one: len(one.sent) > before, FLOOD_S - CUT_S)


async def attacked(server: Server, flood: ConnectionFlood, cut: SimulatedCamera) -> int:
    """Flood the service, kill its worker and cut a camera meanwhile; return the most files that it had open.

    Who was there before is answered all the while.
    """
    await fill(flood)
    os.kill(worker_of(server), signal.SIGKILL)
    most = 0
    async with asyncio.TaskGroup() as group:
        flooding = group.create_task(flood.stay_silent(SILENT, FLOOD_S))
        group.create_task(cut_off(cut))
        while not flooding.done():
            most = max(most, open_files(server))
            async with asyncio.timeout(1.0):
                assert await server.text("healthz") == '{"alive":true}'
            await asyncio.wait({flooding}, timeout=0.1)
    return most


async def served_within(server: Server) -> float:
    """Wait until a new client is served, and return how many seconds that took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < BACK_WITHIN_S:
        async with connection_flood(server.url) as client:
            if await client.ask("/healthz") == 200 and await client.ask("/api/v1/ws", UPGRADE) == 101:
                return loop.time() - begun
        await asyncio.sleep(0.1)
    pytest.fail(f"no new client was served within {BACK_WITHIN_S} s")


async def test_clients_that_take_all_connections_cost_the_recording_nothing(tmp_path: Path) -> None:
    """They read 503; every picture is in the files, whatever had to be opened for it; then all is as before.

    The camera that is cut is read again meanwhile, and the detection worker that is killed is there again.
    """
    data = tmp_path / "data"
    with simulator() as sim:
        cameras = {name: sim.timecode_camera(name, SPEC, notes_pictures=True) for name in (*NAMES, CUT)}
        async with nightjar(data, config_of(cameras), wrapper=LIMITED) as server:
            for camera in cameras.values():
                await asyncio.to_thread(camera.wait, lambda one: len(one.sent) > SPEC.gop)
            [part] = [p for p in (await server.get("system/health"))["parts"] if p["part"] == "open files"]
            assert (part["level"], str(LIMIT) in part["reason"]) == ("degraded", True)
            async with connection_flood(server.url) as flood:
                most = await attacked(server, flood, cameras[CUT])
                assert flood.refused == flood.answers[503] >= 20
            back_s = await served_within(server)
            for camera in cameras.values():
                camera.stall()
            await asyncio.sleep(2.0)
            assert await server.stop() == 0
        said = server.output.decode()
    assert most < LIMIT
    assert back_s < BACK_WITHIN_S
    assert "Too many open files" not in said
    assert [line for line in said.splitlines() if " ERROR " in line and "worker" not in line] == []
    assert said.count("the detector at work is") >= 2, said
    assert 1 <= said.count("further ones are refused") <= 5, said
    for name in NAMES:
        camera = cameras[name]
        files = files_of(data, name)
        stored = [digest for file in files for digest in digests_of(file)]
        assert len(camera.sent) > FLOOD_S * SPEC.fps
        assert missing(camera.sent, stored) == []
        assert len(files) >= 3
    assert unaccounted(ledger(data)) == []
    assert {piece.cause for piece in ledger(data)} <= {"", "camera_down"}
