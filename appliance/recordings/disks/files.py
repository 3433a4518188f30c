"""The one port to the file system: everything that happens to a file of footage goes through it.

So a test can fail or cut off every single step, and look at what a power cut leaves.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of a file system: all of them, and those that are free for us; and whether it may be written."""

    total: int
    free: int
    is_read_only: bool = False


class OpenFile(Protocol):
    """A file that is appended to. Every method raises ``OSError`` as the system does."""

    def append(self, data: bytes) -> None:
        """Write all of it at the end, past Python's own buffers."""
        ...

    def sync(self) -> None:
        """Return once everything written is on the disk (``fdatasync``)."""
        ...

    def cut(self, size: int) -> None:
        """Shorten the file to so many bytes; what is appended next follows there."""
        ...

    def close(self) -> None:
        """Close it; nothing is synced by that."""
        ...


class Files(Protocol):
    """The file system. Every method raises ``OSError`` as the system does; all of them block."""

    def open(self, path: Path) -> OpenFile:
        """Open a file for appending, and make it if it is not there; its folder must be."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, as far as they are not there."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder are on the disk."""
        ...

    def rename(self, path: Path, to: Path) -> None:
        """Give a file another name, in place of one that has it."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file; nothing happens when it is not there."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove a folder that is empty; nothing happens when it is not, or not there."""
        ...

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder, sorted; none when it is not there."""
        ...

    def size(self, path: Path) -> int | None:
        """Return a file's size in bytes, or ``None`` when it is not there."""
        ...

    def read(self, path: Path, offset: int, size: int) -> bytes:
        """Return so many bytes of a file, or fewer at its end."""
        ...

    def space(self, path: Path) -> Space:
        """Return how much room the file system of a folder has."""
        ...

    def device(self, path: Path) -> int:
        """Return the number of the file system that holds a path: another one after an unmount."""
        ...
