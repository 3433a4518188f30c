"""A TCP server that accepts connections and never says a word."""

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def mute_server() -> Iterator[int]:
    """Yield the port of 127.0.0.1 on which it listens; the kernel accepts, nobody reads."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield int(listener.getsockname()[1])
