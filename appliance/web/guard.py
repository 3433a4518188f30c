"""Bounds on connections: how many there may be, of whom, and how long one may take to ask something."""

import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import Overloaded
from appliance.runtime.clock import Clock
from appliance.runtime.descriptors import Room
from appliance.web.access import principal_of
from appliance.web.front import PLAIN, Front, is_loopback_address
from appliance.web.problems import Handler
from appliance.web.settings import WebSettings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
SPARE = 32
"""Connections beyond the bound that are let in all the same, to be told so."""

NETWORK_BITS = 64
"""Of an IPv6 address: the part that a machine does not choose by itself."""

PARTING = web.RequestKey("parting", bool)
"""Where a request remembers that its connection is not wanted."""

FOR_PAGES = 8
"""Of few connections that part is kept from WebSockets, so that the page can be loaded."""


class Rooms(Protocol):
    """Who knows how many connections the process can have beside what it needs itself."""

    def room(self, connections: int) -> Room:
        """Return for how many there is room, with so many open."""
        ...


class ConnectionGuard:
    """Cuts connections that never send a whole request, and refuses more than there may be.

    aiohttp times out a connection between requests, but not a new one whose headers come a byte a minute.
    Where there is room for fewer connections than the settings allow, the room counts, and one address or
    user gets half of it at most. What was let in once goes on.

    Args:
        rooms: says how many there can be; left out, the settings alone count.
    """

    def __init__(
        self, clock: Clock, settings: WebSettings, front: Front = PLAIN, rooms: Rooms | None = None
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._front = front
        self._rooms = rooms
        self._room = Room(settings.connections, SPARE)
        self._is_full = False
        self._server: web.Server | None = None
        self._served: set[RequestHandler] = set()
        self._admitted: set[RequestHandler] = set()
        self._first_seen: dict[RequestHandler, MonotonicNs] = {}
        self._of_address: dict[str, set[object]] = {}
        self._of_user: dict[str, set[RequestHandler]] = {}
        self._at_the_door = 0

    def watch(self, server: web.Server) -> None:
        """Name the server whose connections are guarded."""
        self._server = server
        self._look_for_room()

    async def run(self) -> None:
        """Look once a second until cancelled."""
        while True:
            self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Cut every connection that has been open too long without a request, and see what room there is."""
        now, present = self._clock.monotonic_ns(), set(self._connections())
        self._look_for_room()
        self._served &= present
        self._admitted &= present
        self._first_seen = {c: self._first_seen.get(c, now) for c in present - self._served}
        for connection, since in self._first_seen.items():
            if now - since >= self._settings.first_request_s * NS_PER_S and connection.transport is not None:
                connection.transport.abort()
        _keep(self._of_address)
        _keep(self._of_user)

    def has_room(self, address: str) -> bool:
        """Return whether one more connection may come from an address.

        This machine's own and a trusted proxy, which speaks for many, are bounded by the sum alone.
        """
        if self._open() >= self._room.connections + self._room.told:
            self._full()
            return False
        if is_loopback_address(address) or self._front.trusts(address):
            return True
        of_it = self._of_address.get(_counted_as(address), set())
        return len(_alive(of_it)) < self._share(self._settings.connections_per_address)

    @contextmanager
    def arriving(self, address: str) -> Iterator[None]:
        """Count a connection that is still at its TLS handshake."""
        waiting, counted_as = object(), _counted_as(address)
        self._of_address.setdefault(counted_as, set()).add(waiting)
        self._at_the_door += 1
        try:
            yield
        finally:
            self._at_the_door -= 1
            self._of_address.get(counted_as, set()).discard(waiting)

    def came(self, address: str, connection: RequestHandler) -> None:
        """Count a connection that is there."""
        self._of_address.setdefault(_counted_as(address), set()).add(connection)

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note that the connection has asked something, and refuse it when too many are open.

        Raises:
            Overloaded: more connections are open than may be.
        """
        self._served.add(request.protocol)
        most = self._most(request)
        if most is not None and len(self._connections()) > most:
            self._full()
            request[PARTING] = True
            raise Overloaded(f"more than {most} connections are open; try again later")
        self._admitted.add(request.protocol)
        return await handler(request)

    @web.middleware
    async def admit_user(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse a connection of a user who has as many open as one may have.

        Raises:
            Overloaded: more connections of this user are open than may be.
        """
        user_id, limit = principal_of(request).user_id, self._share(self._settings.connections_per_user)
        if user_id:
            open_ = self._of_user.setdefault(user_id, set())
            if request.protocol not in open_ and len(_alive(open_)) >= limit:
                request[PARTING] = True
                raise Overloaded(f"more than {limit} connections of this user are open; close some")
            open_.add(request.protocol)
        return await handler(request)

    async def part(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let a refused connection go with its answer; kept alive, it would hold the place of another."""
        if PARTING in request:
            response.headers[hdrs.CONNECTION] = "close"
            response.force_close()

    def _connections(self) -> list[RequestHandler]:
        return [] if self._server is None else self._server.connections

    def _open(self) -> int:
        return self._at_the_door + len(self._connections())

    @property
    def _is_tight(self) -> bool:
        return self._room.connections < self._settings.connections

    def _share(self, setting: int) -> int:
        """Return how many of the connections one address or user may have."""
        return min(setting, max(1, self._room.connections // 2)) if self._is_tight else setting

    def _most(self, request: web.Request) -> int | None:
        """Return how many connections may be open for a request to pass; ``None`` for one that is in."""
        most = self._room.connections
        if self._is_tight and hdrs.UPGRADE in request.headers:
            return most - most // FOR_PAGES
        return None if request.protocol in self._admitted else most

    def _look_for_room(self) -> None:
        if self._rooms is not None:
            room = self._rooms.room(self._open())
            self._room = Room(min(self._settings.connections, room.connections), min(SPARE, room.told))
        if self._open() < self._room.connections:
            self._is_full = False

    def _full(self) -> None:
        """Say once that connections are refused, until there is room again."""
        if not self._is_full:
            self._is_full = True
            log.warning(
                "%d connections are open of %d that there may be: further ones are refused",
                *(self._open(), self._room.connections),
            )


def _counted_as(address: str) -> str:
    """Return what connections are counted by: of IPv6 the network, in which one machine has any address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def _alive(connections: set[object] | set[RequestHandler]) -> set[object] | set[RequestHandler]:
    """Take out those that have ended, and return the others; one at its handshake has not ended."""
    ended = {one for one in connections if isinstance(one, RequestHandler) and one.transport is None}
    connections -= ended
    return connections


def _keep(counted: dict[str, set[object]] | dict[str, set[RequestHandler]]) -> None:
    for name in [name for name, connections in counted.items() if not _alive(connections)]:
        del counted[name]
