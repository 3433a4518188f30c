"""Where an MP4 file stops being shown, although more is in it (``elst``, ISO/IEC 14496-12, 8.6.6).

A picture that others refer to has to stay in the file even when it is shown after the end of a cut. libav's
muxer writes edit lists that reach to a track's end; here they are shortened in place.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from appliance.domain.time import US_PER_S

_CONTAINERS = frozenset({b"trak", b"edts"})
_LONGEST_INDEX_BYTES = 1 << 30


class _Box(NamedTuple):
    kind: bytes
    body: int
    end: int


def end_at(path: Path, duration_us: int) -> None:
    """Let a file's tracks be shown no longer than that; blocks.

    Args:
        path: an MP4 file with an index, such as ``export.join`` writes; one without is left as it is.
        duration_us: from position 0 on.
    """
    with path.open("r+b", buffering=0) as file:
        for box in _top_level(file.fileno()):
            if box.kind != b"moov" or box.end - box.body > _LONGEST_INDEX_BYTES:
                continue
            index = bytearray(os.pread(file.fileno(), box.end - box.body, box.body))
            _shorten(index, duration_us)
            os.pwrite(file.fileno(), index, box.body)
            return


def _shorten(index: bytearray, duration_us: int) -> None:
    boxes = list(_walk(index, 0, len(index)))
    header = next(box for box in boxes if box.kind == b"mvhd")
    timescale = int.from_bytes(index[header.body + 4 + _time_bytes(index, header) :][:4], "big")
    most = duration_us * timescale // US_PER_S
    for box in boxes:
        if box.kind == b"mvhd":
            _lower(index, box.body + 8 + _time_bytes(index, box), _wide(index, box), most)
        elif box.kind == b"tkhd":
            _lower(index, box.body + 12 + _time_bytes(index, box), _wide(index, box), most)
        elif box.kind == b"elst":
            _lower_edits(index, box, most)


def _lower_edits(index: bytearray, box: _Box, most: int) -> None:
    wide = _wide(index, box)
    width, left = (8 if wide else 4), most
    for number in range(int.from_bytes(index[box.body + 4 : box.body + 8], "big")):
        at = box.body + 8 + number * (2 * width + 4)
        left -= _lower(index, at, wide, max(0, left))


def _lower(index: bytearray, at: int, wide: bool, most: int) -> int:
    """Lower a number that is larger than that, and return what it is now."""
    form = ">Q" if wide else ">I"
    value: int = min(struct.unpack_from(form, index, at)[0], most)
    struct.pack_into(form, index, at, value)
    return value


def _time_bytes(index: bytearray, box: _Box) -> int:
    """Return how long the two times are that stand in front of a header's other fields."""
    return 16 if _wide(index, box) else 8


def _wide(index: bytearray, box: _Box) -> bool:
    return index[box.body] == 1


def _walk(data: bytearray, at: int, end: int) -> Iterator[_Box]:
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > end:
            return
        yield _Box(kind, at + 8, at + length)
        if kind in _CONTAINERS:
            yield from _walk(data, at + 8, at + length)
        at += length


def _top_level(number: int) -> Iterator[_Box]:
    at, size = 0, os.fstat(number).st_size
    while at + 16 <= size:
        length, kind, long = struct.unpack(">I4sQ", os.pread(number, 16, at))
        body = at + (16 if length == 1 else 8)
        length = long if length == 1 else length
        if length < 8:
            return
        yield _Box(kind, body, at + length)
        at += length
