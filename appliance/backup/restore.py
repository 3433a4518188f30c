"""``nightjar restore``: a backup takes the place of what is in the data's folder; the service is off."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.manifest import CONFIGURATION, Disk, Manifest
from appliance.backup.staging import is_there, stage
from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import BackupFailed
from appliance.runtime.clock import Clock
from appliance.store import swap
from appliance.store.data_folder import DATABASE, EXPORTS
from appliance.store.engine import locked
from appliance.store.restored import exports_done


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        former: where the former database lies now; ``None`` where there was none.
        missing: pictures that the backup's database names and that it does not hold.
        configuration: in words what became of the configuration file; empty where the backup holds none.
        absent: disks with footage that are not where they were.
    """

    manifest: Manifest
    former: Path | None
    missing: int
    configuration: str
    absent: tuple[Disk, ...]


def restore(
    file: Path,
    data: Path,
    config: Path,
    clock: Clock,
    tell: Callable[[float], None] = lambda _done: None,
    opened: BinaryIO | None = None,
) -> Restored:
    """Put a backup in the place of database, pictures and keys: whole, or nothing has changed.

    What was there is moved aside. Whatever cuts this off after the last check is completed by the next start.

    ``config`` is where the configuration file belongs: one that is there stays, and the backup's goes beside
    the data. ``tell`` is told which part is unpacked, 0 to 1. ``opened`` is the file, if it is open already.

    Raises:
        Conflict: the service runs.
        NotFound: there is no such file.
        InvalidInput: it was made by a newer version of Nightjar.
        BackupDamaged, StoreCorrupt: it is not what was written, or its database is damaged.
        BackupFailed: it cannot be written.
    """
    with locked(data):
        now_us = clock.wall_us()
        try:
            swap.complete(data)  # what a restore that was cut off has left
            with ArchiveReader(file, opened) as archive:
                folder = swap.begin(data)
                staged = stage(archive, folder, _exports(data), now_us, tell)
            swap.commit(data, f"before-restore-{stamp(now_us)}", exports_done(folder / DATABASE))
            former = swap.complete(data)
        except OSError as err:
            raise BackupFailed(f"{data} cannot be written: {err.strerror or err}") from err
        finally:
            swap.discard(data)
        words = "" if staged.configuration is None else _put_back(staged.configuration, config, data)
    absent = tuple(disk for disk in staged.manifest.footage if disk.segments and not is_there(disk))
    return Restored(staged.manifest, former, staged.missing, words, absent)


def stamp(now_us: WallUs) -> str:
    """Return a moment as names of files bear it."""
    return f"{datetime.fromtimestamp(now_us / US_PER_S, UTC):%Y%m%dT%H%M%SZ}"


def _exports(data: Path) -> set[str]:
    folder = data / EXPORTS
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _put_back(content: bytes, config: Path, data: Path) -> str:
    """Write the configuration file where there is none; else leave it to its owner. Returns it in words."""
    try:
        if config.read_bytes() == content:
            return f"{config} is as it was"
    except FileNotFoundError:
        try:
            _write(config, content, 0o640, data.stat().st_gid)
        except OSError as err:
            why = f"{config} cannot be written ({err.strerror}), root puts it there"
        else:
            return f"{config} was put back"
    except OSError as err:
        why = f"{config} cannot be read ({err.strerror})"
    else:
        why = f"{config} is another one and was left as it is"
    beside = data / f"{CONFIGURATION}.from-backup"
    beside.unlink(missing_ok=True)
    _write(beside, content, 0o600, data.stat().st_gid)
    return f"{why}: the backup's lies at {beside}"


def _write(path: Path, content: bytes, mode: int, group: int) -> None:
    """Make a file; what root makes belongs to the group of the data, whose service has to read it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        if os.geteuid() == 0:
            os.fchown(file.fileno(), -1, group)
        os.fchmod(file.fileno(), mode)
        file.write(content)
