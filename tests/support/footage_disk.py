"""A disk in memory: it fails where a test wants it to, and shows what a power cut at any moment leaves."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from appliance.recordings.disks.files import Space

PAGE = 4096
ROOT = Path("/")


class Cut(StrEnum):
    """What becomes of what was not synced when the power goes."""

    PRESENT = "present"
    """All of it is there, as after the death of the process alone."""
    ABSENT = "absent"
    """Nothing of it: neither names nor bytes."""
    NAMES = "names"
    """The names are there, the bytes are not."""
    TORN = "torn"
    """The names are there, and half of the bytes."""
    HOLED = "holed"
    """The names are there, and the bytes but for the first page, which reads as zeros."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to the disk, in the order of ``FootageDisk.steps``."""

    kind: str
    path: Path
    node: int = 0
    data: bytes = field(default=b"", repr=False)
    size: int = 0
    to: Path = ROOT


@dataclass(slots=True)
class _Node:
    """A file: its bytes, and those of them that survive a power cut."""

    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


@dataclass(slots=True)
class _Tree:
    """Files and folders by name, now and after a power cut; replays steps."""

    nodes: dict[int, _Node] = field(default_factory=dict)
    names: dict[Path, int] = field(default_factory=dict)
    folders: set[Path] = field(default_factory=lambda: {ROOT})
    durable_names: dict[Path, int] = field(default_factory=dict)
    durable_folders: set[Path] = field(default_factory=lambda: {ROOT})

    def do(self, step: Step) -> None:
        """Do one step."""
        match step.kind:
            case "create":
                self.nodes[step.node] = _Node()
                self.names[step.path] = step.node
            case "append":
                self.nodes[step.node].data += step.data
            case "cut":
                del self.nodes[step.node].data[step.size :]
            case "sync":
                self.nodes[step.node].durable = bytes(self.nodes[step.node].data)
            case "make_folder":
                self.folders.add(step.path)
            case "sync_folder":
                self._sync_folder(step.path)
            case "rename":
                self.names[step.to] = self.names.pop(step.path)
            case "remove":
                self.names.pop(step.path)
            case "remove_folder":
                self.folders.discard(step.path)

    def _sync_folder(self, folder: Path) -> None:
        def here(path: Path) -> bool:
            return path.parent == folder and path != ROOT

        self.durable_names = {p: n for p, n in self.durable_names.items() if not here(p)}
        self.durable_names |= {p: n for p, n in self.names.items() if here(p)}
        self.durable_folders = {p for p in self.durable_folders if not here(p)}
        self.durable_folders |= {p for p in self.folders if here(p)}

    def left_by(self, cut: Cut) -> "FootageDisk":
        """Return the disk that a power cut leaves."""
        names = self.durable_names if cut is Cut.ABSENT else self.names
        folders = self.durable_folders if cut is Cut.ABSENT else self.folders
        left = FootageDisk()
        for folder in sorted(folders):
            if set(folder.parents) <= folders:
                left.tree.folders.add(folder)
        for path, number in names.items():
            if set(path.parents) <= left.tree.folders:
                left.tree.names[path] = number
                data = _survives(self.nodes[number], cut)
                left.tree.nodes[number] = _Node(bytearray(data), data)
        left.tree.durable_names, left.tree.durable_folders = dict(left.tree.names), set(left.tree.folders)
        left.next_node = max(left.tree.nodes, default=0) + 1
        return left


