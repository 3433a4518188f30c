"""Watches for keyframes: packets without one are no video."""

from appliance.domain.time import NS_PER_S
from appliance.packets.settings import Settings

_GRACE_S = 4.5
"""Half a second below what is promised, for the arrivals' jitter and the packet at which it is noticed."""


class KeyframeWatch:
    """Says when a keyframe is overdue; pure: it is told the monotonic time.

    A camera of which two keyframes were seen is given twice the longest distance and 4.5 s. Before that the
    limit is the setting's. It doubles with every time-out in a row: a camera may send one only each minute.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limit_s = settings.keyframe_timeout_s
        self._longest_s = 0.0
        self._since_ns = 0
        self._seen = False

    @property
    def limit_s(self) -> float:
        """How long a keyframe is waited for at the moment."""
        return max(self._limit_s, self._measured_s)

    @property
    def _measured_s(self) -> float:
        return 2 * self._longest_s + _GRACE_S if self._longest_s else 0.0

    def connected(self, now_ns: int) -> None:
        """Begin to wait on a new connection."""
        self._since_ns = now_ns
        self._seen = False

    def keyframe(self, now_ns: int) -> None:
        """Note that one came."""
        if self._seen:
            self._longest_s = max(self._longest_s, (now_ns - self._since_ns) / NS_PER_S)
            self._limit_s = self._measured_s
        self._since_ns = now_ns
        self._seen = True

    def overdue(self, now_ns: int) -> bool:
        """Return whether the wait is over; the next one is twice as long."""
        if now_ns - self._since_ns < self.limit_s * NS_PER_S:
            return False
        self._limit_s = min(2 * self.limit_s, self._settings.longest_keyframe_timeout_s)
        return True
