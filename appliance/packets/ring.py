"""The last packets of one camera, in whole GOPs: what a decoder, a recording or a viewer begins with."""

import bisect
import threading
from collections import deque
from typing import NamedTuple

from appliance.domain.packet import Packet
from appliance.domain.time import NS_PER_S


class Numbered(NamedTuple):
    """A packet with its place in the camera's life; numbers rise by one."""

    number: int
    packet: Packet


class PacketRing:
    """Holds the newest packets from a keyframe on, bounded in seconds and bytes; thread-safe.

    Whole GOPs are dropped, oldest first. A GOP that is longer or larger than the bounds by itself cannot be
    held from its keyframe on: it is dropped as it grows, and nothing is held until the next keyframe.

    Args:
        longest_s: between the oldest packet's arrival and the newest one's, at most; above 0.
        most_bytes: of all packets held, at most; above 0.
    """

    def __init__(self, longest_s: float, most_bytes: int) -> None:
        self._longest_ns = round(longest_s * NS_PER_S)
        self._most_bytes = most_bytes
        self._held: deque[Numbered] = deque()
        self._keyframes: deque[int] = deque()
        self._bytes = 0
        self._next = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """How many bytes of video are held."""
        return self._bytes

    def put(self, packet: Packet) -> int:
        """Add the newest packet and return its number; another stream empties the ring first."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            if self._held and self._held[-1].packet.stream is not packet.stream:
                self._clear()
            if packet.is_keyframe:
                self._keyframes.append(number)
            if self._keyframes:
                self._held.append(Numbered(number, packet))
                self._bytes += len(packet.data)
                self._keep_within_bounds()
            return number

    def clear(self) -> None:
        """Hold nothing; the numbers go on."""
        with self._lock:
            self._clear()

    def since(self, number: int, at_most: int | None = None) -> list[Numbered]:
        """Return the packets held from that number on, oldest first.

        Args:
            number: one that is not held any more stands for the oldest one held.
            at_most: that many, or all.
        """
        with self._lock:
            if not self._held:
                return []
            first = max(0, number - self._held[0].number)
            last = len(self._held) if at_most is None else min(len(self._held), first + at_most)
            return [self._held[i] for i in range(first, last)]

    def get(self, number: int) -> Packet | None:
        """Return the packet of that number, or ``None`` when it is not held (any more)."""
        found = self.since(number, 1)
        return found[0].packet if found and found[0].number == number else None

    def keyframe(self, at_or_before: int | None = None) -> int | None:
        """Return the number of the newest keyframe held, at or before a number; ``None`` if there is none."""
        with self._lock:
            if at_or_before is None:
                return self._keyframes[-1] if self._keyframes else None
            index = bisect.bisect_right(self._keyframes, at_or_before) - 1
            return self._keyframes[index] if index >= 0 else None

    def _keep_within_bounds(self) -> None:
        while self._held and (self._bytes > self._most_bytes or self._span_ns() > self._longest_ns):
            self._drop_oldest_gop()

    def _span_ns(self) -> int:
        return self._held[-1].packet.arrived_ns - self._held[0].packet.arrived_ns

    def _drop_oldest_gop(self) -> None:
        self._keyframes.popleft()
        end = self._keyframes[0] if self._keyframes else self._next
        while self._held and self._held[0].number < end:
            self._bytes -= len(self._held.popleft().packet.data)

    def _clear(self) -> None:
        self._held.clear()
        self._keyframes.clear()
        self._bytes = 0
