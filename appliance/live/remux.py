"""One camera's packets as fragments: a fragment for each picture, as soon as it is there."""

import threading
from collections import deque

from appliance.domain.packet import Packet, SoundPacket, SoundStream, VideoStream
from appliance.domain.time import NS_PER_S, US_PER_S, MonotonicNs, WallUs
from appliance.errors import NotRecordable
from appliance.live.message import NOT_RECORDABLE, Message, of_picture, of_state, of_stream
from appliance.live.settings import LiveSettings
from appliance.live.viewer import Viewer
from appliance.packets.fanout import Fanout
from appliance.packets.fmp4 import Fmp4Writer
from appliance.runtime.clock import Clock

SHORTEST_US = US_PER_S // 2
"""How long a picture is said to last, at least.

The next one's time is not known, and nothing is held back to learn it. A time that is too long does no harm,
since each fragment says when it begins. But a browser that finds more than twice the last picture's time from
one to the next drops all up to the next keyframe (Media Source Extensions, 3.5.8), and cameras do lose some
pictures, or send fewer at night.
"""

SILENT_NS = 2 * NS_PER_S
"""A camera that sent no sound for that long sends none."""
MOST_SOUNDS = 1000
"""That wait for their picture: more than twenty seconds of AAC at 48 kHz."""


