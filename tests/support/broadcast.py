"""A spine with its WebSocket on a real server and a real file, and a client that waits for messages."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from appliance.bus.filter import Filter
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.runtime.clock import Clock, SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.settings import StoreSettings
from appliance.web.access import LOCAL
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from tests.support.somebody import as_somebody

T = TypeVar("T")
Said = dict[str, Any]


class Client:
    """A WebSocket client of a test; ``next`` waits for the next message that is not of an ignored type."""

    def __init__(self, socket: ClientWebSocketResponse, published: Callable[[], Awaitable[None]]) -> None:
        self.socket = socket
        self._published = published

    async def next(self, timeout_s: float = 10.0) -> Said:
        """Return the next message.

        Raises:
            TimeoutError: none came.
        """
        said: Said = json.loads(await self.socket.receive_str(timeout=timeout_s))
        return said

    async def next_of(self, *types: str) -> Said:
        """Return the next message of one of these types, passing over others."""
        while True:
            said = await self.next()
            if said["type"] in types:
                return said

    async def take(self, n: int) -> list[Said]:
        """Return the next ``n`` messages."""
        return [await self.next() for _ in range(n)]

    async def ask(self, **request: Any) -> Said:
        """Send a request and return the next message."""
        await self.socket.send_str(json.dumps(request))
        return await self.next()

    async def rest(self) -> list[Said]:
        """Return everything else that this client hears of what is committed by now."""
        await self._published()
        await self.socket.send_str('{"type":"ping"}')
        heard = []
        while (said := await self.next())["type"] != "pong":
            heard.append(said)
        return heard

    async def nothing_more(self) -> None:
        """Check that there is nothing else to be heard."""
        assert await self.rest() == []


class Box:
    """A running spine and the address of its WebSocket."""

    def __init__(self, running: Spine, server: TestServer, http: ClientSession) -> None:
        self.spine = running
        self.server = server
        self._http = http

    @asynccontextmanager
    async def client(self, query: str = "", **request: Any) -> AsyncIterator[Client]:
        """Connect, read the hello, and subscribe if ``channels`` are named."""
        url = self.server.make_url("/api/v1/ws").with_query(query)
        async with self._http.ws_connect(url, autoping=True) as socket:
            client = Client(socket, self.published)
            hello = await client.next()
            assert hello["type"] == "hello"
            if request:
                assert (await client.ask(type="subscribe", **request))["type"] == "subscribed"
            yield client

    async def published(self) -> None:
        """Wait until everything that is committed by now was published."""
        newest = (await self.spine.log.bounds()).newest
        with self.spine.bus.subscribe(Filter()) as subscription:
            while self.spine.bus.last_cursor < newest:
                await subscription.wait()
                subscription.take()
                subscription.catch_up()

    async def orm(self, work: Callable[[Session], T]) -> T:
        """Do something in an ORM session of the writer's transaction, and commit it."""

        def unit(connection: Connection) -> T:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                result = work(session)
                session.commit()
                return result

        return await self.spine.committer.commit(unit)

    async def add(self, *rows: object) -> None:
        """Insert ORM rows in order."""

        def work(session: Session) -> None:
            for row in rows:
                session.add(row)
                session.flush()

        await self.orm(work)


@asynccontextmanager
async def box(
    data_dir: Path,
    settings: WebSocketSettings | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Box]:
    """Run a spine and its WebSocket on a free port."""
    the_clock, metrics = clock or SystemClock(), Metrics()
    async with spine(data_dir, the_clock, Health(), metrics, StoreSettings(), CommitSettings()) as running:
        source = Source(running.bus, running.log, the_clock, running.store.opening.epoch)
        handler = WebSocketHandler(source, settings or WebSocketSettings(), metrics)
        app = web.Application(middlewares=[as_somebody(LOCAL)])
        app.router.add_get("/api/v1/ws", handler.handle)
        app.on_shutdown.append(lambda _: handler.close())
        server = TestServer(app)
        await server.start_server()
        try:
            async with ClientSession() as http:
                yield Box(running, server, http)
        finally:
            await server.close()


def fields(said: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    """Return these fields of a message's data."""
    return tuple(said["data"][name] for name in names)


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """Wait until the server has closed the connection and return its code."""
    async with asyncio.timeout(10):
        while (await socket.receive()).type not in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
            pass
    return socket.close_code
