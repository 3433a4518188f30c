"""What is done to a running appliance from outside: a killed worker, a locked database, stalled clients."""

import contextlib
import os
import signal
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from appliance.store.engine import DATABASE

WORKER = b"detectors.worker"
SMALL_BUFFER_BYTES = 4096
_KEY = "c3RhbGxlZCBjbGllbnQgIQ=="


def workers_of(process_id: int) -> list[int]:
    """Return the process ids of an appliance's detection workers."""
    found = []
    for task in Path(f"/proc/{process_id}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if WORKER in _command(child)]


def kill_workers(process_id: int) -> int:
    """Kill an appliance's detection workers; return how many there were."""
    workers = workers_of(process_id)
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    return len(workers)


@contextmanager
def write_lock(data_dir: Path) -> Iterator[None]:
    """Hold the database's write lock, as a foreign program does that forgot to commit."""
    with closing(sqlite3.connect(data_dir / DATABASE, isolation_level=None, timeout=30.0)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


@contextmanager
def stalled_clients(url: str, paths: Sequence[str]) -> Iterator[None]:
    """Ask for these paths, each over a connection of its own, and never read an answer.

    Those whose last part is ``ws`` or ``live`` are asked for as WebSockets.
    """
    address = urlsplit(url)
    sockets: list[socket.socket] = []
    try:
        sockets += (_asked(str(address.hostname), int(address.port or 80), path) for path in paths)
        yield
    finally:
        for sock in sockets:
            sock.close()


def _asked(host: str, port: int, path: str) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    sock.connect((host, port))
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}"]
    if path.partition("?")[0].rpartition("/")[2] in {"ws", "live"}:
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {_KEY}"]
    sock.sendall("\r\n".join((*lines, "", "")).encode())
    return sock


def _command(process_id: int) -> bytes:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
