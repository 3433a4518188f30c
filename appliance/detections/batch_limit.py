"""How many pictures an accelerator is asked for at once, after its memory was full."""

from appliance.domain.time import NS_PER_S, MonotonicNs

GROW_AFTER_S = 60.0
"""So long after its memory was full an accelerator is asked for twice as many again."""
GROW_LATEST_S = 3600.0
"""The wait doubles each time that this was too early, up to here."""


class BatchLimit:
    """Halves when it was too much, and doubles after a while, each time more patiently.

    Args:
        most: pictures at once when nothing is wrong.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = most
        self._wait_s = GROW_AFTER_S
        self._full_ns = MonotonicNs(0)
        self._has_grown = False

    def at(self, now_ns: MonotonicNs) -> int:
        """Return how many pictures may be asked for at once."""
        if self._limit < self._most and now_ns - self._full_ns >= self._wait_s * NS_PER_S:
            self._limit = min(self._most, self._limit * 2)
            self._full_ns, self._has_grown = now_ns, True
        return self._limit

    def shrink(self, pictures: int, now_ns: MonotonicNs) -> None:
        """Say that so many were too many; two lanes that say the same halve it once."""
        if self._has_grown:
            self._wait_s = min(GROW_LATEST_S, self._wait_s * 2)
        self._limit = min(self._limit, max(1, pictures // 2))
        self._full_ns, self._has_grown = now_ns, False

    def reset(self) -> None:
        """Begin anew, with another model."""
        self._limit, self._wait_s, self._has_grown = self._most, GROW_AFTER_S, False
