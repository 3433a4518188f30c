"""The retention clock: the time by which footage ages, which no step of a clock moves."""

from dataclasses import dataclass

from appliance.domain.time import NS_PER_S, MonotonicNs, WallUs, wall_after


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clocks show at one moment.

    Attributes:
        is_synchronised: the kernel says that the wall clock is kept right.
    """

    wall_us: WallUs
    monotonic_ns: MonotonicNs
    is_synchronised: bool


class RetentionClock:
    """Tells the time that footage has aged to. Pure: it is told what the clocks show.

    It goes on from where it was when the service last ran, by the monotonic clock alone. Once in a run, as
    soon as the kernel says that the wall clock is kept right, it takes over the wall clock's time: so the
    time in which the box was off counts. Without that it does not, and footage is kept longer rather than
    shorter. What was recorded in this run is no older for that time (``adopt``). And it is never ahead of the
    wall clock, by which new footage is stamped: so nothing ages because the clock went back either.

    Args:
        last_us: where it was, or ``None`` when it never ran: then the wall clock is believed.
    """

    def __init__(self, last_us: WallUs | None, now: Reading) -> None:
        self._base_us = now.wall_us if last_us is None else last_us
        self._began_us = self._base_us
        self._since_ns = now.monotonic_ns
        self.has_adopted = False
        """Whether it has taken over the wall clock's time in this run."""

    @property
    def began_us(self) -> WallUs:
        """When this run began, by the time as it is told now."""
        return self._began_us

    def adopt(self, now: Reading) -> int:
        """Take over the wall clock's time, if it is right and that was not done yet in this run.

        Returns:
            By how many microseconds the time went forward; what was told before in this run is to be put
            right by as many.
        """
        if self.has_adopted or not now.is_synchronised:
            return 0
        jump_us = now.wall_us - self.steady_at(now)
        self._base_us, self._since_ns, self.has_adopted = now.wall_us, now.monotonic_ns, True
        self._began_us = WallUs(self._began_us + jump_us)
        return jump_us

    def at(self, now: Reading) -> WallUs:
        """Return the time that footage has aged to."""
        return min(self.steady_at(now), now.wall_us)

    def steady_at(self, now: Reading) -> WallUs:
        """Return where it is without regard to the wall clock: what the next run goes on from."""
        return wall_after(self._base_us, (now.monotonic_ns - self._since_ns) / NS_PER_S)
