"""A picture's size stands in its own header, and in no other data is one found."""

import pytest

from appliance.packets.jpeg_header import picture_size
from tests.support.http_camera import jpeg

SOF = b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40\x03"
EXIF = b"\xff\xe1\x00\x10" + b"Exif\0\0\xff\xd8\xff\xc0\0\0\0\0"


@pytest.mark.parametrize(("width", "height"), [(64, 48), (2, 2), (1920, 1080), (4096, 16)])
def test_the_size_of_a_picture_is_found(width: int, height: int) -> None:
    """As the encoder wrote it."""
    assert picture_size(jpeg(width, height)) == (width, height)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + SOF,
        b"\xff\xd8\xff\xff\xff" + SOF[1:],
        b"\xff\xd8\xff\x01\xff\xd0" + SOF,
        b"\xff\xd8" + EXIF + SOF,
        b"\xff\xd8\xff\xc4\x00\x04\x00\x00" + SOF.replace(b"\xff\xc0", b"\xff\xc2"),
    ],
    ids=["plain", "fill bytes", "markers alone", "thumbnail before", "progressive, tables before"],
)
def test_what_stands_before_the_header_is_passed_over(data: bytes) -> None:
    """A small picture within the picture's own data is not taken for it."""
    assert picture_size(data) == (64, 48)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8" + SOF[:7],
        b"\xff\xd8" + SOF[:5] + b"\0\0\0\0\3",
        b"\xff\xd8\xff\xda\x00\x02" + SOF,
        b"\xff\xd8\xff\xd9" + SOF,
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\xff\xd8\xff\xe0\xff\xff" + SOF,
        b"no signal",
        b"\x89PNG\r\n\x1a\n",
        bytes(5000),
    ],
)
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    """It is passed over, whatever it is."""
    assert picture_size(data) is None
