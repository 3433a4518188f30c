"""A camera that does what a test tells it to."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import US_PER_S, MediaTime, WallUs
from appliance.errors import NightjarError
from appliance.packets.source import Source
from appliance.runtime.clock import Clock

TICKS = 90_000


def stream(width: int = 64, height: int = 48, fps: float = 10.0) -> VideoStream:
    """Return a new raw video stream."""
    return VideoStream("rawvideo", b"", width, height, Fraction(1, TICKS), fps, "yuv420p")


def packet(video: VideoStream, seconds: float, clock: Clock, *, keyframe: bool = True) -> Packet:
    """Return a packet of a plain picture that arrives now."""
    return Packet(
        camera_id=CameraId("fake"),
        stream=video,
        data=bytes(video.width * video.height * 3 // 2),
        media=MediaTime(round(seconds * TICKS), video.time_base),
        dts=round(seconds * TICKS),
        wall_us=clock.wall_us(),
        arrived_ns=clock.monotonic_ns(),
        is_keyframe=keyframe,
    )


@dataclass(frozen=True, slots=True)
class Script:
    """One connection of a fake camera.

    Attributes:
        refuses: raised instead of opening.
        pictures: how many packets come.
        fps: how fast they come.
        gop: every so many packets is a keyframe; 0 for never.
        fails: raised after the packets; ``None`` ends like a file.
        behind_s: the camera reports its own clock, by which pictures were taken so long before they arrive.
    """

    refuses: NightjarError | None = None
    pictures: int = 10
    fps: float = 10.0
    gop: int = 10
    fails: NightjarError | None = None
    behind_s: float | None = None


class FakeSource:
    """Plays a script on the clock; checks that it is used as the protocol says."""

    def __init__(self, script: Script, clock: Clock) -> None:
        self._script = script
        self._clock = clock
        self._stream = stream(fps=script.fps)
        self._thread: int | None = None
        self.is_open = False

    def open(self) -> VideoStream:
        """Open, unless the script refuses."""
        self._thread = threading.get_ident()
        if self._script.refuses is not None:
            raise self._script.refuses
        self.is_open = True
        return self._stream

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the script's packets."""
        assert self.is_open, "packets of a source that is not open"
        for i in range(self._script.pictures):
            if i and self._clock.wait(stop, 1 / self._script.fps):
                return
            if stop.is_set():
                return
            keyframe = bool(self._script.gop) and i % self._script.gop == 0
            arrived = packet(self._stream, i / self._script.fps, self._clock, keyframe=keyframe)
            yield replace(arrived, sender_us=self._taken_us(arrived))
        if self._script.fails is not None:
            raise self._script.fails

    def _taken_us(self, arrived: Packet) -> WallUs | None:
        behind_s = self._script.behind_s
        return None if behind_s is None else WallUs(arrived.wall_us - round(behind_s * US_PER_S))

    def close(self) -> None:
        """Close; only on the thread that opened."""
        assert self._thread in (None, threading.get_ident()), "closed from another thread"
        self.is_open = False


@dataclass
class FakeCamera:
    """Makes the sources of a camera, one script for each attempt to connect.

    Attributes:
        exhausted: called when there is no further script: a test stops its reader there.
        connected_s: monotonic seconds of each attempt.
    """

    clock: Clock
    scripts: Sequence[Script]
    exhausted: Callable[[], None] = lambda: None
    sources: list[FakeSource] = field(default_factory=list)
    connected_s: list[float] = field(default_factory=list)

    def __call__(self, _camera: Camera) -> Source:
        """Return the next attempt's source; the last script is repeated."""
        attempt = len(self.sources)
        if attempt >= len(self.scripts):
            self.exhausted()
        self.connected_s.append(self.clock.monotonic_ns() / 1e9)
        source = FakeSource(self.scripts[min(attempt, len(self.scripts) - 1)], self.clock)
        self.sources.append(source)
        return source
