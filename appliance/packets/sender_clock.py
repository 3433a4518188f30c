"""The camera's own wall clock, which its RTCP sender reports tell: when it is believed."""

from appliance.domain.time import NS_PER_S, US_PER_S

BEFORE_ARRIVAL_S = 2.0
"""A picture is read at most so long after it was taken: encoder and network take up to a second, and libav
hands a picture out when the next one begins, a second later at one picture a second. A clock that was never
set is off by years, one in local time by a quarter of an hour at least."""

AFTER_ARRIVAL_S = 0.5
"""No picture is read before it was taken, but both clocks are set over a network; and a camera with B-frames
may send a picture before the ones that are shown first."""

STEP_S = 0.1
"""A report that moves the clock against the media time by more than this has stepped it. libav gives the
first packet after the first report the time of the next picture, which is such a step, and costs nothing."""

PROVEN_S = 10.0
"""So long a clock must agree before it is believed, and disagree before it is not: two reports (RFC 3550,
6.2: one in five seconds), and longer than a stall of the network that the run outlives."""


class SenderClock:
    """Decides whether a camera's clock is believed; pure.

    Belief outlives a reconnection: it is the same camera's clock, and it must agree on the first packet.
    """

    def __init__(self) -> None:
        self._offset_us: float | None = None
        self._agreeing_since_ns: int | None = None
        self._agreed_ns = 0
        self._is_trusted = False

    def begin_run(self) -> None:
        """Forget how the clock lies to the media time: the time stamps begin anew."""
        self._offset_us = None

    def believed_us(self, pts_s: float, sender_us: int | None, arrived_ns: int, wall_us: int) -> int | None:
        """Return the camera's time of a picture where it is believed; call it for every packet.

        Args:
            pts_s: the picture's presentation time.
            sender_us: the camera's wall time of it, or ``None`` before the first report.
            arrived_ns: when it was read, on the monotonic clock.
            wall_us: our wall clock at that moment.
        """
        if sender_us is None:
            return None
        agrees = -BEFORE_ARRIVAL_S <= (sender_us - wall_us) / US_PER_S <= AFTER_ARRIVAL_S
        is_first, stepped = self._offset_us is None, self._moved(sender_us - pts_s * US_PER_S)
        if stepped or (is_first and not agrees):
            self._doubt()
        elif agrees:
            self._agree(arrived_ns)
        elif not self._is_trusted or arrived_ns - self._agreed_ns > PROVEN_S * NS_PER_S:
            self._doubt()
        return sender_us if self._is_trusted else None

    def _moved(self, offset_us: float) -> bool:
        """Return whether the clock has stepped against the media time since the last packet."""
        before, self._offset_us = self._offset_us, offset_us
        return before is not None and abs(offset_us - before) > STEP_S * US_PER_S

    def _agree(self, arrived_ns: int) -> None:
        self._agreed_ns = arrived_ns
        if self._agreeing_since_ns is None:
            self._agreeing_since_ns = arrived_ns
        if arrived_ns - self._agreeing_since_ns >= PROVEN_S * NS_PER_S:
            self._is_trusted = True

    def _doubt(self) -> None:
        self._agreeing_since_ns = None
        self._is_trusted = False
