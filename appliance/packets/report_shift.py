"""What libav does to time stamps at a stream's first sender report, undone."""

from dataclasses import replace

from appliance.packets.pts import RawPacket

SUSPECT_PACKETS = 3
"""With which packet the time stamps jump: the first that has a report, or the second, since libav's parser
hands the first one out with its time stamp of before; one more to be safe."""

KNOWN_STEPS = 16
"""So many steps tell how far the camera's B-frames go ahead and back."""

REORDERED_PICTURES = 8
"""And so many pictures it may be before that."""


class ReportShift:
    """Takes the jump out of the pictures' time stamps that comes with their first sender report; pure.

    In a session of several streams libav counts the time stamps of each from its own first packet, until
    reports tell how the streams lie to each other; from then on it counts all of them from one moment. The
    pictures' time stamps jump there, back or forward, by as much as the sound began before or after them:
    nothing has happened at the camera. A picture that was lost there counts as one that was not.

    One for each connection.

    Args:
        interval_ticks: one picture's duration in ticks of the stream, as long as few were seen.
        is_alone: the session has one stream, and nothing jumps.
    """

    def __init__(self, interval_ticks: int, *, is_alone: bool = False) -> None:
        self._interval = interval_ticks
        self._last: int | None = None
        self._steps = 0
        self._sum = 0
        self._shortest = 0
        self._longest = 0
        self._suspects = 0 if is_alone else SUSPECT_PACKETS
        self._shift = 0

    def undone(self, packet: RawPacket) -> RawPacket:
        """Return the packet with its time stamps as if there were no reports; call it for every packet."""
        if packet.pts is not None:
            self._look_at(packet.pts, is_reported=packet.sender_us is not None)
        if not self._shift:
            return packet
        return replace(packet, pts=_less(packet.pts, self._shift), dts=_less(packet.dts, self._shift))

    def _look_at(self, pts: int, *, is_reported: bool) -> None:
        step = None if self._last is None else pts - self._last
        is_suspect = is_reported and self._suspects > 0
        self._suspects -= is_suspect
        if step is not None and is_suspect and not self._is_usual(step):
            self._shift, self._suspects = step - self._usual(), 0
        elif step is not None:
            self._shortest = min(step, self._shortest) if self._steps else step
            self._longest = max(step, self._longest) if self._steps else step
            self._steps, self._sum = self._steps + 1, self._sum + step
        self._last = pts

    def _is_usual(self, step: int) -> bool:
        """Return whether a step is of one picture, of a few that were lost, or of B-frames in coded order."""
        if self._steps < KNOWN_STEPS:
            return abs(step) <= REORDERED_PICTURES * max(self._interval, self._longest)
        slack = max(self._longest, self._interval)
        return self._shortest - slack < step <= self._longest + slack

    def _usual(self) -> int:
        return max(1, self._sum // self._steps) if self._steps >= KNOWN_STEPS else self._interval


def _less(ticks: int | None, shift: int) -> int | None:
    return None if ticks is None else ticks - shift
