"""A network between a browser and the appliance that can be cut, or slow: an HTTP proxy on loopback.

The browser asks for the appliance's own address through it, so that ``Host`` and ``Origin`` stay what they
are. What the browser asks of any other host is noted, and refused.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

HEAD_BYTES = 65_536
CHUNK_BYTES = 65_536
SLOW_CHUNK_BYTES = 4096
"""Of one connection at a time, so that a large answer does not hold up the others."""


class Line:
    """What one direction carries, of all connections together: without bound, or so much a second."""

    def __init__(self) -> None:
        self.bytes_s: float | None = None
        self._busy_until_s = 0.0

    @property
    def chunk_bytes(self) -> int:
        """How much to give it at once."""
        return CHUNK_BYTES if self.bytes_s is None else SLOW_CHUNK_BYTES

    async def carry(self, count: int) -> None:
        """Wait until it has carried what came before, and this."""
        if self.bytes_s is None:
            return
        now_s = asyncio.get_running_loop().time()
        self._busy_until_s = max(self._busy_until_s, now_s) + count / self.bytes_s
        await asyncio.sleep(self._busy_until_s - now_s)


class Network:
    """The way to one server.

    Attributes:
        url: of the proxy.
        foreign: what was asked of other hosts.
    """

    def __init__(self, server_url: str) -> None:
        self._target = urlsplit(server_url).netloc
        self._is_cut = False
        self._up, self._down = Line(), Line()
        self._connections: set[asyncio.StreamWriter] = set()
        self.url = ""
        self.foreign: list[str] = []

    def cut(self) -> None:
        """Break every connection, and let no new one through."""
        self._is_cut = True
        for writer in [*self._connections]:
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def bound(self, bytes_s: float | None) -> None:
        """Let no more than so much a second come from the server; ``None``: as much as there is."""
        self._down.bytes_s = bytes_s

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the browser's: one request, or a tunnel."""
        self._connections.add(writer)
        try:
            await self._pass(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        method, address, version = line.decode("latin-1").split(" ")
        host = address if method == "CONNECT" else urlsplit(address).netloc
        if host != self._target:
            self.foreign.append(address)
        if self._is_cut or host != self._target:
            writer.transport.abort()
            return
        name, _, port = host.rpartition(":")
        there, back = await asyncio.open_connection(name, int(port))
        self._connections.add(back)
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = address.split(host, 1)[1]
                back.write(f"{method} {path} {version}\r\nConnection: close\r\n".encode("latin-1"))
                back.write(b"\r\n".join(f for f in fields.split(b"\r\n") if not _is_of_hop(f)))
            await asyncio.gather(_copy(reader, back, self._up), _copy(there, writer, self._down))
        finally:
            self._connections.discard(back)
            back.close()


def _is_of_hop(field: bytes) -> bool:
    return field.lower().startswith((b"connection:", b"proxy-"))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(line.chunk_bytes):
            await line.carry(len(data))
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


@asynccontextmanager
async def network(server_url: str) -> AsyncIterator[Network]:
    """Run a network between a browser and that server until the block is left."""
    made = Network(server_url)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=HEAD_BYTES)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        made.cut()
        server.close()
        await server.wait_closed()
