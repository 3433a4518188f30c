"""Which ways to run a model are left alone for a while, since they failed or had too little memory."""

from dataclasses import dataclass

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock

AGAIN_FIRST_S = 30.0
AGAIN_LONGEST_S = 3600.0
DEVICE_AGAIN_S = 20.0
"""A device that is gone is looked for that often: detection is to be back on it within 30 s of its return."""
TOO_LARGE_AGAIN_S = 300.0
"""Memory that somebody else has taken may be free again."""

Way = tuple[str, str]
"""The path of a model file, and the name of a back end; empty for the first that runs it."""


@dataclass(slots=True)
class _Fault:
    reason: str
    again_ns: MonotonicNs
    is_device: bool
    backoff: Backoff


class PassedOver:
    """Remembers faults and when each is worth another try. Used from the event loop's thread alone.

    Args:
        clock: for waiting.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: dict[Way, _Fault] = {}
        self._too_large: dict[Way, tuple[MonotonicNs, str]] = {}

    def fault(self, way: Way, reason: str, is_device: bool) -> None:
        """Pass over a way that failed, each time for longer; one on a device is tried again and again."""
        before = self._faults.get(way)
        backoff = before.backoff if before else Backoff(AGAIN_FIRST_S, AGAIN_LONGEST_S)
        is_device = is_device or (before is not None and before.is_device)
        wait_s = DEVICE_AGAIN_S if is_device else backoff.next_s()
        self._faults[way] = _Fault(reason, self._in(wait_s), is_device, backoff)

    def why(self, way: Way) -> str:
        """Return why it is passed over; empty when it is not."""
        fault = self._faults.get(way)
        return "" if fault is None else fault.reason

    def is_device(self, way: Way) -> bool:
        """Return whether it is passed over since its device failed."""
        fault = self._faults.get(way)
        return fault is not None and fault.is_device

    def is_due(self, way: Way) -> bool:
        """Return whether it is passed over and worth another try now."""
        fault = self._faults.get(way)
        return fault is not None and self._clock.monotonic_ns() >= fault.again_ns

    def cured(self, way: Way) -> None:
        """Use it again."""
        self._faults.pop(way, None)

    def too_large(self, way: Way, reason: str) -> None:
        """Pass over a way for which a device has not enough memory, for some minutes."""
        self._too_large[way] = self._in(TOO_LARGE_AGAIN_S), reason

    def fits(self, way: Way) -> None:
        """Use it again: there was memory for it."""
        self._too_large.pop(way, None)

    def why_too_large(self, way: Way) -> str:
        """Return what was said of the memory; empty when there was nothing, or long ago."""
        again_ns, reason = self._too_large.get(way, (MonotonicNs(0), ""))
        return reason if self._clock.monotonic_ns() < again_ns else ""

    def _in(self, seconds: float) -> MonotonicNs:
        return MonotonicNs(self._clock.monotonic_ns() + round(seconds * NS_PER_S))
