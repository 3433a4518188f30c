"""``nightjar restore --verify``: a restore into a folder that is removed again."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.manifest import Manifest
from appliance.backup.staging import is_there, stage
from appliance.errors import (
    BackupDamaged,
    BackupFailed,
    Conflict,
    InvalidInput,
    StoreCorrupt,
    StoreUnavailable,
)
from appliance.runtime.clock import Clock
from appliance.store.check import check
from appliance.store.data_folder import DATABASE
from appliance.store.seal import read_seal
from appliance.store.sealed_rows import unreadable

FOLDER = "restore.rehearsal"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found.

    Attributes:
        made_at: when the backup was begun; empty where it does not say.
        trouble: why it could not be restored as it is, in words; empty when it could.
        notes: what its owner should know besides.
    """

    made_at: str
    trouble: str
    notes: tuple[str, ...] = ()


def rehearse(
    file: Path,
    data: Path,
    clock: Clock,
    tell: Callable[[float], None] = lambda _done: None,
    opened: BinaryIO | None = None,
) -> Rehearsal:
    """Restore a backup into a folder of its own, beside the data where that is there, and check it.

    Raises:
        NotFound: there is no such file.
        BackupDamaged: it is no backup, or its end is missing.
        BackupFailed: there is no room to try.
        Conflict: another rehearsal is under way.
    """
    with ArchiveReader(file, opened) as archive:
        manifest = archive.manifest
        with _room(data) as folder:
            try:
                staged = stage(archive, folder, (), clock.wall_us(), tell)
                differences = check(folder) + unreadable(folder / DATABASE, read_seal(folder))
            except (BackupDamaged, StoreCorrupt, StoreUnavailable, InvalidInput) as err:
                return Rehearsal(manifest.begun_at, str(err))
    if differences:
        more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
        return Rehearsal(manifest.begun_at, f"{differences[0]}{more}")
    return Rehearsal(manifest.begun_at, "", tuple(_notes(manifest, staged.missing)))


def _notes(manifest: Manifest, missing: int) -> Iterator[str]:
    if missing:
        yield f"{missing} pictures were not there when it was made"
    for disk in manifest.footage:
        if disk.segments and not is_there(disk):
            yield f"the disk of {disk.segments} files of footage is not at {disk.path}"


@contextmanager
def _room(data: Path) -> Iterator[Path]:
    """Yield an empty folder on the data's disk, where a restore would need the room, and remove it."""
    if not data.is_dir() or not os.access(data, os.W_OK):
        with tempfile.TemporaryDirectory(prefix="nightjar-") as name:
            yield Path(name)
        return
    folder = data / FOLDER
    descriptor = _own_folder(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        os.close(descriptor)
        raise Conflict(f"another rehearsal is under way in {folder}") from err
    try:
        _empty(descriptor)
        yield folder
    except OSError as err:
        raise BackupFailed(f"{folder} cannot be written: {err.strerror or err}") from err
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _own_folder(folder: Path) -> int:
    """Make a folder, or take the one that a killed rehearsal left, and return it open: no link to another.

    Raises:
        BackupFailed: something else bears its name.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as err:
        raise BackupFailed(f"{folder}: expected a folder, or none ({err.strerror})") from err
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise BackupFailed(f"{folder} belongs to another user; remove it")
    return descriptor


def _empty(folder: int) -> None:
    """Remove what is in an open folder, wherever its name may lead by now."""
    with os.scandir(folder) as found:
        for left in list(found):
            if left.is_dir(follow_symlinks=False):
                shutil.rmtree(left.name, dir_fd=folder)
            else:
                os.unlink(left.name, dir_fd=folder)
