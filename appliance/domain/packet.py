"""A packet: one coded picture or piece of sound as it came from the camera, and the stream it belongs to."""

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


@dataclass(frozen=True, slots=True)
class SoundStream:
    """What a decoder or a muxer needs to know of a camera's sound, which is AAC in every case.

    A new object is made whenever the sound changes; compare by identity to notice it.

    Attributes:
        config: the AudioSpecificConfig of ISO/IEC 14496-3.
        sample_rate: samples a second.
        channels: 1 or 2.
    """

    config: bytes = field(repr=False)
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """One coded piece of sound, of ``samples`` samples for each channel.

    Attributes:
        data: a raw AAC access unit, without ADTS header; shared, never changed.
        wall_us: when it began, on the clock that the camera's pictures lie on.
        arrived_ns: when it was read, on the monotonic clock.
    """

    camera_id: CameraId
    stream: SoundStream
    data: bytes = field(repr=False)
    wall_us: WallUs
    arrived_ns: MonotonicNs
    samples: int = 1024
