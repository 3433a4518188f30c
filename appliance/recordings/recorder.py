"""One camera's recording: decides what of its packets is kept, and cuts that into fragments."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from appliance.domain.camera import Camera
from appliance.domain.footage import Cause, RecordingMode
from appliance.domain.ids import CameraId, EventId, IdSource
from appliance.domain.packet import Packet, SoundPacket, VideoStream
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.errors import NotRecordable
from appliance.packets.fmp4 import Fmp4Writer
from appliance.packets.ring import Numbered
from appliance.recordings.cutter import FragmentCutter
from appliance.recordings.decision import first_number, is_wanted, wanted, why_not
from appliance.recordings.fragment import Fragment
from appliance.recordings.schedule import mode_at
from appliance.recordings.settings import Settings
from appliance.recordings.triggers import Span, Triggers

log = logging.getLogger(__name__)


class Ring(Protocol):
    """What the recorder needs of a camera's ring of packets."""

    def since(self, number: int, at_most: int | None = None) -> Sequence[Numbered]:
        """Return the packets held from that number on, oldest first."""
        ...


class Sink(Protocol):
    """Takes fragments on their way to a disk; called on a reader's thread, must not wait."""

    def submit(self, fragment: Fragment) -> None:
        """Take the next fragment of a camera."""
        ...

    def finish(self, camera_id: CameraId) -> None:
        """Note that the camera's file is complete; fragments to come belong to another."""
        ...


@dataclass(frozen=True, slots=True)
class _Now:
    """The mode that holds, and until when that need not be asked again."""

    minute: int
    mode: RecordingMode


