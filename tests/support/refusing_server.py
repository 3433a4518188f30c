"""An RTSP server that asks for digest authentication and is satisfied with no answer."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

_REFUSAL = (
    "RTSP/1.0 401 Unauthorized\r\nCSeq: {cseq}\r\n"
    'WWW-Authenticate: Digest realm="camera", nonce="00112233445566778899aabbccddeeff"\r\n\r\n'
)


class _Refusing(socketserver.StreamRequestHandler):
    """Answers each request with 401."""

    def handle(self) -> None:
        cseq = ""
        for raw in self.rfile:
            line = raw.decode().strip()
            if line.lower().startswith("cseq:"):
                cseq = line[5:].strip()
            if not line:
                self.wfile.write(_REFUSAL.format(cseq=cseq).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def refusing_server() -> Iterator[int]:
    """Yield the port of 127.0.0.1 on which it listens."""
    with _Server(("127.0.0.1", 0), _Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
