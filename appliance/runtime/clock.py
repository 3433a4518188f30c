"""The clock: the only place that reads the time or sleeps. Tests use ``tests.support.clock`` instead."""

import asyncio
import threading
import time
from typing import Protocol

from appliance.domain.time import NS_PER_S, MonotonicNs, WallUs


class Clock(Protocol):
    """Wall time, monotonic time, and sleeping on the monotonic one."""

    def wall_us(self) -> WallUs:
        """Return the wall time now; it may step."""
        ...

    def monotonic_ns(self) -> MonotonicNs:
        """Return the monotonic time now."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run for that long."""
        ...

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Block this thread until ``stop`` is set (then True) or the time has passed (then False)."""
        ...


class SystemClock:
    """The machine's clocks."""

    def wall_us(self) -> WallUs:
        """Return the wall time now; it may step."""
        return WallUs(time.time_ns() // 1000)

    def monotonic_ns(self) -> MonotonicNs:
        """Return the monotonic time now."""
        return MonotonicNs(time.monotonic_ns())

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run for that long."""
        await asyncio.sleep(seconds)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Block this thread until ``stop`` is set (then True) or the time has passed (then False)."""
        return stop.wait(seconds)


def seconds_since(clock: Clock, then: MonotonicNs) -> float:
    """Return how many seconds have passed since ``then`` on the monotonic clock."""
    return (clock.monotonic_ns() - then) / NS_PER_S
