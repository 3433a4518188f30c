"""A clock that tests move by hand."""

import asyncio
import heapq
import itertools
import threading

from appliance.domain.time import NS_PER_S, US_PER_S, MonotonicNs, WallUs


class SimulatedClock:
    """Stands still until ``advance`` is called; sleepers wake in order of their deadlines.

    The wall clock may be stepped on its own, as an NTP correction would.
    """

    def __init__(self, wall_us: int = 1_700_000_000 * US_PER_S) -> None:
        self._wall_us = wall_us
        self._monotonic_ns = 0
        self._sleepers: list[tuple[int, int, asyncio.Event]] = []
        self._order = itertools.count()

    def wall_us(self) -> WallUs:
        """Return the simulated wall time."""
        return WallUs(self._wall_us)

    def monotonic_ns(self) -> MonotonicNs:
        """Return the simulated monotonic time."""
        return MonotonicNs(self._monotonic_ns)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced that far."""
        woken = asyncio.Event()
        deadline = self._monotonic_ns + round(seconds * NS_PER_S)
        heapq.heappush(self._sleepers, (deadline, next(self._order), woken))
        await woken.wait()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Advance by ``seconds`` at once, as if the thread had slept."""
        self._move(round(seconds * NS_PER_S))
        return stop.is_set()

    def step_wall(self, seconds: float) -> None:
        """Step the wall clock alone."""
        self._wall_us += round(seconds * US_PER_S)

    async def advance(self, seconds: float) -> None:
        """Move both clocks and let everyone whose time has come run, each at its own deadline."""
        target = self._monotonic_ns + round(seconds * NS_PER_S)
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, woken = heapq.heappop(self._sleepers)
            self._move(max(0, deadline - self._monotonic_ns))
            woken.set()
            await self._settle()
        self._move(target - self._monotonic_ns)
        await self._settle()

    def _move(self, ns: int) -> None:
        self._monotonic_ns += ns
        self._wall_us += ns // 1000

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
