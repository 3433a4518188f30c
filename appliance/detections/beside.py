"""Runs a program of ``detectors`` beside the service: its reports, its deadline, and how it ended."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from appliance.detections.child import SAME_ORDER, search_path
from appliance.errors import ModelError, WorkerLost
from appliance.runtime.clock import Clock
from detectors.reports import Failed, Report

log = logging.getLogger(__name__)

LAST_WORDS_BYTES = 4096
LINE_BYTES = 1 << 16
WORDS_S = 1.0
"""What it wrote before its end is there at once; another process may hold the pipe for ever."""
GONE_S = 5.0
"""After SIGKILL; a process that waits for a disk or a device is not gone before that answers."""

OnReport = Callable[[Report], None]
Program = tuple[str, ...]
"""Python's arguments: ``("-m", "detectors.measure")``. A test puts a script in the place."""


class NotStarted(WorkerLost):
    """No process, no memory or no descriptor was left for it: that says nothing of what it was to do."""


async def run_beside(
    program: Program,
    arguments: Sequence[str],
    clock: Clock,
    deadline_s: float,
    on_report: OnReport,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end, and end it where it takes too long or nobody waits for it any more.

    Args:
        program: is told our process's number first, and dies with it.
        arguments: come after that.
        clock: for the deadline.
        deadline_s: seconds.
        on_report: called on the loop with each report but a failure.
        environment: what is set differently for it.

    Raises:
        ModelError: it gave up; says why.
        WorkerLost: it could not be started (``NotStarted``), died, or took too long and was ended; says how.
    """
    try:
        words = _Words()
    except OSError as err:
        raise _not_started(err) from err
    try:
        process = await _started(program, arguments, environment or {}, words.descriptor)
        try:
            code = await _ended(process, clock, deadline_s, on_report)
        finally:
            await _end(process, clock)
        if code != 0:
            raise WorkerLost(_how(code, await words.last(clock)))
    finally:
        words.close()


class _Words:
    """The end of what it writes for people; all of it is read, so that it never has to wait.

    The pipe is ours: what it has started may hold the other end after it, and nobody waits for that.
    """

    def __init__(self) -> None:
        self._ours, self.descriptor = os.pipe()
        os.set_blocking(self._ours, False)
        self._said = b""
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._ours, self._on_data)

    async def last(self, clock: Clock) -> str:
        """Return the last line, waiting a second at most for it."""
        os.close(self.descriptor)
        self.descriptor = -1
        await _within(self._over.wait(), clock, WORDS_S)
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    def close(self) -> None:
        """Hear no more."""
        self._loop.remove_reader(self._ours)
        for descriptor in {self._ours, self.descriptor} - {-1}:
            os.close(descriptor)

    def _on_data(self) -> None:
        try:
            data = os.read(self._ours, LAST_WORDS_BYTES)
        except BlockingIOError:
            return
        self._said = (self._said + data)[-LAST_WORDS_BYTES:]
        if not data:
            self._loop.remove_reader(self._ours)
            self._over.set()


async def _started(
    program: Program, arguments: Sequence[str], environment: Mapping[str, str], stderr: int
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *program, str(os.getpid()), *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": search_path(), **SAME_ORDER, **environment},
            start_new_session=True,
            limit=LINE_BYTES,
        )
    except OSError as err:
        raise _not_started(err) from err


def _not_started(err: OSError) -> NotStarted:
    return NotStarted(f"it could not be started: {err.strerror or err}")


async def _ended(
    process: asyncio.subprocess.Process, clock: Clock, deadline_s: float, on_report: OnReport
) -> int:
    """Return its exit status once it has said everything and is gone."""

    async def to_its_end() -> int:
        await _read(process, on_report)
        return await process.wait()

    ending = asyncio.ensure_future(to_its_end())
    watching = asyncio.ensure_future(_end_what_is_left(process))
    try:
        if not await _within(ending, clock, deadline_s):
            raise WorkerLost(f"it was not done within {deadline_s:g} s and was ended")
        return ending.result()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _end_what_is_left(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, and end what it has started: that may hold its outputs open for ever."""
    # The process's own ``wait`` is over only when its outputs are closed, too.
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    with contextlib.suppress(OSError):  # it is gone, or there is no descriptor for it
        descriptor = os.pidfd_open(process.pid)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
    if process.returncode is not None or ended.is_set():
        _kill(process)


async def _within(awaited: Awaitable[object], clock: Clock, seconds: float) -> bool:
    """Return whether something was done in that time; else it is cancelled."""
    doing = asyncio.ensure_future(awaited)
    late = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({doing, late}, return_when=asyncio.FIRST_COMPLETED)
        return doing.done()
    finally:
        for task in (doing, late):
            task.cancel()
        await asyncio.gather(doing, late, return_exceptions=True)


async def _read(process: asyncio.subprocess.Process, on_report: OnReport) -> None:
    assert process.stdout is not None
    decoder = msgspec.json.Decoder(Report)
    try:
        async for line in process.stdout:
            report = decoder.decode(line)
            if isinstance(report, Failed):
                raise ModelError(report.reason)
            on_report(report)
    except (msgspec.DecodeError, ValueError) as err:
        raise WorkerLost(f"it said what nobody understands: {err}") from err


async def _end(process: asyncio.subprocess.Process, clock: Clock) -> None:
    """End it with whatever it has started, and wait for that no longer than it can take."""
    _kill(process)
    if not await _within(process.wait(), clock, GONE_S):
        log.warning("process %d was killed and is still there: the kernel holds it", process.pid)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End its whole group, which may be there even when it has gone itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(code: int, words: str) -> str:
    how = f"it ended by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit status {code}"
    return f"{how}: {words}" if words else how
