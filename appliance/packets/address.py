"""A camera's address: credentials are split off at the door, and only libav ever sees the two joined."""

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from appliance.domain.camera import Credentials
from appliance.errors import AddressError
from appliance.runtime.log import redact

EXPECTED = (
    "expected rtsp://, rtsps://, http:// or https://host[:port]/path, /dev/videoN, file:///path or demo:"
)
LONGEST_CHARS = 2048
PORTS: Mapping[str, int] = MappingProxyType({"rtsp": 554, "rtsps": 322, "http": 80, "https": 443})
"""The schemes of addresses that name a host, each with the port that it stands for."""

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_DEVICE = re.compile(r"/dev/(?:video[0-9]{1,3}|v4l/by-(?:id|path)/[A-Za-z0-9][A-Za-z0-9._:+-]*)")
_KEPT_CHARS = "".join(map(chr, range(0x21, 0x7F)))
_PASSWORD_FIELD = re.compile(r"(?:^|[?&/;_])(?:password|passwd|passw|pass|pwd)=", re.IGNORECASE)
_SHORTEST_SECRET_CHARS = 4

# Cloud metadata services that do not answer on a link-local address (Alibaba, Oracle, AWS over IPv6).
_METADATA = frozenset(
    ipaddress.ip_address(a) for a in ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "168.63.129.16")
)
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class HostPort(NamedTuple):
    """Where an address points; the host without brackets."""

    host: str
    port: int


def split_address(text: str) -> tuple[str, Credentials | None]:
    """Return the address without its credentials, and the credentials, percent-decoded.

    Each address has one form here: scheme and host in small letters, no port where it is the scheme's own,
    and ``device:///dev/video0`` for a video device, which may be written as its path alone.

    Args:
        text: as a person wrote it: ``rtsp://user:p%40ss@host/path``, ``http://host/video.mjpg``,
            ``/dev/video0``, ``file:///path`` or ``demo:``.

    Raises:
        AddressError: it is none of these. The message repeats nothing that could be part of a password.
    """
    text = text.strip()
    if len(text) > LONGEST_CHARS:
        raise AddressError(f"expected at most {LONGEST_CHARS} characters, got {len(text)}")
    if text.lower() == "demo:":
        return "demo:", None
    if _FORBIDDEN.search(text):
        raise AddressError("expected no space, backslash or control character in the address")
    if text.startswith("/dev/"):
        return _device_url(text), None
    found = _SCHEME.match(text)
    if found is None:
        raise AddressError(f"{EXPECTED}, got no scheme")
    scheme, rest = found["scheme"].lower(), text[found.end() :]
    if scheme in PORTS:
        return _split_network(scheme, rest)
    if scheme == "file":
        return _file_url(rest), None
    if scheme == "device":
        return _device_url(rest), None
    raise AddressError(f"{EXPECTED}, got the scheme {scheme!r}")


def join_address(url: str, credentials: Credentials | None) -> str:
    """Return the address with its credentials in it: for libav alone, never for a log or an answer."""
    if credentials is None or not has_host(url):
        return url
    user = quote(credentials.username, safe="")
    password = quote(credentials.password, safe="")
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{user}:{password}@{rest}"


def without_secrets(text: str, credentials: Credentials | None) -> str:
    """Return a library's message with everything taken out that belongs to the credentials."""
    text = redact(text)
    if credentials is None:
        return text
    for secret in (credentials.password, credentials.username):
        for form in {secret, quote(secret, safe="")}:
            # Taking out every "1" would spoil the message and protect nobody.
            if len(form) >= _SHORTEST_SECRET_CHARS:
                text = text.replace(form, "…")
    return text


def scheme_of(url: str) -> str:
    """Return the scheme of an address that ``split_address`` returned."""
    return url.partition(":")[0]


def has_host(url: str) -> bool:
    """Return whether an address that ``split_address`` returned leads over the network."""
    return scheme_of(url) in PORTS


def host_of(url: str) -> HostPort:
    """Return host and port of an address that ``split_address`` returned.

    Raises:
        AddressError: it names no host.
    """
    if not has_host(url):
        raise AddressError("expected an address with a host, such as rtsp://host/path")
    scheme, _, rest = url.partition("://")
    return _host_port(_cut_authority(rest)[0], PORTS[scheme])


def target_of(url: str) -> str:
    """Return what follows the host in an address that ``split_address`` returned: path and query.

    It begins with ``/`` and is ASCII, as the first line of a request has it.

    Raises:
        AddressError: it names no host.
    """
    if not has_host(url):
        raise AddressError("expected an address with a host, such as http://host/path")
    tail = quote(_cut_authority(url.partition("://")[2])[1], safe=_KEPT_CHARS)
    return tail if tail.startswith("/") else f"/{tail}"


def device_path(url: str) -> Path:
    """Return the path of a video device's address.

    Raises:
        AddressError: it is no such address.
    """
    if not url.startswith("device:///"):
        raise AddressError("expected a device:///dev/videoN address")
    return Path(url.removeprefix("device://"))


