"""Packets → fragments: where one ends and the next begins, and which file it belongs to."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.domain.ids import CameraId, IdSource, SegmentId
from appliance.domain.packet import Packet, SoundPacket, SoundStream, VideoStream
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.fragment import Fragment

PAUSE_S = 2.0
"""Pictures further apart than this are no stream without a gap, unless they always are."""

PAUSE_STEPS = 4
FIRST_PAUSE_S = 10.0
"""The same, as long as it is not known how far apart they usually are."""

REORDER_S = 1.0
"""As far as a picture may lie before one that came earlier: B-frames come out of order."""

MOST_REORDERED = 16
"""Packets among which the last two pictures in the order of showing are looked for."""

MOST_PACKETS = 512
"""In a fragment, whatever their time stamps say."""

DEFAULT_STEP_US = 40_000
"""How long the last picture is shown where there was only one."""

LONGEST_LAST_US = 500_000
"""The last picture before a break is shown no longer than this: no camera is asked again sooner."""

SILENCE_S = 5.0
"""A file that begins so long after the last sound has no track for it."""

SOUND_HELD_S = 90.0
"""Sound is held so far back, for a recording that begins before now: the longest pre-roll and a GOP."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A fragment without its sound, and which sound that is."""

    fragment: Fragment
    sound_stream: SoundStream | None


