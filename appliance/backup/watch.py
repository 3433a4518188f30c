"""Whether backups are made and can be relied on: a part of the health, and what the page tells of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.backup.record import Record, read_record
from appliance.backup.settings import Settings
from appliance.domain.time import US_PER_S, WallUs
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level

PART = "backup"
EVERY_S = 60.0
DAY_US = 86_400 * US_PER_S


@dataclass(frozen=True, slots=True)
class BackupReport:
    """How it stands with the backups.

    Attributes:
        is_wanted: backups are made here, or were once: that none comes any more is worth a word.
        trouble: why they cannot be relied on just now, in words; empty when they can.
    """

    record: Record
    is_wanted: bool
    trouble: str


class BackupWatch:
    """Looks at the note of the last backup once a minute."""

    def __init__(self, data_dir: Path, settings: Settings, clock: Clock, health: Health) -> None:
        self._data_dir = data_dir
        self._settings = settings
        self._clock = clock
        self._health = health

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.run_once()
            await self._clock.sleep(EVERY_S)

    async def run_once(self) -> None:
        """Look once and report; where backups were never made nothing is reported."""
        report = await self.read()
        if not report.is_wanted:
            self._health.forget(PART)
        elif report.trouble:
            self._health.report(PART, Level.DEGRADED, report.trouble)
        else:
            self._health.report(PART, Level.OK)

    async def read(self) -> BackupReport:
        """Return how it stands now."""
        record = await asyncio.to_thread(read_record, self._data_dir)
        is_wanted = self._settings.folder is not None or record != Record()
        return BackupReport(
            record, is_wanted, judge(record, self._clock.wall_us(), self._settings.stale_days)
        )


def judge(record: Record, now_us: WallUs, stale_days: float) -> str:
    """Return why the last backup cannot be relied on, and the next step; empty when it can.

    The age is told in whole days, so that the reason does not change with every minute.
    """
    made, rehearsed = record.made, record.rehearsed
    if rehearsed is not None and rehearsed.trouble and (made is None or rehearsed.at >= made.at):
        return f"{rehearsed.file} could not be restored: {rehearsed.trouble}; make another: nightjar backup"
    if made is None:
        return "no backup was made yet; look at nightjar-backup.timer, or make one: nightjar backup FILE"
    days = (now_us - _us_of(made.at)) / DAY_US
    if days > stale_days:
        return f"the last backup is {int(days)} days old; look at nightjar-backup.timer and room for the next"
    return ""


def _us_of(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * US_PER_S)
