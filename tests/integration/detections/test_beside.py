"""What runs beside the service ends with it, and takes along whatever it has started."""

import asyncio
from pathlib import Path

import pytest

from appliance.detections.beside import run_beside
from appliance.errors import WorkerLost
from appliance.runtime.clock import SystemClock

STARTS_ANOTHER = """
import os, signal, subprocess, sys
from pathlib import Path

signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = subprocess.Popen(["sleep", "600"])
new = Path(sys.argv[2] + ".new")
new.write_text(f"{os.getpid()} {other.pid}")
new.replace(sys.argv[2])
if sys.argv[3] == "hangs":
    signal.pause()
os._exit(3)
"""
"""Says at the file of its second argument which processes there are, and hangs or dies."""


async def pids(file: Path) -> list[int]:
    """Return which processes there are, once that is known."""
    while not (known := _read(file)):  # noqa: ASYNC110 - the file system tells nobody
        await asyncio.sleep(0.005)
    return known


def _read(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


async def are_gone(processes: list[int]) -> None:
    """Wait until none of them runs any more."""
    while any(_runs(pid) for pid in processes):  # noqa: ASYNC110 - nobody tells of other people's children
        await asyncio.sleep(0.005)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_stop_in_the_middle_of_a_measurement_leaves_no_process(tmp_path: Path) -> None:
    """Not even one that is deaf to requests to end, nor what that one has started."""
    file = tmp_path / "pids"
    arguments = [str(file), "hangs"]
    running = asyncio.create_task(
        run_beside(("-c", STARTS_ANOTHER), arguments, SystemClock(), 600.0, lambda _: None)
    )
    async with asyncio.timeout(10.0):
        processes = await pids(file)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await are_gone(processes)


async def test_a_death_is_noticed_though_something_that_it_started_lives(tmp_path: Path) -> None:
    """What is left of it holds its outputs open, and nobody waits for that."""
    file = tmp_path / "pids"
    async with asyncio.timeout(10.0):
        with pytest.raises(WorkerLost, match="exit status 3"):
            await run_beside(
                ("-c", STARTS_ANOTHER), [str(file), "dies"], SystemClock(), 600.0, lambda _: None
            )
        await are_gone(await pids(file))
