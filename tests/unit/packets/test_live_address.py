"""A camera's second address is given its password, hence it may be no other machine's."""

import pytest

from appliance.errors import AddressError
from appliance.packets.live_address import expect_same_camera, is_same_camera, split_live_address


@pytest.mark.parametrize(
    ("live_url", "url", "same"),
    [
        ("rtsp://cam/small", "rtsp://cam/big", True),
        ("rtsp://cam:8554/small", "rtsp://cam/big", True),
        ("rtsps://cam/small", "rtsp://cam/big", True),
        ("rtsp://[fd00::5]/small", "rtsp://[fd00::5]:8554/big", True),
        ("rtsp://cam/small", "http://cam/video.mjpg", True),
        ("rtsps://cam/small", "https://cam/video.mjpg", True),
        ("rtsps://cam/small", "rtsps://cam/big", True),
        ("rtsp://cam/small", "rtsps://cam/big", False),
        ("rtsp://cam/small", "https://cam/video.mjpg", False),
        ("rtsp://other/small", "rtsp://cam/big", False),
        ("rtsp://cam.evil.example/small", "rtsp://cam/big", False),
        ("http://cam/small.mjpg", "rtsp://cam/big", False),
        ("demo:", "demo:", False),
        ("rtsp://cam/small", "demo:", False),
        ("file:///small.mp4", "file:///big.mp4", False),
        ("rtsp://cam/small", "file:///big.mp4", False),
    ],
)
def test_it_is_an_rtsp_stream_of_the_same_host_and_no_less_encrypted(
    live_url: str, url: str, same: bool
) -> None:
    """What was given for TLS is not sent without it."""
    assert is_same_camera(live_url, url) is same
    if not same:
        with pytest.raises(AddressError, match="on the host of the first one"):
            expect_same_camera(live_url, url)


def test_it_names_no_user_of_its_own() -> None:
    """The error says where the password belongs, and does not repeat it."""
    assert split_live_address(" rtsp://CAM/small ") == "rtsp://cam/small"
    with pytest.raises(AddressError, match="the second one uses the same") as caught:
        split_live_address("rtsp://eve:canary77@cam/small")
    assert "canary77" not in str(caught.value)
