"""A full disk and a wrong clock are said with what to do about them."""

from pathlib import Path

import pytest

from appliance.domain.time import WallUs
from appliance.monitor.machine import DiskSpace, MachineMonitor, disk_space, judge_clock, judge_disk
from appliance.monitor.settings import Settings
from appliance.runtime.health import Health, Level
from tests.support.clock import SimulatedClock

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("total", "free", "level"),
    [
        (1000 * GB, 900 * GB, Level.OK),
        (1000 * GB, 51 * GB, Level.OK),
        (1000 * GB, 49 * GB, Level.DEGRADED),
        (10 * GB, 1 * GB, Level.DEGRADED),
        (10 * GB, 2 * GB, Level.OK),
        (GB, GB * 6 // 10, Level.OK),
        (GB, GB * 4 // 10, Level.DEGRADED),
        (1000 * GB, 0, Level.DEGRADED),
    ],
)
def test_a_disk_is_low_below_a_twentieth_or_a_gibibyte(total: int, free: int, level: Level) -> None:
    """And a small disk below its half, so that it is not low for ever."""
    assert judge_disk(DiskSpace(total, free), Settings())[0] is level


@pytest.mark.parametrize(
    ("now", "level"),
    [
        (0, Level.DEGRADED),
        (-5, Level.DEGRADED),
        (1_700_000_000_000_000, Level.DEGRADED),
        (1_790_000_000_000_000, Level.OK),
    ],
)
def test_a_clock_before_the_program_is_wrong(now: int, level: Level) -> None:
    """A Jetson without a battery starts in 1970."""
    assert judge_clock(WallUs(now))[0] is level


def test_a_disk_that_is_gone_is_a_failure_with_its_path(tmp_path: Path) -> None:
    """The reason names what cannot be looked at; the clock is reported all the same."""
    health = Health()
    clock = SimulatedClock(1_790_000_000_000_000)
    MachineMonitor(clock, health, tmp_path / "gone", Settings()).run_once()
    parts = {part.part: part for part in health.parts()}
    assert parts["disk"].level is Level.FAILED
    assert str(tmp_path / "gone") in parts["disk"].reason
    assert parts["clock"].level is Level.OK


def test_the_space_of_a_real_folder_is_read(tmp_path: Path) -> None:
    """Free space is at most the whole of it."""
    space = disk_space(tmp_path)
    assert 0 <= space.free_bytes <= space.total_bytes
