"""Which model a worker process has at work, and that nobody asks for pictures before it has one."""

import asyncio
import contextlib
import os
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from appliance.detections.settings import Settings
from appliance.detections.worker_client import (
    BUILTIN,
    LACK_AGAIN_FIRST_S,
    LACK_AGAIN_LONGEST_S,
    DetectorInfo,
    Wish,
    WorkerClient,
)
from appliance.errors import WorkerLost
from appliance.runtime.clock import SystemClock
from tests.support.clock import SimulatedClock
from tests.support.pictures import picture
from tests.support.stub_worker import FULL, REFUSED, program, tell

BRIEF = """
import socket, sys
import msgspec
from detectors.messages import Load, Loaded

sock = socket.socket(fileno=int(sys.argv[1]))
for life in range(2):
    request = msgspec.msgpack.decode(sock.recv(1 << 17), type=Load)
    sock.send(msgspec.msgpack.encode(Loaded(request.id, "brief", "CPU", (), True)))
"""
"""A worker that loads two models, and ends when it has said so."""


@asynccontextmanager
async def living(client: WorkerClient) -> AsyncIterator["asyncio.Task[None]"]:
    """Live one life of a worker, without a supervisor."""
    life = asyncio.create_task(client.run())
    try:
        yield life
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def in_flight(client: WorkerClient) -> None:
    """Wait until a request was sent and is not answered."""
    while client._child is None or not client._child._waiting:  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0)


async def until(client: WorkerClient, holds: Callable[[DetectorInfo], bool]) -> DetectorInfo:
    """Wait until that holds of the detector at work."""
    async with asyncio.timeout(20.0):
        while not holds(info := await client.ready()):  # noqa: ASYNC110 - no event says so
            await asyncio.sleep(0.005)
    return info


async def test_a_worker_that_ends_just_after_a_change_is_not_taken_for_ready() -> None:
    """Its last words lie in the socket with its end: whoever asked for the model hears of the end."""
    client = WorkerClient(SystemClock(), Settings(), program=("-c", BRIEF))
    async with living(client) as life:
        await client.ready()
        asked = asyncio.create_task(client.load("other.onnx"))
        await in_flight(client)
        assert client.pid is not None
        with contextlib.suppress(ChildProcessError):  # somebody else has taken note of its end already
            os.waitid(os.P_PID, client.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - nothing may run meanwhile
        ends = await asyncio.gather(asked, life, return_exceptions=True)
        assert [type(end) for end in ends] == [WorkerLost, WorkerLost]
        assert client.info is None


async def test_a_wish_holds_whatever_is_being_loaded(tmp_path: Path) -> None:
    """What was wanted before does not come back because its load ends later."""
    client = WorkerClient(SystemClock(), Settings(), program=program(tmp_path / "told"))
    async with living(client):
        await in_flight(client)
        client.wish(Wish("new.onnx"))
        await until(client, lambda info: info.model == "new.onnx")
        assert client.wanted == Wish("new.onnx")
        client.wish(Wish("newer.onnx", "stub"))
        await until(client, lambda info: info.model == "newer.onnx")
        assert client.wanted == Wish("newer.onnx", "stub")


async def test_built_in_detection_wants_no_back_end(tmp_path: Path) -> None:
    """Where the model is refused after a restart, what ran it is forgotten with it."""
    client = WorkerClient(SystemClock(), Settings(), program=program(tmp_path / "told"))
    client.wish(Wish("bad.onnx", "stub"))
    tell(tmp_path / "told", "bad bad.onnx")
    async with living(client):
        info = await client.ready()
        assert (info.model, client.wanted) == (BUILTIN, Wish(BUILTIN))
        assert client.refusal == REFUSED


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let nobody here open anything more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_machine_without_room_for_pictures_loses_them_and_a_second(tmp_path: Path) -> None:
    """The stage goes on after a moment, and the worker has done nothing wrong."""
    clock = SimulatedClock()
    client = WorkerClient(clock, Settings(), program=program(tmp_path / "told"))
    async with living(client):
        await client.ready()
        before = client.pid
        with no_descriptors():
            asked = asyncio.create_task(client.detect([picture()]))
            await asyncio.sleep(0)
            assert not asked.done()
            await clock.advance(1.0)
            with pytest.raises(WorkerLost, match="no room for pictures: Too many open files"):
                await asked
        assert len((await client.detect([picture()]))[1]) == 1
        assert client.pid == before


async def test_a_device_that_is_full_at_the_restart_is_asked_again_later(tmp_path: Path) -> None:
    """Somebody else's memory says nothing against the model: it stays wanted, each try a little later."""
    clock = SimulatedClock()
    client = WorkerClient(clock, Settings(), program=program(tmp_path / "told"))
    client.wish(Wish("big.onnx"))
    tell(tmp_path / "told", "large big.onnx")
    async with living(client) as life:
        await until(client, lambda info: info.model == BUILTIN)
        assert (client.wanted, client.lack, client.refusal) == (Wish("big.onnx"), FULL, "")
        assert len((await client.detect([picture()]))[1]) == 1
        tell(tmp_path / "told", "")
        async with asyncio.timeout(20.0):
            while client.lack:
                await clock.advance(LACK_AGAIN_FIRST_S / 4)
                await asyncio.sleep(0.005)
        assert (await client.ready()).model == "big.onnx"
        assert not life.done()


async def test_a_smaller_model_ends_the_wish_for_the_large_one(tmp_path: Path) -> None:
    """Whoever chooses has chosen; nobody asks for the large one behind their back."""
    clock = SimulatedClock()
    client = WorkerClient(clock, Settings(), program=program(tmp_path / "told"))
    client.wish(Wish("big.onnx"))
    tell(tmp_path / "told", "large big.onnx")
    async with living(client):
        await until(client, lambda info: info.model == BUILTIN)
        await client.load("small.onnx")
        assert client.lack == ""
        tell(tmp_path / "told", "")
        await clock.advance(LACK_AGAIN_LONGEST_S)
        assert len((await client.detect([picture()]))[1]) == 1
        assert (await client.ready()).model == "small.onnx"
