"""Coded pictures and sound as a camera's reader hands them on, without a camera."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket, SoundStream, VideoStream
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs

CAMERA = CameraId("yard")
BEGIN_US = WallUs(1_790_000_000_000_000)
"""When the first picture was taken, unless a test wants otherwise."""


def packets_of(
    clip: Path, *, annex_b: bool = True, camera_id: CameraId = CAMERA, begin_us: int = BEGIN_US
) -> list[Packet]:
    """Return the packets of a clip in decoding order, as RTSP (with start codes) or as a file gives them."""
    out: list[Packet] = []
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        name = context.codec.canonical_name
        own = b"" if annex_b else bytes(context.extradata or b"")
        assert video.time_base is not None
        stream = VideoStream(
            name, own, video.width, video.height, video.time_base, float(video.average_rate or 0)
        )
        marks = av.BitStreamFilterContext(f"{name}_mp4toannexb", video) if annex_b else None
        for packet in container.demux(video):
            if packet.pts is None:
                continue
            is_keyframe, pts, dts = packet.is_keyframe, packet.pts, packet.dts
            data = bytes(marks.filter(packet)[0]) if marks is not None else bytes(packet)
            shown_us = begin_us + round(pts * US_PER_S * video.time_base)
            out.append(
                Packet(
                    *(camera_id, stream, data, MediaTime(pts, video.time_base), dts, WallUs(shown_us)),
                    *(MonotonicNs((shown_us - begin_us) * 1000), is_keyframe),
                )
            )
    return out


def tone(seconds: float, rate: int = 16_000, camera_id: CameraId = CAMERA) -> list[SoundPacket]:
    """Return a tone of 440 Hz in AAC, one channel, that begins with the pictures."""
    context = av.CodecContext.create("aac", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = rate, "mono", "fltp"
    context.time_base = Fraction(1, rate)
    samples = np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate).astype(np.float32)
    coded = []
    for at in range(0, len(samples) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        coded += context.encode(frame)
    stream = SoundStream(bytes(context.extradata or b""), rate, 1)
    return [
        SoundPacket(
            *(camera_id, stream, bytes(packet), WallUs(BEGIN_US + i * 1024 * US_PER_S // rate)),
            MonotonicNs(i * 1024 * 1_000_000_000 // rate),
        )
        for i, packet in enumerate(coded)
    ]


def pictures_of(data: bytes) -> list[tuple[int, bytes]]:
    """Return time in microseconds and luma of each picture of a file, in the order of showing."""
    with av.open(io.BytesIO(data), "r") as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        return [
            (round((frame.pts or 0) * US_PER_S * video.time_base), frame.to_ndarray(format="gray").tobytes())
            for frame in container.decode(video)
        ]
