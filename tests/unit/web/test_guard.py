"""Connections that ask nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from appliance.web.access import LOCAL, PRINCIPAL
from appliance.web.front import Front
from appliance.web.guard import SPARE, ConnectionGuard
from appliance.web.problems import Handler, answer_with_problems
from appliance.web.reach import network_of
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


def bounded(**settings: int) -> ConnectionGuard:
    """Return a guard with these bounds, and a proxy that it trusts."""
    return ConnectionGuard(
        SimulatedClock(), WebSettings(**settings), Front(proxies=(network_of("192.168.1.2"),))
    )


def test_one_address_cannot_take_all_connections() -> None:
    """The others still come in; what arrives counts from its first packet on, until it has gone."""
    guard = bounded(connections_per_address=2)
    with ExitStack() as open_:
        for _ in range(2):
            assert guard.has_room("203.0.113.9")
            open_.enter_context(guard.arriving("203.0.113.9"))
        assert not guard.has_room("203.0.113.9")
        assert guard.has_room("203.0.113.10")
    assert guard.has_room("203.0.113.9")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.2"])
def test_this_machine_and_a_trusted_proxy_are_bounded_by_the_sum_alone(address: str) -> None:
    """They speak for many."""
    guard = bounded(connections_per_address=1, connections=3)
    with ExitStack() as open_:
        for _ in range(3 + SPARE):
            assert guard.has_room(address)
            open_.enter_context(guard.arriving(address))
        assert not guard.has_room(address)


async def test_one_user_cannot_take_all_connections() -> None:
    """A connection more is told so; those that are open go on, and one that ended makes room."""
    guard = ConnectionGuard(SimulatedClock(), WebSettings(connections_per_user=1))

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    @web.middleware
    async def who(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[PRINCIPAL] = replace(LOCAL, user_id=request.headers["User"])
        return await handler(request)

    app = web.Application(middlewares=[answer_with_problems, who, guard.admit_user])
    app.router.add_get("/", page)
    async with TestServer(app) as server, AsyncExitStack() as stack:
        first, second, third = [
            await stack.enter_async_context(ClientSession(connector=TCPConnector())) for _ in range(3)
        ]
        url = server.make_url("/")

        async def status(http: ClientSession, user: str) -> int:
            async with http.get(url, headers={"User": user}) as answer:
                return answer.status

        assert await status(first, "ann") == 200
        assert await status(second, "ann") == 503
        assert await status(third, "bob") == 200
        assert await status(first, "ann") == 200
        await first.close()
        async with asyncio.timeout(10):
            while await status(second, "ann") != 200:
                pass
