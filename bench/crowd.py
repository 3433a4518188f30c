"""1,000 WebSocket clients of the whole appliance at 10 messages/s, which then all vanish at once.

How late a message is at a client, from its handing over to the committer until its bytes have arrived, at
p99; and how long until the files of the clients are closed. Twice (``ROLES=unclaimed,viewers``): of a box
that nobody has claimed, and of one with viewers who may see one camera more or less, each message judged for
each of them. The clients are a process of their own, which keeps what arrives and reads it at the end.

There is no floor; the limits are those that a box has to keep: 250 ms, and 5 s.
"""

import asyncio
import json
import multiprocessing
import os
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop
from aiohttp import ClientSession, DummyCookieJar

from appliance.compose import Running, appliance
from appliance.config import Config, ServerSettings, StorageSettings
from appliance.detections.settings import Settings as DetectorSettings
from bench.report import median, percentile, progress, result

CLIENTS = 1_000
RATE_PER_S = 10
LASTS_S = 15.0
ROUNDS = 3
VIEWERS = 8
"""Of 125 connections each, with sights of their own: one may have 300."""

PASSWORD = "a sentence that is long"
SENT = re.compile(rb'"summary":"(\d+) ')
PING, PONG = b"\x89\x00", b"\x8a\x80\0\0\0\0"
"""Frames of RFC 6455, 5.2, without a payload; the client's is masked with zeros."""
P99_LIMIT_MS = 250.0
CLOSED_LIMIT_S = 5.0


