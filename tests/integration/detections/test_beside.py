"""A program beside the service: nobody waits for it longer than was said, and nothing of it stays."""

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.detections.beside import GONE_S, WORDS_S, NotStarted, run_beside
from appliance.errors import WorkerLost
from appliance.runtime.clock import SystemClock
from tests.support.clock import SimulatedClock

GRANDCHILD = """
import os, signal, sys
if os.fork() == 0:
    if "away" in sys.argv:
        os.setsid()
    if "quiet" in sys.argv:
        os.close(1)
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    signal.pause()
    os._exit(0)
while not os.path.exists(sys.argv[1]):
    pass
sys.stderr.write("no such device\\n")
sys.stderr.flush()
if "stays" in sys.argv:
    signal.pause()
os._exit(int(sys.argv[2]))
"""
DEADLINE_S = 60.0


class Grandchild:
    """What a program has started and left behind."""

    def __init__(self, tmp_path: Path) -> None:
        self.file = tmp_path / "pid"
        script = tmp_path / "program.py"
        script.write_text(GRANDCHILD)
        self.program = (str(script), str(self.file))

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self.file.read_text())

    async def gone(self) -> None:
        """Wait until it is."""
        while self.is_there:  # noqa: ASYNC110
            await asyncio.sleep(0)

    @property
    def is_there(self) -> bool:
        """Whether it still runs; one that nobody has waited for does not."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture
def grandchild(tmp_path: Path) -> Iterator[Grandchild]:
    """Make one, and end it where the test has failed to."""
    made = Grandchild(tmp_path)
    yield made
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(made.pid, signal.SIGKILL)


@pytest.mark.parametrize(("code", "is_lost"), [(0, False), (3, True)])
async def test_what_it_has_started_ends_with_it(code: int, is_lost: bool, grandchild: Grandchild) -> None:
    """It holds standard error after its parent's end, and yet nobody waits for it."""
    program = (*grandchild.program, str(code), "quiet")
    ending = contextlib.nullcontext()
    with pytest.raises(WorkerLost, match="status 3: no such device") if is_lost else ending:
        await run_beside(program, (), SimulatedClock(), DEADLINE_S, lambda _: None)
    await grandchild.gone()


async def test_its_words_are_waited_for_a_second(grandchild: Grandchild) -> None:
    """What has left the group cannot be ended with it; what was said until then counts."""
    clock = SimulatedClock()
    program = (*grandchild.program, "3", "quiet", "away")
    running = asyncio.create_task(run_beside(program, (), clock, DEADLINE_S, lambda _: None))
    while not running.done():
        await asyncio.sleep(0.01)
        await clock.advance(WORDS_S / 10)
        assert clock.monotonic_ns() < DEADLINE_S * 1e9
    with pytest.raises(WorkerLost, match="status 3: no such device"):
        await running
    assert grandchild.is_there


async def test_one_that_does_not_go_is_left(grandchild: Grandchild, caplog: pytest.LogCaptureFixture) -> None:
    """What holds its standard output looks as if it were still there; a stop waits some seconds for it."""
    clock = SimulatedClock()
    running = asyncio.create_task(
        run_beside((*grandchild.program, "0", "away", "stays"), (), clock, DEADLINE_S, lambda _: None)
    )
    while not grandchild.file.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    while not running.done():
        await clock.advance(1.0)
        await asyncio.sleep(0.01)
        assert clock.monotonic_ns() <= 2 * (DEADLINE_S + GONE_S) * 1e9
    with pytest.raises(WorkerLost, match="was not done within"):
        await running
    assert "still there" in caplog.text
    os.kill(grandchild.pid, signal.SIGKILL)
    await grandchild.gone()
    await asyncio.sleep(0.05)  # the loop sees the end of its pipe


async def test_what_cannot_be_started_is_lost() -> None:
    """No descriptor is left for its pipes: a fault of this run, and of nobody else."""
    running = run_beside(("-c", ""), (), SystemClock(), DEADLINE_S, lambda _: None)
    with few_descriptors(2), pytest.raises(NotStarted, match="could not be started: Too many open files"):
        await running


async def test_not_even_a_pipe_is_had() -> None:
    """The same, one step earlier."""
    running = run_beside(("-c", ""), (), SystemClock(), DEADLINE_S, lambda _: None)
    with few_descriptors(0), pytest.raises(NotStarted, match="could not be started: Too many open files"):
        await running


@contextlib.contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    """Leave this process so many more."""
    most, hardest = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.open("/dev/null", os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + count, hardest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hardest))


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
