"""One run of the detection worker's process: started, asked, and buried."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from appliance.errors import WorkerLost
from appliance.runtime.clock import Clock
from detectors.messages import PACKET_BYTES, Answer, Loaded, Request

log = logging.getLogger(__name__)

PACKAGES = Path(__file__).resolve().parents[2]
"""Where the packages of this program lie, installed or in a checkout: the child must find the same ones."""
STDERR_BYTES = 4096
PROGRAM = ("-m", "detectors.worker")
"""The worker, as arguments of Python."""
SAME_ORDER = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
"""CUDA numbers the fastest GPU 0 unless told otherwise; everybody else goes by their places."""
GRACE_S = 1.0
"""How long a child may take to end by itself when its socket is closed."""


class Child:
    """A worker process and the socket to it. Used from the event loop's thread alone.

    Attributes:
        ended: set when its socket has ended.
        loaded: what it said of the detectors that it loaded, by the request's id; kept as it comes in, since
            the first detections of a new one can come before whoever asked for it was told.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        sock: socket.socket,
        stderr: int,
        on_end: Callable[[], None],
    ) -> None:
        self._process = process
        self._sock = sock
        self._stderr = stderr
        self._on_end = on_end
        self._said = b""
        self._is_killed = False
        self._why = ""
        self._decoder = msgspec.msgpack.Decoder(Answer)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self.ended = asyncio.Event()
        self.loaded: dict[int, Loaded] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock, self._on_answer)
        self._loop.add_reader(stderr, self._on_stderr)

    @classmethod
    async def start(
        cls, on_end: Callable[[], None] = lambda: None, program: Sequence[str] = PROGRAM
    ) -> "Child":
        """Start a worker; it answers as soon as it has imported what it needs.

        Args:
            on_end: called once, before anybody who waits for an answer learns that there will be none.
            program: what Python is to run.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stderr, their_stderr = os.pipe()
        ours.setblocking(False)
        os.set_blocking(stderr, False)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *program, str(theirs.fileno()), str(os.getpid())),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stderr=their_stderr,
                env={**os.environ, "PYTHONPATH": search_path(), **SAME_ORDER},
                start_new_session=True,  # a terminal's Ctrl-C is for the service, which then ends it
            )
        except BaseException:
            ours.close()
            os.close(stderr)
            raise
        finally:
            theirs.close()
            os.close(their_stderr)
        return cls(process, ours, stderr, on_end)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    async def ask(self, request: Request, descriptors: Sequence[int] = ()) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            WorkerLost: the process ended first.
        """
        if self.ended.is_set():
            raise WorkerLost("the detection worker has ended")
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting[request.id] = answer
        try:
            await self._send(msgspec.msgpack.encode(request), descriptors)
            return await answer
        finally:
            self._waiting.pop(request.id, None)

    def kill(self, why: str = "") -> None:
        """End the process now, whatever it does; nobody gets an answer any more.

        Args:
            why: what it did, for whoever reads how it ended.
        """
        self._why = self._why or why
        with contextlib.suppress(ProcessLookupError):
            self._is_killed = self._is_killed or self._process.returncode is None
            self._process.kill()
        self._let_go()

    async def bury(self, clock: Clock) -> str:
        """End the process if it has not ended, free what it held here, and return how it ended."""
        self._let_go()
        waited = asyncio.ensure_future(self._process.wait())
        grace = asyncio.ensure_future(clock.sleep(GRACE_S))
        try:
            await asyncio.wait({waited, grace}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            grace.cancel()
            self.kill()
            await waited
            self._on_stderr()
            self._loop.remove_reader(self._stderr)
            os.close(self._stderr)
        return self._how()

    async def _send(self, data: bytes, descriptors: Sequence[int]) -> None:
        while True:
            try:
                socket.send_fds(self._sock, [data], descriptors)
            except BlockingIOError:
                await self._writable()
            except OSError as err:
                raise WorkerLost(f"the detection worker takes no more requests: {err.strerror}") from err
            else:
                return

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._sock, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._sock)

    def _on_answer(self) -> None:
        try:
            data = self._sock.recv(PACKET_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._let_go()
            return
        try:
            answer = self._decoder.decode(data)
        except msgspec.DecodeError as err:
            self.kill(f"it sent no answer that can be read: {err}")
            return
        if isinstance(answer, Loaded):
            self.loaded[answer.id] = answer
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _let_go(self) -> None:
        if self.ended.is_set():
            return
        self.ended.set()
        self._on_end()
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(WorkerLost("the detection worker ended with a request in flight"))

    def _on_stderr(self) -> None:
        """Pass on what the worker says of itself, and keep its last words."""
        try:
            data = os.read(self._stderr, STDERR_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._loop.remove_reader(self._stderr)
            return
        self._said = (self._said + data)[-STDERR_BYTES:]
        for line in data.decode(errors="replace").splitlines():
            log.warning("detection worker: %s", line)

    def _how(self) -> str:
        code = self._process.returncode
        if code == -signal.SIGKILL and not self._is_killed:
            how = f"by {signal.SIGKILL.name}, which is what the kernel does when memory runs out"
        elif code is not None and code < 0:
            how = f"by {signal.Signals(-code).name}"
        else:
            how = f"with exit status {code}"
        if self._why:
            return f"{how}: {self._why}"
        words = self._said.decode(errors="replace").strip().splitlines()
        return f"{how}: {words[-1]}" if words else how


def search_path() -> str:
    """Return ``PYTHONPATH`` with this program's own packages first."""
    return os.pathsep.join([str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH", "")])])
