"""Half-done files and folders: locked while somebody works on them, so that only what was left is removed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

LOCK = ".lock"
PART_SUFFIX = ".part"


class WorkingFolder:
    """A folder in which something is made; it is locked until it is removed, or this process has ended.

    Args:
        path: of the folder.
        lock: the open file that holds the lock.
    """

    def __init__(self, path: Path, lock: IO[bytes]) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, parent: Path, prefix: str) -> Self:
        """Make one in a folder, and that folder too where it is not there.

        Raises:
            OSError: the disk refuses.
        """
        parent.mkdir(parents=True, exist_ok=True)
        with locked(parent):  # nobody clears up between the two
            path = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
            return cls(path, _take(path / LOCK))

    def remove(self) -> None:
        """Remove it with what is in it, and let it go."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _take(path: Path) -> IO[bytes]:
    lock = path.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep the other process (the command line) from writing the folder's lists meanwhile."""
    with (folder / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def part_in(folder: Path) -> Iterator[IO[bytes]]:
    """Give a new file in a folder to write to; what was not renamed by then is removed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked_part(folder) as part:
        try:
            yield part
        finally:
            Path(part.name).unlink(missing_ok=True)


def _locked_part(folder: Path) -> IO[bytes]:
    while True:
        part = tempfile.NamedTemporaryFile(dir=folder, suffix=PART_SUFFIX, delete=False, mode="w+b")  # noqa: SIM115
        fcntl.flock(part, fcntl.LOCK_EX)
        if os.fstat(part.fileno()).st_nlink:
            return part
        part.close()  # somebody cleared up before it was locked


def remove_left_parts(folder: Path) -> None:
    """Remove the parts that nobody works on any more."""
    for part in folder.glob(f"*{PART_SUFFIX}"):
        with contextlib.suppress(OSError), _take_as_it_is(part):
            part.unlink(missing_ok=True)


def remove_left_folders(folder: Path, prefix: str) -> None:
    """Remove the working folders of that prefix in which nobody works any more."""
    places = list(folder.glob(f"{prefix}*/"))
    if not places:
        return
    with locked(folder):
        for place in places:
            with contextlib.suppress(OSError), _take(place / LOCK):
                shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def _take_as_it_is(path: Path) -> Iterator[None]:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def finish(file: IO[bytes]) -> None:
    """Have the disk hold what was written, so that a rename after it never shows half a file."""
    file.flush()
    os.fsync(file.fileno())
