"""How the server is reached: by which names, over TLS or not, and through which proxies."""

import ipaddress
from dataclasses import dataclass

from aiohttp import hdrs, web

from appliance.web.problems import Kind, Rejected

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_HOPS = 16
"""Of X-Forwarded-For that are looked at."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a request has come, as far as whoever passed it on is believed.

    Attributes:
        scheme: as the browser sees it.
        address: of this machine at which it arrived.
        port: likewise.
        client: the address of whoever asks.
        host: what a trusted proxy was asked for; ``None`` where the ``Host`` header counts.
        names: host names and addresses by which this machine may be called, at any port.
    """

    scheme: str = "http"
    address: str = "127.0.0.1"
    port: int = 80
    client: str = "127.0.0.1"
    host: str | None = None
    names: frozenset[str] = frozenset()

    @property
    def is_secure(self) -> bool:
        """Whether nobody on the way can read it."""
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Front:
    """What is settled of how the server is reached.

    Attributes:
        names: by which this machine may be called, in lower case.
        proxies: whose word on the client counts; nobody else's does.
    """

    names: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()

    def way(self, request: web.Request) -> Way:
        """Return how a request has come.

        Raises:
            Rejected: its connection is gone.
        """
        transport = request.transport
        sock = None if transport is None else transport.get_extra_info("sockname")
        peer = None if transport is None else transport.get_extra_info("peername")
        if sock is None or peer is None:
            raise Rejected(Kind.MALFORMED, "the connection is gone")
        scheme, host, client = ("https" if request.secure else "http"), None, plain_address(peer[0])
        if self.trusts(client):
            scheme = _last(request, hdrs.X_FORWARDED_PROTO) or scheme
            host = _last(request, hdrs.X_FORWARDED_HOST)
            client = self._client(client, request.headers.getall(hdrs.X_FORWARDED_FOR, []))
        return Way(scheme.lower(), plain_address(sock[0]), int(sock[1]), client, host, self.names)

    def trusts(self, address: str) -> bool:
        """Return whether that is a proxy of the owner's."""
        found = _parsed(address)
        return found is not None and any(found in network for network in self.proxies)

    def _client(self, peer: str, passed_on: list[str]) -> str:
        """Return the last one on the way who is no proxy of ours: whatever stands before may be made up."""
        hops = [hop.strip() for hop in ",".join(passed_on).split(",") if hop.strip()]
        for hop in reversed(hops[-MOST_HOPS:]):
            found = _parsed(hop.removeprefix("[").removesuffix("]"))
            if found is None:
                return peer
            peer = str(found)
            if not self.trusts(peer):
                return peer
        return peer


PLAIN = Front()
"""Without names, proxies and TLS: what a box has that listens on loopback only."""

FRONT = web.AppKey("front", Front)
WAY = web.RequestKey("way", Way)


def way_of(request: web.Request) -> Way:
    """Return how a request has come, as it was when this was asked first: at the door, before any handler.

    Later its client may have hung up, and what it did is written down with its address all the same.

    Raises:
        Rejected: its connection is gone, and nobody has asked before.
    """
    if WAY not in request:
        request[WAY] = request.config_dict.get(FRONT, PLAIN).way(request)
    return request[WAY]


def is_secure(request: web.Request) -> bool:
    """Return whether nobody can read the request on its way: TLS to here, or to a proxy that is trusted."""
    return way_of(request).is_secure


def client_address(request: web.Request) -> str:
    """Return the address of whoever asks; behind a trusted proxy, what that one says."""
    return way_of(request).client


def plain_address(text: str) -> str:
    """Return an address in its usual form: IPv4 that came in an IPv6 socket is IPv4."""
    found = _parsed(text.partition("%")[0])
    return text if found is None else str(found)


def is_loopback_address(text: str) -> bool:
    """Return whether an address is one that only this machine reaches."""
    found = _parsed(text)
    return found is not None and found.is_loopback


def _parsed(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _last(request: web.Request, name: str) -> str | None:
    values = request.headers.getall(name, [])
    return values[-1].rpartition(",")[2].strip() or None if values else None
