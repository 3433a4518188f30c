"""Whether a client is still there: it is asked with pings, and cut when nothing comes back for too long."""

import asyncio
import socket
import sys

from appliance.runtime.clock import Clock, seconds_since
from appliance.web.websocket.frames import PING
from appliance.web.websocket.settings import WebSocketSettings

BYTES_ACKED = slice(120, 128)
"""Of Linux's ``struct tcp_info`` (linux/tcp.h): ``tcpi_bytes_acked``, 64 bits, since Linux 4.1."""


class Pulse:
    """Watches one connection; used from the event loop's thread only."""

    def __init__(self, transport: asyncio.Transport, clock: Clock, settings: WebSocketSettings) -> None:
        self._transport = transport
        self._clock = clock
        self._settings = settings
        self._felt_ns = clock.monotonic_ns()
        self._acked_bytes = 0

    def feel(self) -> None:
        """Note that the client lives."""
        self._felt_ns = self._clock.monotonic_ns()

    async def watch(self) -> None:
        """Ping the client until nothing was heard of it for too long; then cut it and return.

        It is cut by ``abort``: a plain close would wait for the client to read.
        """
        while (left_s := self._settings.silence_s - seconds_since(self._clock, self._felt_ns)) > 0:
            await self._clock.sleep(min(self._settings.ping_every_s, left_s))
            if self._takes_what_waits():
                self.feel()
            if not self._transport.is_closing():
                self._transport.write(PING)
        self._transport.abort()

    def _takes_what_waits(self) -> bool:
        """Return whether bytes wait for a client that has taken some since this was last asked.

        Such a client is slow, not gone: our pings stand in line behind what it has yet to read.
        """
        before, self._acked_bytes = self._acked_bytes, self._bytes_acked()
        return self._transport.get_write_buffer_size() > 0 and self._acked_bytes > before

    def _bytes_acked(self) -> int:
        connection = self._transport.get_extra_info("socket")
        if connection is None or self._transport.is_closing():
            return 0
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, BYTES_ACKED.stop)
        return int.from_bytes(info[BYTES_ACKED], sys.byteorder)
