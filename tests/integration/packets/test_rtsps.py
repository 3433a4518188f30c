"""RTSP over TLS, against a real RTSP server behind a certificate that nobody signed."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.frames.decoder import FrameDecoder
from appliance.packets.address import join_address
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock
from tests.support.clips import walking_square, write_clip
from tests.support.http_camera import http_camera
from tests.support.mute_server import mute_server
from tests.support.reading import read
from tests.support.rtsp import rtsp_server, why_no_server
from tests.support.tls import TlsProxy, self_signed, tls_proxy

SECRET = Credentials("admin", "canary@77/ü")


def source_at(url: str, secret: Credentials | None) -> Source:
    """Return an unopened source with short time-outs."""
    return source_for(
        Camera(CameraId("cam"), "Cam", url, secret), SystemClock(), Settings(open_timeout_s=2.0)
    )


def failure(url: str, secret: Credentials | None = SECRET) -> SourceFailure:
    """Return how reading that address fails."""
    with pytest.raises(SourceFailure) as caught:
        read(source_at(url, secret), 1000)
    assert "canary" not in str(caught.value)
    return caught.value


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    """A real RTSP server with digest authentication, behind TLS."""
    folder = tmp_path_factory.mktemp("rtsps")
    clip = write_clip(folder / "street.mp4", walking_square(100), b_frames=2)
    with (
        rtsp_server([clip], SECRET.username, SECRET.password) as server,
        tls_proxy(self_signed(folder), server.port) as running,
    ):
        yield running


needs_server = pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())


@needs_server
def test_an_encrypted_stream_is_read_and_decoded(proxy: TlsProxy, capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever signed the certificate; user and password go through TLS only, and appear nowhere."""
    before = proxy.handshakes
    packets = read(source_at(f"rtsps://127.0.0.1:{proxy.port}/street", SECRET), 10)
    decoder = FrameDecoder(10.0)
    assert sum(len(decoder.decode(packet)) for packet in packets) >= 5
    assert proxy.handshakes == before + 1
    assert failure(f"rtsps://127.0.0.1:{proxy.port}/street", Credentials("admin", "canary")).kind == (
        "unauthorized"
    )
    assert failure(f"rtsps://127.0.0.1:{proxy.port}/elsewhere").kind == "not_found"
    assert "canary" not in "".join(capfd.readouterr())


@needs_server
def test_the_option_that_takes_any_certificate_is_heard(proxy: TlsProxy) -> None:
    """The same option with the other value refuses this one: libav does pass it on to TLS."""
    address = join_address(f"rtsps://127.0.0.1:{proxy.port}/street", SECRET)
    options = {"rtsp_transport": "tcp", "tls_verify": "1"}
    with pytest.raises(av.error.FFmpegError):
        av.open(address, options=options, timeout=(4.0, 4.0))


def test_what_is_no_encrypted_stream_is_said(tmp_path: Path) -> None:
    """A port that speaks no TLS, one that says nothing, and TLS with something else in it."""
    with http_camera() as camera:
        assert failure(f"rtsps://127.0.0.1:{camera.port}/a").kind == "protocol"
        with tls_proxy(self_signed(tmp_path), camera.port) as web:
            assert failure(f"rtsps://127.0.0.1:{web.port}/a").kind == "protocol"
    with mute_server() as port:
        assert failure(f"rtsps://127.0.0.1:{port}/a").kind == "timeout"
