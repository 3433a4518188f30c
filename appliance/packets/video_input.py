"""An opened libav container, seen through its video stream; used on one thread."""

import struct
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import av
import av.container
import av.packet
import av.video.stream
from av.stream import Disposition

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.errors import SourceFailure
from appliance.packets.pts import PtsRepair, RawPacket
from appliance.packets.report_shift import ReportShift
from appliance.runtime.clock import Clock

AvPacket: TypeAlias = "av.packet.Packet[Any]"
"""A packet of a stream of any kind, as libav gives it."""

_REFERENCE_TIME = struct.Struct("=q")
"""The first field of libav's ``AVProducerReferenceTime``: microseconds since 1970, in the machine's order."""

_PLAUSIBLE_FPS = 240.0
_ASSUMED_FPS = 25.0


@dataclass(slots=True)
class VideoInput:
    """A container whose video stream is read.

    Attributes:
        container: closed by ``close`` only, on the thread that reads.
        video: libav's view of the video stream.
        stream: ours.
    """

    container: av.container.InputContainer
    video: av.video.stream.VideoStream
    stream: VideoStream

    @classmethod
    def open(
        cls, address: str, options: Mapping[str, str], timeout: tuple[float, float] | None = None
    ) -> "VideoInput":
        """Open an address and choose its video stream.

        Args:
            address: for libav, credentials included.
            options: libav's, for protocol and demuxer.
            timeout: seconds for opening and for one read; the latter ends in ``av.error.ExitError``, after
                which an RTSP container can still be read.

        Raises:
            av.error.FFmpegError: it cannot be opened; the text may contain the credentials.
            SourceFailure: it has no video stream.
        """
        return cls.of(av.open(address, mode="r", options=dict(options), timeout=timeout))

    @classmethod
    def of(cls, container: av.container.InputContainer) -> "VideoInput":
        """Choose the video stream of an opened container.

        Raises:
            SourceFailure: ``no_video`` where it has none, ``codec`` where libav knows not what it is; the
                container is closed.
        """
        videos = [v for v in container.streams.video if _is_readable(v)]
        if not videos or videos[0].time_base is None:
            failure = _nothing_to_read(container)
            container.close()
            raise failure
        return cls(container, videos[0], _described(videos[0]))

    def packets(self) -> Generator[AvPacket, None, None]:
        """Yield the container's packets of all streams as they come; an end of file ends it."""
        yield from self.container.demux()

    def is_video(self, packet: AvPacket) -> bool:
        """Return whether a packet holds a coded picture; libav ends a file with empty packets."""
        return packet.stream_index == self.video.index and packet.size > 0

    def repair(self) -> PtsRepair:
        """Return a new repairer of time stamps for this stream."""
        return PtsRepair(self._interval_ticks, round(NS_PER_S / self._fps))

    def report_shift(self) -> ReportShift:
        """Return what undoes the jump that comes with sender reports."""
        return ReportShift(self._interval_ticks, is_alone=len(self.container.streams) == 1)

    @property
    def _interval_ticks(self) -> int:
        return round(1 / (self._fps * self.stream.time_base))

    @property
    def _fps(self) -> float:
        return self.stream.fps or _ASSUMED_FPS

    def close(self) -> None:
        """Close the connection or file; an RTSP server is told so (TEARDOWN)."""
        self.container.close()


def raw_packet(packet: AvPacket, clock: Clock) -> RawPacket:
    """Copy a packet's bytes and note when it came, and when it was taken by its sender's clock."""
    return RawPacket(
        bytes(packet),
        packet.pts,
        packet.dts,
        packet.is_keyframe,
        clock.monotonic_ns(),
        clock.wall_us(),
        sender_us(packet),
    )


def sender_us(packet: AvPacket) -> int | None:
    """Return what libav makes of RTCP sender reports: the wall time that lies at the packet's own PTS.

    It is there from the first report of a connection on, with every packet.
    """
    if not packet.has_sidedata("prft"):
        return None
    reference = bytes(packet.get_sidedata("prft"))
    if len(reference) < _REFERENCE_TIME.size:
        return None
    (wall_us,) = _REFERENCE_TIME.unpack_from(reference)
    return int(wall_us)


def domain_packet(camera_id: CameraId, stream: VideoStream, raw: RawPacket, pts: int) -> Packet:
    """Return the packet as the stages see it."""
    return Packet(
        camera_id=camera_id,
        stream=stream,
        data=raw.data,
        media=MediaTime(pts, stream.time_base),
        dts=raw.dts,
        wall_us=WallUs(raw.wall_us),
        arrived_ns=MonotonicNs(raw.arrived_ns),
        is_keyframe=raw.is_keyframe,
        sender_us=None if raw.sender_us is None else WallUs(raw.sender_us),
    )


def _is_readable(video: av.video.stream.VideoStream) -> bool:
    """Return whether it is a video of a codec that libav knows: a description may leave it unsaid."""
    context: object = video.codec_context
    return context is not None and not video.disposition & Disposition.attached_pic


def _nothing_to_read(container: av.container.InputContainer) -> SourceFailure:
    """Return why a container without a readable video cannot be read: its codec, or that it has no video."""
    streams = container.streams
    if any(not video.disposition & Disposition.attached_pic for video in streams.video):
        return SourceFailure("codec", "the connection works, but its video has an unknown codec")
    heard = ", only sound" if streams.audio else ""
    return SourceFailure("no_video", f"the connection works, but there is no video stream in it{heard}")


def _described(video: av.video.stream.VideoStream) -> VideoStream:
    context = video.codec_context
    rate = video.average_rate or video.guessed_rate
    fps = float(rate) if rate else None
    assert video.time_base is not None
    return VideoStream(
        codec=context.codec.canonical_name,
        extradata=bytes(context.extradata or b""),
        width=video.width,
        height=video.height,
        time_base=video.time_base,
        fps=fps if fps is not None and 0 < fps <= _PLAUSIBLE_FPS else None,
        pixel_format=context.pix_fmt,
    )
