"""What systemd is told of the service, and how often it wants to hear: the protocol of ``sd_notify(3)``."""

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)

US_PER_S = 1_000_000


class ServiceManager:
    """Sends datagrams to whoever started the service as ``Type=notify``; without one, does nothing.

    It never blocks and never fails: a service manager that does not listen costs the service nothing.
    May be used from any thread.

    Args:
        environment: where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are looked up.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self.watchdog_s = _watchdog_s(environment) if self._address else None
        """Within so many seconds it must hear of us again; ``None`` when it does not watch."""

    @property
    def is_there(self) -> bool:
        """Whether anybody is to be told."""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """Say that the service does its work; what waits for it is started now."""
        self._send("READY=1", f"STATUS={status}")

    def status(self, line: str) -> None:
        """Say in one line how the service is doing, for ``systemctl status``."""
        self._send(f"STATUS={line}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the service has begun to stop."""
        self._send("STOPPING=1", "STATUS=stopping")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        message = "\n".join(" ".join(line.splitlines()) for line in lines)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            try:
                sender.sendto(message.encode(), self._address)
            except OSError as err:
                log.warning("the service manager cannot be told %s: %s", lines[0], err.strerror)


def _address(named: str) -> str:
    """Return the address for ``sendto``; ``@`` begins one in the abstract namespace (``unix(7)``)."""
    if named.startswith("@"):
        return "\0" + named[1:]
    return named if named.startswith("/") else ""


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """Return the watchdog's time if it is meant for this process: children inherit what a parent was told."""
    meant_for = environment.get("WATCHDOG_PID", "")
    wanted = environment.get("WATCHDOG_USEC", "")
    if not wanted.isdecimal() or int(wanted) == 0 or meant_for not in ("", str(os.getpid())):
        return None
    return int(wanted) / US_PER_S
