"""Names, ids and addresses that come over the API."""

import asyncio
import re

import pytest

from appliance.domain.ids import CAMERA_ID
from appliance.errors import AddressError
from appliance.web.addresses import admit, camera_id_of, same_machine


@pytest.mark.parametrize(
    ("name", "camera_id"),
    [
        ("Front door", "front-door"),
        ("Küche 2", "kuche-2"),
        ("  --  ", "camera"),
        ("玄関", "camera"),
        ("a/../b", "a-b"),
        ("x" * 100, "x" * 48),
        ("Stats", "stats-camera"),
    ],
)
def test_an_id_is_made_of_the_name(name: str, camera_id: str) -> None:
    """Nobody has to think of an id, and each one made fits the pattern."""
    assert camera_id_of(name) == camera_id
    assert re.match(CAMERA_ID, camera_id_of(name))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("rtsp://cam/a", "rtsp://cam/b", True),
        ("rtsp://cam/a", "rtsp://cam:554/a", True),
        ("rtsp://cam/a", "rtsp://cam:8554/a", False),
        ("rtsp://cam/a", "rtsp://other/a", False),
        ("rtsps://cam:554/a", "rtsp://cam/a", False),
        ("https://cam/a", "http://cam:443/a", False),
        ("http://cam/a", "http://cam:80/b?c=d", True),
        ("rtsp://cam/a", "demo:", False),
        ("demo:", "demo:", False),
    ],
)
def test_credentials_stay_with_their_machine(one: str, other: str, same: bool) -> None:
    """A password is never sent to another host or port than the one that it was given for."""
    assert same_machine(one, other) is same


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "/dev/video0",
        "device:///dev/video0",
        "ftp://192.0.2.1/",
        "http://127.0.0.1:8080/",
        "https://localhost/",
        "http://ip6-localhost/",
        "rtsps://[::1]/s",
        "rtsp://127.0.0.1/s",
        "rtsp://localhost/s",
        "rtsp://169.254.169.254/latest",
        "rtsp://[::1]:8554/s",
        "exec:rm",
    ],
)
async def test_addresses_that_only_the_operator_may_name_are_refused(address: str) -> None:
    """The API cannot be used to make the box read its own files or talk to itself."""
    with pytest.raises(AddressError):
        await admit(address)


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
async def test_a_name_is_looked_up_whatever_the_scheme(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name for loopback in somebody's DNS is refused as the address itself would be."""
    loop = asyncio.get_running_loop()

    async def resolver(_host: str, port: int, **_how: int) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(loop, "getaddrinfo", resolver)
    with pytest.raises(AddressError):
        await admit(f"{scheme}://innocent.example/v")


async def test_credentials_are_parted_from_the_address() -> None:
    """What goes on from here is an address that may be seen."""
    admitted = await admit("rtsp://user:p%40ss@192.0.2.7/stream")
    assert admitted.url == "rtsp://192.0.2.7/stream"
    assert admitted.credentials is not None
    assert admitted.credentials.password == "p@ss"
