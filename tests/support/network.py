"""A network of our own: a box, a router and cameras, each in a network namespace; needs root and iproute2."""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

BOX, CAMERAS = "10.77.1.2", "10.77.2.2"
CAMERAS_IPV6 = "fd77:2::2"
"""Where the simulator of a test listens, in either protocol."""

_NEW_NETWORK = 0x40000000
_NEEDS = "network namespaces need root and iproute2 (apt install iproute2)"


def why_no_network() -> str:
    """Return why there can be no network of our own on this machine, or an empty string."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        return _NEEDS
    name = f"nightjar-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, timeout=10, check=False)
    if tried.returncode != 0:
        return f"{_NEEDS}: {tried.stderr.decode().strip()}"
    subprocess.run(["ip", "netns", "delete", name], timeout=10, check=True)
    return ""


class Network:
    """Box — router — cameras. Threads enter it; everything else of the process stays where it is."""

    def __init__(self) -> None:
        self._names = {role: f"nightjar-{role}-{os.getpid()}" for role in ("box", "router", "cameras")}

    def build(self) -> None:
        """Make the namespaces, the cables between them, addresses and routes."""
        for name in self._names.values():
            _run(f"ip netns add {name}")
        self._cable("box", "router", 1)
        self._cable("cameras", "router", 2)
        self._in("router", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
        # The kernel counts ICMP by destination: the answers to what the old connection still sends would use
        # up those that the new one waits for.
        self._in("router", "sysctl -qw net.ipv4.icmp_ratelimit=0")
        self._in("router", "sysctl -qw net.ipv4.neigh.to-cameras.retrans_time_ms=100")

    def remove(self) -> None:
        """Remove everything."""
        for name in self._names.values():
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, timeout=10, check=False)

    def enter_box(self) -> None:
        """Let the calling thread make its sockets in the box."""
        self._enter("box")

    def enter_cameras(self) -> None:
        """Let the calling thread make its sockets where the cameras are."""
        self._enter("cameras")

    def pull_cable(self) -> None:
        """Drop every packet in silence, both ways: no FIN, no RST, no ICMP."""
        self._in("router", "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0")

    def plug_cable(self) -> None:
        """Forward again."""
        self._in("router", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")

    def hide_cameras(self) -> None:
        """Let nobody answer the router's ARP, as when a camera is unplugged: ICMP, host unreachable.

        An `unreachable` route would say the same at most once a second, and nothing can be set about that.
        """
        self._in("cameras", "ip link set out arp off")
        self._in("router", "ip neigh flush dev to-cameras")

    def show_cameras(self) -> None:
        """Let the cameras be found again."""
        self._in("cameras", "ip link set out arp on")

    def take_interface_down(self) -> None:
        """Take the carrier from the box's interface."""
        self._in("router", "ip link set to-box down")

    def take_interface_up(self) -> None:
        """Give it the carrier back."""
        self._in("router", "ip link set to-box up")

    def change_address(self, last: int) -> None:
        """Give the box another IPv4 address, as another lease would; its connections are dead."""
        self._in("box", "ip address flush dev out scope global")
        self._in("box", f"ip address add 10.77.1.{last}/24 dev out")
        self._in("box", "ip route replace default via 10.77.1.1")

    def _cable(self, host: str, router: str, net: int) -> None:
        name, far = self._names[host], self._names[router]
        _run(f"ip link add out netns {name} type veth peer name to-{host} netns {far}")
        self._in(host, "ip link set lo up")
        for role, device, last in ((router, f"to-{host}", 1), (host, "out", 2)):
            # Duplicate address detection would hold IPv6 back for seconds after each change.
            self._in(role, f"sysctl -qw net.ipv6.conf.{device}.accept_dad=0")
            self._in(role, f"sysctl -qw net.ipv6.conf.{device}.keep_addr_on_down=1")
            self._in(role, f"ip address add 10.77.{net}.{last}/24 dev {device}")
            self._in(role, f"ip address add fd77:{net}::{last}/64 dev {device} nodad")
            self._in(role, f"ip link set {device} up")
        self._in(host, f"ip route add default via 10.77.{net}.1")
        self._in(host, f"ip -6 route add default via fd77:{net}::1")

    def _in(self, role: str, command: str) -> None:
        _run(f"ip netns exec {self._names[role]} {command}")

    def _enter(self, role: str) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/run/netns/{self._names[role]}").open("rb") as file:
            if libc.setns(file.fileno(), _NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")


def _run(command: str) -> None:
    done = subprocess.run(command.split(), capture_output=True, text=True, timeout=10, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.strip()}")


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Build a network until the block is left; threads that entered it must have ended by then."""
    built = Network()
    try:
        built.build()
        yield built
    finally:
        built.remove()
