"""Connections that ask nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from appliance.runtime.descriptors import Room
from appliance.web.access import LOCAL, PRINCIPAL
from appliance.web.front import Front
from appliance.web.guard import SPARE, ConnectionGuard
from appliance.web.problems import Handler, answer_with_problems
from appliance.web.reach import network_of
from appliance.web.settings import WebSettings
from tests.support.clock import SimulatedClock

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


class FakeRooms:
    """Has the room that a test chooses, and notes of how many connections it was told."""

    def __init__(self, connections: int, told: int = 4) -> None:
        self.has = Room(connections, told)
        self.open: list[int] = []

    def room(self, connections: int) -> Room:
        """Note it."""
        self.open.append(connections)
        return self.has


@asynccontextmanager
async def guarded_server(
    clock: SimulatedClock, rooms: FakeRooms | None = None
) -> AsyncIterator[tuple[ConnectionGuard, int]]:
    """Serve a page on a free port, guarded by a clock that the test moves."""
    guard = ConnectionGuard(clock, WebSettings(first_request_s=10.0), rooms=rooms)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application(middlewares=[answer_with_problems, guard.admit])
    app.on_response_prepare.append(guard.part)
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


def test_of_ipv6_a_network_counts_as_one_address() -> None:
    """One customer has all of it; what ends makes room, whichever address it came from."""
    guard = bounded(connections_per_address=2)
    with ExitStack() as open_:
        for host in (1, 2):
            open_.enter_context(guard.arriving(f"2001:db8:0:7::{host}"))
        assert not guard.has_room("2001:db8:0:7:ffff::3")
        assert guard.has_room("2001:db8:0:8::1")
    assert guard.has_room("2001:db8:0:7:ffff::3")


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


async def asked(stack: AsyncExitStack, port: int, request: bytes = GET) -> tuple[asyncio.StreamReader, bytes]:
    """Ask on a connection that stays open until the stack ends; return it and the head of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    stack.callback(writer.close)
    writer.write(request)
    return reader, await reader.readuntil(b"\r\n\r\n")


async def test_where_there_is_less_room_than_is_allowed_the_room_counts() -> None:
    """F31: one more is told when to come back and let go; one that ends makes room."""
    rooms = FakeRooms(2)
    async with guarded_server(SimulatedClock(), rooms) as (guard, port), asyncio.timeout(10):
        async with AsyncExitStack() as stack:
            for _ in range(2):
                assert b" 200 " in (await asked(stack, port))[1]
            reader, head = await asked(stack, port)
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: " in head
            assert b"\r\nConnection: close\r\n" in head
            await reader.read()  # until the server closes it
            guard.look()
            assert rooms.open[-1] == 2
        async with AsyncExitStack() as stack:
            while b" 200 " not in (await asked(stack, port))[1]:
                pass


async def test_who_is_in_stays_in() -> None:
    """F31: others who come, and a camera that is added, do not shut out the page that is open."""
    rooms = FakeRooms(1)
    async with guarded_server(SimulatedClock(), rooms) as (guard, port), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
        rooms.has = Room(0, 2)
        guard.look()
        async with AsyncExitStack() as stack:
            assert b" 503 " in (await asked(stack, port))[1]
            writer.write(GET)
            assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_of_little_room_websockets_leave_some_for_the_page() -> None:
    """F31: a WebSocket is refused before it is one; the page is still served."""
    async with (
        guarded_server(SimulatedClock(), FakeRooms(8)) as (_guard, port),
        AsyncExitStack() as stack,
        asyncio.timeout(10),
    ):
        heads = [(await asked(stack, port, UPGRADE))[1] for _ in range(8)]
        assert [b" 503 " in head for head in heads] == [False] * 7 + [True]
        assert b" 200 " in (await asked(stack, port))[1]


async def test_a_flood_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """F31: until there was room again."""
    rooms = FakeRooms(1)
    async with guarded_server(SimulatedClock(), rooms) as (guard, port), asyncio.timeout(10):
        for _ in range(2):
            async with AsyncExitStack() as stack:
                for _ in range(4):
                    await asked(stack, port)
            guard.look()
            while rooms.open[-1]:
                await asyncio.sleep(0)
                guard.look()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


async def test_of_little_room_one_address_gets_half() -> None:
    """F31: a single machine does not take all that there is."""
    guard = ConnectionGuard(SimulatedClock(), WebSettings(), rooms=FakeRooms(6))
    guard.look()
    with ExitStack() as open_:
        for _ in range(3):
            open_.enter_context(guard.arriving("203.0.113.9"))
        assert not guard.has_room("203.0.113.9")
        assert guard.has_room("203.0.113.10")


def test_what_is_at_its_handshake_takes_room_as_well() -> None:
    """F31: it has a descriptor."""
    rooms = FakeRooms(1, told=2)
    guard = ConnectionGuard(SimulatedClock(), WebSettings(), rooms=rooms)
    with ExitStack() as open_:
        for _ in range(3):
            assert guard.has_room("127.0.0.1") or not open_
            open_.enter_context(guard.arriving("127.0.0.1"))
            guard.look()
        assert not guard.has_room("127.0.0.1")
    assert rooms.open == [1, 2, 3]
