"""The second address of a camera: another stream of the same machine, read with the same credentials."""

from appliance.errors import AddressError
from appliance.packets.address import host_of, scheme_of, split_address


def split_live_address(text: str) -> str:
    """Return a second address as it is kept.

    Args:
        text: as a person wrote it.

    Raises:
        AddressError: it cannot be an address of a stream, or names a user.
    """
    url, credentials = split_address(text)
    if credentials is not None:
        raise AddressError("write user and password in the first address; the second one uses the same")
    return url


def expect_same_camera(live_url: str, url: str) -> None:
    """Do nothing if the second address is one that may be read with the first one's credentials.

    Raises:
        AddressError: it is not.
    """
    if not is_same_camera(live_url, url):
        raise AddressError(
            "expected a second address rtsp://… on the host of the first one, or rtsps://… where that is "
            "encrypted, since it is given the same user and password"
        )


def is_same_camera(live_url: str, url: str) -> bool:
    """Return whether the second address is an RTSP stream on the first one's host, no less encrypted."""
    encrypted = scheme_of(url) in {"rtsps", "https"}
    if scheme_of(live_url) not in ({"rtsps"} if encrypted else {"rtsp", "rtsps"}):
        return False
    try:
        return host_of(live_url).host.lower() == host_of(url).host.lower()
    except AddressError:
        return False
