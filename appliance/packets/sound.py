"""One camera's sound → AAC on the clock of its pictures; it never costs a picture."""

import logging
from collections.abc import Callable

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import NotRecordable
from appliance.packets.aac import AacTrack, aac_track
from appliance.packets.sound_clock import PictureTimes, SoundClock
from appliance.packets.sound_input import RawSound
from appliance.runtime.supervisor import Failure, attempt

log = logging.getLogger(__name__)

SETTLE_S = 0.5
"""So much of a connection's first sound is left out where only its arrival tells when it was: it came in one
burst, out of what libav had read to get to know the streams."""


class CameraSound:
    """Takes what a source gives of a camera's sound; used on the reader's thread, for all its connections.

    Whatever fails costs the sound alone, up to the next connection: it is logged once and noted.

    Args:
        on_sound: gets AAC from the first picture of a connection on; what it raises counts as a failure.
    """

    def __init__(self, camera_id: CameraId, on_sound: Callable[[SoundPacket], None]) -> None:
        self._camera_id = camera_id
        self._on_sound = on_sound
        self._pictures = PictureTimes()
        self._clock = SoundClock()
        self._track: AacTrack | None = None
        self._since_ns: int | None = None
        self._note = ""
        self._logged = ""

    @property
    def note(self) -> str:
        """Why there is no sound on this connection; empty when nothing failed. Any thread."""
        return self._note

    def connected(self) -> None:
        """Begin a new connection: the sound is tried again."""
        self._pictures.connected()
        self._clock.connected()
        self._track, self._since_ns, self._note = None, None, ""

    def picture(self, packet: Packet, run: int) -> None:
        """Take the next picture that is handed on, and the number of its anchor's run."""
        self._pictures.picture(packet, run)

    def hear(self, sound: RawSound) -> None:
        """Take the next piece of sound; raises nothing."""
        if self._note:
            return
        outcome = attempt(lambda: self._take(sound))
        if isinstance(outcome, Failure):
            self._give_up(outcome.error)

    def _take(self, sound: RawSound) -> None:
        target = self._pictures.target(sound)
        if self._since_ns is None:
            self._since_ns = sound.arrived_ns
        is_settled = sound.arrived_ns - self._since_ns >= SETTLE_S * NS_PER_S
        if target is None or not (target.is_exact or is_settled):
            return
        if self._track is None:
            self._track = aac_track(sound)
        self._clock.lead(self._track.fed_s, sound, target)
        for unit in self._track.feed(sound):
            wall_us = self._clock.place(unit.begin_s, unit.duration_s)
            if wall_us is not None:
                arrived_ns = MonotonicNs(sound.arrived_ns)
                self._on_sound(
                    SoundPacket(self._camera_id, unit.stream, unit.data, wall_us, arrived_ns, unit.samples)
                )

    def _give_up(self, error: Exception) -> None:
        self._note = str(error) or type(error).__name__
        self._track = None
        if self._note != self._logged:
            self._logged = self._note
            ours = None if isinstance(error, NotRecordable) else error
            text = "camera %s: its sound is left out until the next connection: %s"
            log.warning(text, self._camera_id, self._note, exc_info=ours)
