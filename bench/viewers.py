"""Those who watch live video, in a process of their own: when each message had come, and how large it was."""

import asyncio
import multiprocessing
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Self

from appliance.live.message import HEADER, read_picture

BINARY = 0x82
"""The first byte of a whole binary message (RFC 6455, 5.2)."""

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Order:
    """What to watch.

    Attributes:
        path: of the WebSocket; without one nothing is asked for, the frames come as they are.
        viewers: at the same time.
        seconds: how long; 0 until the first picture has come.
    """

    port: int
    path: str
    viewers: int
    seconds: float


@dataclass(slots=True)
class Watched:
    """What one viewer saw; nanoseconds are those of the machine's monotonic clock.

    Attributes:
        connecting_ns: when it began to connect.
        arrivals: the time of each picture, when the last of its bytes had come, and how many they were.
    """

    connecting_ns: int
    arrivals: list[tuple[int, int, int]] = field(default_factory=list)


class _Viewer(asyncio.Protocol):
    """Takes frames of a server apart; a stream's init segment is passed over."""

    def __init__(self, order: Order) -> None:
        self.watched = Watched(time.monotonic_ns())
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order = order
        self._buffer = bytearray()
        self._is_head = self._is_init = bool(order.path)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade, if there is one."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._order.path:
            transport.write(
                f"GET {self._order.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._order.port}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: bmlnaHRqYXJuaWdodGphcg==\r\n\r\n".encode()
            )

    def data_received(self, data: bytes) -> None:
        """Take what has come, and note the whole messages in it."""
        self._buffer += data
        if self._is_head:
            if _END_OF_HEAD not in self._buffer:
                return
            del self._buffer[: self._buffer.index(_END_OF_HEAD) + len(_END_OF_HEAD)]
            self._is_head = False
        while (length := _frame_length(self._buffer)) is not None and length[1] <= len(self._buffer):
            begin, end = length
            self._message(self._buffer[0], self._buffer[begin:end])
            del self._buffer[:end]

    def close(self) -> None:
        """Watch no more."""
        self._transport.abort()

    def _message(self, kind: int, payload: bytearray) -> None:
        if kind != BINARY:
            return
        if self._is_init:
            self._is_init = False
            return
        wall_us = read_picture(bytes(payload[: HEADER.size])).wall_us
        self.watched.arrivals.append((wall_us, time.monotonic_ns(), len(payload)))
        if not self.first.done():
            self.first.set_result(None)


def frame(payload: bytes) -> bytes:
    """Return the frame of a binary message, as a server sends it."""
    return bytes((BINARY, 127)) + len(payload).to_bytes(8) + payload


def _frame_length(data: bytearray) -> tuple[int, int] | None:
    """Return where the payload of the first frame begins and ends; ``None`` while its header is not whole."""
    if len(data) < 2:
        return None
    extra = {126: 2, 127: 8}.get(data[1], 0)
    if len(data) < 2 + extra:
        return None
    length = int.from_bytes(data[2 : 2 + extra]) if extra else data[1]
    return 2 + extra, 2 + extra + length


async def _watch(order: Order) -> list[Watched]:
    loop = asyncio.get_running_loop()
    viewers = [
        (await loop.create_connection(lambda: _Viewer(order), "127.0.0.1", order.port))[1]
        for _ in range(order.viewers)
    ]
    if order.seconds:
        await asyncio.sleep(order.seconds)
    else:
        await asyncio.gather(*(viewer.first for viewer in viewers))
    for viewer in viewers:
        viewer.close()
    return [viewer.watched for viewer in viewers]


def _main(pipe: Connection) -> None:
    while (order := pipe.recv()) is not None:
        pipe.send(asyncio.run(_watch(order)))


class Viewers:
    """A process of viewers; use as ``async with``."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(theirs,), daemon=True)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._process.start)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._pipe.send(None)
        await asyncio.to_thread(self._process.join, 10)
        self._process.kill()

    async def watch(self, order: Order) -> list[Watched]:
        """Watch, and return what each one saw."""
        self._pipe.send(order)
        return await asyncio.to_thread(self._pipe.recv)
