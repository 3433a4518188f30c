"""A camera at this machine's own USB or CSI port: a video device of the kernel (V4L2)."""

import contextlib
import errno
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import av
import av.error

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import MonotonicNs
from appliance.errors import SourceFailure
from appliance.packets.failures import device_failure
from appliance.packets.pts import RawPacket
from appliance.packets.settings import Settings
from appliance.packets.video_input import AvPacket, VideoInput, domain_packet, raw_packet
from appliance.runtime.clock import Clock, seconds_since

OpenDevice: TypeAlias = Callable[[str, Mapping[str, str]], VideoInput]
"""Opens the device at a path with libav's options."""

I420 = "yuv420p"
"""Pictures that were never coded go on in this pixel format, whatever the device gives."""

_CODED_FIRST: tuple[Mapping[str, str], ...] = ({"input_format": "mjpeg"}, {})
"""MJPEG if the device can: uncoded pictures of a large size come slowly over USB, if at all."""

# AVFMT_FLAG_NONBLOCK, which has no name among the options. Without it a read has no deadline.
_DO_NOT_WAIT = {"fflags": "+4"}

# Opening must not look at pictures: libav would ask for the first one in a loop that takes a whole core for
# the open time-out where a device gives none. It looks at none when it believes to know their format; that
# of coded pictures stands in each of them, that of uncoded ones is known from the device.
_LOOK_AT_NOTHING = {"max_ts_probe": "0"}
_BELIEVED = {"pixel_format": "yuvj422p"}

_LOOKS_A_PICTURE = 4
_SHORTEST_LOOK_S, _LONGEST_LOOK_S = 0.002, 0.02


def open_v4l2(path: str, options: Mapping[str, str]) -> VideoInput:
    """Open a device without waiting for it; a read without a picture raises ``av.error.BlockingIOError``.

    Raises:
        av.error.FFmpegError: it cannot be opened.
    """
    wanted = {**_DO_NOT_WAIT, **_LOOK_AT_NOTHING, **options}
    believed: list[Any] = [_BELIEVED]  # PyAV's annotation says strings, its code takes mappings.
    container = av.open(path, "r", format="v4l2", container_options=wanted, stream_options=believed)
    return VideoInput.of(container)


class DeviceSource:
    """Reads one video device in the size and at the rate that it is set to; used on one thread.

    libav reads V4L2 either without any deadline or without waiting at all; so it is asked without waiting,
    four times in the time of a picture.

    Args:
        path: of the device.
        open_device: opens it; a test's fake else.
    """

    def __init__(
        self,
        camera_id: CameraId,
        path: Path,
        clock: Clock,
        settings: Settings,
        open_device: OpenDevice = open_v4l2,
    ) -> None:
        self._camera_id = camera_id
        self._path = str(path)
        self._clock = clock
        self._settings = settings
        self._open_device = open_device
        self._input: VideoInput | None = None

    def open(self) -> VideoStream:
        """Open the device, without waiting for a picture.

        Raises:
            SourceFailure: ``not_found``, ``refused``, ``no_video`` or ``protocol``.
        """
        self._input = opened = self._opened()
        opened.stream = _as_handed_on(opened.stream)
        return opened.stream

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the pictures as they come; returns only when ``stop`` is set.

        Raises:
            SourceFailure: ``timeout`` after silence, ``ended`` when the device is gone, ``protocol``.
        """
        assert self._input is not None, "packets before open"
        opened, repair = self._input, self._input.repair()
        for packet in self._video_packets(opened, stop):
            for raw, pts in repair.feed(self._raw_packet(packet, opened.stream)):
                yield domain_packet(self._camera_id, opened.stream, raw, pts)

    def close(self) -> None:
        """Give the device back."""
        if self._input is not None:
            self._input.close()
            self._input = None

    def _opened(self) -> VideoInput:
        for options in _CODED_FIRST:
            try:
                return self._open_device(self._path, options)
            except av.error.FFmpegError as err:
                failure = device_failure(err, self._path)
                if err.errno != errno.EINVAL:
                    break
        raise failure

    def _video_packets(self, opened: VideoInput, stop: threading.Event) -> Iterator[AvPacket]:
        last_ns = self._clock.monotonic_ns()
        while not stop.is_set():
            try:
                with contextlib.closing(opened.packets()) as packets:
                    for packet in packets:
                        if opened.is_video(packet):
                            last_ns = self._clock.monotonic_ns()
                            yield packet
                        if stop.is_set():
                            return
                raise SourceFailure("ended", f"{self._path} gives no more pictures")
            except av.error.BlockingIOError:
                self._check_silence(last_ns)
                self._clock.wait(stop, _look_s(opened.stream))
            except av.error.FFmpegError as err:
                raise device_failure(err, self._path) from None

    def _check_silence(self, last_ns: MonotonicNs) -> None:
        limit_s = self._settings.silence_timeout_s
        if seconds_since(self._clock, last_ns) >= limit_s:
            raise SourceFailure("timeout", f"{self._path} has given no picture for {limit_s:g} s")

    def _raw_packet(self, packet: AvPacket, stream: VideoStream) -> RawPacket:
        raw = raw_packet(packet, self._clock)
        if stream.codec != "rawvideo":
            return raw
        return replace(raw, data=_i420(packet, stream), is_keyframe=True)


def _i420(packet: AvPacket, stream: VideoStream) -> bytes:
    """Return an uncoded picture's planes Y, U and V, one after the other; nothing if it is not whole."""
    for picture in packet.decode():
        if isinstance(picture, av.VideoFrame):
            converted = picture.reformat(stream.width, stream.height, I420)
            return converted.to_ndarray().tobytes()
    return b""


def _as_handed_on(stream: VideoStream) -> VideoStream:
    if stream.codec != "rawvideo":
        return replace(stream, pixel_format=None)
    return replace(stream, width=_even(stream.width), height=_even(stream.height), pixel_format=I420)


def _even(size_px: int) -> int:
    return size_px & ~1


def _look_s(stream: VideoStream) -> float:
    """Return how long to wait before the device is asked again."""
    wanted = 1 / (_LOOKS_A_PICTURE * stream.fps) if stream.fps else _LONGEST_LOOK_S
    return min(max(wanted, _SHORTEST_LOOK_S), _LONGEST_LOOK_S)
