"""What a JPEG picture says of itself before its first scan; pure."""

from typing import NamedTuple

_SOI = b"\xff\xd8"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END = 0xDA, 0xD9


class PictureSize(NamedTuple):
    """A picture's size in pixels; both sides above 0."""

    width: int
    height: int


def picture_size(data: bytes) -> PictureSize | None:
    """Return the size in a JPEG picture's frame header (ITU-T T.81, B.2.2); ``None`` if this is no JPEG."""
    if not data.startswith(_SOI):
        return None
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _START_OF_FRAME:
            return _size(data[at + 5 : at + 9])
        if marker in {_SCAN, _END}:
            return None
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _size(field: bytes) -> PictureSize | None:
    height, width = int.from_bytes(field[:2], "big"), int.from_bytes(field[2:], "big")
    return PictureSize(width, height) if len(field) == 4 and width and height else None
