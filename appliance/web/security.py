"""What every request must show before anything looks at it, and what every answer carries.

The server listens on loopback, where every website that is open in a browser on the same machine can reach
it. A website's requests name a foreign ``Host`` (DNS rebinding) or carry a foreign ``Origin`` or
``Sec-Fetch-Site``; programs such as curl send none of the latter two.
"""

import ipaddress

from aiohttp import hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy

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
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""Sent with every answer."""

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


@web.middleware
async def refuse_foreign_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request pass only when it comes from this machine's own page or from a program."""
    check(request.method, request.path, request.headers, _port(request))
    return await handler(request)


def check(method: str, path: str, headers: Headers, port: int) -> None:
    """Look at where a request that arrived at ``port`` comes from, and whom it is meant for.

    Raises:
        Rejected: 421 for a foreign ``Host``, 403 for a foreign ``Origin`` or site.
    """
    host = _only(headers, hdrs.HOST)
    if host is None or not is_own_host(host, port):
        raise Rejected(
            Kind.MISDIRECTED,
            "the Host header names another host than this machine",
            field="Host",
            expected=f"localhost:{port} or 127.0.0.1:{port} or [::1]:{port}",
            got=host or "none, or several",
        )
    origins = headers.getall(hdrs.ORIGIN, [])
    if origins and [o.lower() for o in origins] != [f"http://{host.lower()}"]:
        raise Rejected(
            Kind.REFUSED,
            "another website may not use this one",
            field="Origin",
            expected=f"http://{host}",
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


def is_own_host(host: str, port: int) -> bool:
    """Return whether a ``Host`` header names this machine's loopback and that port (80 when it has none)."""
    name, colon, digits = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, digits = host, "80"
    return (
        digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) == port and _loopback(name)
    )


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of an answer just before it is sent; nothing says which software answers."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)


def _loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    is_v6 = name.startswith("[") and name.endswith("]")
    try:
        address = ipaddress.ip_address(name[1:-1] if is_v6 else name)
    except ValueError:
        return False
    # An address as such is safe: it takes a name to be bound to another machine first and to this one later.
    return address.is_loopback and (address.version == 6) == is_v6


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


def _port(request: web.Request) -> int:
    transport = request.transport
    if transport is None:
        raise Rejected(Kind.MALFORMED, "the connection is gone")
    return int(transport.get_extra_info("sockname")[1])
