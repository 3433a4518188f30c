"""A recording on a real disk of its own, in a mount namespace of its own, to which something happens.

Run as ``unshare --user --map-root-user --mount python -m tests.support.footage_trial NAME FOLDER``; says what
came of it as one line of JSON.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs
from appliance.packets.fmp4 import layout_of
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.identity import NAME, Identity, write_identity
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from tests.support.coded import CAMERA
from tests.support.fragments import Reports, fragments

FEED_S = 0.1
"""Between two fragments, each of which is a second of footage."""
PATIENCE_S = 20.0


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        alarm_s: from what happened to the alarm.
        recovery_s: from the end of it to the first footage that is on the disk again.
        reason: what the alarm said.
        strangers: what lay beneath the mount point, or on the other disk, which should be nothing.
        causes: of what was lost.
        lost_s: seconds of footage.
        torn: files that are not whole, or are not what was said of them.
        is_told: every moment was recorded or lost, and none both.
    """

    alarm_s: float = -1.0
    recovery_s: float = -1.0
    reason: str = ""
    strangers: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    lost_s: float = 0.0
    torn: list[str] = field(default_factory=list)
    is_told: bool = False


class Trial:
    """A camera that is recorded to ``folder/disk``, a small disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "disk"
        self.kept = folder / "kept"
        for path in (self.path, self.kept):
            path.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=8m", "none", str(self.path))
        run("mount", "--bind", str(self.path), str(self.kept))  # so that it outlives an unmount
        clock, files, self.health, self.reports = SystemClock(), SystemFiles(), Health(), Reports()
        settings = Settings()
        register = Register((), lambda _volume: None)
        volume = Volume(StoragePath(self.path), register, files, clock, self.health, settings)
        self.writer = FootageWriter([volume], files, self.reports, clock, Metrics(), settings)
        self.outcome = Outcome()
        self._stop = threading.Event()
        self._go = threading.Event()
        self._feeder = threading.Thread(target=self._feed)

    def run(self, begin: Callable[["Trial"], None], end: Callable[["Trial"], None]) -> None:
        """Record, let it happen, wait for the alarm, let it be over, and wait for footage."""
        self._go.set()
        self.writer.start()
        self._feeder.start()
        self._await(lambda: bool(self.reports.segments))
        begin(self)
        at = time.monotonic()
        self._await(lambda: bool(self._reason()))
        self.outcome.alarm_s, self.outcome.reason = time.monotonic() - at, self._reason()
        time.sleep(2.5)
        self.outcome.strangers += self.strangers()
        end(self)
        at = time.monotonic()
        known = set(self.reports.segments)
        self._await(lambda: bool(set(self.reports.segments) - known))
        self.outcome.recovery_s = time.monotonic() - at
        self._stop.set()
        self._feeder.join()
        self.writer.close()
        self._judge()

    def strangers(self) -> list[str]:
        """Return what lies where the disk should be, when it is not there."""
        if self.path.stat().st_dev == self.kept.stat().st_dev:
            return []
        return [str(path) for path in self.path.rglob("*") if path.name != NAME]

    def pause(self) -> None:
        """Let the camera be down: no file is open then."""
        self._go.clear()
        self.writer.finish(CAMERA)
        self._await(lambda: all(s.sha256 for s in self.reports.segments.values()))

    def go_on(self) -> None:
        """Let the camera come back."""
        self._go.set()

    def _feed(self) -> None:
        source = fragments()
        while not self._stop.wait(FEED_S):
            if self._go.is_set():
                self.writer.submit(next(source))

    def _reason(self) -> str:
        return "; ".join(part.reason for part in self.health.parts() if part.reason)

    def _await(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition() and time.monotonic() < until:
            time.sleep(0.02)

    def _judge(self) -> None:
        said = {segment.path: segment for segment in self.reports.segments.values()}
        there = {str(path.relative_to(self.path)): path for path in self.path.rglob("*.mp4")}
        for name in said.keys() | there.keys():
            data = there[name].read_bytes() if name in there else b""
            layout = layout_of(lambda at, size, data=data: data[at : at + size], len(data))  # type: ignore[misc]
            if name not in said or not len(data) == layout.whole_size == said[name].size:
                self.outcome.torn.append(name)
        self.outcome.causes = sorted(self.reports.causes())
        self.outcome.lost_s = sum(loss.end_us - loss.start_us for loss in self.reports.losses) / 1e6
        self.outcome.is_told = all(end == begin for (_, end), (begin, _) in pairwise(self.reports.times()))


def run(*command: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(command, check=True)


def fill(trial: Trial) -> None:
    """Leave no byte free."""
    with (trial.path / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def unmount(trial: Trial) -> None:
    """Take the disk away while its files are open."""
    run("umount", "-l", str(trial.path))


def mount(trial: Trial) -> None:
    """Bring the disk back."""
    run("mount", "--bind", str(trial.kept), str(trial.path))


def swap(trial: Trial) -> None:
    """Put another disk of Nightjar's in its place."""
    unmount(trial)
    run("mount", "-t", "tmpfs", "-o", "size=8m", "none", str(trial.path))
    write_identity(SystemFiles(), trial.path, Identity(VolumeId("another"), WallUs(1)))


def swap_back(trial: Trial) -> None:
    """Put the first disk in its place again."""
    unmount(trial)
    mount(trial)


def forbid(trial: Trial) -> None:
    """Make the disk read-only, as its file system does when it finds an error."""
    trial.pause()
    run("mount", "-o", "remount,ro", str(trial.path))
    trial.go_on()


def allow(trial: Trial) -> None:
    """Make the disk writable again."""
    run("mount", "-o", "remount,rw", str(trial.path))


TRIALS: dict[str, tuple[Callable[[Trial], None], Callable[[Trial], None]]] = {
    "full": (fill, lambda trial: (trial.path / "filler").unlink()),
    "unmounted": (unmount, mount),
    "swapped": (swap, swap_back),
    "read-only": (forbid, allow),
}


def main(name: str, folder: str) -> None:
    """Run one trial."""
    os.umask(0o022)
    trial = Trial(Path(folder))
    trial.run(*TRIALS[name])
    sys.stdout.write(json.dumps(asdict(trial.outcome)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
