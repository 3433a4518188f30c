"""The clock of the gap ledger: wall time that never goes back."""

from appliance.domain.time import NS_PER_S, WallUs, wall_after
from appliance.runtime.clock import Clock


class LedgerClock:
    """Follows the wall clock forward; where that is set back, it goes on by the monotonic one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.wall_us(), clock.monotonic_ns()

    def now_us(self) -> WallUs:
        """Return the time now."""
        wall_us, monotonic_ns = self._last
        now_ns = self._clock.monotonic_ns()
        going_on = wall_after(wall_us, (now_ns - monotonic_ns) / NS_PER_S)
        now_us = max(going_on, self._clock.wall_us())
        self._last = now_us, now_ns
        return now_us
