"""A video device that gives pictures when they are due, as V4L2 does when it is asked without waiting."""

import errno
from collections.abc import Callable, Generator, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from appliance.packets.video_input import AvPacket, VideoInput
from appliance.runtime.clock import Clock

FPS = 10


class FakeDevice:
    """Opens itself in place of libav's V4L2; its pictures are real packets, from a file made on the fly.

    Args:
        folder: for that file.
        clock: tells when a picture is due; ten a second.
        codec: ``mjpeg``, or ``rawvideo`` for a device that knows only uncoded pictures (YUYV).
        silent_after: so many pictures come, and then none.
        gone_after: so many pictures come, and then the device is unplugged.
        at_look: called when the device is asked for the so-manieth time.

    Attributes:
        asked: the options of each attempt to open it.
        is_closed: nobody holds it.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        codec: str = "mjpeg",
        silent_after: int = 1000,
        gone_after: int = 1000,
        at_look: Mapping[int, Callable[[], None]] | None = None,
    ) -> None:
        self._file = _written(folder / f"{codec}.nut", codec)
        self._codec = codec
        self.clock = clock
        self.silent_after, self.gone_after = silent_after, gone_after
        self.at_look = at_look or {}
        self.looks = 0
        self.asked: list[dict[str, str]] = []
        self.is_closed = True

    def __call__(self, path: str, options: Mapping[str, str]) -> VideoInput:
        """Open it, if it can give what is wanted."""
        self.asked.append(dict(options))
        if options.get("input_format", self._codec) != self._codec:
            av.error.err_check(-errno.EINVAL, path)
        whole = VideoInput.open(str(self._file), {})
        self.is_closed = False
        return _OpenedDevice(whole.container, whole.video, whole.stream, self)


class _OpenedDevice(VideoInput):
    """Its packets come when they are due; a look before that fails."""

    def __init__(self, *parts: object) -> None:
        *usual, device = parts
        super().__init__(*usual)  # type: ignore[arg-type]
        assert isinstance(device, FakeDevice)
        self._device = device
        self._waiting = [packet for packet in self.container.demux() if packet.size]
        self._given = 0
        self._begun_ns = device.clock.monotonic_ns()

    def packets(self) -> Generator[AvPacket, None, None]:
        device = self._device
        while True:
            device.looks += 1
            device.at_look.get(device.looks, lambda: None)()
            if self._given >= device.gone_after:
                av.error.err_check(-errno.ENODEV, "gone")
            if self._given >= device.silent_after or not self._is_due():
                av.error.err_check(-errno.EAGAIN, "later")
            self._given += 1
            yield self._waiting[self._given - 1]

    def close(self) -> None:
        super().close()
        self._device.is_closed = True

    def _is_due(self) -> bool:
        passed_ns = self._device.clock.monotonic_ns() - self._begun_ns
        return passed_ns * FPS >= (self._given + 1) * 1_000_000_000


def _written(path: Path, codec: str, pictures: int = 40) -> Path:
    drawn, form = {"mjpeg": ("yuvj420p", "yuvj420p"), "rawvideo": ("yuv420p", "yuyv422")}[codec]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, form
        planes = np.full((72, 64), 128, np.uint8)
        planes[:48] = 90
        for i in range(pictures):
            frame = av.VideoFrame.from_ndarray(planes, format=drawn).reformat(format=form)
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
