"""An RTSP server that describes what a test wants, and sends silence as its sound."""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator

SOUND = "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:sound\r\n"
"""A session description's part for G.711."""

UNKNOWN_VIDEO = "m=video 0 RTP/AVP 97\r\na=rtpmap:97 X-SECRET/90000\r\na=control:video\r\n"
"""The same for a video in a codec that nobody knows."""

_HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
_PIECES = 200
_PIECE_BYTES = 160
_PCMA_SILENCE = b"\xd5"


class _Describing(socketserver.StreamRequestHandler):
    """Answers the requests of one client; with PLAY its sound comes all at once."""

    server: "_Server"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while request := self._request():
                self._answer(*request)

    def _request(self) -> tuple[str, str] | None:
        """Return the method and the number of the next request; ``None`` at the end."""
        first, cseq = self.rfile.readline().decode(), ""
        while line := self.rfile.readline().decode().strip():
            if line.lower().startswith("cseq:"):
                cseq = line[5:].strip()
        return (first.split(" ")[0], cseq) if first else None

    def _answer(self, method: str, cseq: str) -> None:
        head, body = f"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nSession: 1\r\n", ""
        if method == "DESCRIBE":
            body = _HEAD + self.server.description
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        if method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        if method == "OPTIONS":
            head += "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        self.wfile.write(f"{head}\r\n{body}".encode())
        if method == "PLAY":
            for i in range(_PIECES):
                rtp = struct.pack(">BBHII", 0x80, 8, i, i * _PIECE_BYTES, 1) + _PCMA_SILENCE * _PIECE_BYTES
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    description = ""


@contextlib.contextmanager
def describing_server(description: str) -> Iterator[int]:
    """Yield the port of 127.0.0.1 on which it listens.

    Args:
        description: the media of the session, as SDP has them.
    """
    with _Server(("127.0.0.1", 0), _Describing) as server:
        server.description = description
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
