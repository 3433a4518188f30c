"""The last sound of one camera: what a recording with a pre-roll begins with."""

import bisect
import threading
from collections import deque

from appliance.domain.packet import SoundPacket
from appliance.domain.time import NS_PER_S, WallUs

MOST_BYTES = 4 << 20
"""Of AAC: more than two minutes of 256 kbit/s."""


class SoundRing:
    """Holds the newest packets of sound, bounded in seconds and bytes; thread-safe.

    Their times rise from each to the next. Unlike pictures, each can be heard without the ones before.

    Args:
        longest_s: between the oldest packet's arrival and the newest one's, at most; above 0.
        most_bytes: of all packets held, at most; above 0.
    """

    def __init__(self, longest_s: float, most_bytes: int = MOST_BYTES) -> None:
        self._longest_ns = round(longest_s * NS_PER_S)
        self._most_bytes = most_bytes
        self._held: deque[SoundPacket] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """How many bytes of sound are held."""
        return self._bytes

    def put(self, packet: SoundPacket) -> None:
        """Add the newest packet; another stream, or a time before the last one's, empties the ring first."""
        with self._lock:
            if self._held and not _follows(self._held[-1], packet):
                self._held.clear()
                self._bytes = 0
            self._held.append(packet)
            self._bytes += len(packet.data)
            while self._bytes > self._most_bytes or self._span_ns() > self._longest_ns:
                self._bytes -= len(self._held.popleft().data)

    def since(self, wall_us: WallUs) -> list[SoundPacket]:
        """Return the packets held that begin at that time or later, oldest first."""
        with self._lock:
            held = list(self._held)
        return held[bisect.bisect_left(held, wall_us, key=lambda one: one.wall_us) :]

    def _span_ns(self) -> int:
        return self._held[-1].arrived_ns - self._held[0].arrived_ns if self._held else 0


def _follows(last: SoundPacket, packet: SoundPacket) -> bool:
    return last.stream is packet.stream and packet.wall_us >= last.wall_us