class Recorder:
    """Records one camera as its owner wants it; lives as long as the camera's row, across its readers.

    ``begin``, ``on_packet``, ``on_sound`` and ``disconnected`` are called by the camera's reader, one at a
    time; everything else from any thread. Nothing here waits.

    Args:
        zone: of the box, by which the schedule goes.
    """

    def __init__(
        self, camera: Camera, sink: Sink, settings: Settings, zone: tzinfo, make_id: IdSource
    ) -> None:
        self._camera = camera
        self._sink = sink
        self._zone = zone
        self._triggers = Triggers()
        self._cutter = FragmentCutter(
            camera.id,
            sink.submit,
            self._triggers.take_motion,
            make_id,
            settings.fragment_s,
            settings.segment_s,
        )
        self._ring: Ring | None = None
        self._beyond = -1
        self._now = _Now(-1, RecordingMode.OFF)
        self._judged: tuple[VideoStream, bool] | None = None
        self._is_connected = False
        self._is_recording = False
        self._is_closed = False
        self._lock = threading.RLock()

    def apply(self, camera: Camera) -> None:
        """Record as this camera's owner wants it now, from the next packet on."""
        with self._lock:
            self._camera = camera
            self._now = _Now(-1, RecordingMode.OFF)
            if not camera.recording.sound:
                self._cutter.forget_sound()

    def motion(self, wall_us: WallUs) -> None:
        """Note that something moved in the picture of that time."""
        self._triggers.motion(wall_us)

    def event(self, event_id: EventId, started_us: WallUs, last_seen_us: WallUs, ended: bool) -> None:
        """Note an event as it is now."""
        self._triggers.event(event_id, started_us, last_seen_us, ended)

    def begin(self, ring: Ring) -> None:
        """Take packets of another reader from now on, whose numbers are those of this ring."""
        with self._lock:
            self._stop()
            self._ring, self._beyond, self._is_connected = ring, -1, False

    def on_packet(self, packet: Packet, number: int) -> None:
        """Take the newest packet, which the ring has already."""
        with self._lock:
            if self._is_closed:
                return
            self._is_connected = True
            mode = self._mode(packet.wall_us)
            if mode is RecordingMode.OFF or not self._is_recordable(packet):
                self._stop(packet.wall_us)
                self._beyond = number
                return
            times = wanted(
                mode,
                self._camera.recording,
                self._triggers.spans(with_motion=mode is RecordingMode.MOTION),
                packet.wall_us,
            )
            if self._is_recording:
                self._step(packet, number, times)
            if not self._is_recording and times:
                self._start(times)

    def on_sound(self, sound: SoundPacket) -> None:
        """Take the newest piece of sound, which is forgotten where none is to be recorded."""
        with self._lock:
            if self._camera.recording.sound:
                self._cutter.add_sound(sound)

    def disconnected(self) -> None:
        """Hand on what waits: nothing more comes over this connection."""
        with self._lock:
            self._stop()
            self._is_connected = False

    def close(self) -> None:
        """Hand on what waits; what still comes after this is not recorded."""
        with self._lock:
            self._stop()
            self._is_closed = True

    def cause(self, at_us: WallUs) -> Cause | None:
        """Return why nothing is recorded now, or ``None`` when it is."""
        with self._lock:
            return why_not(
                self._mode(at_us),
                enabled=self._camera.enabled,
                connected=self._is_connected,
                recordable=self._judged is None or self._judged[1],
                recording=self._is_recording,
            )

    def _start(self, times: Sequence[Span]) -> None:
        """Begin with the earliest time that is wanted and held, and go through the ring up to now."""
        held = self._ring.since(self._beyond + 1) if self._ring is not None else ()
        starts = [first_number(held, time, self._beyond) for time in times]
        numbers = [number for number in starts if number is not None]
        if not numbers:
            if held:
                self._forget(held[0].packet.wall_us)
            return
        first = min(numbers)
        for one in held:
            if one.number < first:
                continue
            if self._is_recording:
                self._step(one.packet, one.number, times)
            elif one.number in numbers or (one.packet.is_keyframe and is_wanted(times, one.packet.wall_us)):
                self._is_recording = True
                self._write(one.packet, one.number)
        self._forget(self._cutter.reached_us)

    def _step(self, packet: Packet, number: int, times: Sequence[Span]) -> None:
        """Write a packet, unless it is a keyframe that nobody wants any more."""
        if packet.is_keyframe and not is_wanted(times, packet.wall_us):
            self._stop(packet.wall_us)
            self._beyond = number - 1
            self._forget(packet.wall_us)
        else:
            self._write(packet, number)

    def _write(self, packet: Packet, number: int) -> None:
        self._cutter.add(packet)
        self._beyond = number

    def _stop(self, end_us: WallUs | None = None) -> None:
        if self._is_recording:
            self._is_recording = False
            self._cutter.end(end_us)
            self._sink.finish(self._camera.id)

    def _forget(self, reached_us: WallUs) -> None:
        """Forget what happened: its post-roll was over before anything that can still be recorded."""
        self._triggers.forget_before(wall_after(reached_us, -self._camera.recording.post_roll_s))

    def _mode(self, at_us: WallUs) -> RecordingMode:
        minute = at_us // (60 * US_PER_S)
        if minute != self._now.minute:
            self._now = _Now(minute, mode_at(self._camera.recording, at_us, self._zone))
        return self._now.mode

    def _is_recordable(self, packet: Packet) -> bool:
        """Return whether a packet's stream has a place in a file; what a keyframe shows can change that."""
        stream = packet.stream
        is_known = self._judged is not None and self._judged[0] is stream
        if self._judged is not None and is_known and (self._judged[1] or not packet.is_keyframe):
            return self._judged[1]
        reason = _why_not_recordable(packet)
        if reason and not is_known:
            log.warning("camera %s is not recorded: %s", self._camera.id, reason)
        self._judged = stream, not reason
        return not reason


def _why_not_recordable(packet: Packet) -> str:
    """Return why nothing of a packet's stream can be written, or nothing."""
    if not packet.is_keyframe:
        return ""
    try:
        Fmp4Writer(packet)
    except NotRecordable as err:
        return str(err)
    return ""