def _survives(node: _Node, cut: Cut) -> bytes:
    now, durable = bytes(node.data), node.durable
    match cut:
        case Cut.PRESENT:
            return now
        case Cut.ABSENT | Cut.NAMES:
            return durable
        case Cut.TORN:
            return now[: (len(durable) + len(now)) // 2] if len(now) > len(durable) else durable
        case Cut.HOLED:
            if len(now) <= len(durable):
                return durable
            begin = -(-len(durable) // PAGE) * PAGE  # a page that holds synced bytes is whole
            end = min(begin + PAGE, len(now))
            return now[:begin] + bytes(max(0, end - begin)) + now[end:] if begin < len(now) else now


class MemoryFile:
    """A file of ``FootageDisk``."""

    def __init__(self, disk: "FootageDisk", path: Path, node: int) -> None:
        self._disk = disk
        self._path = path
        self._node = node
        self.is_open = True

    def append(self, data: bytes) -> None:
        """Write at the end; a disk without room takes what fits, and one that fails the half."""
        assert self.is_open
        try:
            self._disk.take_part("append", self._path)
        except OSError:
            self._disk.did(Step("append", self._path, self._node, data=data[: len(data) // 2]))
            raise
        fits = data if self._disk.room is None else data[: max(0, self._disk.room - self._disk.used)]
        if fits:
            self._disk.did(Step("append", self._path, self._node, data=fits))
        if len(fits) < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self) -> None:
        """Make what was written survive."""
        assert self.is_open
        self._disk.take_part("sync", self._path)
        self._disk.did(Step("sync", self._path, self._node))

    def cut(self, size: int) -> None:
        """Shorten it."""
        assert self.is_open
        self._disk.take_part("cut", self._path)
        self._disk.did(Step("cut", self._path, self._node, size=size))

    def close(self) -> None:
        """Close it, once."""
        assert self.is_open
        self.is_open = False
        self._disk.open_files -= 1


class FootageDisk:
    """An in-memory ``Files``.

    Attributes:
        fault: is asked before each step, with its kind and path, for the error that it fails with.
        room: bytes that it holds; ``None`` for as many as come.
        total: what it says of its size.
        is_read_only: what it says of its mount; every change fails then.
        number: of the file system.
        steps: what was done, for ``after``.
    """

    def __init__(self) -> None:
        self.tree = _Tree()
        self.fault: Callable[[str, Path], OSError | None] = lambda _kind, _path: None
        self.room: int | None = None
        self.total = 1 << 40
        self.is_read_only = False
        self.number = 7
        self.steps: list[Step] = []
        self.next_node = 1
        self.open_files = 0

    # The port

    def open(self, path: Path) -> MemoryFile:
        """Open a file, and make it if it is not there."""
        self.take_part("open", path)
        if path.parent not in self.tree.folders:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        if path not in self.tree.names:
            self.did(Step("create", path, self.next_node))
            self.next_node += 1
        self.open_files += 1
        return MemoryFile(self, path, self.tree.names[path])

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it."""
        for folder in reversed([path, *path.parents]):
            if folder not in self.tree.folders:
                self.take_part("make_folder", folder)
                self.did(Step("make_folder", folder))

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder survive."""
        self.take_part("sync_folder", path)
        self.did(Step("sync_folder", path))

    def rename(self, path: Path, to: Path) -> None:
        """Give a file another name."""
        self.take_part("rename", path)
        if path not in self.tree.names:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self.did(Step("rename", path, to=to))

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        self.take_part("remove", path)
        if path in self.tree.names:
            self.did(Step("remove", path))

    def remove_folder(self, path: Path) -> None:
        """Remove a folder, if it is there and empty."""
        self.take_part("remove_folder", path)
        if path in self.tree.folders and not self.names(path):
            self.did(Step("remove_folder", path))

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder."""
        self.look("names", path)
        return sorted(
            p.name for p in [*self.tree.names, *self.tree.folders] if p.parent == path and p != ROOT
        )

    def size(self, path: Path) -> int | None:
        """Return a file's size."""
        self.look("size", path)
        node = self.tree.names.get(path)
        return None if node is None else len(self.tree.nodes[node].data)

    def read(self, path: Path, offset: int, size: int) -> bytes:
        """Return a part of a file."""
        self.look("read", path)
        if path not in self.tree.names:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return bytes(self.tree.nodes[self.tree.names[path]].data[offset : offset + size])

    def space(self, path: Path) -> Space:
        """Return how much room there is."""
        self.look("space", path)
        free = self.total if self.room is None else self.room - self.used
        return Space(self.total if self.room is None else self.room, max(0, free), self.is_read_only)

    def device(self, path: Path) -> int:
        """Return the number of the file system."""
        self.look("device", path)
        if path not in self.tree.folders and path not in self.tree.names:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return self.number

    # For tests

    @property
    def used(self) -> int:
        """Bytes in files that have a name."""
        return sum(len(self.tree.nodes[node].data) for node in self.tree.names.values())

    def videos(self) -> dict[Path, bytes]:
        """Return every file of footage with its bytes."""
        found = [(path, node) for path, node in sorted(self.tree.names.items()) if path.suffix == ".mp4"]
        return {path: bytes(self.tree.nodes[node].data) for path, node in found}

    def after(self, count: int, cut: Cut) -> "FootageDisk":
        """Return what a power cut after the first ``count`` steps leaves."""
        tree = _Tree()
        for step in self.steps[:count]:
            tree.do(step)
        return tree.left_by(cut)

    def did(self, step: Step) -> None:
        """Do a step and remember it."""
        self.tree.do(step)
        self.steps.append(step)

    def take_part(self, kind: str, path: Path) -> None:
        """Fail where a change has to fail."""
        if self.is_read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        self.look(kind, path)

    def look(self, kind: str, path: Path) -> None:
        """Fail where a test wants it."""
        err = self.fault(kind, path)
        if err is not None:
            raise err
