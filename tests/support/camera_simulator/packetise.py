"""Coded pictures → RTP payloads: RFC 6184 for H.264, RFC 7798 for H.265; single NAL units and fragments."""

from collections.abc import Iterable, Iterator

LONGEST_PAYLOAD_BYTES = 1400
"""Of one RTP packet: below an Ethernet frame's 1,500 bytes with all headers."""

_FU_A = 28
_FU_H265 = 49


def payloads(codec: str, units: Iterable[bytes]) -> list[bytes]:
    """Return the RTP payloads of one picture's NAL units, in order.

    Args:
        codec: ``h264`` or ``hevc``.
        units: without start codes or lengths.
    """
    split = _h264_fragments if codec == "h264" else _h265_fragments
    found: list[bytes] = []
    for unit in units:
        if len(unit) <= LONGEST_PAYLOAD_BYTES:
            found.append(unit)
        else:
            found.extend(split(unit))
    return found


def unit_kind(codec: str, unit: bytes) -> int:
    """Return the type of a NAL unit, as its standard numbers it."""
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def is_keyframe_unit(codec: str, unit: bytes) -> bool:
    """Return whether a NAL unit is a slice at which decoding can start (IDR; for H.265 any IRAP)."""
    kind = unit_kind(codec, unit)
    return kind == 5 if codec == "h264" else 16 <= kind <= 23


def is_slice(codec: str, unit: bytes) -> bool:
    """Return whether a NAL unit carries a part of a picture."""
    kind = unit_kind(codec, unit)
    return 1 <= kind <= 5 if codec == "h264" else kind < 32


def _h264_fragments(unit: bytes) -> Iterator[bytes]:
    """Yield FU-A fragments (RFC 6184, 5.8): indicator, header with start and end bit, part of the unit."""
    indicator = (unit[0] & 0xE0) | _FU_A
    for first, last, part in _parts(unit[1:], LONGEST_PAYLOAD_BYTES - 2):
        yield bytes((indicator, first << 7 | last << 6 | unit[0] & 0x1F)) + part


def _h265_fragments(unit: bytes) -> Iterator[bytes]:
    """Yield fragmentation units (RFC 7798, 4.4.3): two header bytes, FU header, part of the unit."""
    header = bytes(((unit[0] & 0x81) | _FU_H265 << 1, unit[1]))
    kind = unit_kind("hevc", unit)
    for first, last, part in _parts(unit[2:], LONGEST_PAYLOAD_BYTES - 3):
        yield header + bytes((first << 7 | last << 6 | kind,)) + part


def _parts(body: bytes, longest: int) -> Iterator[tuple[bool, bool, bytes]]:
    for start in range(0, len(body), longest):
        end = start + longest
        yield start == 0, end >= len(body), body[start:end]