def file_path(url: str) -> Path:
    """Return the path of a ``file:`` address.

    Raises:
        AddressError: it is no such address.
    """
    if not url.startswith("file:///"):
        raise AddressError("expected a file:///absolute/path address")
    return Path(unquote(url.removeprefix("file://")))


def check_remote_address(url: str, resolved: Iterable[str] = ()) -> None:
    """Refuse what only the operator's own configuration file may name.

    An address that comes over the API must not make the appliance read its own files or devices, or talk to
    itself, to a cloud's metadata service or to link-local neighbours (server-side request forgery).

    Args:
        url: as ``split_address`` returned it.
        resolved: the IP addresses that the host's name stands for, where the caller has looked them up.

    Raises:
        AddressError: with the class of address that is refused.
    """
    if url.startswith("file:"):
        raise AddressError("a file can be named in the configuration file only, not over the API")
    if url.startswith("device:"):
        raise AddressError(
            "a device of this machine can be named in the configuration file only, not over the API"
        )
    if url == "demo:":
        return
    host = host_of(url).host
    name = host.lower().rstrip(".")
    if name in {"localhost", "ip6-localhost", "ip6-loopback"} or name.endswith(".localhost"):
        raise AddressError(_refusal("this machine itself"))
    if name in _METADATA_NAMES:
        raise AddressError(_refusal("a cloud's metadata service"))
    for text in (host, *resolved):
        address = _literal_ip(text)
        if address is not None and (what := _forbidden_kind(address)):
            raise AddressError(_refusal(what))


def _refusal(what: str) -> str:
    return f"an address of {what} can be named in the configuration file only, not over the API"


def _split_network(scheme: str, rest: str) -> tuple[str, Credentials | None]:
    authority, tail = _cut_authority(rest)
    if "@" in tail:
        raise AddressError(
            "expected no '@' after the host: in user and password write '@' as %40, '/' as %2F, '?' as %3F, "
            "'#' as %23; in the path write '@' as %40"
        )
    if "#" in tail:
        raise AddressError("expected no '#' in the address; in user and password write it as %23")
    if _PASSWORD_FIELD.search(unquote(tail)):
        raise AddressError(
            "expected no password in path or query, where it cannot be kept secret; "
            f"write {scheme}://user:password@host/path"
        )
    userinfo, at, host_port = authority.rpartition("@")
    host, port = _host_port(host_port, PORTS[scheme])
    shown = f"[{host}]" if ":" in host else host.lower()
    shown_port = "" if port == PORTS[scheme] else f":{port}"
    return f"{scheme}://{shown}{shown_port}{tail}", _credentials(userinfo) if at else None


def _cut_authority(rest: str) -> tuple[str, str]:
    end = next((i for i, char in enumerate(rest) if char in "/?#"), len(rest))
    return rest[:end], rest[end:]


def _credentials(userinfo: str) -> Credentials | None:
    user, _, password = userinfo.partition(":")
    try:
        decoded = [unquote_to_bytes(part).decode() for part in (user, password)]
    except UnicodeDecodeError:
        raise AddressError("expected user and password in UTF-8, percent-encoded") from None
    if any(ord(char) < 0x20 for part in decoded for char in part):
        raise AddressError("expected no control character in user and password")
    return Credentials(*decoded) if any(decoded) else None


def _host_port(text: str, usual_port: int) -> HostPort:
    """Split ``host``, ``host:port`` and ``[v6]:port``; what came is not repeated, it may be a password."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or not _is_ipv6(host) or (port and not port.startswith(":")):
            raise AddressError("expected an IPv6 address in brackets, such as [fd00::5]:554")
        return HostPort(host.lower(), _port(port.removeprefix(":"), usual_port))
    host, _, port = text.partition(":")
    if not _HOST_NAME.fullmatch(host):
        raise AddressError(f"{EXPECTED}, got no valid host name")
    return HostPort(host, _port(port, usual_port))


def _port(text: str, usual_port: int) -> int:
    if not text:
        return usual_port
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise AddressError("expected a port between 1 and 65535 after the host")
    return int(text)


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _file_url(rest: str) -> str:
    host, slash, path = rest.partition("/")
    if host.lower() not in {"", "localhost"} or not slash or not path:
        raise AddressError("expected an absolute path after file://, such as file:///srv/clips/yard.mp4")
    if "\x00" in unquote(path):
        raise AddressError("expected no NUL character in the path")
    return f"file:///{path}"


def _device_url(path: str) -> str:
    if not _DEVICE.fullmatch(path):
        raise AddressError(
            "expected a video device's path, such as /dev/video0 or /dev/v4l/by-id/usb-…-video-index0"
        )
    return f"device://{path}"


def _literal_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that the system's resolver would take the text for, ``127.1`` included."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def _forbidden_kind(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    inner = _embedded(address)
    if inner is not None:
        return _forbidden_kind(inner)
    if address.is_loopback or address.is_unspecified:
        return "this machine itself"
    if address in _METADATA or str(address) == "169.254.169.254":
        return "a cloud's metadata service"
    if address.is_link_local:
        return "a link-local neighbour"
    if address.is_multicast or (address.is_reserved and address.version == 4):
        return "no single host"
    return ""


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64), if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
