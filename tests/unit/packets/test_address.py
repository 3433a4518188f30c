"""Addresses: what is taken, what is refused, and that no password leaves."""

import pytest

from appliance.domain.camera import Credentials
from appliance.errors import AddressError
from appliance.packets.address import (
    check_remote_address,
    device_path,
    file_path,
    host_of,
    join_address,
    split_address,
    target_of,
    without_secrets,
)

SECRET = "canary-77"
BY_ID = "/dev/v4l/by-id/usb-046d_C920_A-1.0:x+y-video-index0"


@pytest.mark.parametrize(
    ("text", "url", "credentials"),
    [
        ("rtsp://cam.lan/stream1", "rtsp://cam.lan/stream1", None),
        ("  RTSP://Cam.LAN:554/s?x=1 ", "rtsp://cam.lan/s?x=1", None),
        ("rtsp://cam:8554", "rtsp://cam:8554", None),
        ("rtsp://u:p@10.0.0.5/a", "rtsp://10.0.0.5/a", Credentials("u", "p")),
        ("rtsp://u:p%40%3A%2F%20%25@h/a", "rtsp://h/a", Credentials("u", "p@:/ %")),
        ("rtsp://u:p@ss@h/a", "rtsp://h/a", Credentials("u", "p@ss")),
        ("rtsp://u:a:b@h/", "rtsp://h/", Credentials("u", "a:b")),
        ("rtsp://u@h/a", "rtsp://h/a", Credentials("u", "")),
        ("rtsp://@h/a", "rtsp://h/a", None),
        ("rtsp://u:p@[fd00::5]:5540/a", "rtsp://[fd00::5]:5540/a", Credentials("u", "p")),
        ("rtsps://u:p@cam:322/a", "rtsps://cam/a", Credentials("u", "p")),
        ("rtsps://cam:554/a", "rtsps://cam:554/a", None),
        ("HTTP://Cam:80/video.mjpg?resolution=640x480", "http://cam/video.mjpg?resolution=640x480", None),
        (
            "http://u:p%40@10.0.0.5:8080/v?a=1&b=x,y",
            "http://10.0.0.5:8080/v?a=1&b=x,y",
            Credentials("u", "p@"),
        ),
        ("https://u:p@[fd00::5]:443/v", "https://[fd00::5]/v", Credentials("u", "p")),
        ("http://cam", "http://cam", None),
        ("/dev/video0", "device:///dev/video0", None),
        (" device:///dev/video12 ", "device:///dev/video12", None),
        ("/dev/v4l/by-id/usb-046d_C920_A-1.0:x+y-video-index0", f"device://{BY_ID}", None),
        ("file:///srv/a%20b.mp4", "file:///srv/a%20b.mp4", None),
        ("file://localhost/srv/a.mp4", "file:///srv/a.mp4", None),
        ("Demo:", "demo:", None),
    ],
)
def test_an_address_is_split_from_its_credentials(
    text: str, url: str, credentials: Credentials | None
) -> None:
    """The URL that is stored, shown and logged holds neither user nor password, which come decoded."""
    assert split_address(text) == (url, credentials)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cam.lan/stream",
        f"admin:{SECRET}@cam.lan/stream",
        f"ftp://admin:{SECRET}@cam/",
        f"httpx://admin:{SECRET}@cam/",
        f"http://admin:{SECRET}/x@cam/",
        f"https://cam/video.cgi?user=admin&pwd={SECRET}",
        f"http://cam/x?a=b@{SECRET}",
        f"/dev/video0?{SECRET}",
        f"/dev/{SECRET}",
        "/dev/video",
        "/dev/video0/../sda",
        "/dev/v4l/by-id/../../sda",
        "/dev/v4l/by-id/..",
        "/dev/v4l/by-id/",
        "device://dev/video0",
        "device:///etc/passwd",
        "device:///dev/video%30",
        f"exec:/bin/sh {SECRET}",
        f"rtsp://admin:{SECRET}/x@cam/",
        f"rtsp://admin:12/{SECRET}@cam/",
        f"rtsp://admin:{SECRET}#x@cam/",
        f"rtsp://admin:{SECRET}?x@cam/",
        f"rtsp://admin:{SECRET}@",
        f"rtsp://admin:{SECRET}@cam:0/",
        f"rtsp://admin:{SECRET}@cam:66000/",
        f"rtsp://admin:{SECRET}@ca m/",
        f"rtsp://admin:{SECRET}@[fd00/",
        f"rtsp://admin:%ff{SECRET}@cam/",
        f"rtsp://admin:%00{SECRET}@cam/",
        f"rtsp://cam/x#{SECRET}",
        f"rtsp://cam/live?user=admin&password={SECRET}",
        f"rtsp://cam/user=admin_password={SECRET}_channel=1",
        "file://srv/a.mp4",
        "file:///",
        "file:///a%00b",
        "demo:street",
        "rtsp://" + "a" * 3000,
    ],
)
def test_what_is_no_address_is_refused_without_repeating_a_password(text: str) -> None:
    """A typing error in an address must not put the password into an answer or a log."""
    with pytest.raises(AddressError) as caught:
        split_address(text)
    assert SECRET not in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(
    "credentials", [Credentials("u", "p"), Credentials("a@b", "p@:/?#% ü"), Credentials("u", "")]
)
def test_joining_undoes_splitting(credentials: Credentials) -> None:
    """What libav is given means the same as what the owner typed."""
    joined = join_address("rtsp://cam:8554/a?b=c", credentials)
    assert split_address(joined) == ("rtsp://cam:8554/a?b=c", credentials)
    for url in ("rtsps://cam/a", "http://cam/v?a=b", "https://[fd00::5]:99/v"):
        assert split_address(join_address(url, credentials)) == (url, credentials)
    assert join_address("device:///dev/video0", credentials) == "device:///dev/video0"
    assert join_address("demo:", credentials) == "demo:"
    assert join_address("rtsp://cam/a", None) == "rtsp://cam/a"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "device:///dev/video0",
        "rtsps://localhost/a",
        "http://localhost/a",
        "http://127.0.0.1:8080/api/v1/cameras",
        "http://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal/computeMetadata",
        "https://[::ffff:127.0.0.1]/a",
        "rtsp://localhost/a",
        "rtsp://localhost.:554/a",
        "rtsp://cam.localhost/a",
        "rtsp://127.0.0.1/a",
        "rtsp://127.1/a",
        "rtsp://2130706433/a",
        "rtsp://0x7f.1/a",
        "rtsp://0.0.0.0/a",
        "rtsp://169.254.169.254/latest",
        "rtsp://169.254.3.4/a",
        "rtsp://100.100.100.200/a",
        "rtsp://metadata.google.internal/a",
        "rtsp://224.0.0.1/a",
        "rtsp://255.255.255.255/a",
        "rtsp://[::1]/a",
        "rtsp://[::]/a",
        "rtsp://[fe80::1]/a",
        "rtsp://[::ffff:127.0.0.1]/a",
        "rtsp://[64:ff9b::7f00:1]/a",
        "rtsp://[2002:7f00:1::]/a",
        "rtsp://[fd00:ec2::254]/a",
    ],
)
def test_the_api_cannot_make_the_appliance_talk_to_itself(url: str) -> None:
    """Files, loopback, link-local and metadata addresses are the operator's own to name, in the file."""
    with pytest.raises(AddressError, match="configuration file"):
        check_remote_address(url)


