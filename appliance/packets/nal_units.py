"""NAL units of H.264 and H.265: from the form in which cameras send them to the form that MP4 wants."""

from collections.abc import Iterator

_MARK = b"\x00\x00\x01"
_CONFIGURATION_VERSION = 1
_LENGTH_BYTES = 4
_H264_SETS, _H264_FILLING = frozenset({7, 8}), frozenset({9, 12})
_H265_SETS, _H265_FILLING = frozenset({32, 33, 34}), frozenset({35, 38})


def kind_of(codec: str, unit: bytes | memoryview) -> int:
    """Return a unit's ``nal_unit_type``; the unit must not be empty."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def is_parameter_set(codec: str, unit: bytes | memoryview) -> bool:
    """Return whether a unit is a parameter set of a sequence, a picture or, with H.265, a video."""
    return kind_of(codec, unit) in (_H264_SETS if codec == "h264" else _H265_SETS)


def units_of(data: bytes, length_bytes: int = 0) -> Iterator[memoryview]:
    """Yield the NAL units of a coded picture, without copying; what is cut off is left out.

    Args:
        data: as the camera sent it.
        length_bytes: of the length in front of each unit; 0 for start codes (annex B of either standard).
    """
    yield from _after_lengths(data, length_bytes) if length_bytes else _between_marks(data)


def length_bytes_of(codec: str, extradata: bytes) -> int:
    """Return how long the lengths in front of units are; 0 where the stream has start codes instead.

    Args:
        codec: ``h264`` or ``hevc``, here and in the other functions.
        extradata: of the stream: an avcC or hvcC record (ISO/IEC 14496-15), or anything else.
    """
    at = 4 if codec == "h264" else 21
    if len(extradata) <= at or extradata[0] != _CONFIGURATION_VERSION:
        return 0
    return (extradata[at] & 3) + 1


def sets_of(codec: str, extradata: bytes) -> list[bytes]:
    """Return the parameter sets that a stream announces, in either form."""
    if not length_bytes_of(codec, extradata):
        return [bytes(unit) for unit in units_of(extradata) if is_parameter_set(codec, unit)]
    return _sets_of_avcc(extradata) if codec == "h264" else _sets_of_hvcc(extradata)


def with_marks(units: list[bytes]) -> bytes:
    """Return units in the form of annex B."""
    return b"".join(b"\x00" + _MARK + unit for unit in units)


def sample_of(codec: str, data: bytes, length_bytes: int, known: frozenset[bytes] | None) -> bytes | None:
    """Return a coded picture as a sample of an MP4 track: each unit behind its length in four bytes.

    Delimiters and filling are left out, and so are the parameter sets that the track announces.

    Args:
        codec: ``h264`` or ``hevc``.
        data: as the camera sent it.
        length_bytes: as ``units_of`` takes it.
        known: the parameter sets that the track announces; ``None`` to keep all that the picture has.

    Returns:
        ``None`` when the picture brings other parameter sets than those that are known.
    """
    filling = _H264_FILLING if codec == "h264" else _H265_FILLING
    parts: list[bytes | memoryview] = []
    for unit in units_of(data, length_bytes):
        if kind_of(codec, unit) in filling:
            continue
        if known is not None and is_parameter_set(codec, unit):
            if bytes(unit) not in known:
                return None
            continue
        parts += [len(unit).to_bytes(_LENGTH_BYTES, "big"), unit]
    return b"".join(parts)


def _between_marks(data: bytes) -> Iterator[memoryview]:
    view, at = memoryview(data), data.find(_MARK)
    while at >= 0:
        begin = at + len(_MARK)
        at = data.find(_MARK, begin)
        end = at if at >= 0 else len(data)
        # A unit never ends in a zero byte: what follows it belongs to the next start code.
        while end > begin and data[end - 1] == 0:
            end -= 1
        if end > begin:
            yield view[begin:end]


def _after_lengths(data: bytes, length_bytes: int) -> Iterator[memoryview]:
    view, at = memoryview(data), 0
    while at + length_bytes < len(data):
        begin = at + length_bytes
        at = begin + int.from_bytes(view[at:begin], "big")
        if at > len(data):
            return
        if at > begin:
            yield view[begin:at]


def _sets_of_avcc(record: bytes) -> list[bytes]:
    sets, at = [], 5
    for mask in (0x1F, 0xFF):
        count = record[at] & mask if at < len(record) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            sets.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    return [one for one in sets if one]


def _sets_of_hvcc(record: bytes) -> list[bytes]:
    sets, at = [], 23
    for _ in range(record[22] if len(record) > 22 else 0):
        count = int.from_bytes(record[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            sets.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    return [one for one in sets if one and is_parameter_set("hevc", one)]
