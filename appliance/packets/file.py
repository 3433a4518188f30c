"""A video file, played at its own pace as if it were a camera."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av.error

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S
from appliance.errors import SourceFailure
from appliance.packets.failures import file_failure
from appliance.packets.pts import RawPacket
from appliance.packets.sound_input import OnSound, SoundTap
from appliance.packets.video_input import VideoInput, domain_packet, raw_packet
from appliance.runtime.clock import Clock

_BEHIND_AT_MOST_S = 1.0


class FileSource:
    """Plays a file once or for ever, with its sound where that is asked for; used on one thread.

    Played again, its time stamps go on where they ended, in the same stream.

    Args:
        path: absolute.
        loop: play it again when it ends.
    """

    def __init__(self, camera_id: CameraId, path: Path, loop: bool, clock: Clock) -> None:
        self._camera_id = camera_id
        self._path = path
        self._loop = loop
        self._clock = clock
        self._input: VideoInput | None = None
        self._on_sound: OnSound | None = None

    def open(self) -> VideoStream:
        """Open the file.

        Raises:
            SourceFailure: ``not_found``, ``no_video`` or ``protocol``.
        """
        try:
            # Only the file itself: a play list in it must not make libav fetch anything else.
            self._input = VideoInput.open(str(self._path), {"protocol_whitelist": "file"})
        except av.error.FFmpegError as err:
            raise file_failure(err, self._path.name) from None
        return self._input.stream

    def hear(self, on_sound: OnSound) -> None:
        """Hand the sound on, too, while ``packets`` is read, as the file interleaves it with the pictures."""
        self._on_sound = on_sound

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the file's packets when they are due; returns at its end, or when ``stop`` is set.

        Raises:
            SourceFailure: ``protocol`` where it cannot be read on, ``no_video`` where it holds no picture.
        """
        assert self._input is not None, "packets before open"
        opened, pace, offset = self._input, _Pace(self._clock, self._input.stream.time_base), 0
        tap = SoundTap(opened.container, self._on_sound, self._clock, is_timed_with_pictures=True)
        while True:
            span, offset_s = _Span(), float(offset * opened.stream.time_base)
            for raw, pts in self._one_pass(opened, tap, offset_s):
                span.add(pts, raw.dts)
                due = (raw.dts if raw.dts is not None else pts) + offset
                if pace.wait(due, stop):
                    return
                yield domain_packet(self._camera_id, opened.stream, self._now(raw, offset), pts + offset)
            if not span.count:
                raise SourceFailure("no_video", f"the file {self._path.name} holds no picture")
            if not self._loop:
                return
            offset += span.ticks(opened.stream)
            opened.container.seek(0)

    def close(self) -> None:
        """Close the file."""
        if self._input is not None:
            self._input.close()
            self._input = None

    def _one_pass(
        self, opened: VideoInput, tap: SoundTap, offset_s: float
    ) -> Iterator[tuple[RawPacket, int]]:
        repair = opened.repair()
        try:
            for packet in opened.packets():
                if opened.is_video(packet):
                    yield from repair.feed(raw_packet(packet, self._clock))
                else:
                    tap.take(packet, offset_s)
        except av.error.FFmpegError as err:
            raise file_failure(err, self._path.name) from None
        yield from repair.flush()

    def _now(self, raw: RawPacket, offset: int) -> RawPacket:
        dts = None if raw.dts is None else raw.dts + offset
        return RawPacket(
            raw.data, raw.pts, dts, raw.is_keyframe, self._clock.monotonic_ns(), self._clock.wall_us()
        )


class _Pace:
    """When a packet is due: its decoding time on the monotonic clock, counted from the first one."""

    def __init__(self, clock: Clock, time_base: Fraction) -> None:
        self._clock = clock
        self._time_base = time_base
        self._origin_ns: int | None = None

    def wait(self, ticks: int, stop: threading.Event) -> bool:
        """Wait until it is due; return True when ``stop`` was set meanwhile."""
        media_ns = int(ticks * self._time_base * NS_PER_S)
        now = self._clock.monotonic_ns()
        if self._origin_ns is None:
            self._origin_ns = now - media_ns
        ahead_s = (self._origin_ns + media_ns - now) / NS_PER_S
        if ahead_s < -_BEHIND_AT_MOST_S:
            # The machine was asleep or too slow: a camera would not send the missed pictures in a burst.
            self._origin_ns = now - media_ns
        if ahead_s > 0:
            return self._clock.wait(stop, ahead_s)
        return stop.is_set()


class _Extent:
    """The first and the last of some ticks."""

    def __init__(self) -> None:
        self.count = 0
        self._first = 0
        self._last = 0

    def add(self, ticks: int) -> None:
        """Take one more into account, in any order."""
        self._first = ticks if not self.count else min(self._first, ticks)
        self._last = ticks if not self.count else max(self._last, ticks)
        self.count += 1

    @property
    def ticks(self) -> int:
        """From the first to the last."""
        return self._last - self._first


class _Span:
    """The extent of one pass through the file, in presentation and in decoding order."""

    def __init__(self) -> None:
        self._shown = _Extent()
        self._decoded = _Extent()

    def add(self, pts: int, dts: int | None) -> None:
        """Take one more packet into account."""
        self._shown.add(pts)
        if dts is not None:
            self._decoded.add(dts)

    @property
    def count(self) -> int:
        """How many packets there were."""
        return self._shown.count

    def ticks(self, stream: VideoStream) -> int:
        """Return how far the next pass lies behind this one: one picture after its end in either order."""
        extent = max(self._shown.ticks, self._decoded.ticks)
        mean = extent / max(1, self.count - 1)
        usual = 1 / (stream.fps * stream.time_base) if stream.fps else mean
        return extent + max(1, round(usual))
