"""Camera addresses that come over the API: looked at strictly, parted from their credentials at the door."""

import asyncio
import re
import socket
import unicodedata
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote

from appliance.domain.camera import Credentials
from appliance.domain.ids import RESERVED_CAMERA_IDS, CameraId
from appliance.errors import AddressError, SourceFailure
from appliance.packets.address import (
    check_remote_address,
    has_host,
    host_of,
    scheme_of,
    split_address,
)
from appliance.packets.live_address import split_live_address
from appliance.packets.search import Found, Missed

LONGEST_CREDENTIAL_CHARS = 768
"""Of user and password each, percent-encoded: with both there is room for host and path in an address."""

LOOKUP_S = 2.0
"""How long a name may take to resolve; one that takes longer is not looked at here."""


class Admitted(NamedTuple):
    """An address that may be read from."""

    url: str
    credentials: Credentials | None


async def admit(address: str) -> Admitted:
    """Return the address without its credentials, and the credentials.

    Raises:
        AddressError: it is no camera's address, or one that only the configuration file may name.
    """
    url, credentials = split_address(address)
    await _expect_remote(url)
    return Admitted(url, credentials)


class Place(NamedTuple):
    """A camera's RTSP port: its address without a path, as it was written and as it was looked up."""

    written: str
    literal: str

    def named(self, outcome: Found | Missed) -> Found | Missed:
        """Return what was found at the looked-up address with the written one in its place."""
        if isinstance(outcome, Missed):
            return outcome
        live_url = None if outcome.live_url is None else self._named(outcome.live_url)
        return replace(outcome, url=self._named(outcome.url), live_url=live_url)

    def _named(self, url: str) -> str:
        return self.written + url.removeprefix(self.literal)


async def admit_host(host: str, port: int) -> Place:
    """Return where a camera's RTSP port is. Its name is looked up here, and need not be again.

    Raises:
        AddressError: it is more than an IP address or a name, or one that only the configuration file may
            name. The message does not repeat it: people paste addresses with passwords.
        SourceFailure: ``dns``, nobody has told in time what the name stands for.
    """
    host = host.strip()
    if any(char in host for char in "/?#@") or host.count(":") == 1:
        raise AddressError("expected the camera's IP address or name alone, such as 192.168.1.20")
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    url, _ = split_address(f"rtsp://{shown}:{port}")
    found = await _expect_remote(url)
    if not found:
        name = host_of(url).host
        raise SourceFailure("dns", f"the name {name} was not found within {LOOKUP_S:g} s")
    # More cameras listen on IPv4 alone than on IPv6 alone.
    ip = min(found, key=lambda address: ":" in address)
    literal, _ = split_address(f"rtsp://{f'[{ip}]' if ':' in ip else ip}:{port}")
    return Place(url, literal)


def check_credential(text: str) -> None:
    """Refuse a user or password that no address can hold.

    Raises:
        AddressError: without repeating it.
    """
    if any(ord(char) < 0x20 for char in text):
        raise AddressError("expected no control character")
    if len(quote(text, safe="")) > LONGEST_CREDENTIAL_CHARS:
        raise AddressError(f"expected at most {LONGEST_CREDENTIAL_CHARS} characters when percent-encoded")


async def admit_live(address: str) -> str:
    """Return a camera's second address; on which host it must be, the first one decides.

    Raises:
        AddressError: it names a user, or could not be a first address either.
    """
    url = split_live_address(address)
    await _expect_remote(url)
    return url


def same_machine(one: str, other: str) -> bool:
    """Return whether both addresses lead to the same host and port, so that credentials may stay.

    The scheme must be the same too: a password that was given for TLS is not sent without it.
    """
    try:
        return scheme_of(one) == scheme_of(other) and host_of(one) == host_of(other)
    except AddressError:
        return False


def camera_id_of(name: str) -> CameraId:
    """Return an id made of a camera's name: ``Küche 2`` becomes ``kuche-2``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = CameraId(re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "camera")
    return CameraId(f"{made}-camera") if made in RESERVED_CAMERA_IDS else made


async def _expect_remote(url: str) -> tuple[str, ...]:
    """Return the IP addresses of its host, none where the look-up fails; each may be read from."""
    check_remote_address(url)
    found = await _resolved(url)
    check_remote_address(url, found)
    return found


async def _resolved(url: str) -> tuple[str, ...]:
    if not has_host(url):
        return ()
    where = host_of(url)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOKUP_S):
            found = await loop.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return ()
    return tuple(str(address[4][0]) for address in found)
