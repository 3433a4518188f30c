"""A packet: one coded picture as it came from the camera, and the stream that it belongs to."""

from dataclasses import dataclass, field
from fractions import Fraction

from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs


@dataclass(frozen=True, slots=True)
class VideoStream:
    """What a decoder or a muxer needs to know of a video stream.

    A new object is made whenever the camera's stream changes (reconnection, codec, size): compare by
    identity to notice it.

    Attributes:
        codec: FFmpeg's name: ``h264``, ``hevc``, ``mjpeg``, ``mpeg4``, ``rawvideo`` …
        extradata: parameter sets as FFmpeg gives them (avcC, hvcC or Annex B); empty when in band.
        width: pixels as announced; the decoded frame decides.
        height: pixels as announced; the decoded frame decides.
        fps: as announced, or ``None``.
        pixel_format: FFmpeg's name; needed for ``rawvideo``.
    """

    codec: str
    extradata: bytes = field(repr=False)
    width: int
    height: int
    time_base: Fraction
    fps: float | None
    pixel_format: str | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One coded video picture.

    Attributes:
        data: the bytes as received; shared, never changed.
        media: presentation time in the stream's time base.
        dts: decoding time in the same time base, or ``None``.
        wall_us: when the picture was taken, on the camera's anchored clock.
        arrived_ns: when the packet was read, on the monotonic clock.
        is_keyframe: a decoder can start here.
        sender_us: when the picture was taken by the camera's own clock, believed or not; ``None`` where
            the camera has not reported.
    """

    camera_id: CameraId
    stream: VideoStream
    data: bytes = field(repr=False)
    media: MediaTime
    dts: int | None
    wall_us: WallUs
    arrived_ns: MonotonicNs
    is_keyframe: bool
    sender_us: WallUs | None = None
