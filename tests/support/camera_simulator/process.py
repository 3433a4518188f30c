"""Simulated cameras in a process of their own: what they cost is not measured with the reader's."""

import contextlib
import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

READY_S = 60.0
STOP_S = 10.0
_ROOT = Path(__file__).resolve().parents[3]


class SimulatorProcess:
    """A running simulator; used by one thread at a time.

    Attributes:
        urls: of its cameras, in their order.
        process: for its CPU time; it is ended by the context manager.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.urls: list[str] = []

    def tell(self, camera: str, order: str, *arguments: object) -> None:
        """Tell a camera to do something; it is done on return.

        Args:
            camera: its name: ``cam0``, ``cam1`` …
            order: a method of ``SimulatedCamera``.
            arguments: of that method, in the types of JSON, without spaces.
        """
        self._ask(" ".join((camera, order, *map(json.dumps, arguments))))

    def seen(self) -> dict[str, Any]:
        """Return what every camera saw, by name: the fields of ``faults.Seen``."""
        return self._ask("seen")

    def _ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer


@contextlib.contextmanager
def simulator_process(
    clips: Sequence[Path], cameras: int = 0, port: int = 0, **habits: object
) -> Iterator[SimulatorProcess]:
    """Run cameras in a process of their own until the block is left.

    Args:
        clips: MP4 files; camera ``i`` plays the one of that number, in turn.
        cameras: how many; 0 for one for each clip.
        port: to listen on; 0 chooses a free one.
        habits: of all of them; see ``camera.Habits``.
    """
    command = [sys.executable, "-m", "tests.support.camera_simulator", "--port", str(port)]
    command += ["--cameras", str(cameras or len(clips)), "--habits", json.dumps(habits), *map(str, clips)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=_ROOT
    )
    running = SimulatorProcess(process)
    try:
        _read_addresses(running)
        yield running
    finally:
        _end(process)


def _read_addresses(running: SimulatorProcess) -> None:
    deadline, stdout = time.monotonic() + READY_S, running.process.stdout
    assert stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        if not selector.select(READY_S):
            raise RuntimeError(f"the camera simulator was not ready after {READY_S:.0f} s")
    while (line := stdout.readline().strip()) != "ready":
        if not line or time.monotonic() > deadline:
            raise RuntimeError(f"the camera simulator ended before it was ready; it said {running.urls}")
        running.urls.append(line)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
    process.stdout.close()
