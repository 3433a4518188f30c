"""Which model a worker process has at work, and that nobody asks for pictures before it has one."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appliance.detections.settings import Settings
from appliance.detections.worker_client import WorkerClient
from appliance.errors import WorkerLost
from appliance.runtime.clock import SystemClock

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


async def test_a_worker_that_ends_just_after_a_change_is_not_taken_for_ready() -> None:
    """Its last words lie in the socket with its end: whoever asked for the model hears of the end."""
    client = WorkerClient(SystemClock(), Settings(), program=("-c", BRIEF))
    async with living(client) as life:
        await client.ready()
        asked = asyncio.create_task(client.load("other.onnx"))
        await in_flight(client)
        assert client.pid is not None
        os.waitid(os.P_PID, client.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - nothing may run meanwhile
        ends = await asyncio.gather(asked, life, return_exceptions=True)
        assert [type(end) for end in ends] == [WorkerLost, WorkerLost]
        assert client.info is None
