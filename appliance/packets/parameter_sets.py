"""Notices that a camera codes its pictures otherwise from now on, although its connection goes on."""

import io
from collections.abc import Iterator
from dataclasses import replace

import av
import av.error

from appliance.domain.packet import VideoStream

_MARK = b"\x00\x00\x01"
"""What stands in front of every NAL unit (ITU-T H.264 and H.265, annex B)."""

_START = b"\x00" + _MARK
_LONGEST_SET_BYTES = 4096
_H264_SEQUENCE, _H264_PICTURE, _H264_LAST_SLICE = 7, 8, 5
_H265_VIDEO, _H265_SEQUENCE, _H265_PICTURE, _H265_LAST_SLICE = 32, 33, 34, 31


def tells_size_in_band(codec: str) -> bool:
    """Return whether a keyframe of this codec may have parameter sets in front of it."""
    return codec in {"h264", "hevc"}


class StreamChanges:
    """Compares the sequence parameter sets in front of keyframes with those that are in force.

    They hold the picture's size, which a session description may lack, and how it is coded. Other ones
    begin another ``VideoStream``, so that decoder and recording begin anew, as after a reconnection. A
    damaged set that libav makes nothing of changes nothing.

    Args:
        stream: as announced.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._known = _sequences(stream.codec, _sets(stream.codec, stream.extradata))

    def stream_of(self, data: bytes, *, is_keyframe: bool) -> VideoStream:
        """Return the stream that a packet belongs to; call it for every packet in their order.

        Args:
            data: the coded picture in the form of annex B, as libav's RTSP reader gives it.
            is_keyframe: only there can a stream change.
        """
        if not is_keyframe or not tells_size_in_band(self._stream.codec):
            return self._stream
        sets = _sets(self._stream.codec, data)
        sequences = _sequences(self._stream.codec, sets)
        if sequences and not self._known and self._stream.width:
            self._known = sequences
        elif not sequences <= self._known or (sequences and not self._stream.width):
            self._change(data, sets, sequences)
        return self._stream

    def _change(self, data: bytes, sets: list[bytes], sequences: frozenset[bytes]) -> None:
        size = _size_of(self._stream.codec, data)
        if size is None:
            return
        extradata = b"".join(_START + unit for unit in dict.fromkeys(sets))
        self._stream = replace(self._stream, width=size[0], height=size[1], extradata=extradata)
        self._known = sequences


def _sets(codec: str, data: bytes) -> list[bytes]:
    """Return the parameter sets in front of the first slice."""
    if codec == "h264":
        return [
            unit for unit in _leading(codec, data) if _kind(codec, unit) in {_H264_SEQUENCE, _H264_PICTURE}
        ]
    wanted = {_H265_VIDEO, _H265_SEQUENCE, _H265_PICTURE}
    return [unit for unit in _leading(codec, data) if _kind(codec, unit) in wanted]


def _sequences(codec: str, sets: list[bytes]) -> frozenset[bytes]:
    """Return the ones that rule whole sequences; those of pictures may vary from picture to picture.

    How often one is repeated says nothing: GStreamer's server sends it three times with the first picture.
    """
    picture = _H264_PICTURE if codec == "h264" else _H265_PICTURE
    return frozenset(unit for unit in sets if _kind(codec, unit) != picture)


def _leading(codec: str, data: bytes) -> Iterator[bytes]:
    """Yield the NAL units in front of the first slice, without what may trail them."""
    at = data.find(_MARK)
    while at >= 0 and at + len(_MARK) < len(data):
        begin = at + len(_MARK)
        if _is_slice(codec, data[begin : begin + 1]):
            return
        at = data.find(_MARK, begin)
        unit = data[begin : at if at >= 0 else len(data)].rstrip(b"\x00")
        if unit and len(unit) <= _LONGEST_SET_BYTES:
            yield unit


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def _is_slice(codec: str, unit: bytes) -> bool:
    kind = _kind(codec, unit)
    return 1 <= kind <= _H264_LAST_SLICE if codec == "h264" else kind <= _H265_LAST_SLICE


def _size_of(codec: str, data: bytes) -> tuple[int, int] | None:
    """Return width and height of a coded keyframe; ``None`` where libav makes nothing of it."""
    try:
        with av.open(io.BytesIO(data), format=codec) as container:
            video = container.streams.video[0]
            return (video.width, video.height) if video.width and video.height else None
    except (av.error.FFmpegError, IndexError):
        return None