def test_a_name_that_stands_for_the_machine_itself_is_refused_too() -> None:
    """A name that resolves to loopback is no way around the check."""
    for scheme in ("rtsp", "rtsps", "http", "https"):
        check_remote_address(f"{scheme}://cam.lan/a", ["192.168.1.9"])
        with pytest.raises(AddressError):
            check_remote_address(f"{scheme}://cam.lan/a", ["192.168.1.9", "127.0.0.1"])


def test_what_is_no_address_at_all_is_not_let_through() -> None:
    """The check knows what is allowed, and refuses the rest."""
    with pytest.raises(AddressError):
        check_remote_address("gopher://192.168.1.9/a")


@pytest.mark.parametrize(
    "url",
    [
        "demo:",
        "rtsp://192.168.1.9/a",
        "rtsp://10.0.0.1/",
        "rtsp://[fd00::5]/a",
        "rtsps://10.0.0.1/",
        "http://192.168.1.9/a",
        "https://[fd00::5]/",
    ],
)
def test_cameras_of_the_lan_are_allowed(url: str) -> None:
    """The check keeps nobody from adding a camera."""
    check_remote_address(url)


def test_parts_of_an_address_can_be_had() -> None:
    """Host, port and path come out as libav needs them."""
    assert host_of("rtsp://cam.lan/a") == ("cam.lan", 554)
    assert host_of("rtsp://[fd00::5]:99/a") == ("fd00::5", 99)
    assert host_of("rtsps://cam/a") == ("cam", 322)
    assert host_of("http://cam/a") == ("cam", 80)
    assert host_of("https://cam") == ("cam", 443)
    assert target_of("http://cam") == "/"
    assert target_of("http://cam?a=b") == "/?a=b"
    assert target_of("http://cam:81/a%20b/ü?x=1&y=[2]") == "/a%20b/%C3%BC?x=1&y=[2]"
    assert str(device_path("device:///dev/video0")) == "/dev/video0"
    for part_of in (host_of, target_of, device_path, file_path):
        with pytest.raises(AddressError):
            part_of("demo:")
    assert str(file_path("file:///srv/a%20b.mp4")) == "/srv/a b.mp4"


def test_a_library_s_text_is_cleaned_of_the_password_in_every_form() -> None:
    """Libav repeats the whole address, percent-encoded or not."""
    credentials = Credentials("admin", "s3cr/et")
    text = "open rtsp://admin:s3cr%2Fet@cam/a failed: s3cr/et, s3cr%2Fet"
    cleaned = without_secrets(text, credentials)
    assert "s3cr" not in cleaned
    assert "admin" not in cleaned
    assert without_secrets("rtsp://a:b@cam/x", None) == "rtsp://…@cam/x"