class FragmentCutter:
    """Cuts one camera's packets into fragments of a GOP or a second, and those into files; on one thread.

    A file begins with a keyframe: the first one at all, of another stream, after a pause, ``segment_s`` after
    the last file began, or when the sound is another. Pictures that no decoder can begin with are left out.

    Args:
        out: gets each fragment when the picture after it has come, and the sound of its time.
        has_motion: is asked at the end of each fragment.
        fragment_s: the longest fragment.
        segment_s: a file ends at the first keyframe after this time.
    """

    def __init__(
        self,
        camera_id: CameraId,
        out: Callable[[Fragment], None],
        has_motion: Callable[[], bool],
        make_id: IdSource,
        fragment_s: float,
        segment_s: float,
    ) -> None:
        self._camera_id = camera_id
        self._out = out
        self._has_motion = has_motion
        self._make_id = make_id
        self._fragment_us = round(fragment_s * US_PER_S)
        self._segment_us = round(segment_s * US_PER_S)
        self._segment_id: SegmentId | None = None
        self._segment_start_us = WallUs(0)
        self._stream: VideoStream | None = None
        self._sound_stream: SoundStream | None = None
        self._heard: SoundPacket | None = None
        self._held: _Held | None = None
        self._sounds: deque[SoundPacket] = deque()
        self._packets: list[Packet] = []
        self._bytes = 0
        self._latest_us = WallUs(0)
        self._step_us: int | None = None
        self._is_reordered = False

    @property
    def reached_us(self) -> WallUs:
        """The latest picture that was taken."""
        return self._latest_us

    def add(self, packet: Packet) -> None:
        """Take the packet that follows the last one."""
        if self._segment_id is not None and self._is_apart(packet):
            self.end(self._end_apart(packet))
        if packet.is_keyframe:
            self._close(self._end_before(packet))
            if self._is_due(packet):
                self._begin(packet)
        elif self._is_long_enough(packet):
            self._close(self._end_before(packet))
        if self._segment_id is None:
            return
        if packet.wall_us > self._latest_us:
            self._step_us = packet.wall_us - self._latest_us
        self._is_reordered = self._is_reordered or packet.wall_us < self._latest_us
        self._packets.append(packet)
        self._bytes += len(packet.data)
        self._latest_us = max(self._latest_us, packet.wall_us)

    def add_sound(self, sound: SoundPacket) -> None:
        """Take the next piece of sound; it is written with the pictures of its time."""
        self._sounds.append(sound)
        self._heard = sound
        if self._held is not None and sound.wall_us >= self._held.fragment.end_us:
            self._release()
        while (sound.wall_us - self._sounds[0].wall_us) > SOUND_HELD_S * US_PER_S or len(self._sounds) > 8192:
            self._sounds.popleft()

    def forget_sound(self) -> None:
        """Write none of the sound that has come so far; what waited for it goes out without."""
        self._sounds.clear()
        self._heard = None
        self._release()

    def end(self, end_us: WallUs | None = None) -> None:
        """End the fragment and the file.

        Args:
            end_us: when the picture after the last one was taken, where that is known.
        """
        shown_us = self._latest_us + min(self._last_step_us(), LONGEST_LAST_US)
        self._close(WallUs(shown_us if end_us is None else max(end_us, self._latest_us + 1)))
        self._release()
        self._segment_id = self._stream = self._sound_stream = self._step_us = None

    def _begin(self, keyframe: Packet) -> None:
        self._segment_id = SegmentId(self._make_id(keyframe.wall_us))
        self._segment_start_us, self._stream = keyframe.wall_us, keyframe.stream
        self._latest_us, self._is_reordered = keyframe.wall_us, False
        if self._held is None:
            self._sounds_before(keyframe.wall_us, None)
        self._sound_stream = self._sound_at(keyframe.wall_us)

    def _is_due(self, keyframe: Packet) -> bool:
        """Return whether a file begins with this keyframe."""
        if self._segment_id is None or keyframe.wall_us - self._segment_start_us >= self._segment_us:
            return True
        sound = self._sound_at(keyframe.wall_us)
        return sound is not None and sound is not self._sound_stream

    def _sound_at(self, wall_us: WallUs) -> SoundStream | None:
        """Return the sound that goes with pictures of that time; ``None`` where none was heard lately."""
        if self._heard is None or wall_us - self._heard.wall_us > SILENCE_S * US_PER_S:
            return None
        return self._heard.stream

    def _is_apart(self, packet: Packet) -> bool:
        """Return whether a packet does not follow the last one: of another stream, later or earlier."""
        step_us = packet.wall_us - self._latest_us
        if packet.stream is not self._stream or step_us < -REORDER_S * US_PER_S:
            return True
        if self._step_us is None:
            return step_us > FIRST_PAUSE_S * US_PER_S
        return step_us > PAUSE_S * US_PER_S and step_us > PAUSE_STEPS * self._step_us

    def _is_long_enough(self, packet: Packet) -> bool:
        """Return whether the fragment ends before a packet within a GOP: one that is not shown earlier."""
        if not self._packets:
            return False
        in_order = packet.wall_us > self._latest_us
        long = packet.wall_us - self._packets[0].wall_us >= self._fragment_us
        return (in_order and long) or len(self._packets) >= MOST_PACKETS

    def _end_before(self, packet: Packet) -> WallUs:
        """Return where the fragment ends when this packet is the next.

        Within a GOP with B-frames the next picture to be shown comes after this packet.
        """
        if packet.is_keyframe or not self._is_reordered:
            return WallUs(max(packet.wall_us, self._latest_us + 1))
        return WallUs(self._latest_us + self._last_step_us())

    def _end_apart(self, packet: Packet) -> WallUs | None:
        """Return where the last picture ends before one of another stream that comes at once.

        Its clock begins anew, so that it comes a little earlier or later than it would have; that is no gap.
        """
        step_us = self._last_step_us()
        follows = packet.is_keyframe and 0 < packet.wall_us - self._latest_us <= step_us * 3 // 2
        return packet.wall_us if follows else None

    def _last_step_us(self) -> int:
        """Return for how long the last picture is shown, by the one before it."""
        shown = sorted(packet.wall_us for packet in self._packets[-MOST_REORDERED:])
        if len(shown) > 1 and shown[-1] > shown[-2]:
            return shown[-1] - shown[-2]
        return DEFAULT_STEP_US if self._step_us is None else self._step_us

    def _close(self, end_us: WallUs) -> None:
        """End the fragment; where there is sound it waits for that of its time, or for the next one's end."""
        self._release()
        if not self._packets or self._segment_id is None:
            return
        packets, size = tuple(self._packets), self._bytes
        self._packets, self._bytes = [], 0
        fragment = Fragment(
            camera_id=self._camera_id,
            segment_id=self._segment_id,
            stream=packets[0].stream,
            packets=packets,
            sounds=(),
            start_us=WallUs(min(packet.wall_us for packet in packets)),
            end_us=end_us,
            is_gop_start=packets[0].is_keyframe,
            has_motion=self._has_motion(),
            size=size,
        )
        self._held = _Held(fragment, self._sound_stream)
        if self._sound_stream is None or (self._heard is not None and self._heard.wall_us >= end_us):
            self._release()

    def _release(self) -> None:
        """Hand on the fragment that waits for its sound."""
        if self._held is None:
            return
        fragment, stream = self._held.fragment, self._held.sound_stream
        self._held = None
        sounds = self._sounds_before(fragment.end_us, stream)
        size = fragment.size + sum(len(sound.data) for sound in sounds)
        self._out(replace(fragment, sounds=sounds, size=size, sound=stream))

    def _sounds_before(self, end_us: WallUs, stream: SoundStream | None) -> tuple[SoundPacket, ...]:
        """Take the sound up to a time; what belongs to no track of the file is left out."""
        taken = []
        while self._sounds and self._sounds[0].wall_us < end_us:
            sound = self._sounds.popleft()
            if sound.stream is stream:
                taken.append(sound)
        return tuple(taken)
