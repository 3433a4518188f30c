"""A TCP or TLS connection on which no wait is longer than a deadline, and none ignores the stop flag."""

import io
import select
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.runtime.clock import Clock

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

_MS_PER_S = 1000


class Endpoint(NamedTuple):
    """One of the addresses that a host's name stands for."""

    family: int
    ip: str
    port: int


def resolved(host: str, port: int) -> list[Endpoint]:
    """Ask the system's resolver, which takes the time that it takes.

    Raises:
        OSError: the name is not known.
        UnicodeError: it cannot be a name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Endpoint(family, str(address[0]), int(address[1])) for family, _, _, _, address in found]


class Stopped(Exception):
    """The stop flag was set while something was waited for."""


class Wire(io.RawIOBase):
    """A connection as a raw stream of bytes; used on one thread.

    Every method that waits raises ``TimeoutError`` at the deadline, ``Stopped`` when the flag is set, and
    ``OSError`` (``ssl.SSLError`` is one) when the connection fails.

    Args:
        poll_s: how often a wait looks at the stop flag.
    """

    def __init__(self, clock: Clock, poll_s: float) -> None:
        super().__init__()
        self._clock = clock
        self._poll_s = poll_s
        self._socket: socket.socket | None = None
        self._deadline_ns = 0
        self._stop = threading.Event()

    def allow(self, until_ns: MonotonicNs, stop: threading.Event | None = None) -> None:
        """Set the deadline of all that follows, on the monotonic clock, and the flag, if one is given."""
        self._deadline_ns = until_ns
        self._stop = stop or self._stop

    def connect(self, endpoints: Sequence[Endpoint]) -> None:
        """Connect to the first that answers; what is left of the time is shared by those still to try."""
        failure = OSError("there is no address to connect to")
        for tried, (family, ip, port) in enumerate(endpoints):
            share_s = self._left_s() / (len(endpoints) - tried)
            attempt = socket.socket(family, socket.SOCK_STREAM)
            try:
                attempt.settimeout(share_s)
                attempt.connect((ip, port))
            except OSError as err:
                attempt.close()
                failure = err
            else:
                attempt.setblocking(False)
                self._socket = attempt
                return
        raise failure

    def encrypt(self, host: str) -> None:
        """Go on with TLS, whoever signed the certificate: cameras sign their own."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        secret = context.wrap_socket(self._open, server_hostname=host, do_handshake_on_connect=False)
        self._socket = secret
        self._until_done(secret.do_handshake, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Send everything."""
        while data:
            data = data[self._until_done(partial(self._send, data), select.POLLOUT) :]

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Wait for some bytes and put them into the buffer; return how many, 0 at the end."""
        return self._until_done(lambda: self._open.recv_into(buffer), select.POLLIN)

    def close(self) -> None:
        """Close the connection at once; it may be called twice."""
        super().close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, data: bytes) -> int:
        return self._open.send(data)

    @property
    def _open(self) -> socket.socket:
        if self._socket is None:
            raise OSError("the connection is not open")
        return self._socket

    def _until_done(self, work: Callable[[], T], usual: int) -> T:
        """Repeat what cannot be done yet whenever the socket becomes ready for it."""
        while True:
            self._left_s()
            try:
                return work()
            except ssl.SSLWantWriteError:
                awaited = select.POLLOUT
            except ssl.SSLWantReadError:
                awaited = select.POLLIN
            except BlockingIOError:
                awaited = usual
            self._wait(awaited)

    def _wait(self, awaited: int) -> None:
        poll = select.poll()
        poll.register(self._open, awaited)
        while not poll.poll(min(self._left_s(), self._poll_s) * _MS_PER_S):
            pass

    def _left_s(self) -> float:
        """Return the seconds to the deadline, above 0."""
        if self._stop.is_set():
            raise Stopped
        left_s = (self._deadline_ns - self._clock.monotonic_ns()) / NS_PER_S
        if left_s <= 0:
            raise TimeoutError
        return left_s
