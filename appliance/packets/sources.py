"""Which source reads which address."""

from appliance.domain.camera import Camera
from appliance.errors import AddressError, SourceFailure
from appliance.packets.address import EXPECTED, device_path, file_path, scheme_of
from appliance.packets.demo.source import DemoSource
from appliance.packets.device import DeviceSource
from appliance.packets.file import FileSource
from appliance.packets.http_mjpeg import HttpMjpegSource
from appliance.packets.rtsp import RtspSource
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.runtime.clock import Clock


def source_for(camera: Camera, clock: Clock, settings: Settings) -> Source:
    """Return an unopened source for a camera; does no I/O.

    Raises:
        AddressError: its address is of no kind that can be read.
        SourceFailure: its credentials cannot be read; without them it would only count wrong log-ins.
    """
    if camera.sealed_off:
        raise SourceFailure("unauthorized", camera.sealed_off)
    scheme = scheme_of(camera.url)
    if scheme in {"rtsp", "rtsps"}:
        return RtspSource(camera.id, camera.url, camera.credentials, clock, settings)
    if scheme in {"http", "https"}:
        return HttpMjpegSource(camera.id, camera.url, camera.credentials, clock, settings)
    if scheme == "device":
        return DeviceSource(camera.id, device_path(camera.url), clock, settings)
    if scheme == "file":
        return FileSource(camera.id, file_path(camera.url), camera.loop, clock)
    if scheme == "demo":
        return DemoSource(camera.id, clock)
    raise AddressError(f"{EXPECTED}, got the scheme {scheme!r}")
