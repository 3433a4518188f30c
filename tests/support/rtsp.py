"""A real RTSP server (GStreamer's) as a context manager, for tests that are not satisfied with a fake."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PYTHON = Path("/usr/bin/python3")
"""GStreamer's bindings belong to the system's interpreter, not to a virtual environment."""

READY_S = 15.0
NEEDS = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"


class RtspServerMissing(Exception):
    """No RTSP server can be started on this machine; the message says what it lacks."""


def shared_folder() -> Path:
    """Return the folder of the shared clips and tools, which may be absent.

    ``NIGHTJAR_SHARED`` names it, else it lies beside the checkout.
    """
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    return Path(os.environ.get("NIGHTJAR_SHARED", str(beside)))


def why_no_server() -> str:
    """Return what this machine lacks for an RTSP server in one sentence, or an empty string."""
    tool = shared_folder() / "tools" / "rtsp_serve.py"
    if not tool.is_file():
        return f"no RTSP server: {tool} is absent (NIGHTJAR_SHARED names its folder)"
    if not SYSTEM_PYTHON.exists():
        return f"no RTSP server: {SYSTEM_PYTHON} is absent"
    question = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    )
    answer = subprocess.run([SYSTEM_PYTHON, "-c", question], capture_output=True, timeout=30, check=False)
    if answer.returncode != 0:
        return f"no RTSP server: GStreamer's is not installed (apt install {NEEDS})"
    return ""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_address() -> str:
    """Return an IPv4 address of this machine that is not loopback's, or an empty string without a network.

    What comes over the API may not name loopback. Nothing is sent.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


@dataclass(slots=True)
class RtspServer:
    """A running server; its files are served as ``url(stem)``."""

    port: int
    process: subprocess.Popen[str]

    def url(self, stem: str) -> str:
        """Return the address (without credentials) under which the file of that stem is served."""
        return f"rtsp://127.0.0.1:{self.port}/{stem}"

    def stall(self) -> None:
        """Stop the process where it stands: its connections stay open and say nothing (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a stalled process go on."""
        self.process.send_signal(signal.SIGCONT)

    def end_streams(self) -> None:
        """Do nothing: a clip plays once for each client and ends by itself."""

    def end(self) -> None:
        """End the process; its connections are closed by the kernel."""
        self.process.kill()
        self.process.wait(timeout=10)


@contextlib.contextmanager
def rtsp_server(
    files: Sequence[Path], user: str = "", password: str = "", port: int = 0
) -> Iterator[RtspServer]:
    """Serve MP4 files (H.264) on 127.0.0.1 until the block is left; each plays once for each client.

    Args:
        files: what to serve; the address's path is the file's stem.
        user: asks for digest authentication when given.
        password: of that user.
        port: to listen on; 0 chooses a free one.

    Raises:
        RtspServerMissing: with what is lacking, for ``pytest.skip``.
    """
    if reason := why_no_server():
        raise RtspServerMissing(reason)
    server = _start(files, user, password, port or free_port())
    try:
        yield server
    finally:
        server.end()
        assert server.process.stdout is not None
        server.process.stdout.close()


def _start(files: Sequence[Path], user: str, password: str, port: int) -> RtspServer:
    tool = shared_folder() / "tools" / "rtsp_serve.py"
    command = [str(SYSTEM_PYTHON), str(tool), "--port", str(port)]
    if user:
        command += ["--user", user, "--password", password]
    command += [str(file) for file in files]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    server = RtspServer(port, process)
    try:
        _wait_until_ready(process, port, len(files))
    except BaseException:
        server.end()
        assert process.stdout is not None
        process.stdout.close()
        raise
    return server


def _wait_until_ready(process: subprocess.Popen[str], port: int, addresses: int) -> None:
    """Return when every address was printed and the port accepts a connection."""
    deadline = time.monotonic() + READY_S
    said = ""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while sum(line.startswith("rtsp://") for line in said.splitlines()) < addresses:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise RuntimeError(f"the RTSP server was not ready after {READY_S:.0f} s; it said {said}")
            # Past the buffer of ``readline``, in which a second line would lie unseen.
            more = os.read(process.stdout.fileno(), 65_536)
            if not more:
                raise RuntimeError(f"the RTSP server ended before it was ready; it said {said}")
            said += more.decode()
    while not _accepts(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the RTSP server does not listen on port {port}; it said {said}")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
