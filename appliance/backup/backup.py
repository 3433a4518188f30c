"""``nightjar backup``: the data's folder, but for the footage, as one file; a service may run meanwhile."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from appliance.backup.archive_writer import FILE_MODE, ArchiveWriter
from appliance.backup.manifest import (
    CONFIGURATION,
    FORMAT,
    LONGEST_CONTENT_BYTES,
    LONGEST_NAME_BYTES,
    Manifest,
    is_allowed,
)
from appliance.backup.record import Made
from appliance.backup.snapshot import Snapshot
from appliance.domain.time import US_PER_S
from appliance.errors import BackupFailed, Conflict
from appliance.runtime.clock import Clock
from appliance.store.data_folder import DATABASE, KEYS, PICTURES
from appliance.store.pictures import NAME as PICTURE
from appliance.store.swap import sync_folder
from appliance.store.times import iso_of_us

TRIES = 3
"""A picture that is replaced in the very moment of the snapshot is missing: then another moment is taken."""
PARTIAL = ".partial"
COPY = ".partial-db"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be backed up, and where to.

    Attributes:
        config: the configuration file; ``None`` where there is none.
        version: of the program, for the manifest.
    """

    data: Path
    file: Path
    config: Path | None
    version: str


@dataclass(frozen=True, slots=True)
class Done:
    """A backup that is complete.

    Attributes:
        pictures: how many are in it, and ``missing``: how many its database names that were not there.
    """

    made: Made
    manifest: Manifest
    pictures: int
    missing: int


def make_backup(asked: Asked, clock: Clock, tell: Callable[[float], None]) -> Done:
    """Write a backup beside its name, bring it to the disk and give it its name.

    ``tell`` is told which part of the work is done, 0 to 1.

    Raises:
        NotFound: there is no database.
        StoreCorrupt: the database is damaged.
        BackupFailed: it cannot be read, or the backup cannot be written; nothing is left of it.
        Conflict: another backup of that name is being written.
    """
    try:
        with _unfinished(asked.file) as stream:
            manifest = _write(asked, clock, stream, tell)
            stream.flush()
            os.fsync(stream.fileno())
            size = os.fstat(stream.fileno()).st_size
            _beside(asked.file, PARTIAL).replace(asked.file)
        sync_folder(asked.file.absolute().parent)
    except OSError as err:
        raise BackupFailed(
            f"{asked.file} could not be written: {err.strerror or err}; nothing is left of it"
        ) from err
    pictures = sum(part.name.startswith(f"{PICTURES}/") for part in manifest.parts)
    made = Made(iso_of_us(clock.wall_us()), str(asked.file.absolute()), size)
    return Done(made, manifest, pictures, len(manifest.missing))


@contextmanager
def _unfinished(file: Path) -> Iterator[BinaryIO]:
    """Open the file under its unfinished name; whatever happens, nothing of that name is left behind."""
    partial = _beside(file, PARTIAL)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "w+b") as stream:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise Conflict(f"{file} is being written by another backup") from err
        try:
            os.fchmod(descriptor, FILE_MODE)
            stream.truncate(0)  # what a killed attempt has left
            yield stream
        finally:
            partial.unlink(missing_ok=True)
            _beside(file, COPY).unlink(missing_ok=True)


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(f".{file.name}{suffix}")


def _write(asked: Asked, clock: Clock, stream: BinaryIO, tell: Callable[[float], None]) -> Manifest:
    begun_us = clock.wall_us()
    progress = _Progress(tell, _size_of(asked.data))
    archive = ArchiveWriter(stream, begun_us // US_PER_S, progress.more)
    pictures = _Pictures(asked.data / PICTURES, archive)
    pictures.add(sorted(pictures.names()))  # most of them, before the database's moment is taken
    for attempt in range(TRIES):
        with Snapshot(asked.data / DATABASE) as snapshot:
            copied_us = clock.wall_us()
            missing = pictures.add(sorted(snapshot.pictures() - pictures.added))
            if missing and attempt < TRIES - 1:
                continue
            schema, epoch, footage = snapshot.schema, snapshot.epoch(), snapshot.footage()
            copy = _beside(asked.file, COPY)
            snapshot.copy(copy, progress.more)
            break
    with copy.open("rb") as source:
        archive.add(DATABASE, source, is_packed=True)
    copy.unlink()
    for name, content in _small_parts(asked):
        archive.add(name, BytesIO(content))
    manifest = Manifest(
        *(FORMAT, asked.version, schema, epoch, iso_of_us(begun_us), iso_of_us(copied_us)),
        *(archive.parts, footage, missing),
    )
    archive.close(manifest)
    return manifest


class _Pictures:
    """The pictures of events, which come and go meanwhile; none of them ever changes."""

    def __init__(self, folder: Path, archive: ArchiveWriter) -> None:
        self._folder = folder
        self._archive = archive
        self.added: set[str] = set()

    def names(self) -> Iterable[str]:
        """Return those that are there."""
        if not self._folder.is_dir():
            return []
        return [path.name for path in self._folder.iterdir() if PICTURE.fullmatch(path.name)]

    def add(self, names: Iterable[str]) -> list[str]:
        """Add some of them, and return which were not there."""
        missing = []
        for name in names:
            try:
                with (self._folder / name).open("rb") as source:
                    self._archive.add(f"{PICTURES}/{name}", source)
                self.added.add(name)
            except FileNotFoundError:
                missing.append(name)
        return missing


def _small_parts(asked: Asked) -> Iterator[tuple[str, bytes]]:
    """Yield the configuration and the keys."""
    if asked.config is not None:
        content = asked.config.read_bytes()
        if len(content) > LONGEST_CONTENT_BYTES:  # no restore would take it
            raise BackupFailed(f"{asked.config}: expected at most {LONGEST_CONTENT_BYTES} bytes")
        yield CONFIGURATION, content
    folder = asked.data / KEYS
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not stat.S_ISREG(path.lstat().st_mode):
            continue  # a folder, or a link: what it leads to is not this folder's
        name = path.relative_to(asked.data).as_posix()
        if not is_allowed(name):
            raise BackupFailed(f"{path}: expected a name of at most {LONGEST_NAME_BYTES} plain characters")
        yield name, path.read_bytes()


def _size_of(data: Path) -> int:
    """Return about how many bytes are to be read: the database twice, since it is copied first."""
    size = 0
    with suppress(OSError):
        size += 2 * (data / DATABASE).stat().st_size
    with suppress(OSError), os.scandir(data / PICTURES) as pictures:
        for picture in pictures:
            with suppress(OSError):
                size += picture.stat().st_size
    return size


class _Progress:
    """Adds up what was done."""

    def __init__(self, tell: Callable[[float], None], whole: int) -> None:
        self._tell = tell
        self._whole = max(1, whole)
        self._done = 0

    def more(self, size: int) -> None:
        """So many more bytes are done."""
        self._done += size
        self._tell(min(1.0, self._done / self._whole))