class _Client(asyncio.Protocol):
    """Does the handshake, then keeps what arrives, with the time."""

    def __init__(self, port: int, cookie: str) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.arrived: list[tuple[int, bytes]] = []
        self._port = port
        self._cookie = f"Cookie: nightjar={cookie}\r\n" if cookie else ""
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(
            f"GET /api/v1/ws?channels=events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\n{self._cookie}"
            "Sec-WebSocket-Key: bmlnaHRqYXJuaWdodGphcg==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Keep it, once the subscription has been confirmed, and answer pings."""
        if PING in data:
            self._transport.write(PONG)
        if self.ready.done():
            self.arrived.append((time.monotonic_ns(), data))
            return
        self._head += data
        if b'"subscribed"' in self._head:
            self.ready.set_result(None)
        elif not self._head.startswith(b"HTTP/1.1 101"[: len(self._head)]):
            self.ready.set_exception(ConnectionError(self._head.decode(errors="replace")[:500]))

    def delays_ms(self) -> list[float]:
        """Return how late each message was; what arrived in two pieces has the time of the second."""
        delays, rest = [], b""
        for at, data in self.arrived:
            rest += data
            end = 0
            for sent in SENT.finditer(rest):
                delays.append((at - int(sent[1])) / 1e6)
                end = sent.end()
            rest = rest[end:]
        return delays


async def _crowd(port: int, cookies: Sequence[str], pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    clients: list[_Client] = []
    for number in range(CLIENTS):
        cookie = cookies[number % len(cookies)]
        _, client = await loop.create_connection(lambda c=cookie: _Client(port, c), "127.0.0.1", port)  # type: ignore[misc]
        await client.ready
        clients.append(client)
    pipe.send("ready")
    await loop.run_in_executor(None, pipe.recv)
    pipe.send([delay for client in clients for delay in client.delays_ms()])
    await loop.run_in_executor(None, pipe.recv)
    os._exit(0)  # as a power cut at the screens: nothing is closed in order


def _main(port: int, cookies: Sequence[str], pipe: Connection) -> None:
    asyncio.run(_crowd(port, cookies, pipe))


@dataclass(slots=True)
class Round:
    """What one crowd met.

    Attributes:
        connected_s: until all had been told that they are subscribed.
        busy_ratio: of one core, by this process while messages were sent.
    """

    connected_s: float = 0.0
    delays_ms: list[float] = field(default_factory=list)
    closed_s: float = 0.0
    busy_ratio: float = 0.0

    def __str__(self) -> str:
        return (
            f"p50 {percentile(self.delays_ms, 50):.1f} ms, p99 {percentile(self.delays_ms, 99):.1f} ms, "
            f"{len(self.delays_ms)} heard, connected in {self.connected_s:.1f} s, "
            f"{self.busy_ratio:.2f} of a core, files closed after {self.closed_s:.2f} s"
        )


async def crowd(running: Running, cookies: Sequence[str]) -> Round:
    """Connect all, send for a while, have them vanish, and return what was seen."""
    outcome = Round()
    pipe, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_main, args=(running.port, cookies, theirs), daemon=True
    )
    began = time.monotonic()
    process.start()
    theirs.close()
    baseline = _files()  # the clients have yet to begin
    await asyncio.to_thread(pipe.recv)
    outcome.connected_s = time.monotonic() - began
    used, began = time.process_time(), time.monotonic()
    await send(running)
    outcome.busy_ratio = (time.process_time() - used) / (time.monotonic() - began)
    pipe.send("say")
    outcome.delays_ms = await asyncio.to_thread(pipe.recv)
    pipe.send("vanish")
    await asyncio.to_thread(process.join)
    began = time.monotonic()
    while _files() > baseline and time.monotonic() - began < 2 * CLOSED_LIMIT_S:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    outcome.closed_s = time.monotonic() - began
    pipe.close()
    return outcome


async def send(running: Running) -> None:
    """Change the batch ten times a second."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(round(LASTS_S * RATE_PER_S)):
        await asyncio.sleep(max(0.0, began + number / RATE_PER_S - loop.time()))
        summary = f"{time.monotonic_ns()} {' ' * 500}"
        running.spine.committer.post(
            lambda c, s=summary: c.exec_driver_sql("UPDATE batches SET summary = ?", (s,))  # type: ignore[misc]
        )
    await running.spine.committer.drain()
    await asyncio.sleep(1.0)


def _files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def viewers(running: Running) -> list[str]:
    """Claim the box, add viewers who see the camera and others, and return their cookies."""
    cookies = []
    async with ClientSession(running.url, cookie_jar=DummyCookieJar()) as http:

        async def done(path: str, body: object, cookie: str = "") -> str:
            headers = {"Origin": running.url, "Cookie": f"nightjar={cookie}"}
            async with http.post(f"/api/v1/{path}", json=body, headers=headers) as answer:
                assert answer.status < 300, await answer.text()
                return answer.cookies["nightjar"].value if "nightjar" in answer.cookies else ""

        admin = await done("claim", {"name": "anna", "password": PASSWORD})
        for number in range(VIEWERS):
            login = {"name": f"v{number}", "password": PASSWORD}
            seen = ["front", *(f"other{i}" for i in range(number))]
            await done("users", {**login, "role": "viewer", "cameras": seen}, admin)
            cookies.append(await done("login", login))
    return cookies


async def measured(has_roles: bool) -> list[Round]:
    """Run an appliance without a camera at work, and meet a crowd some times."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            server=ServerSettings(port=0),
            storage=StorageSettings(data=Path(folder)),
            detector=DetectorSettings(model="builtin"),
        )
        async with appliance(config) as running:
            await running.spine.committer.commit(
                lambda c: c.exec_driver_sql(
                    "INSERT INTO batches (id, chain_id, camera_id, started_us) VALUES ('b', 'b', 'front', 0)"
                )
            )
            cookies = await viewers(running) if has_roles else [""]
            await crowd(running, cookies)
            rounds = []
            for number in range(ROUNDS):
                rounds.append(await crowd(running, cookies))
                progress(f"{'viewers' if has_roles else 'nobody claimed it'}, {number + 1}: {rounds[-1]}")
            return rounds


async def main() -> None:
    """Measure both and say what was seen; all messages must have been heard."""
    figures: dict[str, object] = {}
    p99 = {}
    for name, has_roles in (("unclaimed", False), ("viewers", True)):
        if name not in os.environ.get("ROLES", "unclaimed,viewers").split(","):
            continue
        rounds = await measured(has_roles)
        p99[name] = median([percentile(one.delays_ms, 99) for one in rounds])
        figures |= {
            f"{name}_p99_ms": round(p99[name], 1),
            f"{name}_p50_ms": round(median([percentile(one.delays_ms, 50) for one in rounds]), 1),
            f"{name}_heard": json.dumps([len(one.delays_ms) for one in rounds]),
            f"{name}_closed_s": round(max(one.closed_s for one in rounds), 2),
            f"{name}_busy_ratio": round(median([one.busy_ratio for one in rounds]), 3),
        }
    worst = max(p99.values())
    result("crowd", worst, "ms p99", P99_LIMIT_MS, worst / P99_LIMIT_MS, figures)


if __name__ == "__main__":
    uvloop.run(main())
