"""Runs simulated cameras on one port, on a thread with an event loop of its own."""

import asyncio
import contextlib
import dataclasses
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.camera_simulator.camera import Habits, SimulatedCamera
from tests.support.camera_simulator.clip import Clip, read_clip
from tests.support.camera_simulator.conversation import Conversation
from tests.support.camera_simulator.timecode_camera import TimecodeSpec, timecode_clip

START_S = 10.0


class Simulator:
    """Cameras on one port; made by ``simulator``. Its methods may be called from any thread.

    Attributes:
        host: the address that it listens on.
        port: chosen at the start, kept when the port is closed and opened again.
        cameras: by name.
    """

    def __init__(self, host: str, port: int, enter: Callable[[], None]) -> None:
        self.host = host
        self.port = port
        self.cameras: dict[str, SimulatedCamera] = {}
        self._enter = enter
        self._clips: dict[Path, Clip] = {}
        self._listening: socket.socket | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_ending = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="camera-simulator", daemon=True)

    def camera(self, name: str, clip: Path, **habits: Any) -> SimulatedCamera:
        """Add a camera.

        Args:
            name: its path.
            clip: an MP4 file with H.264 or H.265.
            habits: see ``camera.Habits``.
        """
        return self._add(name, self._read(clip), habits)

    def timecode_camera(self, name: str, spec: TimecodeSpec | None = None, **habits: Any) -> SimulatedCamera:
        """Add a camera whose pictures are made when they are sent, with the wall time in them.

        Args:
            name: its path.
            spec: of its pictures; 640x360 at 10 a second when not given.
            habits: see ``camera.Habits``.
        """
        return self._add(name, timecode_clip(spec or TimecodeSpec()), habits)

    def _add(self, name: str, clip: Clip, habits: dict[str, Any]) -> SimulatedCamera:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        url = f"rtsp://{shown}:{self.port}/{name}"
        made = SimulatedCamera(name, url, Habits(**habits), clip, self._read, self._on_loop)
        self.cameras[name] = made
        return made

    def close_port(self) -> None:
        """Listen no more: the kernel refuses connections. Those that there are stay."""
        self._on_loop(self._stop_listening)

    def open_port(self) -> None:
        """Listen again, on the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(START_S)

    def start(self) -> None:
        """Start the thread and listen."""
        self._thread.start()
        self.open_port()

    def close(self) -> None:
        """End every conversation, the loop and the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    def _main(self) -> None:
        self._enter()
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        # An asyncio.Server that is closed just after it accepted a connection never closes that one's socket.
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listening = socket.create_server((self.host, self.port), family=family, backlog=256)
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        self._loop.add_reader(self._listening, self._accept, self._listening)

    def _accept(self, listening: socket.socket) -> None:
        try:
            accepted, _ = listening.accept()
        except (BlockingIOError, ConnectionError):
            return
        accepted.setblocking(False)
        talk = self._loop.create_task(self._talk(accepted))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    async def _talk(self, accepted: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=accepted)
        self._writers.add(writer)
        if self._is_ending:
            writer.transport.abort()
        try:
            await Conversation(self.cameras, reader, writer).run()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        finally:
            self._writers.discard(writer)

    async def _end(self) -> None:
        self._stop_listening()
        self._is_ending = True
        for writer in self._writers:
            writer.transport.abort()
        if self._talks:
            await asyncio.wait(self._talks)

    def _on_loop(self, what: Callable[[], object]) -> None:
        async def run() -> None:
            what()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_S)

    def _read(self, path: Path) -> Clip:
        if path not in self._clips:
            self._clips[path] = read_clip(path)
        return self._clips[path]


@contextlib.contextmanager
def simulator(
    port: int = 0, host: str = "127.0.0.1", enter: Callable[[], None] | None = None
) -> Iterator[Simulator]:
    """Run simulated cameras until the block is left.

    Args:
        port: to listen on; 0 chooses a free one.
        host: the address to listen on.
        enter: called first on the simulator's thread, which may enter a network namespace there.
    """
    running = Simulator(host, port, enter or _stay)
    running.start()
    try:
        yield running
    finally:
        running.close()


def facts(camera: SimulatedCamera) -> dict[str, Any]:
    """Return what a camera saw, in the types of JSON."""
    seen = {field.name: getattr(camera.seen, field.name) for field in dataclasses.fields(camera.seen)}
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in seen.items()}


def _stay() -> None:
    """Enter nothing."""
