"""Two RTSP servers behind one face: the simulator, and GStreamer's, so that neither is its own judge."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.rtsp import rtsp_server


class Server(Protocol):
    """A running server of clips."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    def url(self, stem: str) -> str:
        """Return the address of the clip of that name."""
        ...

    def stall(self) -> None:
        """Keep the connections and send nothing."""
        ...

    def resume(self) -> None:
        """Send again."""
        ...

    def end(self) -> None:
        """Vanish: connections break, the port is closed."""
        ...

    def end_streams(self) -> None:
        """Let what is played come to its end soon, if it would not by itself."""
        ...


class SimulatedServer:
    """The simulator as such a server."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._sim.port

    def url(self, stem: str) -> str:
        """Return the address of the camera of that name, whether there is one or not."""
        return f"rtsp://127.0.0.1:{self.port}/{stem}"

    def stall(self) -> None:
        """Stall every camera."""
        for camera in self._sim.cameras.values():
            camera.stall()

    def resume(self) -> None:
        """Let every camera go on."""
        for camera in self._sim.cameras.values():
            camera.resume()

    def end(self) -> None:
        """Close the port and reset what is connected."""
        self._sim.close_port()
        for camera in self._sim.cameras.values():
            camera.cut()

    def end_streams(self) -> None:
        """Close what is connected."""
        for camera in self._sim.cameras.values():
            camera.end_stream()


@contextlib.contextmanager
def serving(
    kind: str, files: Sequence[Path], user: str = "", password: str = "", port: int = 0
) -> Iterator[Server]:
    """Serve MP4 files on 127.0.0.1, as their stems, until the block is left.

    Args:
        kind: ``simulator``, or ``gstreamer``, whose clips play once for each client.
        files: H.264.
        user: asks for digest authentication when given.
        password: of that user.
        port: to listen on; 0 chooses a free one.
    """
    if kind == "gstreamer":
        with rtsp_server(files, user, password, port) as server:
            yield server
        return
    with simulator(port) as sim:
        for file in files:
            sim.camera(file.stem, file, user=user, password=password)
        yield SimulatedServer(sim)
