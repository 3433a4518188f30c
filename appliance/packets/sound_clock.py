"""Where a camera's sound lies on the clock of its pictures."""

from dataclasses import dataclass

from appliance.domain.packet import Packet
from appliance.domain.time import NS_PER_S, US_PER_S, WallUs
from appliance.packets.sound_input import RawSound

NS_PER_US = NS_PER_S // US_PER_S

LIKELY_S = 2.0
"""A sender's time that differs from the arrival by more is not one: some cameras report the right time of
one stream only."""

STEP_S = 0.1
"""A picture whose two times lie this far from those of the one before may be the odd one: libav gives the
first packet after the first report the time of the next picture."""

LAG_SHARE = 1 / 32
"""How much of the mean delay the newest picture makes: it settles in some seconds."""

EXACT_LIMIT_S, ARRIVAL_LIMIT_S = 0.06, 0.2
"""Sound that is off by more for ``PATIENCE_S`` is placed anew, less is led there: a viewer notices 45 ms of
sound too early and 125 ms too late (ITU-R BT.1359); a network's jitter must not be heard as gaps."""

PATIENCE_S = 0.5
SLEW_PPM = 500
JUMP_S = 0.1
OVERLAP_S = 0.02
"""Sound may begin so much before the last ended; more of it is left out, since time goes forward."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a piece of sound should lie.

    Attributes:
        wall_us: on the clock of the pictures.
        is_exact: told by the sender's reports or by a file's time stamps, not by the arrival.
    """

    wall_us: float
    is_exact: bool


class PictureTimes:
    """Remembers how the pictures' clock lies to every other clock that sound may be told by; pure.

    ``connected`` begins a new connection; ``picture`` takes each picture, on the anchored clock.
    """

    def __init__(self) -> None:
        self.connected()

    def connected(self) -> None:
        """Forget the last connection."""
        self._run: int | None = None
        self._lag_us = 0.0
        self._to_media_us: float | None = None
        self._to_sender_us: float | None = None
        self._last_to_sender_us: float | None = None

    def picture(self, packet: Packet, run: int) -> None:
        """Take the next picture.

        Args:
            packet: with its time on the anchored clock.
            run: which run of that clock it belongs to: the clock is another one when it changes.
        """
        lag_us = packet.arrived_ns / NS_PER_US - packet.wall_us
        if run != self._run:
            self.connected()
            self._run, self._lag_us = run, lag_us
        self._lag_us += (lag_us - self._lag_us) * LAG_SHARE
        self._to_media_us = packet.wall_us - packet.media.seconds * US_PER_S
        if packet.sender_us is not None:
            before, self._last_to_sender_us = self._last_to_sender_us, packet.wall_us - packet.sender_us
            if before is not None and abs(self._last_to_sender_us - before) <= STEP_S * US_PER_S:
                self._to_sender_us = self._last_to_sender_us

    def target(self, sound: RawSound) -> Target | None:
        """Return where a piece of sound should lie; ``None`` before the first picture.

        The sender's clock need not be right for that: it is the same for both. Without its reports sound is
        taken to need as long to arrive as the pictures do on the average.
        """
        if self._run is None or self._to_media_us is None:
            return None
        if sound.stream.is_timed_with_pictures and sound.pts_s is not None:
            return Target(sound.pts_s * US_PER_S + self._to_media_us, is_exact=True)
        arrival_us = sound.arrived_ns / NS_PER_US - self._lag_us
        if sound.sender_us is not None and self._to_sender_us is not None:
            sent_us = sound.sender_us + self._to_sender_us
            if abs(sent_us - arrival_us) <= LIKELY_S * US_PER_S:
                return Target(sent_us, is_exact=True)
        return Target(arrival_us, is_exact=False)


class SoundClock:
    """Gives pieces of sound their wall times: one after the other without a gap; pure.

    Within a run the time is counted in samples, led towards the target by at most 500 ppm, so that neither
    the network's jitter nor the camera's is heard. A new run begins where the sound's own time stamps jump
    (what was lost, or a camera that was mute), and where the target was missed for half a second.
    """

    def __init__(self) -> None:
        self._end_us: float | None = None
        self.connected()

    def connected(self) -> None:
        """Begin a new connection; what was handed out before stays where it is."""
        self._begin_us: float | None = None
        self._fed_s = 0.0
        self._pts_s: float | None = None
        self._off_since_ns: int | None = None

    def lead(self, fed_s: float, sound: RawSound, target: Target) -> None:
        """Take the next packet into account, before what is made of it is placed.

        One without a time stamp came in one piece with the packet before, and tells nothing of its own.

        Args:
            fed_s: seconds of sound before it on this connection, counted in samples.
            sound: the packet.
            target: where it should lie.
        """
        if self._begin_us is not None and sound.pts_s is None:
            return
        error_us = 0.0 if self._begin_us is None else target.wall_us - self._begin_us - fed_s * US_PER_S
        passed_s, self._fed_s = fed_s - self._fed_s, fed_s
        if (
            self._begin_us is None
            or self._jumped(passed_s, sound.pts_s)
            or self._is_off(error_us, sound, target)
        ):
            self._begin_us = target.wall_us - fed_s * US_PER_S
            self._off_since_ns = None
        elif self._off_since_ns is None:
            room_us = passed_s * SLEW_PPM
            self._begin_us += min(max(error_us, -room_us), room_us)

    def place(self, begin_s: float, duration_s: float) -> WallUs | None:
        """Return the wall time of a piece of sound, or ``None`` where it lies within what was before it.

        Args:
            begin_s: seconds of sound before it on this connection.
            duration_s: its own.
        """
        assert self._begin_us is not None, "sound is placed before it was led"
        at_us = self._begin_us + begin_s * US_PER_S
        if self._end_us is not None and at_us < self._end_us - OVERLAP_S * US_PER_S:
            return None
        self._end_us = at_us + duration_s * US_PER_S
        return WallUs(round(at_us))

    def _jumped(self, passed_s: float, pts_s: float | None) -> bool:
        """Return whether its time stamp does not follow the last one's."""
        before, self._pts_s = self._pts_s, pts_s
        return before is not None and pts_s is not None and abs(pts_s - before - passed_s) > JUMP_S

    def _is_off(self, error_us: float, sound: RawSound, target: Target) -> bool:
        """Return whether the target has been missed for too long."""
        limit_s = EXACT_LIMIT_S if target.is_exact else ARRIVAL_LIMIT_S
        if abs(error_us) <= limit_s * US_PER_S:
            self._off_since_ns = None
        elif self._off_since_ns is None:
            self._off_since_ns = sound.arrived_ns
        off_since_ns = self._off_since_ns
        return off_since_ns is not None and sound.arrived_ns - off_since_ns >= PATIENCE_S * NS_PER_S
