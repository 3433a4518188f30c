"""Frames as JPEG."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.frames.jpeg import encode_jpeg
from tests.support.clips import plain


def frame(width: int, height: int, luma: int = 100) -> Frame:
    """Return a grey frame."""
    media = MediaTime(0, Fraction(1, 10))
    return Frame(CameraId("c"), plain(width, height, luma), media, WallUs(0), MonotonicNs(0))


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [((640, 360), 1280, (640, 360)), ((1920, 1080), 640, (640, 360)), ((64, 48), 64, (64, 48))],
)
def test_a_frame_becomes_a_jpeg_of_at_most_that_width(
    size: tuple[int, int], limit: int, expected: tuple[int, int]
) -> None:
    """Smaller in proportion, never larger."""
    coded = encode_jpeg(frame(*size), limit)
    picture = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert (picture.shape[1], picture.shape[0]) == expected
    assert coded[:3] == b"\xff\xd8\xff"


def test_grey_stays_grey() -> None:
    """Luma 16 is black and 235 is white: video range."""
    for luma, level in ((16, 0), (235, 255), (126, 128)):
        picture = cv2.imdecode(np.frombuffer(encode_jpeg(frame(64, 48, luma)), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert np.abs(picture.astype(int) - level).max() <= 3


@pytest.mark.parametrize(("width", "quality"), [(1, 85), (640, 0), (640, 101)])
def test_impossible_wishes_are_refused(width: int, quality: int) -> None:
    """The message has what was expected."""
    with pytest.raises(ValueError, match="quality of 1"):
        encode_jpeg(frame(64, 48), width, quality)
