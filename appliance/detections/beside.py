"""Runs a program of ``detectors`` beside the service: its reports, its deadline, and how it ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import msgspec

from appliance.detections.child import SAME_ORDER, search_path
from appliance.errors import ModelError, WorkerLost
from appliance.runtime.clock import Clock
from detectors.reports import Failed, Report

LAST_WORDS_BYTES = 4096
LINE_BYTES = 1 << 16

OnReport = Callable[[Report], None]
Program = tuple[str, ...]
"""Python's arguments: ``("-m", "detectors.measure")``. A test puts a script in the place."""


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
        WorkerLost: it died, or took too long and was ended; says how.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *program, str(os.getpid()), *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": search_path(), **SAME_ORDER, **(environment or {})},
        start_new_session=True,
        limit=LINE_BYTES,
    )
    ending = asyncio.ensure_future(_end_what_is_left(process))
    words = asyncio.ensure_future(_last_words(process))
    reading = asyncio.ensure_future(_read(process, on_report))
    late = asyncio.ensure_future(clock.sleep(deadline_s))
    try:
        await asyncio.wait({reading, late}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            raise WorkerLost(f"it was not done within {deadline_s:g} s and was ended")
        reading.result()
        code = await process.wait()
    finally:
        _end(process)
        for task in (reading, late):
            task.cancel()
        await asyncio.gather(process.wait(), ending, words, reading, late, return_exceptions=True)
    if code != 0:
        raise WorkerLost(_how(code, words.result()))


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


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """Return the end of what it wrote for people; all of it is read, so that it never has to wait."""
    assert process.stderr is not None
    said = b""
    while data := await process.stderr.read(LAST_WORDS_BYTES):
        said = (said + data)[-LAST_WORDS_BYTES:]
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


async def _end_what_is_left(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, and end what it has started: that may hold its outputs open for ever."""
    # The process's own ``wait`` is over only when its outputs are closed, too.
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(process.pid)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
    _end(process)


def _end(process: asyncio.subprocess.Process) -> None:
    """End it with whatever it has started, which is in its group even when it has gone itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(code: int, words: str) -> str:
    how = f"it ended by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit status {code}"
    return f"{how}: {words}" if words else how
