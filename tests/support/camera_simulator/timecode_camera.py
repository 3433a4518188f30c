"""Pictures that are drawn and encoded when they are sent, with the wall time of that moment in them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from tests.support import timecode
from tests.support.camera_simulator.clip import CLOCK_HZ, Clip, Picture, picture_of
from tests.support.camera_simulator.packetise import unit_kind

_SETS = frozenset((7, 8))
_BACKGROUND_LUMA = 90
_BAR_PX = 48
_NOISE_SEED = 5


@dataclass(frozen=True, slots=True)
class TimecodeSpec:
    """How the pictures are.

    Attributes:
        width: pixels, even.
        height: pixels, even.
        fps: pictures a second.
        gop: pictures from keyframe to keyframe.
        noise_levels: standard deviation of noise below the timecode, which makes the pictures large.
    """

    width: int = 640
    height: int = 360
    fps: int = 10
    gop: int = 10
    noise_levels: float = 0.0


class TimecodeEncoder:
    """Makes the pictures of one session; on one thread. About 1.5 ms each at 640x360."""

    def __init__(self, spec: TimecodeSpec, wall_s: Callable[[], float] = time.time) -> None:
        self._spec = spec
        self._wall_s = wall_s
        self._noise = np.random.default_rng(_NOISE_SEED)
        self._count = 0
        self._codec: VideoCodecContext = av.CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height = spec.width, spec.height
        self._codec.pix_fmt = "yuv420p"
        self._codec.framerate, self._codec.time_base = Fraction(spec.fps), Fraction(1, spec.fps)
        self._codec.thread_count = 1
        self._codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": f"keyint={spec.gop}:min-keyint={spec.gop}:scenecut=0:repeat-headers=1",
        }

    def picture(self, due: int) -> Picture:
        """Draw and encode the picture of now; the first one, and every ``gop``-th after it, is a keyframe.

        Args:
            due: its time in ticks of the RTP clock since the session's first picture.
        """
        frame = av.VideoFrame.from_ndarray(self._drawn(), format="yuv420p")
        frame.pts, frame.time_base = self._count, Fraction(1, self._spec.fps)
        self._count += 1
        (packet,) = self._codec.encode(frame)
        units = _split(bytes(packet))
        return picture_of("h264", _sets(units), units, due, due)

    def parameter_sets(self) -> tuple[bytes, ...]:
        """Return the sets that the first picture brings; afterwards the encoder has made one picture."""
        frame = av.VideoFrame.from_ndarray(self._drawn(), format="yuv420p")
        (packet,) = self._codec.encode(frame)
        return _sets(_split(bytes(packet)))

    def _drawn(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        spec = self._spec
        drawn = np.full((spec.height * 3 // 2, spec.width), 128, np.uint8)
        luma = drawn[: spec.height]
        luma[:] = _BACKGROUND_LUMA
        if spec.noise_levels:
            below = luma[timecode.HEIGHT_PX :]
            noise = self._noise.normal(_BACKGROUND_LUMA, spec.noise_levels, below.shape)
            below[:] = noise.clip(0, 255).astype(np.uint8)
        left = self._count * 8 % max(1, spec.width - _BAR_PX)
        luma[timecode.HEIGHT_PX + 16 :, left : left + _BAR_PX] = 180
        timecode.draw(luma, round(1e3 * self._wall_s()))
        return drawn


def timecode_clip(spec: TimecodeSpec) -> Clip:
    """Return a clip without end, whose pictures are made one by one for each session."""
    sets = TimecodeEncoder(spec).parameter_sets()
    step = CLOCK_HZ // spec.fps
    return Clip("h264", spec.width, spec.height, sets, (), step, live=lambda: TimecodeEncoder(spec))


def _split(annex_b: bytes) -> list[bytes]:
    """Return the NAL units of a byte stream (ITU-T H.264, annex B), without start codes."""
    parts = annex_b.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


def _sets(units: list[bytes]) -> tuple[bytes, ...]:
    return tuple(unit for unit in units if unit_kind("h264", unit) in _SETS)
