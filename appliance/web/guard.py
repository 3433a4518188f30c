"""Bounds on connections: how many there may be, and how long one may take to ask its first question."""

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import Overloaded
from appliance.runtime.clock import Clock
from appliance.web.problems import Handler
from appliance.web.settings import WebSettings

LOOK_EVERY_S = 1.0


class ConnectionGuard:
    """Cuts connections that never send a whole request, and refuses requests when too many are open.

    aiohttp times out a connection between requests, but not a new one whose headers come a byte a minute.
    """

    def __init__(self, clock: Clock, settings: WebSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._server: web.Server | None = None
        self._served: set[RequestHandler] = set()
        self._first_seen: dict[RequestHandler, MonotonicNs] = {}

    def watch(self, server: web.Server) -> None:
        """Name the server whose connections are guarded."""
        self._server = server

    async def run(self) -> None:
        """Look once a second until cancelled."""
        while True:
            self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Cut every connection that has been open for too long without a request."""
        now, present = self._clock.monotonic_ns(), set(self._connections())
        self._served &= present
        self._first_seen = {c: self._first_seen.get(c, now) for c in present - self._served}
        for connection, since in self._first_seen.items():
            if now - since >= self._settings.first_request_s * NS_PER_S and connection.transport is not None:
                connection.transport.abort()

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note that the connection has asked something, and refuse it when too many are open.

        Raises:
            Overloaded: more connections are open than may be.
        """
        self._served.add(request.protocol)
        if len(self._connections()) > self._settings.connections:
            request.protocol.keep_alive(False)
            raise Overloaded(f"more than {self._settings.connections} connections are open; try again later")
        return await handler(request)

    def _connections(self) -> list[RequestHandler]:
        return [] if self._server is None else self._server.connections
