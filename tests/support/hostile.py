"""Clients that mean no good: broken frames, floods, requests that never end; over bare TCP."""

import asyncio
import contextlib
import os
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

TEXT, BINARY, CONTINUATION, CLOSE, PING = 0x1, 0x2, 0x0, 0x8, 0x9
FINAL, COMPRESSED, MASKED = 0x80, 0x40, 0x80
HANDSHAKE = (
    "GET /api/v1/ws{query} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
WORDS = (
    "subscribe",
    "unsubscribe",
    "ping",
    "channels",
    "cameras",
    "events",
    "system",
    "after",
    "type",
    "epoch",
)


@dataclass
class RawSocket:
    """A WebSocket after its handshake, on which anything at all can be written."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, raw: bytes) -> None:
        """Write; a server that has hung up meanwhile is what the test is about."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(raw)
            await self.writer.drain()

    async def ended(self, within_s: float) -> bool:
        """Return whether the server hangs up in that time; what it says until then is read and forgotten."""
        try:
            async with asyncio.timeout(within_s):
                with contextlib.suppress(ConnectionError):
                    while await self.reader.read(65_536):
                        pass
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to the server of that URL, without a word."""
    address = urlsplit(url)
    assert address.hostname is not None
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def raw_socket(url: str, query: str = "") -> AsyncIterator[RawSocket]:
    """Connect to the WebSocket and go through its handshake, no further."""
    async with connected(url) as (reader, writer):
        writer.write(HANDSHAKE.format(query=query, host=urlsplit(url).netloc).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in answer.split(b"\r\n")[0], answer
        yield RawSocket(reader, writer)


def frame(payload: bytes, opcode: int = TEXT, flags: int = FINAL, masked: bool = True) -> bytes:
    """Return one frame of RFC 6455, masked with zeroes as a client's has to be."""
    return header(len(payload), opcode, flags, masked) + payload


def header(size: int, opcode: int = TEXT, flags: int = FINAL, masked: bool = True) -> bytes:
    """Return the beginning of a frame that promises so many bytes."""
    mark = MASKED if masked else 0
    if size < 126:
        length = struct.pack("!B", mark | size)
    elif size < 1 << 16:
        length = struct.pack("!BH", mark | 126, size)
    else:
        length = struct.pack("!BQ", mark | 127, size)
    return bytes((flags | opcode,)) + length + (bytes(4) if masked else b"")


def nonsense(random: Random) -> bytes:
    """Return a text in UTF-8 that may be JSON, nearly a request, or nothing at all."""
    match random.randrange(4):
        case 0:
            return random.randbytes(random.randrange(200)).decode("latin-1").encode()
        case 1:
            return _tree(random, 4).encode()
        case 2:
            return b"[" * random.randrange(1, 60_000)
        case _:
            pairs = [f'"{random.choice(WORDS)}":{_tree(random, 2)}' for _ in range(random.randrange(6))]
            return f'{{"type":"{random.choice(WORDS[:3])}",{",".join(pairs)}}}'.encode()


def broken_frames(random: Random) -> bytes:
    """Return frames that break RFC 6455 one way or another, or only look as if."""
    choices: Sequence[bytes] = (
        frame(b"{}", flags=FINAL | COMPRESSED),
        frame(b"{}", masked=False),
        frame(b"{}", opcode=random.choice((3, 4, 5, 6, 7, 11, 12, 13, 14, 15))),
        frame(b"x" * 126, opcode=PING),
        frame(b"", opcode=PING, flags=0),
        frame(b"{}", opcode=CONTINUATION),
        frame(b"{", flags=0) + frame(b"{}"),
        frame(b"\xff\xfe"),
        frame(b"\x00", opcode=CLOSE),
        frame(struct.pack("!H", random.randrange(5000)) + b"\xff", opcode=CLOSE),
        header(1 << 63),
        header((1 << 16) + 1) + bytes(100),
        random.randbytes(random.randrange(1, 300)),
    )
    return random.choice(choices)


def resident_bytes(process_id: int) -> int:
    """Return how much memory of a process is in RAM: the second figure of ``/proc/PID/statm``, in pages."""
    pages = Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _tree(random: Random, depth: int) -> str:
    leaf = (
        "null",
        "true",
        "-1",
        "1e999",
        "18446744073709551616",
        '"events"',
        '"\\ud800"',
        '"' + "x" * 300 + '"',
    )
    if depth == 0 or random.random() < 0.3:
        return random.choice(leaf)
    parts = [_tree(random, depth - 1) for _ in range(random.randrange(4))]
    if random.random() < 0.5:
        return f"[{','.join(parts)}]"
    return "{" + ",".join(f'"{random.choice(WORDS)}":{part}' for part in parts) + "}"
