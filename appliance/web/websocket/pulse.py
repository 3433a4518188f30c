"""Whether a client is still there: it is asked with pings, and cut when nothing comes back for too long."""

import asyncio
import socket
import struct
import sys
from typing import Protocol

from appliance.runtime.clock import Clock, seconds_since
from appliance.web.websocket.frames import PING

BYTES_ACKED = slice(120, 128)
"""Of Linux's ``struct tcp_info`` (linux/tcp.h): ``tcpi_bytes_acked``, 64 bits, since Linux 4.1."""


class Patience(Protocol):
    """How often a client is asked, and how long it may be silent."""

    @property
    def ping_every_s(self) -> float:
        """From one question to the next."""
        ...

    @property
    def silence_s(self) -> float:
        """Without any sign of life for so long it is cut."""
        ...


class Pulse:
    """Watches one connection; used from the event loop's thread only."""

    def __init__(self, transport: asyncio.Transport, clock: Clock, settings: Patience) -> None:
        self._transport = transport
        self._clock = clock
        self._settings = settings
        self._felt_ns = self._looked_ns = clock.monotonic_ns()
        self._acked_bytes = 0

    def feel(self) -> None:
        """Note that the client lives."""
        self._felt_ns = self._clock.monotonic_ns()

    async def watch(self) -> None:
        """Ping the client until nothing was heard of it for too long; then cut it and return.

        A plain close would wait for the client to read, in this process or in the kernel.
        """
        while (left_s := self._settings.silence_s - seconds_since(self._clock, self._felt_ns)) > 0:
            await self._clock.sleep(min(self._settings.ping_every_s, left_s))
            self._look()
            if not self._transport.is_closing():
                self._transport.write(PING)
        self._cut()

    def _cut(self) -> None:
        connection = self._connection()
        if connection is not None:
            # With a linger time of 0 the kernel forgets what it could not deliver, and tells the client.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _look(self) -> None:
        """Believe a client that has taken some of what waits for it to have lived when we looked last.

        It is slow, not gone: our pings stand in line behind what it has yet to read.
        """
        taken, looked_ns = self._bytes_acked(), self._clock.monotonic_ns()
        if taken > self._acked_bytes and self._transport.get_write_buffer_size() > 0:
            self._felt_ns = max(self._felt_ns, self._looked_ns)
        self._acked_bytes, self._looked_ns = taken, looked_ns

    def _bytes_acked(self) -> int:
        connection = self._connection()
        if connection is None:
            return 0
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, BYTES_ACKED.stop)
        return int.from_bytes(info[BYTES_ACKED], sys.byteorder)

    def _connection(self) -> socket.socket | None:
        if self._transport.is_closing():
            return None
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        return connection
