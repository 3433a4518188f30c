"""An HTTP server on loopback that behaves as cameras do, well and badly."""

import contextlib
import hashlib
import re
import secrets
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count

import av
import numpy as np

from appliance.domain.camera import Credentials

_REALM = 'cam "1"'
_FIELD = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


def jpeg(width: int = 64, height: int = 48, luma: int = 90) -> bytes:
    """Return a plain grey JPEG picture."""
    out = BytesIO()
    with av.open(out, "w", format="image2pipe") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        planes[:height] = luma
        frame = av.VideoFrame.from_ndarray(planes, format="yuvj420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


@dataclass
class Request:
    """One request as it came, and the means to answer it piece by piece.

    Attributes:
        target: path and query.
        headers: names in small letters.
        over: set when the server is to end; waiting is done on it.
    """

    target: str
    headers: dict[str, str]
    send: Callable[[bytes], None]
    over: threading.Event

    def answer(self, status: str, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; ``_`` in a header's name stands for ``-``."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def begin(self, kind: str = "multipart/x-mixed-replace; boundary=frame", *headers: str) -> None:
        """Send the header of an answer that does not say where it ends."""
        self.send("\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", *headers, "", ""]).encode())

    def part(self, data: bytes, *, boundary: str = "--frame", length: bool = True) -> None:
        """Send one part of a stream."""
        said = f"Content-Length: {len(data)}\r\n" if length else ""
        self.send(f"{boundary}\r\nContent-Type: image/jpeg\r\n{said}\r\n".encode() + data + b"\r\n")

    def pictures(self, pictures: int | None = None, fps: float = 20.0, **how: bool | str) -> None:
        """Send a stream of pictures in real time, so many or until the client or the test ends."""
        data = jpeg()
        for _ in range(pictures) if pictures is not None else count():
            self.part(data, **how)  # type: ignore[arg-type]
            if self.over.wait(1 / fps):
                return

    def silence(self) -> None:
        """Keep the connection, and say nothing more until the test ends."""
        self.over.wait(30.0)


Behaviour = Callable[[Request], None]


def endless(request: Request) -> None:
    """Send pictures until the client has enough."""
    request.begin()
    request.pictures()


@dataclass
class HttpCamera:
    """A running server.

    Attributes:
        port: of 127.0.0.1.
        asked: every request so far.
    """

    behaviour: Behaviour
    port: int = 0
    asked: list[Request] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/video.mjpg", scheme: str = "http") -> str:
        """Return the address of a path, without credentials."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        camera = self.server.camera
        with contextlib.suppress(OSError):
            first, *lines = iter(lambda: self.rfile.readline().decode().strip(), "")
            headers = dict(line.split(": ", 1) for line in lines)
            request = Request(
                first.split(" ")[1],
                {name.lower(): value for name, value in headers.items()},
                self.connection.sendall,
                camera.over,
            )
            camera.asked.append(request)
            camera.behaviour(request)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    block_on_close = True

    def __init__(self, camera: HttpCamera, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.camera = camera
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)


@contextlib.contextmanager
def http_camera(behaviour: Behaviour = endless, tls: ssl.SSLContext | None = None) -> Iterator[HttpCamera]:
    """Serve until the block is left; every request is answered by ``behaviour`` on a thread of its own."""
    camera = HttpCamera(behaviour)
    with _Server(camera, tls) as server:
        camera.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield camera
        finally:
            camera.over.set()
            server.shutdown()
            thread.join()


def with_basic(credentials: Credentials, behaviour: Behaviour = endless) -> Behaviour:
    """Return a behaviour that wants basic authentication first."""

    def guarded(request: Request) -> None:
        said = request.headers.get("authorization", "")
        pair = f"{credentials.username}:{credentials.password}".encode()
        if said.startswith("Basic ") and b64decode(said.removeprefix("Basic ")) == pair:
            behaviour(request)
        else:
            request.answer("401 Unauthorized", WWW_Authenticate='Basic realm="cam"')

    return guarded


def with_digest(
    credentials: Credentials, algorithm: str = "MD5", behaviour: Behaviour = endless, *, forgets: int = 0
) -> Behaviour:
    """Return a behaviour that wants digest authentication first, each nonce once.

    Args:
        credentials: the right ones.
        algorithm: ``MD5`` or ``SHA-256``.
        behaviour: for those who have them.
        forgets: how many right answers are said to be stale.
    """
    nonces: set[str] = set()
    forgotten = count()

    def guarded(request: Request) -> None:
        said = request.headers.get("authorization", "")
        fields = {name: re.sub(r"\\(.)", r"\1", text) or bare for name, text, bare in _FIELD.findall(said)}
        is_right = _is_right(fields, request.target, credentials, algorithm) and fields["nonce"] in nonces
        if is_right and next(forgotten) >= forgets:
            nonces.remove(fields["nonce"])
            behaviour(request)
            return
        nonce = secrets.token_hex(8)
        nonces.add(nonce)
        realm = _REALM.replace('"', '\\"')
        stale = ", stale=true" if is_right else ""
        challenge = f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{stale}'
        request.answer("401 Unauthorized", b"no", WWW_Authenticate=challenge)

    return guarded


def _is_right(fields: dict[str, str], target: str, credentials: Credentials, algorithm: str) -> bool:
    def hashed(text: str) -> str:
        return hashlib.new(algorithm.replace("-", ""), text.encode(), usedforsecurity=False).hexdigest()

    if not fields:
        return False
    secret = hashed(f"{credentials.username}:{_REALM}:{credentials.password}")
    middle = ":".join(fields[name] for name in ("nonce", "nc", "cnonce", "qop"))
    wanted = hashed(f"{secret}:{middle}:{hashed(f'GET:{target}')}")
    return fields["response"] == wanted and fields["uri"] == target
