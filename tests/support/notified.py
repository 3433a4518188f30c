"""A service manager's socket, for tests of what it is told."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Notified:
    """Receives what a service says, message by message.

    Attributes:
        name: what ``NOTIFY_SOCKET`` has to be.
    """

    def __init__(self, name: str, receiver: socket.socket) -> None:
        self.name = name
        self._receiver = receiver

    def take(self) -> list[str]:
        """Return the lines that have come since the last time, without waiting."""
        lines: list[str] = []
        self._receiver.setblocking(False)
        while True:
            try:
                lines += self._receiver.recv(4096).decode().split("\n")
            except BlockingIOError:
                return lines

    def next(self, within_s: float) -> list[str]:
        """Wait for the next message and return its lines.

        Raises:
            TimeoutError: none came.
        """
        self._receiver.settimeout(within_s)
        return self._receiver.recv(4096).decode().split("\n")


@contextmanager
def notified(folder: Path | None) -> Iterator[Notified]:
    """Listen in a folder, or in the abstract namespace if it is ``None``."""
    name = f"@nightjar-test-{os.getpid()}" if folder is None else str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + name[1:] if folder is None else name)
        yield Notified(name, receiver)
