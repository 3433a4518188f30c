"""The disk under the data and the wall clock, reported as parts of the health."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.domain.time import US_PER_S, WallUs
from appliance.monitor.settings import Settings
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level

EARLIEST_PLAUSIBLE = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the program was written no clock was right: a Jetson without a battery starts in 1970."""


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The size of a file system and what is free of it for us, in bytes."""

    total_bytes: int
    free_bytes: int


def disk_space(folder: Path) -> DiskSpace:
    """Return the space of the file system that holds the folder.

    Raises:
        OSError: the folder cannot be looked at.
    """
    usage = shutil.disk_usage(folder)
    return DiskSpace(usage.total, usage.free)


class MachineMonitor:
    """Looks at the disk and the clock every few seconds and reports them as ``disk`` and ``clock``."""

    def __init__(
        self,
        clock: Clock,
        health: Health,
        folder: Path,
        settings: Settings,
        space_of: Callable[[Path], DiskSpace] = disk_space,
    ) -> None:
        self._clock = clock
        self._health = health
        self._folder = folder
        self._settings = settings
        self._space_of = space_of

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.run_once()
            await self._clock.sleep(self._settings.machine_every_s)

    def run_once(self) -> None:
        """Look once and report."""
        self._health.report("disk", *self._disk())
        self._health.report("clock", *judge_clock(self._clock.wall_us()))

    def _disk(self) -> tuple[Level, str]:
        try:
            space = self._space_of(self._folder)
        except OSError as err:
            return Level.FAILED, f"{self._folder} cannot be looked at: {err.strerror}; is its disk there?"
        return judge_disk(space, self._settings)


def judge_disk(space: DiskSpace, settings: Settings) -> tuple[Level, str]:
    """Return the level of the disk and, unless that is ok, what to do.

    The reason names whole tenths of a gigabyte, so that it does not change with every byte.
    """
    low = max(settings.disk_low_bytes, round(space.total_bytes * settings.disk_low_ratio))
    # A small disk is not low for ever: half of it is enough.
    if space.free_bytes >= min(low, space.total_bytes // 2):
        return Level.OK, ""
    free = space.free_bytes / 1e9
    return Level.DEGRADED, f"only {free:.1f} GB are free on the data's disk; make room or keep less"


def judge_clock(now: WallUs) -> tuple[Level, str]:
    """Return the level of the wall clock and, unless that is ok, what to do."""
    if now >= EARLIEST_PLAUSIBLE.timestamp() * US_PER_S:
        return Level.OK, ""
    day = datetime.fromtimestamp(max(now, 0) / US_PER_S, UTC).date()
    return Level.DEGRADED, f"the clock says {day}; set it (timedatectl), since events bear its times"
