"""WebSocket clients that cost as little as can be: a process that counts the bytes which arrive at each."""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Self


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the last of the expected bytes had come, in nanoseconds of the monotonic clock of the machine."""

    finished_ns: int


class _Counter(asyncio.Protocol):
    """Does the handshake, passes over the server's first messages, then counts."""

    def __init__(self, port: int, query: str, skip: Sequence[bytes]) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = 0
        self.reached: asyncio.Future[None] | None = None
        self._port = port
        self._query = query
        self._skip = list(skip)
        self._head = b""
        self._expected = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(
            f"GET /api/v1/ws{self._query} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: bmlnaHRqYXJuaWdodGphcg==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count, once the handshake and the expected first messages are over."""
        if self.ready.done():
            self.received += len(data)
        else:
            self._head += data
            while self._skip and self._skip[0] in self._head:
                self._head = self._head.partition(self._skip.pop(0))[2]
            if not self._skip:
                self.ready.set_result(None)
        if self.reached is not None and not self.reached.done() and self.received >= self._expected:
            self.reached.set_result(None)

    async def wait_for(self, expected: int) -> None:
        """Wait until that many bytes have come, then begin to count anew."""
        if self.received < expected:
            self._expected, self.reached = expected, asyncio.get_running_loop().create_future()
            await self.reached
        self.received -= expected


async def _serve(port: int, clients: int, query: str, skip: Sequence[bytes], pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    counters = []
    for _ in range(clients):
        _, counter = await loop.create_connection(lambda: _Counter(port, query, skip), "127.0.0.1", port)
        await counter.ready
        counters.append(counter)
    pipe.send("ready")
    while (expected := await loop.run_in_executor(None, pipe.recv)) is not None:
        await asyncio.gather(*(counter.wait_for(expected) for counter in counters))
        pipe.send(Arrival(time.monotonic_ns()))


def _main(port: int, clients: int, query: str, skip: Sequence[bytes], pipe: Connection) -> None:
    asyncio.run(_serve(port, clients, query, skip, pipe))


class Clients:
    """A process of clients; use as ``async with``.

    Args:
        query: of the WebSocket's address.
        skip: a piece of each message that the server sends first, the end of the handshake included.
    """

    def __init__(self, port: int, clients: int, query: str, skip: Sequence[bytes]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(port, clients, query, skip, theirs), daemon=True)

    async def __aenter__(self) -> Self:
        self._process.start()
        await asyncio.to_thread(self._pipe.recv)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._pipe.send(None)
        await asyncio.to_thread(self._process.join, 10)
        self._process.kill()

    def expect(self, bytes_each: int) -> "asyncio.Future[Arrival]":
        """Return what tells when every client has received that many bytes."""
        self._pipe.send(bytes_each)
        return asyncio.ensure_future(asyncio.to_thread(self._pipe.recv))
