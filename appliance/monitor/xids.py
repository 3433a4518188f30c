"""What the numbers mean by which NVIDIA's driver tells of errors (Xid), and which came lately."""

from dataclasses import dataclass

from appliance.domain.time import MonotonicNs, WallUs
from appliance.monitor.stats import GpuXid
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.health import Level
from appliance.store.times import iso_of_us

FALLEN_OFF = 79
"""The GPU has fallen off the bus: nothing that it is asked is answered any more."""

PROGRAM_S = 600.0
DEVICE_S = 3600.0
"""How long an error is told of: a program's own is soon forgotten, one of the device calls for a person."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an Xid says, how bad it is, and for how long it counts after it came last."""

    says: str
    level: Level
    kept_s: float


def _of_a_program(says: str) -> Meaning:
    return Meaning(says, Level.DEGRADED, PROGRAM_S)


def _of_the_device(says: str) -> Meaning:
    return Meaning(says, Level.FAILED, DEVICE_S)


# As NVIDIA's table of Xids has them: those of programs come of what a program asked for, and end it alone.
MEANINGS = {
    13: _of_a_program("a program made the GPU do what it cannot"),
    31: _of_a_program("a program used memory of the GPU that is not its own"),
    43: _of_a_program("a program was stopped by the GPU"),
    45: _of_a_program("what a program had left on the GPU was cleared away"),
    48: _of_the_device("the GPU's memory has an error that it cannot correct"),
    62: _of_the_device("the GPU's own controller has halted"),
    64: _of_the_device("a bad row of the GPU's memory could not be replaced"),
    74: _of_the_device("a link between GPUs has failed"),
    FALLEN_OFF: _of_the_device("the GPU has fallen off the bus"),
    94: _of_a_program("an error of the GPU's memory has cost one program its work"),
    95: _of_the_device("an error of the GPU's memory may have spoiled the work of all programs"),
    119: _of_the_device("the GPU's own processor does not answer the driver"),
    120: _of_the_device("the GPU's own processor has failed"),
}


def meaning(code: int) -> Meaning:
    """Return what an Xid means; one without an entry is told of by its number for a few minutes."""
    return MEANINGS.get(code) or Meaning("", Level.DEGRADED, PROGRAM_S)


@dataclass(slots=True)
class _Seen:
    at_us: WallUs
    at: MonotonicNs
    count: int


class XidBook:
    """Which Xids each device has told of lately; used by one thread at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, dict[int, _Seen]] = {}

    def add(self, device: str, code: int) -> None:
        """Note one."""
        codes = self._seen.setdefault(device, {})
        before = codes.get(code)
        count = 1 if before is None else before.count + 1
        codes[code] = _Seen(self._clock.wall_us(), self._clock.monotonic_ns(), count)

    def of(self, device: str) -> list[GpuXid]:
        """Return the device's, by number; those that count no more are forgotten."""
        codes = self._seen.get(device, {})
        for code in [code for code, seen in codes.items() if self._is_past(code, seen)]:
            del codes[code]
        return [
            GpuXid(code, iso_of_us(seen.at_us), seen.count, meaning(code).says)
            for code, seen in sorted(codes.items())
        ]

    def _is_past(self, code: int, seen: _Seen) -> bool:
        return seconds_since(self._clock, seen.at) >= meaning(code).kept_s
