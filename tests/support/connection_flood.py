"""A client that opens connections until it is refused, and keeps all that it gets."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from appliance.domain.time import NS_PER_S
from appliance.runtime.clock import SystemClock

ANSWER_S = 5.0
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ConnectionFlood:
    """Made by ``connection_flood``; lets all go at the end.

    Attributes:
        answers: how often each came: the status of the answer, or 0 for a connection that was closed at once.
        refused: how many of the 503 said when to come back.
    """

    def __init__(self, url: str) -> None:
        self.answers = Counter[int]()
        self.refused = 0
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 0
        self._clock = SystemClock()
        self._held: list[Connection] = []

    async def ask(self, path: str, headers: str = "") -> int:
        """Open a connection, ask for a path, keep the connection, and return the status."""
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await self._open()
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\n{headers}\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.answers[0] += 1
            return 0
        status = int(head.split()[1])
        self.answers[status] += 1
        self.refused += status == 503 and "\r\nRetry-After: " in head
        return status

    async def stay_silent(self, connections: int, seconds: float) -> None:
        """Keep so many further connections that ask nothing; each that is closed is opened anew."""
        end_ns = self._clock.monotonic_ns() + round(seconds * NS_PER_S)

        async def one() -> None:
            while (left_s := (end_ns - self._clock.monotonic_ns()) / NS_PER_S) > 0:
                try:
                    reader, _ = await self._open()
                    async with asyncio.timeout(left_s):
                        await reader.read()
                except (TimeoutError, ConnectionError):
                    pass
                await self._clock.sleep(0.2)

        await asyncio.gather(*(one() for _ in range(connections)))

    async def _open(self) -> Connection:
        connection = await asyncio.open_connection(self._host, self._port)
        self._held.append(connection)
        return connection

    async def close(self) -> None:
        """Let all connections go."""
        held, self._held = self._held, []
        for _, writer in held:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for _, writer in held), return_exceptions=True)


@asynccontextmanager
async def connection_flood(url: str) -> AsyncIterator[ConnectionFlood]:
    """Make a client of a server that holds what it opens until the block ends."""
    flood = ConnectionFlood(url)
    try:
        yield flood
    finally:
        await flood.close()