class Remux:
    """Serves one stream of one camera to all its viewers; works only while there is one.

    The packets come on the camera's thread, which makes the fragments (some 70 µs each, and 8 µs for each
    viewer) and queues them; the other methods may be called from any thread.

    Sound goes with the next picture. A player stands still where it has pictures and no sound, so a stream
    begins anew, at a keyframe, when sound comes, changes or stops.

    Args:
        with_sound: the camera's sound goes with its pictures, where it has any.
    """

    def __init__(self, clock: Clock, settings: LiveSettings, *, with_sound: bool = False) -> None:
        self._with_sound = with_sound
        self._clock = clock
        self._most_gop_bytes = settings.queue_bytes
        self._lock = threading.RLock()
        self._viewers: tuple[Viewer, ...] = ()
        self._fanout: Fanout | None = None
        self._from_number = 0
        self._state: Message | None = None
        self._sounds: deque[SoundPacket] = deque(maxlen=MOST_SOUNDS)
        self._heard: SoundPacket | None = None
        self._forget_stream()

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """Who watches now."""
        return self._viewers

    def attach(self, fanout: Fanout | None) -> None:
        """Take the packets from there from now on, instead of where they came from before."""
        with self._lock:
            if fanout is self._fanout:
                return
            self._stop_listening()
            self._fanout = fanout
            if self._viewers:
                self._listen()

    def join(self, viewer: Viewer) -> None:
        """Serve this viewer too, from the newest keyframe on; does nothing if it has left already."""
        with self._lock:
            if viewer.has_ended:
                return
            if not self._viewers:
                self._listen()
            self._viewers = (*self._viewers, viewer)
            words = self._start or self._state
            viewer.put_all([*([words] if words else []), *self._gop], self._clock.monotonic_ns())

    def leave(self, viewer: Viewer) -> None:
        """Serve it no more; the last one to leave switches the light off."""
        viewer.end()
        with self._lock:
            self._viewers = tuple(one for one in self._viewers if one is not viewer)
            if not self._viewers:
                self._stop_listening()
                self._forget_stream()

    def say(self, state: str, reason: str) -> None:
        """Tell the viewers that nothing comes at the moment, and why, until a stream begins again."""
        with self._lock:
            self._forget_stream()
            self._tell(of_state(state, reason), self._clock.monotonic_ns())

    def on_packet(self, packet: Packet, number: int) -> None:
        """Take the camera's next packet, of that number in the ring; on the camera's thread."""
        with self._lock:
            if number >= self._from_number:
                self._take(packet, packet.arrived_ns)

    def on_sound(self, sound: SoundPacket) -> None:
        """Take the camera's next piece of sound; on the camera's thread."""
        with self._lock:
            self._sounds.append(sound)
            self._heard = sound

    def _listen(self) -> None:
        """Begin with the newest keyframe that is still held, unless the camera is not there any more."""
        if self._fanout is None:
            return
        self._fanout.add(self.on_packet)
        ring = self._fanout.ring
        keyframe = ring.keyframe()
        held = [] if keyframe is None or self._state is not None else ring.since(keyframe)
        self._from_number = held[-1].number + 1 if held else 0
        if self._with_sound:
            self._listen_to_sound(self._fanout, held[0].packet if held else None)
        for numbered in held:
            self._take(numbered.packet, self._clock.monotonic_ns())

    def _listen_to_sound(self, fanout: Fanout, keyframe: Packet | None) -> None:
        held = fanout.sounds.since(WallUs(0))
        self._heard = held[-1] if held else None
        self._sounds.clear()
        if keyframe is not None:
            self._sounds.extend(fanout.sounds.since(keyframe.wall_us))
        fanout.add_sound(self.on_sound)

    def _stop_listening(self) -> None:
        if self._fanout is not None:
            self._fanout.remove(self.on_packet)
            self._fanout.remove_sound(self.on_sound)

    def _forget_stream(self) -> None:
        self._writer: Fmp4Writer | None = None
        self._stream: VideoStream | None = None
        self._sound: SoundStream | None = None
        self._start: Message | None = None
        self._gop: list[Message] = []
        self._gop_bytes = 0
        self._last_us: WallUs | None = None

    def _take(self, packet: Packet, at_ns: MonotonicNs) -> None:
        if packet.is_keyframe and self._begins_anew(packet):
            self._begin(packet, at_ns)
        if self._writer is None or packet.stream is not self._stream:
            return
        fragment = self._writer.fragment([packet], self._end_us(packet), self._taken_sounds())
        message = of_picture(packet, fragment)
        self._remember(packet, message)
        self._hand_on(message, at_ns)

    def _begins_anew(self, keyframe: Packet) -> bool:
        """Return whether a stream begins; what could not be put into MP4 is tried again."""
        is_other = keyframe.stream is not self._stream or self._sound_at(keyframe) is not self._sound
        return is_other or self._writer is None

    def _sound_at(self, keyframe: Packet) -> SoundStream | None:
        """Return the sound that goes with a keyframe's pictures; ``None`` where none was heard lately."""
        heard = self._heard
        if heard is None or keyframe.arrived_ns - heard.arrived_ns > SILENT_NS:
            return None
        return heard.stream

    def _taken_sounds(self) -> list[SoundPacket]:
        sounds = list(self._sounds)
        self._sounds.clear()
        return sounds

    def _begin(self, keyframe: Packet, at_ns: MonotonicNs) -> None:
        """Begin a stream, which every viewer has to be told of."""
        sound = self._sound_at(keyframe)
        self._forget_stream()
        self._stream, self._sound = keyframe.stream, sound
        try:
            self._writer = Fmp4Writer(keyframe, sound)
        except NotRecordable as err:
            self._tell(of_state(NOT_RECORDABLE, str(err)), at_ns)
            return
        self._state, self._start = None, of_stream(self._writer)
        self._hand_on(self._start, at_ns)

    def _end_us(self, packet: Packet) -> WallUs:
        """Return where a picture ends at the latest, as far as one can know."""
        before_us, self._last_us = self._last_us, packet.wall_us
        usual_us = 0 if before_us is None else abs(packet.wall_us - before_us)
        return WallUs(packet.wall_us + min(max(2 * usual_us, SHORTEST_US), 10 * US_PER_S))

    def _remember(self, packet: Packet, message: Message) -> None:
        """Keep the GOP so far for whoever comes next; one that is too large is not kept at all."""
        if packet.is_keyframe:
            self._gop, self._gop_bytes = [], 0
        elif not self._gop:
            return
        self._gop.append(message)
        self._gop_bytes += message.size
        if self._gop_bytes > self._most_gop_bytes:
            self._gop = []

    def _tell(self, state: Message, at_ns: MonotonicNs) -> None:
        """Say a state, if it is news."""
        if self._state is None or self._state.text != state.text:
            self._state = state
            self._hand_on(state, at_ns)

    def _hand_on(self, message: Message, at_ns: MonotonicNs) -> None:
        for viewer in self._viewers:
            viewer.put(message, at_ns)
