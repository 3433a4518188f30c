"""How much comes over one camera's connection, and how much of it is decoded."""

from dataclasses import dataclass

from appliance.domain.time import NS_PER_S, MonotonicNs

WINDOW_S = 5.0
_STALE_S = 3 * WINDOW_S


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured over one window."""

    fps: float
    bitrate_bps: float
    pixels_per_s: float


class StreamMeter:
    """Measures rates over windows of five seconds, by the times of arrival; pure, used on one thread.

    ``rates`` may be read from any thread.
    """

    def __init__(self) -> None:
        self._began_ns: int | None = None
        self._packets = 0
        self._bytes = 0
        self._pixels = 0
        self._rates: Rates | None = None
        self._ended_ns = 0

    def step(self, arrived_ns: MonotonicNs, size_bytes: int, pixels: int) -> None:
        """Take in the next packet.

        Args:
            arrived_ns: when it was read.
            size_bytes: of its data.
            pixels: decoded since the start, up to now.
        """
        if self._began_ns is None or arrived_ns - self._began_ns > _STALE_S * NS_PER_S:
            self._begin(arrived_ns, pixels)
            return
        self._packets += 1
        self._bytes += size_bytes
        passed_s = (arrived_ns - self._began_ns) / NS_PER_S
        if passed_s >= WINDOW_S:
            self._rates = Rates(
                self._packets / passed_s, 8 * self._bytes / passed_s, (pixels - self._pixels) / passed_s
            )
            self._ended_ns = arrived_ns
            self._begin(arrived_ns, pixels)

    def rates(self, now_ns: MonotonicNs) -> Rates | None:
        """Return what was measured last; ``None`` before that, and when nothing has come for a while."""
        return self._rates if now_ns - self._ended_ns <= _STALE_S * NS_PER_S else None

    def _begin(self, arrived_ns: int, pixels: int) -> None:
        self._began_ns, self._packets, self._bytes, self._pixels = arrived_ns, 0, 0, pixels
