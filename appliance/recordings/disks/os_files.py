"""The file system of the machine, behind the port of ``files.py``."""

import os
from pathlib import Path

from appliance.recordings.disks.files import Space

FILE_MODE = 0o600
FOLDER_MODE = 0o700
APPENDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class SystemFile:
    """A file of the machine, opened with ``O_APPEND``: what is written lies after all that is there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def append(self, data: bytes) -> None:
        """Write all of it at the end; the system may take it in several portions."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def sync(self) -> None:
        """Return once the bytes and the size of the file are on the disk."""
        os.fdatasync(self._descriptor)

    def cut(self, size: int) -> None:
        """Shorten the file to so many bytes."""
        os.ftruncate(self._descriptor, size)

    def close(self) -> None:
        """Close the descriptor; after an error it is closed as well (``close(2)``, Linux)."""
        os.close(self._descriptor)


class SystemFiles:
    """The file system of the machine. Files are made for the service's own user alone."""

    def open(self, path: Path) -> SystemFile:
        """Open a file for appending, and make it if it is not there; links are not followed."""
        return SystemFile(os.open(path, APPENDING, FILE_MODE))

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, each for the service's own user alone."""
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(FOLDER_MODE, exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder are on the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, path: Path, to: Path) -> None:
        """Give a file another name, in place of one that has it."""
        path.replace(to)

    def remove(self, path: Path) -> None:
        """Remove a file; nothing happens when it is not there."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Remove a folder; nothing happens when it holds something, or is not there."""
        if path.is_dir() and not self.names(path):
            path.rmdir()

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder, sorted; none when it is not there."""
        try:
            return sorted(os.listdir(path))  # noqa: PTH208 - the names alone are wanted
        except FileNotFoundError:
            return []

    def size(self, path: Path) -> int | None:
        """Return a file's size in bytes, or ``None`` when it is not there."""
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None

    def read(self, path: Path, offset: int, size: int) -> bytes:
        """Return so many bytes of a file, or fewer at its end."""
        with path.open("rb", buffering=0) as file:
            file.seek(offset)
            found = bytearray()
            while len(found) < size and (part := file.read(size - len(found))):
                found += part
        return bytes(found)

    def space(self, path: Path) -> Space:
        """Return how much room the file system of a folder has for an ordinary user."""
        found = os.statvfs(path)
        return Space(
            total=found.f_blocks * found.f_frsize,
            free=found.f_bavail * found.f_frsize,
            is_read_only=bool(found.f_flag & os.ST_RDONLY),
        )

    def device(self, path: Path) -> int:
        """Return the number of the file system that holds a path."""
        return path.stat().st_dev
