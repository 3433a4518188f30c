"""The time by which logins end: a clock that is set while the service runs lets none end early or late."""

from appliance.domain.time import EARLIEST_US, NS_PER_S, WallUs, wall_after
from appliance.runtime.clock import Clock


class SteadyTime:
    """The wall time at the start, plus what has passed since by the monotonic clock.

    Only a box that started before its clock was set, in 1970, takes the clock's word once it is set.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.wall_us(), clock.monotonic_ns()

    def now_us(self) -> WallUs:
        """Return the time now."""
        if self._begun[0] < EARLIEST_US:
            self._begun = self._clock.wall_us(), self._clock.monotonic_ns()
        wall_us, monotonic_ns = self._begun
        return wall_after(wall_us, (self._clock.monotonic_ns() - monotonic_ns) / NS_PER_S)
