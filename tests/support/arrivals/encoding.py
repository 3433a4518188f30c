"""From pictures to a file as an IP camera makes its stream: no B-frames, keyframes at a fixed distance."""

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
import numpy.typing as npt

Codec = Literal["h264", "hevc"]
Rate = Literal["vbr", "cbr"]

_CRF: dict[Codec, int] = {"h264": 28, "hevc": 30}
_FULL_HD_BITS_S: dict[Codec, float] = {"h264": 3e6, "hevc": 2e6}
_LEAST_QP = 18


def bits_per_s(codec: Codec, width: int, height: int) -> int:
    """Return the bitrate a camera of that size is set to, if it is set to a constant one."""
    return round(_FULL_HD_BITS_S[codec] * math.pow(width * height / (1920 * 1080), 0.75))


def encode(
    path: Path, pictures: Iterable[npt.NDArray[np.uint8]], *, fps: int, gop_s: float, rate: Rate, codec: Codec
) -> None:
    """Write pictures of one size as an MP4 file.

    Args:
        path: ``.mp4``.
        pictures: uint8, shape (height * 3 / 2, width), planar YUV 4:2:0.
        fps: frames a second.
        gop_s: from one keyframe to the next; scene cuts make no others.
        rate: ``vbr`` holds the quality (CRF 28, H.265 30); ``cbr`` the bitrate over each second. Cameras do
            not fill up what a quiet second leaves over, and neither does this.
        codec: of the stream.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264" if codec == "h264" else "libx265", rate=fps)
        stream.pix_fmt, stream.time_base, stream.thread_count = "yuv420p", Fraction(1, fps), 1
        stream.gop_size = round(gop_s * fps)
        for tick, picture in enumerate(pictures):
            if tick == 0:
                stream.width, stream.height = picture.shape[1], picture.shape[0] * 2 // 3
                options = _options(codec, rate, round(gop_s * fps), stream.width, stream.height)
                stream.options = {**options}
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _options(codec: Codec, rate: Rate, gop: int, width: int, height: int) -> dict[str, str]:
    """Return the encoder's options: what its chip in a camera does, which looks at one frame at a time."""
    kbits_s = bits_per_s(codec, width, height) // 1000
    private = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:rc-lookahead=0:ref=1"
    if rate == "vbr":
        private += f":crf={_CRF[codec]}"
    else:
        private += f":bitrate={kbits_s}:vbv-maxrate={kbits_s}:vbv-bufsize={kbits_s}:qpmin={_LEAST_QP}"
    if codec == "h264":
        return {"preset": "veryfast", "tune": "zerolatency", "x264-params": private}
    private += ":open-gop=0:repeat-headers=1:pools=none:frame-threads=1:log-level=none:me=dia:subme=1"
    return {"preset": "ultrafast", "tune": "zerolatency", "x265-params": private}
