"""Addresses that things are sent to: http and https only, and no machine that nobody can mean."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from appliance.errors import InvalidInput, Refused

LONGEST_CHARS = 2048
EXPECTED = "expected an address such as https://host/path"

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
# Cloud metadata services that do not answer on a link-local address (Alibaba, Oracle, Azure, AWS over IPv6).
_METADATA = frozenset(
    ipaddress.ip_address(a) for a in ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")
)


def web_address(text: str) -> str:
    """Return an address as it is kept, with scheme and host in small letters.

    The LAN and the box itself may be named, since home automation and ntfy often run there.

    Raises:
        InvalidInput: it is none, or one that nothing is sent to. The message repeats nothing of it.
    """
    text = text.strip()
    if len(text) > LONGEST_CHARS or _FORBIDDEN.search(text):
        raise InvalidInput(f"{EXPECTED}, of at most {LONGEST_CHARS} characters, without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidInput(f"{EXPECTED}, got one with a wrong host or port") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(f"{EXPECTED}, got another kind")
    if "@" in parts.netloc:
        raise InvalidInput("expected no user and password in the address")
    if _is_forbidden(parts.hostname):
        raise InvalidInput("nothing is sent to link-local addresses and to a cloud's metadata service")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return SplitResult(parts.scheme, netloc, parts.path, parts.query, "").geturl()


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address that ``web_address`` returned."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class CarefulResolver(AbstractResolver):
    """The system's resolver, less the addresses that nothing is sent to, whatever name leads there."""

    def __init__(self) -> None:
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            OSError: nobody knows it.
            Refused: it has only such as nothing is sent to.
        """
        found = await self._system.resolve(host, port, family)
        allowed = [one for one in found if not _is_forbidden(one["host"])]
        if found and not allowed:
            raise Refused("its name leads to an address that nothing is sent to")
        return allowed

    async def close(self) -> None:
        """Let go of what the system's resolver holds."""
        await self._system.close()


def _is_forbidden(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA
