"""MJPEG over HTTP, on real sockets: what is read, what is refused and why; nothing hangs or grows."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.frames.decoder import FrameDecoder
from appliance.packets.address import join_address
from appliance.packets.http_mjpeg import HttpMjpegSource
from appliance.packets.multipart import LARGEST_PART_BYTES
from appliance.packets.probe import probe
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock
from tests.support.http_camera import (
    Behaviour,
    HttpCamera,
    Request,
    endless,
    http_camera,
    jpeg,
    with_basic,
    with_digest,
)
from tests.support.mute_server import mute_server
from tests.support.reading import read
from tests.support.rtsp import free_port
from tests.support.tls import self_signed, tls_proxy

SECRET = Credentials("admin", 'canary@"77\\/ü')
CLOCK = SystemClock()


def source(camera: HttpCamera, path: str = "/video.mjpg", secret: Credentials | None = None) -> Source:
    """Return an unopened source with short time-outs."""
    return source_at(camera.url(path), secret)


def source_at(url: str, secret: Credentials | None = None) -> Source:
    """Return an unopened source with short time-outs."""
    settings = Settings(open_timeout_s=1.0, silence_timeout_s=1.0, poll_s=0.2)
    return source_for(Camera(CameraId("cam"), "Cam", url, secret), CLOCK, settings)


def failure(source: Source, *, within_s: float = 1.6) -> SourceFailure:
    """Return how reading fails, in that time."""
    begun = time.monotonic()
    with pytest.raises(SourceFailure) as caught:
        read(source, 1000)
    assert time.monotonic() - begun <= within_s
    assert "canary" not in str(caught.value)
    return caught.value


def chunked(request: Request) -> None:
    """Send a stream in the chunks of HTTP/1.1, which end anywhere."""
    request.begin("multipart/x-mixed-replace;boundary=frame", "Transfer-Encoding: chunked")
    whole: list[bytes] = []
    Request(request.target, {}, whole.append, request.over).pictures(6, fps=1000)
    stream = b"".join(whole)
    for at in range(0, len(stream), 100):
        piece = stream[at : at + 100]
        request.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    request.silence()


def streams(kind: str, lead: bytes = b"", **how: bool | str) -> Behaviour:
    """Return a behaviour that sends pictures in one of the ways that there are."""

    def behave(request: Request) -> None:
        request.begin(kind)
        request.send(lead)
        request.pictures(**how)  # type: ignore[arg-type]

    return behave


@pytest.mark.parametrize(
    "behaviour",
    [
        endless,
        chunked,
        streams("multipart/x-mixed-replace; boundary=frame", length=False),
        streams('multipart/x-mixed-replace; boundary="--frame"', length=False),
        streams("multipart/x-mixed-replace; boundary=--frame", boundary="----frame"),
        streams("multipart/x-mixed-replace; boundary=frame", boundary="frame"),
        streams("multipart/x-mixed-replace", boundary="--another", length=False),
        streams("Multipart/X-Mixed-Replace;Boundary=frame", b"\r\n\r\nhello\r\n"),
        streams("multipart/mixed; boundary=frame"),
    ],
    ids=[
        "lengths",
        "chunked",
        "no length",
        "quoted",
        "dashes",
        "no dashes",
        "undeclared",
        "preamble",
        "mixed",
    ],
)
def test_every_way_in_which_cameras_separate_their_pictures_is_read(behaviour: Behaviour) -> None:
    """With lengths or without, whatever they declare; each picture is whole and a keyframe."""
    with http_camera(behaviour) as camera:
        packets = read(source(camera), 5)
    assert [packet.data for packet in packets] == [jpeg()] * 5
    assert all(packet.is_keyframe for packet in packets)


def test_a_stream_is_read_in_real_time_and_decodes() -> None:
    """Twenty pictures a second arrive as such, on both clocks, and become frames."""
    decoder, frames = FrameDecoder(20.0), []
    with http_camera() as camera:
        packets = read(source(camera, "/video.mjpg?resolution=64x48&fps=20"), 20)
        assert [r.target for r in camera.asked] == ["/video.mjpg?resolution=64x48&fps=20"]
        assert camera.asked[0].headers["host"] == f"127.0.0.1:{camera.port}"
        assert "authorization" not in camera.asked[0].headers
    for packet in packets:
        frames += decoder.decode(packet)
    assert (packets[0].stream.codec, packets[0].stream.width, packets[0].stream.height) == ("mjpeg", 64, 48)
    assert len(frames) >= 15
    steps = [b.media.seconds - a.media.seconds for a, b in pairwise(packets)]
    assert sum(steps) / len(steps) == pytest.approx(0.05, rel=0.3)
    for a, b in pairwise(packets):
        passed_s = b.media.seconds - a.media.seconds
        assert passed_s == pytest.approx((b.arrived_ns - a.arrived_ns) / 1e9, abs=1e-5)
        assert passed_s == pytest.approx((b.wall_us - a.wall_us) / 1e6, abs=0.02)


def test_a_picture_of_another_size_begins_a_new_stream() -> None:
    """Somebody changed the camera's settings; decoder and anchor must notice."""

    def changing(request: Request) -> None:
        request.begin()
        for width in (64, 64, 96, 96):
            request.part(jpeg(width))
        request.silence()

    with http_camera(changing) as camera:
        packets = read(source(camera), 4)
    assert [packet.stream.width for packet in packets] == [64, 64, 96, 96]
    assert packets[0].stream is packets[1].stream
    assert packets[2].stream is packets[3].stream


@pytest.mark.parametrize("guard", [lambda _: endless, with_basic, with_digest])
def test_libav_reads_what_our_test_server_sends(guard: Callable[[Credentials], Behaviour]) -> None:
    """The camera of these tests is judged by another client too, its digest authentication included."""
    with http_camera(guard(SECRET)) as camera:
        address = join_address(camera.url(), SECRET)
        with av.open(address, format="mpjpeg", timeout=(4.0, 4.0)) as container:
            packets = [packet for packet, _ in zip(container.demux(), range(3), strict=False)]
    assert [bytes(packet) for packet in packets] == [jpeg()] * 3


@pytest.mark.parametrize(
    "guard",
    [
        lambda: with_basic(SECRET),
        lambda: with_digest(SECRET),
        lambda: with_digest(SECRET, "SHA-256"),
        lambda: with_digest(SECRET, forgets=1),
    ],
    ids=["basic", "digest", "digest SHA-256", "stale nonce"],
)
def test_credentials_open_and_wrong_or_missing_ones_are_said(
    guard: Callable[[], Behaviour], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Each awkward character gets through; a refusal is one, and tried once; the password is nowhere."""
    with http_camera(guard()) as camera:
        assert len(read(source(camera, "/v?a=b,c", SECRET), 3)) == 3
        asked = len(camera.asked)
        assert "authorization" not in camera.asked[0].headers
        assert failure(source(camera, secret=Credentials("admin", "wrong canary"))).kind == "unauthorized"
        assert len(camera.asked) == asked + 2
        assert failure(source(camera)).kind == "unauthorized"
        assert len(camera.asked) == asked + 3
        assert "canary" not in repr(source(camera, secret=SECRET))
    assert "canary" not in "".join(capfd.readouterr()) + caplog.text


def answers(status: str, body: bytes = b"", **headers: str) -> Behaviour:
    """Return a behaviour that gives one whole answer."""
    return lambda request: request.answer(status, body, **headers)


def sends(data: bytes) -> Behaviour:
    """Return a behaviour that sends these bytes and closes."""
    return lambda request: request.send(data)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


@pytest.mark.parametrize(
    ("behaviour", "kind", "says"),
    [
        (answers("404 Not Found"), "not_found", "404"),
        (answers("403 Forbidden"), "unauthorized", "403"),
        (answers("401 Unauthorized", WWW_Authenticate="Negotiate"), "unauthorized", "401"),
        (answers("503 Service Unavailable"), "protocol", "503"),
        (answers("200 OK", b"<html>", Content_Type="text/html"), "protocol", "web page"),
        (answers("200 OK", jpeg(), Content_Type="image/jpeg"), "protocol", "single picture"),
        (answers("200 OK", b"x", Content_Type="video/mp4"), "protocol", "video/mp4"),
        (answers("200 OK", b"x", Content_Type="canary canary"), "protocol", "text/plain"),
        (sends(b""), "protocol", "HTTP"),
        (sends(b"RTSP/1.0 400 Bad Request\r\n\r\n"), "protocol", "HTTP"),
        (sends(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500), "protocol", "HTTP"),
        (sends(b"x" * 100_000), "protocol", "HTTP"),
        (sends(OK + b"no separator at all\r\n" * 100), "protocol", "separates"),
        (sends(OK + b"--frame\r\n" + b"X: y\r\n" * 100), "protocol", "header"),
        (sends(OK + b"--frame\r\n" + b"x" * 10_000), "protocol", "line"),
        (sends(OK + b"--frame\r\nContent-Length: 99999999999\r\n\r\n"), "protocol", "16 MiB"),
        (sends(OK), "ended", "ended"),
        (sends(OK + b"--frame\r\n\r\n" + jpeg()[:100]), "ended", "ended"),
    ],
)
def test_what_is_no_stream_is_said_in_its_own_words(behaviour: Behaviour, kind: str, says: str) -> None:
    """A wrong path, a web page, a still picture and garbage each have their own sentence, at once."""
    with http_camera(behaviour) as camera:
        failed = failure(source(camera, secret=SECRET))
    assert failed.kind == kind
    assert says in str(failed)


def test_the_end_of_a_stream_is_said() -> None:
    """The closing separator and a closed connection are the same to a camera."""

    def ends(request: Request) -> None:
        request.begin()
        request.pictures(3)
        request.send(b"--frame--\r\n")

    with http_camera(ends) as camera:
        assert failure(source(camera)).kind == "ended"


def test_a_path_that_moved_is_followed_on_the_same_server_only() -> None:
    """Elsewhere nobody has checked that Nightjar may go: another host, port or scheme is refused."""
    elsewhere = threading.Event()

    def moved(request: Request) -> None:
        places = {
            "/old": "new?a=1",
            "/loop": "/loop",
            "/host": "http://169.254.169.254/latest",
            "/port": f"http://127.0.0.1:{other.port}/new",
            "/scheme": f"https://127.0.0.1:{camera.port}/new",
            "/secret": f"http://user:canary@127.0.0.1:{other.port}/?password=canary",
            "/file": "file:///etc/passwd",
            "/nowhere": "",
        }
        if request.target == "/new?a=1":
            endless(request)
        else:
            request.answer("302 Found", Location=places[request.target])

    def touched(request: Request) -> None:
        elsewhere.set()
        endless(request)

    with http_camera(touched) as other, http_camera(moved) as camera:
        assert len(read(source(camera, "/old"), 3)) == 3
        for path in ("/loop", "/host", "/port", "/scheme", "/secret", "/file", "/nowhere"):
            assert failure(source(camera, path, SECRET)).kind == "protocol", path
        assert len([r for r in camera.asked if r.target == "/loop"]) <= 6
    assert not elsewhere.is_set()


def stalls(request: Request) -> None:
    """Send some pictures, then nothing."""
    request.begin()
    request.pictures(3)
    request.silence()


def dribbles(request: Request) -> None:
    """Send a header one byte at a time, and never its end."""
    request.send(b"HTTP/1.1 200 OK\r\n")
    while not request.over.wait(0.05):
        request.send(b"x")


def speaks(request: Request) -> None:
    """Send parts that are no pictures."""
    request.begin()
    request.part(jpeg())
    while not request.over.wait(0.05):
        request.part(b"no signal")


def drips(request: Request) -> None:
    """Begin a picture that never becomes whole."""
    request.begin()
    request.part(jpeg())
    request.send(b"--frame\r\nContent-Length: 100000\r\n\r\n")
    while not request.over.wait(0.05):
        request.send(b"x")


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (lambda request: request.silence(), "timeout"),
        (dribbles, "timeout"),
        (stalls, "timeout"),
        (drips, "timeout"),
        (speaks, "no_video"),
    ],
    ids=["mute", "dribbles", "stalls", "drips", "speaks"],
)
def test_a_server_that_gives_no_picture_is_given_up_in_time(behaviour: Behaviour, kind: str) -> None:
    """However it keeps the connection busy: within the time-out, and no thread is left."""
    threads = threading.active_count()
    with http_camera(behaviour) as camera:
        assert failure(source(camera)).kind == kind
    assert threading.active_count() == threads


@pytest.mark.parametrize("behaviour", [stalls, drips, endless], ids=["stalls", "drips", "endless"])
def test_a_stop_is_quick_whatever_the_server_does(behaviour: Behaviour) -> None:
    """Well before the silence time-out: the flag is looked at several times meanwhile."""
    stop = threading.Event()
    with http_camera(behaviour) as camera:
        settings = Settings(silence_timeout_s=20.0, poll_s=0.2)
        quiet = HttpMjpegSource(CameraId("c"), camera.url(), None, CLOCK, settings)
        quiet.open()
        threading.Timer(0.5, stop.set).start()
        begun = time.monotonic()
        for _ in quiet.packets(stop):
            pass
        assert 0.4 <= time.monotonic() - begun <= 1.2
        quiet.close()


def test_an_endless_picture_is_cut_off() -> None:
    """A part without a length that never ends costs some 16 MiB for a moment, not the machine's memory."""

    def huge(request: Request) -> None:
        request.begin()
        request.send(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg()[:50])
        piece = bytes(1 << 20)
        while not request.over.is_set():
            request.send(piece)

    tracemalloc.start()
    try:
        with http_camera(huge) as camera:
            failed = failure(source_with_time(camera), within_s=10.0)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert failed.kind == "protocol"
    assert "16 MiB" in str(failed)
    assert peak_bytes < 3 * LARGEST_PART_BYTES


def source_with_time(camera: HttpCamera) -> Source:
    """Return an unopened source that is given time enough for a machine that is measured."""
    settings = Settings(open_timeout_s=9.0)
    return HttpMjpegSource(CameraId("c"), camera.url(), None, CLOCK, settings)


def test_https_is_read_whoever_signed_the_certificate(tmp_path: Path) -> None:
    """Cameras sign their own; a plain server behind an https address is told apart."""
    with http_camera(with_digest(SECRET)) as camera, tls_proxy(self_signed(tmp_path), camera.port) as proxy:
        assert len(read(source_at(f"https://127.0.0.1:{proxy.port}/v", SECRET), 3)) == 3
        assert proxy.handshakes == 2
        failed = failure(source_at(f"https://127.0.0.1:{camera.port}/v"))
        assert failed.kind == "protocol"
        assert "TLS" in str(failed)


@pytest.fixture
def mute() -> Iterator[int]:
    """A port at which nobody answers."""
    with mute_server() as port:
        yield port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_servers_that_cannot_be_reached_are_told_apart(scheme: str, mute: int) -> None:
    """A name that nobody knows, a closed port, and one that says nothing, not even a handshake."""
    assert failure(source_at(f"{scheme}://camera.invalid/")).kind == "dns"
    assert failure(source_at(f"{scheme}://127.0.0.1:{free_port()}/")).kind == "refused"
    assert failure(source_at(f"{scheme}://127.0.0.1:{mute}/")).kind == "timeout"


def test_the_pages_test_of_a_camera_works_for_http() -> None:
    """Codec and size are known after one picture."""
    with http_camera() as camera:
        facts = probe(Camera(CameraId("t"), "T", camera.url()), 4.0, CLOCK).facts
    assert (facts.codec, facts.width, facts.height) == ("mjpeg", 64, 48)
