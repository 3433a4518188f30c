"""When the service manager hears that the service lives, and when it does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.runtime.health import Health, Level
from appliance.runtime.service_manager import ServiceManager
from appliance.runtime.watchdog import Watchdog, line_of
from tests.support.clock import SimulatedClock
from tests.support.notified import Notified, notified


class Bench:
    """A watchdog on a clock that is moved by hand."""

    def __init__(self, heard: Notified, watchdog_us: int) -> None:
        self.heard = heard
        self.clock = SimulatedClock()
        self.health = Health()
        self.missing: list[str] = []
        manager = ServiceManager({"NOTIFY_SOCKET": heard.name, "WATCHDOG_USEC": str(watchdog_us)})
        self.watchdog = Watchdog(manager, self.clock, self.health, lambda: self.missing)


@asynccontextmanager
async def running(folder: Path, watchdog_us: int = 30_000_000) -> AsyncIterator[Bench]:
    """Run a watchdog until the block ends."""
    with notified(folder) as heard:
        bench = Bench(heard, watchdog_us)
        life = asyncio.create_task(bench.watchdog.run())
        await bench.clock.advance(0)
        yield bench
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def test_it_is_fed_three_times_within_its_time(tmp_path: Path) -> None:
    """One that is late harms nothing."""
    async with running(tmp_path) as bench:
        assert bench.heard.take() == ["WATCHDOG=1", "STATUS=all is well"]
        await bench.clock.advance(9.9)
        assert bench.heard.take() == []
        await bench.clock.advance(20.1)
        assert bench.heard.take() == ["WATCHDOG=1"] * 3


async def test_it_starves_while_a_recorder_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The service is then started anew; why stands in the journal and in ``systemctl status``."""
    async with running(tmp_path) as bench:
        bench.heard.take()
        bench.missing = ["the reader of camera front", "the writer of /disk"]
        await bench.clock.advance(30)
        line = "not fed any more: the reader of camera front, the writer of /disk ended"
        assert bench.heard.take() == [f"STATUS={line}"]
        assert f"the watchdog is {line}" in caplog.text


async def test_a_loop_that_hangs_feeds_nobody(tmp_path: Path) -> None:
    """It is fed on the event loop and nowhere else."""
    with notified(tmp_path) as heard:
        bench = Bench(heard, 30_000_000)
        life = asyncio.create_task(bench.watchdog.run())
        assert heard.take() == []  # the loop has not turned since
        await bench.clock.advance(0)
        assert "WATCHDOG=1" in heard.take()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def test_without_a_watchdog_its_line_is_renewed_all_the_same(tmp_path: Path) -> None:
    """It changes with the parts, and names them without their reasons."""
    async with running(tmp_path, watchdog_us=0) as bench:
        assert bench.heard.take() == ["STATUS=all is well"]
        bench.health.report("camera front", Level.DEGRADED, "rtsp://user:secret@camera")
        await bench.clock.advance(10)
        assert bench.heard.take() == ["STATUS=degraded: camera front"]


def test_a_long_list_of_parts_is_cut() -> None:
    """One line, whatever has happened."""
    health = Health()
    for name in ("a", "b", "c", "d", "e"):
        health.report(name, Level.FAILED, "it broke")
    assert line_of(health) == "failed: a, b, c and 2 more"
