"""Small H.264 and H.265 clips, drawn and encoded on the fly with PyAV."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import numpy as np
import numpy.typing as npt

I420 = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.float32]

SOUND_HZ = 16_000


def plain(width: int = 160, height: int = 96, luma: int = 100) -> I420:
    """Return a grey picture: uint8, shape (height * 3 / 2, width)."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = luma
    return picture


def walking_square(count: int, width: int = 160, height: int = 96, side: int = 32) -> list[I420]:
    """Return pictures of a bright square that goes from left to right; its luma tells nothing else."""
    pictures = []
    for i in range(count):
        picture = plain(width, height)
        left = (width - side) * i // max(1, count - 1)
        picture[height // 2 - side // 2 : height // 2 + side // 2, left : left + side] = 220
        pictures.append(picture)
    return pictures


def write_clip(
    path: Path,
    pictures: Iterable[I420],
    fps: int = 10,
    gop: int = 10,
    b_frames: int = 0,
    codec: str = "libx264",
    sound: Sound | None = None,
) -> Path:
    """Write pictures of one size as an MP4 file.

    Args:
        path: ``.mp4``.
        pictures: uint8, shape (height * 3 / 2, width).
        fps: constant.
        gop: pictures from one keyframe to the next.
        b_frames: between reference pictures; 0 keeps coded order and shown order the same.
        codec: the encoder: ``libx264``, or ``libx265`` for H.265.
        sound: of 16 kHz, to be coded as AAC: float32, shape (samples,); ``None`` for a file without.
    """
    with av.open(str(path), "w") as container:
        stream = _video(container, codec, fps, gop, b_frames)
        coded_sound = [] if sound is None else _coded_sound(container, sound)
        for i, picture in enumerate(pictures):
            if i == 0:
                stream.width, stream.height = picture.shape[1], picture.shape[0] * 2 // 3
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        container.mux(coded_sound)
    return path


def _coded_sound(container: av.container.OutputContainer, sound: Sound) -> list[Any]:
    """Add a sound stream and return its packets; the container interleaves them with the pictures."""
    stream = container.add_stream("aac", rate=SOUND_HZ)
    stream.layout = "mono"
    packets: list[Any] = []
    for begin in range(0, len(sound), 1024):
        part = np.ascontiguousarray(sound[None, begin : begin + 1024])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, begin, Fraction(1, SOUND_HZ)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def _video(
    container: av.container.OutputContainer, codec: str, fps: int, gop: int, b_frames: int
) -> av.VideoStream:
    """Add a video stream whose keyframes stand where they were asked for."""
    stream = container.add_stream(codec, rate=fps)
    assert isinstance(stream, av.VideoStream)
    stream.pix_fmt, stream.gop_size, stream.time_base = "yuv420p", gop, Fraction(1, fps)
    stream.options = {"preset": "veryfast", "sc_threshold": "0", "bf": str(b_frames), "b-adapt": "0"}
    if codec == "libx265":
        fixed = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}:b-adapt=0:open-gop=0"
        stream.options = {"preset": "veryfast", "x265-params": f"{fixed}:log-level=none"}
    return stream


def write_sound(path: Path, seconds: float = 1.0) -> Path:
    """Write a file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        stream.layout = "mono"
        for i in range(max(1, round(seconds * 16_000 / 1024))):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, i * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
