"""A control group (cgroup) with a bound on its memory; where there is no more the kernel ends a process.

Works with version 2 and with version 1 of the kernel's control groups. It needs the right to make one, which
a container seldom gives: ``refusal`` says what is missing.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MOUNTS = Path("/proc/self/mounts")
OWN = Path("/proc/self/cgroup")
EMPTY_WITHIN_S = 10.0

ENTERING = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group may be made.

    Attributes:
        version: of the kernel's control groups.
        folder: of the group above the new one.
    """

    version: Literal[1, 2]
    folder: Path


class NoPlaceError(Exception):
    """No group can be made on this machine; the message says why."""


class MemoryGroup:
    """A group that is there; see ``memory_group``."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._is_old = place.version == 1
        self._folder = folder

    def bound(self, limit_bytes: int) -> None:
        """Set how much memory all processes of the group together may have, their files' cache included."""
        name = "memory.limit_in_bytes" if self._is_old else "memory.max"
        (self._folder / name).write_text(f"{limit_bytes}\n")

    @property
    def enter(self) -> tuple[str, ...]:
        """The command that enters the group and becomes the one given as its further arguments."""
        return ("/bin/sh", "-c", ENTERING, str(self._folder))

    def processes(self) -> set[int]:
        """Return the numbers of the processes in it."""
        return set(map(int, (self._folder / "cgroup.procs").read_text().split()))

    def ended(self) -> int:
        """Return how many processes the kernel has ended here for want of memory."""
        return _fields(self.counter)["oom_kill"]

    @property
    def counter(self) -> Path:
        """The file that says so, in its line ``oom_kill``."""
        return self._folder / ("memory.oom_control" if self._is_old else "memory.events")

    def held_bytes(self) -> int:
        """Return the memory that is in use and that the kernel cannot take back."""
        held = _fields(self._folder / "memory.stat")
        return held["rss"] + held["shmem"] if self._is_old else held["anon"] + held["shmem"]

    def close(self) -> None:
        """End what is left in it, and remove it."""
        until = time.monotonic() + EMPTY_WITHIN_S
        while (left := self.processes()) and time.monotonic() < until:
            for process in left:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
        self._folder.rmdir()


@contextmanager
def memory_group(name: str) -> Iterator[MemoryGroup]:
    """Make a group below the one that this process is in, for as long as the block lasts.

    Raises:
        NoPlaceError: this machine lets us make none.
    """
    place = place_for_groups()
    folder = place.folder / f"{name}-{os.getpid()}"
    folder.mkdir()
    group = MemoryGroup(place, folder)
    try:
        yield group
    finally:
        group.close()


def refusal() -> str:
    """Return why this machine lets us make no group; nothing where it does."""
    try:
        with memory_group("nightjar-tried") as group:
            group.bound(1 << 30)
            group.ended()
    except NoPlaceError as err:
        return str(err)
    except OSError as err:
        return f"no control group with a bound on memory can be made here: {err}"
    return ""


def place_for_groups() -> Place:
    """Return where a group may be made.

    Raises:
        NoPlaceError: there is no such place.
    """
    mounted = [line.split() for line in MOUNTS.read_text().splitlines()]
    own = dict(line.split(":", 2)[1:] for line in OWN.read_text().splitlines())
    for _, where, kind, options, *_ in mounted:
        if kind == "cgroup" and "memory" in options.split(","):
            return Place(1, Path(where + own["memory"]))
    for _, where, kind, *_ in mounted:
        if kind == "cgroup2":
            return Place(2, _that_hands_out_memory(Path(where), own[""]))
    raise NoPlaceError("the kernel's control groups are not mounted here")


def _that_hands_out_memory(root: Path, own: str) -> Path:
    """Return the nearest group above ours whose children may be given bounds of memory.

    One that has processes itself, as ours has, may not have such children (cgroups(7), "internal processes").
    """
    folder = root / own.lstrip("/")
    for one in (folder, *folder.parents):
        if "memory" in _words(one / "cgroup.subtree_control"):
            return one
        if one == root:
            break
    raise NoPlaceError(f"no control group from {folder} up hands out memory to groups below it")


def _words(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def _fields(file: Path) -> dict[str, int]:
    return {name: int(number) for name, number in map(str.split, file.read_text().splitlines())}
