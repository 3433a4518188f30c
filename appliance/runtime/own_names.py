"""What this machine is called in its network, and at which of its addresses it can be found."""

import ipaddress
import re
import socket
from pathlib import Path

PROC_NET = Path("/proc/net")
LOCAL_V4 = re.compile(r"\|-- (?P<address>[\d.]+)\n\s+/32 host LOCAL")
UNSTABLE_V6 = 0x01 | 0x20
"""Of an IPv6 address: temporary, or deprecated. Such a one is another one tomorrow."""


def machine_names() -> frozenset[str]:
    """Return the names by which the machine goes: its own, its short one, and that of mDNS."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local"} if short else ())


def machine_addresses(proc_net: Path = PROC_NET) -> tuple[str, ...]:
    """Return the addresses beyond loopback that stay for a while: IPv4, and unique local ones of IPv6.

    Link-local ones no browser takes; global ones of IPv6 change with the provider's prefix.
    """
    found = [ipaddress.ip_address(text) for text in (*_v4(proc_net), *_v6(proc_net))]
    return tuple(dict.fromkeys(str(one) for one in found if not (one.is_loopback or one.is_link_local)))


def _v4(proc_net: Path) -> list[str]:
    return LOCAL_V4.findall(_text(proc_net / "fib_trie"))


def _v6(proc_net: Path) -> list[str]:
    rows = [line.split() for line in _text(proc_net / "if_inet6").splitlines()]
    stable = [row[0] for row in rows if len(row) >= 5 and not int(row[4], 16) & UNSTABLE_V6]
    return [str(ipaddress.IPv6Address(int(text, 16))) for text in stable if text[:2] in {"fc", "fd"}]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
