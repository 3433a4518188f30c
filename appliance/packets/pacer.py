"""Spaces the attempts to connect of all cameras: after a failure of the network they do not come at once."""

import threading

from appliance.domain.time import NS_PER_S, MonotonicNs


class Pacer:
    """Gives every attempt to connect a moment of its own; thread-safe, pure but for its memory.

    A single camera is never held back. But what feeds all cameras' power, or their switch, comes back for all
    in the same second, and their readers notice the loss in the same second too: jitter of half a second
    would let 32 of them ask for their streams at once.

    Args:
        interval_s: from one attempt to the next, whichever cameras they are for.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_ns = round(interval_s * NS_PER_S)
        self._free_ns: int | None = None
        self._lock = threading.Lock()

    def wait_s(self, now_ns: MonotonicNs) -> float:
        """Take the next free moment; return how far it lies ahead, in seconds."""
        with self._lock:
            at_ns = now_ns if self._free_ns is None else max(now_ns, self._free_ns)
            self._free_ns = at_ns + self._interval_ns
        return (at_ns - now_ns) / NS_PER_S
