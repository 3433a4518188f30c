"""Deliveries a second from the bus, and from a durable commit, to 1, 10 and 100 clients.

The floor is a bare aiohttp server that sends the same bytes to the same clients in a loop. The clients count
bytes in a process of their own.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvloop
from aiohttp import WSMsgType, web
from sqlalchemy import Connection

from appliance.bus.bus import Bus
from appliance.bus.message import Message
from appliance.commit.message_log import message_of
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.outbox import OutboxRow
from appliance.store.settings import StoreSettings
from appliance.web.access import LOCAL
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from bench.clients import Clients
from bench.report import median, progress, result
from tests.support.somebody import as_somebody

PAIRS = 5
DELIVERIES = 60_000
DATA = '{"id":"018f0000","label":"person","state":"open","summary":"1 person"' + " " * 500 + "}"


def messages(first: int, count: int) -> list[Message]:
    """Return events as the publisher makes them, some 700 bytes each."""
    said = OutboxRow(
        cursor=first,
        at="2026-11-23T15:04:05.123Z",
        type="event_updated",
        camera_id="front",
        label="person",
        severity=1,
        old_label="person",
        old_severity=1,
        data=DATA,
        detection_id=None,
        at_us=None,
        width=None,
        height=None,
        labels=None,
        boxes=None,
        model_id=None,
    )
    return [message_of(said._replace(cursor=cursor)) for cursor in range(first, first + count)]


def frame_bytes(text: bytes) -> int:
    """Return the length of a text frame from a server (RFC 6455, 5.2): two to ten bytes of header."""
    return len(text) + (2 if len(text) < 126 else 4 if len(text) < 65_536 else 10)


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[int]:
    """Serve an application on a free port of the loopback address."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Bare:
    """The floor: connected sockets and a loop."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Keep a client."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            pass
        return socket

    async def send(self, batch: list[Message]) -> None:
        """Send each message to each client."""
        for message in batch:
            for socket in self.sockets:
                await socket.send_frame(message.text, WSMsgType.TEXT)


async def publish(bus: Bus, batch: list[Message]) -> None:
    """Publish one by one, and let the clients' tasks run after each."""
    for message in batch:
        bus.publish(message)
        await asyncio.sleep(0)


async def commit(running: Spine, count: int) -> int:
    """Commit changes of an event, in units as they come from cameras; return the bytes for each client."""

    def unit(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE batches SET event_count = event_count + 1")

    before = running.bus.last_cursor
    await asyncio.gather(*(running.committer.commit(unit) for _ in range(count)))
    said = await running.log.after(before, count)
    return sum(frame_bytes(message.text) for message in said)


async def deliveries_per_s(clients: Clients, n: int, batch: list[Message], send: object) -> float:
    """Return deliveries a second of one batch to all clients."""
    arrival = clients.expect(sum(frame_bytes(message.text) for message in batch))
    started = time.monotonic_ns()
    await send  # type: ignore[misc]
    return n * len(batch) * 1e9 / ((await arrival).finished_ns - started)


async def durable_per_s(clients: Clients, running: Spine, n: int, count: int) -> float:
    """Return deliveries a second when each message is committed first."""
    started = time.monotonic_ns()
    arrival = clients.expect(await commit(running, count))
    return n * count * 1e9 / ((await arrival).finished_ns - started)


class Bench:
    """The three servers that are compared: the bus alone, the bus behind the commit, and the floor."""

    def __init__(self, running: Spine) -> None:
        self.running = running
        self.bus = Bus()
        self.bare = Bare()
        self.cursor = 0

    def apps(self) -> list[web.Application]:
        """Return the servers' applications: the bus alone, behind the commit, the floor."""
        epoch, clock = self.running.store.opening.epoch, SystemClock()
        # What is only on the bus cannot be read again from the outbox, so its queue holds a whole batch.
        deep = WebSocketSettings(queue_messages=DELIVERIES)
        handlers = [
            WebSocketHandler(Source(bus, self.running.log, clock, epoch), settings, Metrics()).handle
            for bus, settings in ((self.bus, deep), (self.running.bus, WebSocketSettings()))
        ]
        apps = []
        for handler in (*handlers, self.bare.handle):
            apps.append(web.Application(middlewares=[as_somebody(LOCAL)]))
            apps[-1].router.add_get("/api/v1/ws", handler)
        return apps

    async def measure(self, ports: list[int], n: int) -> tuple[list[float], list[float], list[float]]:
        """Return deliveries a second to ``n`` clients over the pairs: bus alone, floor, behind the commit."""
        alone: list[float] = []
        floors: list[float] = []
        durable: list[float] = []
        count = min(3000, max(200, DELIVERIES // n))
        first = [b"\r\n\r\n", b'"hello"', b'"subscribed"', b"}"]
        self.bare.sockets.clear()
        async with (
            Clients(ports[0], n, "?channels=events", first) as to_bus,
            Clients(ports[1], n, "?channels=events", first) as to_spine,
            Clients(ports[2], n, "", first[:1]) as to_bare,
        ):
            for pair in range(PAIRS):
                batch = messages(self.cursor + 1, count)
                self.cursor += count
                floors.append(await deliveries_per_s(to_bare, n, batch, self.bare.send(batch)))
                alone.append(await deliveries_per_s(to_bus, n, batch, publish(self.bus, batch)))
                durable.append(await durable_per_s(to_spine, self.running, n, min(count, 500)))
                progress(f"{n} clients, pair {pair + 1}: {alone[-1]:.0f}/s, floor {floors[-1]:.0f}/s")
        return alone, floors, durable


async def main() -> None:
    """Measure at 1, 10 and 100 clients."""
    figures: dict[str, object] = {}
    settings = StoreSettings(), CommitSettings()
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(
                spine(Path(folder), SystemClock(), Health(), Metrics(), *settings)
            )
            await running.committer.commit(
                lambda c: c.exec_driver_sql(
                    "INSERT INTO batches (id, chain_id, camera_id, started_us) VALUES ('b', 'b', 'front', 0)"
                )
            )
            bench = Bench(running)
            ports = [await stack.enter_async_context(served(app)) for app in bench.apps()]
            for n in (1, 10, 100):
                alone, floors, durable = await bench.measure(ports, n)
                figures[f"{n}_clients_per_s"] = round(median(alone))
                figures[f"{n}_clients_floor_per_s"] = round(median(floors))
                figures[f"{n}_clients_durable_per_s"] = round(median(durable))
    ratio = median([v / f for v, f in zip(alone, floors, strict=True)])
    result("broadcast", median(alone), "deliveries/s at 100 clients", median(floors), ratio, figures)


if __name__ == "__main__":
    uvloop.run(main())
