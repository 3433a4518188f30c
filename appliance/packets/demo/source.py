"""The demo camera ``demo:``: a street that the program draws, at ten pictures a second."""

import threading
import zlib
from collections.abc import Iterator
from fractions import Fraction

import av

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S, MediaTime, MonotonicNs
from appliance.packets.demo.scene import Scene
from appliance.runtime.clock import Clock

FPS = 10
"""Pictures in a second: enough for a gait, and cheap to draw on a small box."""

GOP = 2 * FPS
_ENCODER = {"preset": "superfast", "tune": "zerolatency", "qp": "32", "bf": "0", "sc_threshold": "0"}
"""As a camera would, H.264 with a keyframe every two seconds: 3 ms and 2 kB a picture; none waits."""


class DemoSource:
    """Draws the scene in real time and codes it as a camera would, in H.264; used on one thread.

    Each opening begins at noon of the scene, with somebody about to come. A picture that a busy machine is
    too late for is left out, as a camera would. The people differ from camera to camera, and are the same
    for the same camera each time.

    Args:
        camera_id: goes into the packets, and chooses the people.
    """

    def __init__(self, camera_id: CameraId, clock: Clock) -> None:
        self._camera_id = camera_id
        self._clock = clock
        self._scene: Scene | None = None
        self._encoder: av.VideoCodecContext | None = None
        self._stream = VideoStream(
            codec="h264",
            extradata=b"",
            width=Scene.width,
            height=Scene.height,
            time_base=Fraction(1, FPS),
            fps=float(FPS),
            pixel_format="yuv420p",
        )

    def open(self) -> VideoStream:
        """Draw the empty street, which takes some tenths of a second; cannot fail."""
        self._scene = Scene(seed=zlib.crc32(self._camera_id.encode()))
        self._encoder = _encoder()
        return self._stream

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield a picture ten times a second until ``stop`` is set."""
        assert self._scene is not None, "packets before open"
        assert self._encoder is not None, "packets before open"
        begun_ns, tick = self._clock.monotonic_ns(), 0
        while not stop.is_set():
            yield self._packet(self._scene, self._encoder, tick)
            passed = (self._clock.monotonic_ns() - begun_ns) * FPS // NS_PER_S
            tick = max(tick + 1, passed)
            due_s = (begun_ns - self._clock.monotonic_ns()) / NS_PER_S + tick / FPS
            if due_s > 0 and self._clock.wait(stop, due_s):
                return

    def close(self) -> None:
        """Let go of the drawings."""
        self._scene = self._encoder = None

    def _packet(self, scene: Scene, encoder: av.VideoCodecContext, tick: int) -> Packet:
        # A camera takes its picture first and works on it afterwards: the instant is the one before drawing.
        wall_us, arrived_ns = self._clock.wall_us(), MonotonicNs(self._clock.monotonic_ns())
        picture = av.VideoFrame.from_ndarray(scene.draw(tick / FPS), format="yuv420p")
        picture.pts, picture.time_base = tick, self._stream.time_base
        (coded,) = encoder.encode(picture)
        return Packet(
            camera_id=self._camera_id,
            stream=self._stream,
            data=bytes(coded),
            media=MediaTime(tick, self._stream.time_base),
            dts=tick,
            wall_us=wall_us,
            arrived_ns=arrived_ns,
            is_keyframe=coded.is_keyframe,
        )


def _encoder() -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = Scene.width, Scene.height, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, FPS), Fraction(FPS), GOP
    encoder.thread_count, encoder.options = 1, _ENCODER
    return encoder
