"""Deletes what is older than its time, in portions small enough that nobody notices."""

import asyncio

from appliance.commit.committer import Committer
from appliance.domain.time import EARLIEST_US, NS_PER_S, wall_after
from appliance.runtime.clock import Clock
from appliance.store.pictures import Pictures
from appliance.store.retention import Step, steps
from appliance.store.settings import RetentionSettings

PAUSE_S = 0.05


class Retainer:
    """Applies the retention every few minutes.

    The age of things is told by the wall clock at the start plus the time that has passed since: a clock
    that steps while the service runs deletes nothing. Only a box that started before its clock was set, in
    1970, takes the clock's word once it is set.
    """

    def __init__(
        self, committer: Committer, pictures: Pictures, clock: Clock, settings: RetentionSettings
    ) -> None:
        self._committer = committer
        self._pictures = pictures
        self._clock = clock
        self._settings = settings
        self._started = clock.wall_us(), clock.monotonic_ns()

    async def run(self) -> None:
        """Delete what is due until cancelled."""
        while True:
            await self.run_once()
            await self._clock.sleep(self._settings.every_s)

    async def run_once(self) -> None:
        """Delete everything that is due now."""
        if self._started[0] < EARLIEST_US:
            self._started = self._clock.wall_us(), self._clock.monotonic_ns()
        wall_us, monotonic_ns = self._started
        now = wall_after(wall_us, (self._clock.monotonic_ns() - monotonic_ns) / NS_PER_S)
        for step in steps(self._settings, now):
            while await self._portion(step):
                await self._clock.sleep(PAUSE_S)

    async def _portion(self, step: Step) -> bool:
        portion = await self._committer.commit(step)
        for name in portion.pictures:
            await asyncio.to_thread(self._pictures.delete, name)
        return portion.rows > 0
