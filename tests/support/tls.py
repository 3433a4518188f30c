"""TLS on loopback as cameras do it: with a certificate that nobody signed, made on the fly."""

import contextlib
import select
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

_PIECE_BYTES = 65536


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a new key and a certificate for ``camera.test``, kept in the folder."""
    key, certificate = folder / "camera.key", folder / "camera.crt"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    where = ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=camera.test"]
    command = ["openssl", "req", "-x509", *curve, "-nodes", *where]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class _Passing(socketserver.BaseRequestHandler):
    """Decrypts one connection and passes it on, both ways, until one end closes."""

    server: "TlsProxy"

    def handle(self) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.server.behind)) as plain,
            self.server.context.wrap_socket(self.request, server_side=True) as secret,
        ):
            self.server.handshakes += 1
            while _passed_on(secret, plain):
                pass


class TlsProxy(socketserver.ThreadingTCPServer):
    """A server that ends TLS; ``handshakes`` counts the connections that were encrypted."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.context = context
        self.behind = behind
        self.handshakes = 0

    @property
    def port(self) -> int:
        """The port of 127.0.0.1 on which it speaks TLS."""
        return int(self.server_address[1])


@contextlib.contextmanager
def tls_proxy(context: ssl.SSLContext, behind: int) -> Iterator[TlsProxy]:
    """Yield a server that ends TLS and passes what is in it to a port of 127.0.0.1."""
    with TlsProxy(context, behind) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def _passed_on(secret: ssl.SSLSocket, plain: socket.socket) -> bool:
    """Pass on what there is; return whether both ends are still open."""
    ready = [secret] if secret.pending() else select.select([secret, plain], [], [], 30.0)[0]
    for source in ready:
        data = source.recv(_PIECE_BYTES)
        if not data:
            return False
        (plain if source is secret else secret).sendall(data)
    return bool(ready)
