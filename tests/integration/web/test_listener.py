"""The listening socket when the process has no descriptor left."""

import asyncio
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

import pytest
from aiohttp import web

from appliance.web.front import PLAIN
from appliance.web.guard import ConnectionGuard
from appliance.web.listener import AGAIN_S, Listener
from appliance.web.settings import WebSettings
from tests.support.clock import SimulatedClock


@contextmanager
def no_descriptor() -> Iterator[None]:
    """Let this process open nothing more until the block ends; what is open stays."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@asynccontextmanager
async def listening(clock: SimulatedClock) -> AsyncIterator[int]:
    """Serve a word on a free port until the block ends."""

    async def answer(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="here")

    server, settings = web.Server(answer), WebSettings()
    guard = ConnectionGuard(clock, settings)
    listener = Listener("127.0.0.1", 0, server, guard, PLAIN, clock, settings, None)
    await listener.start()
    try:
        yield listener.port
    finally:
        await listener.stop()
        await server.shutdown(0.1)


async def test_who_comes_while_no_descriptor_is_left_is_served_once_there_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """F31: the listener waits between its tries instead of spinning, and says so in one line each time."""
    loop, clock = asyncio.get_running_loop(), SimulatedClock()
    async with listening(clock) as port, asyncio.timeout(10):
        with ExitStack() as clients:
            for times in (1, 2):
                client = clients.enter_context(socket.socket())
                client.setblocking(False)
                with no_descriptor():
                    await loop.sock_connect(client, ("127.0.0.1", port))
                    for _ in range(20):
                        await clock.advance(AGAIN_S)
                said = [record.getMessage().partition(": ")[2] for record in caplog.records]
                assert said == ["Too many open files"] * times
                await clock.advance(AGAIN_S)
                await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert (await loop.sock_recv(client, 4096)).startswith(b"HTTP/1.1 200 ")
