"""The wall time as black and white blocks in a picture, which survive coding and a browser's canvas.

Sixteen columns and four rows of squares: 48 bits of milliseconds since 1970, the highest first, and 16 bits
of CRC over their six bytes (CCITT, begun with 0xFFFF), so that a picture without a time is not read as one.
"""

import binascii
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

COLUMNS = 16
ROWS = 4
BLOCK_PX = 32
LEFT_PX = 64
TOP_PX = 32
WIDTH_PX = LEFT_PX + COLUMNS * BLOCK_PX
HEIGHT_PX = TOP_PX + ROWS * BLOCK_PX
"""What a picture must have at least."""

BLACK, WHITE = 16, 235
_THRESHOLD = 126
_TIME_BYTES = 6
_CRC_START = 0xFFFF

LAYOUT = [COLUMNS, ROWS, BLOCK_PX, LEFT_PX, TOP_PX]
READ_IN_BROWSER = Path(__file__).with_suffix(".js").read_text()
"""A function of a ``video`` or ``img`` element and ``LAYOUT``: what its picture says (``wall_ms``, or null),
when that was (``now_ms``), how bright the blocks are on the average (``mean``, 0 to 255), its size, where a
video is (``position_s``), and the time that the page itself says (``said``, its ``data-wall``)."""


def draw(luma: Luma, wall_ms: int) -> None:
    """Draw a time into a picture.

    Args:
        luma: uint8, shape (height, width), of at least ``HEIGHT_PX`` and ``WIDTH_PX``; changed in place.
        wall_ms: milliseconds since 1970, below 2 ** 48.
    """
    _check(luma)
    bits = np.unpackbits(np.frombuffer(_coded(wall_ms), np.uint8)).reshape(ROWS, COLUMNS)
    blocks = np.where(bits, WHITE, BLACK).astype(np.uint8)
    luma[TOP_PX:HEIGHT_PX, LEFT_PX:WIDTH_PX] = np.kron(blocks, np.ones((BLOCK_PX, BLOCK_PX), np.uint8))


def read(luma: npt.NDArray[Any]) -> int | None:
    """Return the time in a picture in milliseconds since 1970, or ``None`` where there is none that is whole.

    Args:
        luma: uint8, shape (height, width), as large as it was when the time was drawn; not changed.
    """
    _check(luma)
    half, step = BLOCK_PX // 2, BLOCK_PX
    middles = luma[TOP_PX + half : HEIGHT_PX : step, LEFT_PX + half : WIDTH_PX : step]
    coded = np.packbits(middles > _THRESHOLD).tobytes()
    wall_ms = int.from_bytes(coded[:_TIME_BYTES], "big")
    return wall_ms if _coded(wall_ms) == coded else None


def holes(times_ms: list[int], longest_ms: int) -> list[tuple[int, int]]:
    """Return the pairs of neighbours that lie further apart than that, or in the wrong order."""
    return [(a, b) for a, b in itertools.pairwise(times_ms) if not 0 <= b - a <= longest_ms]


def _coded(wall_ms: int) -> bytes:
    time = wall_ms.to_bytes(_TIME_BYTES, "big")
    return time + binascii.crc_hqx(time, _CRC_START).to_bytes(2, "big")


def _check(luma: npt.NDArray[Any]) -> None:
    if luma.ndim != 2 or luma.shape[0] < HEIGHT_PX or luma.shape[1] < WIDTH_PX:
        raise ValueError(f"expected a picture of at least {WIDTH_PX}x{HEIGHT_PX}, got shape {luma.shape}")
