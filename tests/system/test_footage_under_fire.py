"""Footage depends on nothing else: not on the detector, nor the database, nor any client."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.fire import kill_workers, stalled_clients, write_lock
from tests.support.footage import Piece, digests_of, files_of, ledger, play, unaccounted
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

NAMES = ("north", "east", "south", "west")
LOCKED_S = 60.0
BETWEEN_KILLS_S = 8.0
AROUND_S = 5.0
RECORDED_WITHIN_S = 20.0
ACCOUNTED_WITHIN_S = 20.0


async def test_a_killed_worker_a_locked_database_and_stalled_clients_cost_no_packet(tmp_path: Path) -> None:
    """Four cameras, a minute of all three at once: each picture that was sent is in a file, once, in order.

    The ledger is the judge as well: from each camera's first picture on it shows footage and nothing else.
    """
    with simulator() as sim:
        cameras = {
            name: sim.timecode_camera(name, TimecodeSpec(noise_levels=2.0), notes_pictures=True)
            for name in NAMES
        }
        async with nightjar(tmp_path / "data", config_of(cameras)) as server:
            await _recorded(server, NAMES)
            killed = await _under_fire(server)
            until_us = round(1e6 * time.time())
            await _accounted(server, until_us)
            for camera in cameras.values():
                camera.stall()
            await asyncio.sleep(2.0)
            assert await server.stop() == 0
        pieces = ledger(server.data)
    assert killed >= LOCKED_S / BETWEEN_KILLS_S / 2
    for name, camera in cameras.items():
        own = [piece for piece in pieces if piece.camera_id == name]
        _judge(own, until_us)
        files = files_of(server.data, name)
        stored = [digest for file in files for digest in digests_of(file)]
        assert stored == [picture.digest for picture in camera.sent]
        assert camera.seen.dropped == 0
        assert len(camera.seen.attempts) == 1, "the camera was connected to again"
        assert sum(play(file) for file in files) == len(camera.sent)
    assert (await nightjar_command("check", "--data", str(server.data)))[0] == 0


def config_of(cameras: dict[str, SimulatedCamera]) -> str:
    """Return the configuration: as an owner has it, but files of a few seconds."""
    lines = ["[detector]", 'model = "builtin"', "fetch = false", "[recordings]", "segment_s = 10.0"]
    for name, camera in cameras.items():
        lines += ["[[cameras]]", f'id = "{name}"', f'url = "{camera.url}"', "detect_fps = 1.0"]
    return "\n".join(lines) + "\n"


async def _under_fire(server: Server) -> int:
    """Do all three at once; return how many workers were killed."""
    paths = ["/api/v1/ws?channels=events,detections,alerts,system&after=0"] * 4
    paths += [f"/api/v1/cameras/{name}/live" for name in NAMES] * 2
    killed = 0
    with stalled_clients(server.url, paths):
        await asyncio.sleep(AROUND_S)
        with write_lock(server.data):
            ends_s = time.monotonic() + LOCKED_S
            while time.monotonic() < ends_s:
                killed += kill_workers(server.process.pid)
                await asyncio.sleep(BETWEEN_KILLS_S)
        await asyncio.sleep(AROUND_S)
    return killed


def _judge(own: list[Piece], until_us: int) -> None:
    """Fail unless a camera's ledger shows footage from its first picture to that time, without a hole."""
    assert unaccounted(own) == []
    first = next(i for i, piece in enumerate(own) if not piece.cause)
    shown = [piece for piece in own[first:] if piece.start_us < until_us]
    assert [piece for piece in shown if piece.cause] == []
    assert shown[-1].end_us >= until_us
    assert len(shown) >= LOCKED_S / 10.0


async def _recorded(server: Server, names: tuple[str, ...]) -> None:
    """Wait until the ledger has a segment of each camera."""
    async with asyncio.timeout(RECORDED_WITHIN_S):
        while not set(names) <= {piece.camera_id for piece in ledger(server.data) if not piece.cause}:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def _accounted(server: Server, until_us: int) -> None:
    """Wait until the ledger reaches that time for each camera."""
    async with asyncio.timeout(ACCOUNTED_WITHIN_S):
        while min(_reached_us(ledger(server.data))) < until_us:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


def _reached_us(pieces: list[Piece]) -> list[int]:
    """Return up to when the ledger knows of each camera."""
    return [max(piece.end_us for piece in pieces if piece.camera_id == name) for name in NAMES]
