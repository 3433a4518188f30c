"""What every request must show before anything looks at it, and what every answer carries.

Every website that is open in a browser on this machine, or in its network, can reach the server. A website's
requests name a foreign ``Host`` (DNS rebinding) or carry a foreign ``Origin`` or ``Sec-Fetch-Site``; programs
such as curl send none of the latter two.
"""

import ipaddress
from collections.abc import Callable

from aiohttp import hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy

from appliance.web.front import Way, is_loopback_address, way_of
from appliance.web.page import is_screen
from appliance.web.problems import Handler, Kind, Rejected

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
            *("magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"),
        )
    ),
}
"""Sent with every answer."""

STRICT_TRANSPORT = "max-age=31536000"
"""Sent where the certificate is the owner's: with the device's own, the browser would lock its owner out."""

DEFAULT_PORTS = {"http": "80", "https": "443"}

LOOPBACK = Way()
"""The way of a request that came from this machine itself, without TLS."""

OWN_CERTIFICATE: web.AppKey[Callable[[], bool]] = web.AppKey("own_certificate")
"""By which an application knows whether its certificate is the owner's."""

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


@web.middleware
async def refuse_foreign_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request pass only when it comes from this machine's own page or from a program."""
    way = way_of(request)
    expect_private(way)
    check(request.method, request.path, request.headers, way.port, way)
    return await handler(request)


def expect_private(way: Way) -> None:
    """Expect that nobody can read the request on its way, unless it does not leave this machine.

    Raises:
        Rejected: 403, it came without TLS from another machine.
    """
    # Whoever asks from the very address at which it arrived is this machine, too: so does the installer.
    if not way.is_secure and not is_loopback_address(way.client) and way.client != way.address:
        raise Rejected(
            Kind.REFUSED,
            "from another machine this one is reached by https alone",
            field="scheme",
            expected="https",
            got=way.scheme,
        )


def check(method: str, path: str, headers: Headers, port: int, way: Way = LOOPBACK) -> None:
    """Look at where a request that arrived at ``port`` comes from, and whom it is meant for.

    Raises:
        Rejected: 421 for a foreign ``Host``, 403 for a foreign ``Origin`` or site.
    """
    host = way.host or _only(headers, hdrs.HOST)
    if host is None or not is_own_host(host, port, way):
        is_local = is_loopback_address(way.address)
        raise Rejected(
            Kind.MISDIRECTED,
            "the Host header names another host than this machine",
            field="Host",
            expected=f"localhost:{port} or 127.0.0.1:{port} or [::1]:{port}"
            if is_local
            else "this machine's name or address with its port, or one of server.names",
            got=host or "none, or several",
        )
    origins = headers.getall(hdrs.ORIGIN, [])
    if origins and [o.lower() for o in origins] != [f"{way.scheme}://{host.lower()}"]:
        raise Rejected(
            Kind.REFUSED,
            "another website may not use this one",
            field="Origin",
            expected=f"{way.scheme}://{host}",
            got=", ".join(origins),
        )
    site = headers.get("Sec-Fetch-Site", "none").lower()
    if site not in {"same-origin", "none"} and not _is_link_to_page(method, path, headers):
        raise Rejected(
            Kind.REFUSED,
            "another website may not use this one",
            field="Sec-Fetch-Site",
            expected="same-origin or none",
            got=site,
        )


def is_own_host(host: str, port: int, way: Way = LOOPBACK) -> bool:
    """Return whether a ``Host`` header names this machine.

    A name of the owner's, or the machine's own, counts at any port, since routers and proxies have their own.
    An address counts only if it is the one at which the request arrived, at the port that is listened on. A
    port that is left out is that of the scheme.
    """
    name, colon, digits = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, digits = host, DEFAULT_PORTS.get(way.scheme, "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
        return False
    if name.lower() in way.names:
        return True
    return int(digits) == port and _is_here(name, way.address)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of an answer just before it is sent; nothing says which software answers."""
    if request.secure and request.config_dict.get(OWN_CERTIFICATE, _never)():
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)


def _never() -> bool:
    return False


def _is_here(name: str, address: str) -> bool:
    """Return whether a name is that of loopback, or the address itself, at which a request arrived."""
    is_local = is_loopback_address(address)
    if name.lower() == "localhost":
        return is_local
    is_v6 = name.startswith("[") and name.endswith("]")
    try:
        found = ipaddress.ip_address(name[1:-1] if is_v6 else name)
    except ValueError:
        return False
    # An address as such is safe: it takes a name to be bound to another machine first and to this one later.
    here = found.is_loopback if is_local else str(found) == address
    return here and (found.version == 6) == is_v6


def _only(headers: Headers, name: str) -> str | None:
    values = headers.getall(name, [])
    return values[0] if len(values) == 1 else None


def _is_link_to_page(method: str, path: str, headers: Headers) -> bool:
    """Return whether it is a link on another website that leads to a screen, which nothing else may."""
    return (
        method == hdrs.METH_GET
        and is_screen(path)
        and headers.get("Sec-Fetch-Mode", "").lower() == "navigate"
        and headers.get("Sec-Fetch-Dest", "").lower() == "document"
    )
