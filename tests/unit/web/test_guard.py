"""Connections that ask nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from appliance.web.guard import ConnectionGuard
from appliance.web.settings import WebSettings
from tests.support.clock import SimulatedClock


@asynccontextmanager
async def guarded_server(clock: SimulatedClock) -> AsyncIterator[tuple[ConnectionGuard, int]]:
    """Serve a page on a free port, guarded by a clock that the test moves."""
    guard = ConnectionGuard(clock, WebSettings(first_request_s=10.0))

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application(middlewares=[guard.admit])
    app.router.add_get("/", page)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        assert runner.server is not None
        guard.watch(runner.server)
        yield guard, runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Return whether the server has ended the connection."""
    try:
        return await reader.read(1) == b""
    except ConnectionResetError:
        return True


async def test_a_connection_that_asks_nothing_is_cut() -> None:
    """Headers that come a byte a minute do not hold a connection for ever."""
    clock = SimulatedClock()
    async with guarded_server(clock) as (guard, port), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost:")
        await writer.drain()
        guard.look()
        await clock.advance(9.9)
        guard.look()
        assert not reader.at_eof()
        await clock.advance(0.1)
        guard.look()
        assert await is_cut(reader)
        writer.close()


async def test_a_connection_that_has_asked_is_left_to_its_own_time_out() -> None:
    """Who has asked once may keep the connection, as browsers do."""
    clock = SimulatedClock()
    async with guarded_server(clock) as (guard, port), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
            guard.look()
            await clock.advance(60)
            guard.look()
        writer.close()


async def test_a_guard_without_a_server_has_nothing_to_do() -> None:
    """It may look before the server listens."""
    ConnectionGuard(SimulatedClock(), WebSettings()).look()


@pytest.mark.parametrize("field", ["first_request_s", "connections", "body_limit_bytes"])
def test_every_bound_has_a_default(field: str) -> None:
    """Nothing is unbounded unless somebody wants it so."""
    assert getattr(WebSettings(), field) > 0
