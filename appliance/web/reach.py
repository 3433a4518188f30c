"""Where the server is to be found: the names that it goes by, and the address that people are told."""

import ipaddress
import re
from dataclasses import dataclass

from appliance.errors import InvalidInput
from appliance.runtime.own_names import machine_addresses, machine_names
from appliance.web.front import Front, Network, is_loopback_address

HOST_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - what an owner writes who means every address
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the server listens, and what it is called.

    Attributes:
        host: that is listened on.
        names: further host names and addresses of the owner's, in lower case; the first is shown to people.
        proxies: that pass requests on, and speak https themselves.
        is_tls: whether the server speaks TLS itself.
    """

    host: str
    names: tuple[str, ...] = ()
    proxies: tuple[Network, ...] = ()
    is_tls: bool = False

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine reach it."""
        return self.host == "localhost" or is_loopback_address(self.host)

    def front(self) -> Front:
        """Return by which names and through which proxies requests may come.

        A server on loopback goes by the owner's names alone: others could be bound to it by a stranger.
        """
        own = frozenset() if self.is_local else machine_names()
        return Front(own | frozenset(_in_header(name) for name in self.names), self.proxies)

    def certificate_names(self) -> frozenset[str]:
        """Return the names and addresses for which the device's certificate is to be."""
        found = {*HERE, *self.names, *(machine_names() if not self.is_local else ())}
        if self.host in EVERYWHERE:
            found |= {*machine_addresses()}
        elif not self.is_local:
            found.add(self.host.lower())
        return frozenset(name for name in found if _is_name(name))

    def url(self, port: int) -> str:
        """Return the address of the page for people, without a slash at its end."""
        if self.names and self.proxies:
            return f"https://{_in_header(self.names[0])}"
        scheme = "https" if self.is_tls else "http"
        end = "" if self.is_tls and port == HTTPS_PORT else f":{port}"
        return f"{scheme}://{_in_header(self._shown())}{end}"

    def link(self, port: int) -> str:
        """Return the address for links that are sent to people; empty where its owner gave it no name.

        An address of the network may be another one tomorrow, and one of loopback leads elsewhere.
        """
        leads_here = bool(self.names) and (bool(self.proxies) or not self.is_local) and port > 0
        return self.url(port) if leads_here else ""

    def _shown(self) -> str:
        if self.names and not self.is_local:
            return self.names[0]
        if self.host not in EVERYWHERE:
            return self.host
        return next(iter(machine_addresses()), None) or min(machine_names(), key=len, default="localhost")


def name_of(text: str) -> str:
    """Return a host name or an address in its usual form.

    Raises:
        InvalidInput: it is neither.
    """
    name = text.strip().lower()
    if not _is_name(name):
        raise InvalidInput(f'expected a host name or an address without scheme and port, got "{text[:80]}"')
    return name


def network_of(text: str) -> Network:
    """Return the network that an address, or one with a prefix, stands for.

    Raises:
        InvalidInput: it is none, or is everybody's.
    """
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        raise InvalidInput(
            f'expected an address such as 192.168.1.2 or 10.0.0.0/24, got "{text[:80]}"'
        ) from None
    if network.prefixlen == 0:
        raise InvalidInput(f'expected the addresses of proxies, got "{text[:80]}", which is everybody')
    return network


def _is_name(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return HOST_NAME.fullmatch(text) is not None
    return True


def _in_header(name: str) -> str:
    """Return a name as ``Host`` headers and addresses of pages have it."""
    return f"[{name}]" if ":" in name else name
