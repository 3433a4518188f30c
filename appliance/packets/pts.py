"""Presentation times for packets that came without one."""

from dataclasses import dataclass, replace

from appliance.domain.time import NS_PER_S, US_PER_S

NS_PER_US = NS_PER_S // US_PER_S

_TIMED_BEFORE_RELEASE = 3
_HELD_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class RawPacket:
    """A coded picture as libav gave it, its bytes copied.

    Attributes:
        pts: presentation time in ticks of the stream, or ``None``.
        dts: decoding time in the same ticks, or ``None``.
        arrived_ns: monotonic time of the read.
        wall_us: the wall clock at the read.
        sender_us: when the picture was taken by the sender's own clock; ``None`` where it has not reported.
    """

    data: bytes
    pts: int | None
    dts: int | None
    is_keyframe: bool
    arrived_ns: int = 0
    wall_us: int = 0
    sender_us: int | None = None


class PtsRepair:
    """Gives every packet a presentation time; pure.

    libav's RTSP reader leaves the first packet of a connection without one. It is held until three later
    packets have come, and then placed one picture before the earliest of them (a keyframe is shown first,
    while with B-frames the packet after it is not). A later packet without one gets its decoding time, or
    follows its predecessor.

    The packets that were held came in a burst, out of what libav had read to get to know the stream: each
    is taken to have arrived one picture before the next, which is when it did.

    Args:
        interval_ticks: one picture's duration in ticks of the stream; at least 1.
        interval_ns: the same in nanoseconds.
    """

    def __init__(self, interval_ticks: int, interval_ns: int = 0) -> None:
        self._interval = max(1, interval_ticks)
        self._interval_ns = interval_ns
        self._held: list[RawPacket] = []
        self._last: int | None = None

    def feed(self, packet: RawPacket) -> list[tuple[RawPacket, int]]:
        """Take the next packet; return those that are ready, in order, with their presentation times."""
        if self._last is None and not self._held and packet.pts is not None:
            return [self._timed(packet)]
        if self._last is not None:
            return [self._timed(packet)]
        self._held.append(packet)
        timed = sum(p.pts is not None for p in self._held)
        if timed >= _TIMED_BEFORE_RELEASE or len(self._held) >= _HELD_AT_MOST:
            return self.flush()
        return []

    def flush(self) -> list[tuple[RawPacket, int]]:
        """Return what is held: the stream has ended."""
        held, self._held = self._held, []
        lead = next((i for i, p in enumerate(held) if p.pts is not None), len(held))
        earliest = min((p.pts for p in held if p.pts is not None), default=lead * self._interval)
        placed = [
            replace(p, pts=earliest - (lead - i) * self._interval) if i < lead else p
            for i, p in enumerate(held)
        ]
        return [self._timed(packet) for packet in self._back_dated(placed)]

    def _back_dated(self, held: list[RawPacket]) -> list[RawPacket]:
        back_dated = []
        for i, packet in enumerate(held):
            due_ns = held[-1].arrived_ns - (len(held) - 1 - i) * self._interval_ns
            early_ns = max(0, packet.arrived_ns - due_ns)
            wall_us = packet.wall_us - early_ns // NS_PER_US
            back_dated.append(replace(packet, arrived_ns=packet.arrived_ns - early_ns, wall_us=wall_us))
        return back_dated

    def _timed(self, packet: RawPacket) -> tuple[RawPacket, int]:
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None:
            pts = 0 if self._last is None else self._last + self._interval
        self._last = pts
        return packet, pts
