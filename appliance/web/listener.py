"""The listening sockets: who may come in, the TLS handshake in bounded time, and then aiohttp.

A connection is counted from its first packet on. aiohttp would see it only after the handshake, and one that
never ends its handshake would be bounded by nothing.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable

from aiohttp.web_protocol import RequestHandler

from appliance.errors import Conflict
from appliance.runtime.clock import Clock, seconds_since
from appliance.web.front import Front, plain_address
from appliance.web.guard import ConnectionGuard
from appliance.web.plain import answer_to
from appliance.web.settings import WebSettings
from appliance.web.tls import Tls

log = logging.getLogger(__name__)

BACKLOG = 512
HANDSHAKE = b"\x16"
"""The first byte of every TLS connection: a record of the type handshake (RFC 8446, 5.1)."""
LONGEST_REQUEST = 4096
AGAIN_S = 0.5
"""After the system had no more descriptors, or the like."""


class Listener:
    """Takes connections in; ``start`` before anything else, ``stop`` at the end.

    Args:
        host: an address, or a name of one or several.
        port: 0 takes a free one.
        make: makes what serves one connection.
        tls: where there is one, nothing is served without it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        make: Callable[[], RequestHandler],
        guard: ConnectionGuard,
        front: Front,
        clock: Clock,
        settings: WebSettings,
        tls: Tls | None,
    ) -> None:
        self._host = host
        self.port = port
        self._make = make
        self._guard = guard
        self._front = front
        self._clock = clock
        self._settings = settings
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._arriving: set[asyncio.Task[None]] = set()
        self._is_starved = False

    async def start(self) -> None:
        """Listen.

        Raises:
            Conflict: another program listens on that port.
            OSError: the host has no such address.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            self._host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        try:
            for family, *_, address in dict.fromkeys(found):
                self._sockets.append(self._listening(family, str(address[0])))
        except OSError:
            await self.stop()
            raise
        self._accepting = [loop.create_task(self._accept(sock), name="listener") for sock in self._sockets]

    def _listening(self, family: int, address: str) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Of all addresses, those of IPv4 as well; of one, that one.
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address != "::")
            sock.bind((address, self.port))
            sock.listen(BACKLOG)
        except OSError as err:
            sock.close()
            if err.errno != errno.EADDRINUSE:
                raise
            raise Conflict(
                f"another program listens on {self._host}:{self.port} already; choose another port"
            ) from err
        self.port = sock.getsockname()[1]
        return sock

    async def stop(self) -> None:
        """Take nobody in any more; whoever is in stays."""
        waiting = [*self._accepting, *self._arriving]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for sock in self._sockets:
            sock.close()
        self._sockets, self._accepting = [], []

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(sock)
            except OSError as err:
                self._starved(err)
                await self._clock.sleep(AGAIN_S)
                continue
            self._is_starved = False
            address = plain_address(peer[0])
            if not self._guard.has_room(address):
                connection.close()
                continue
            task = loop.create_task(self._let_in(connection, address), name="arriving")
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    def _starved(self, err: OSError) -> None:
        """Say once that nobody can be taken in; those who wait are, as soon as it is possible again."""
        if not self._is_starved:
            self._is_starved = True
            log.warning("no connection can be taken in, tried again until it goes: %s", err.strerror)

    async def _let_in(self, connection: socket.socket, address: str) -> None:
        """Bring one connection to where requests are read; whatever fails on the way ends it."""
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            with self._guard.arriving(address), contextlib.suppress(OSError, TimeoutError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if await self._serve(connection, address):
                    undo.pop_all()

    async def _serve(self, connection: socket.socket, address: str) -> bool:
        """Return whether the connection is aiohttp's now."""
        loop, began_ns = asyncio.get_running_loop(), self._clock.monotonic_ns()
        context: ssl.SSLContext | None = None
        limit_s: float | None = None
        if self._tls is not None:
            async with asyncio.timeout(self._settings.first_request_s):
                if await _peek(connection) != HANDSHAKE:
                    await self._send_elsewhere(connection)
                    return False
            context = self._tls.context
            limit_s = max(0.1, self._settings.first_request_s - seconds_since(self._clock, began_ns))
        # From here on the transport owns the socket, also where the handshake fails.
        own = connection.dup()
        connection.close()
        _, protocol = await loop.connect_accepted_socket(
            self._make, own, ssl=context, ssl_handshake_timeout=limit_s
        )
        self._guard.came(address, protocol)
        return True

    async def _send_elsewhere(self, connection: socket.socket) -> None:
        """Answer somebody who speaks HTTP at a port of TLS."""
        loop = asyncio.get_running_loop()
        head = await loop.sock_recv(connection, LONGEST_REQUEST)
        here = plain_address(connection.getsockname()[0])
        await loop.sock_sendall(connection, answer_to(head, self._front, here, self.port))
        connection.shutdown(socket.SHUT_WR)


async def _peek(connection: socket.socket) -> bytes:
    """Return the first byte without taking it; empty when the connection has ended."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
