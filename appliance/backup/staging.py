"""A backup, unpacked into a folder and made fit for a start: the same for a restore and for its rehearsal."""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.manifest import CONFIGURATION, Disk, Manifest
from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs
from appliance.errors import BackupFailed, InvalidInput
from appliance.recordings.disks.identity import read_identity
from appliance.recordings.disks.os_files import SystemFiles
from appliance.store.data_folder import DATABASE, PICTURES
from appliance.store.migrate import knows_revision, newest_revision
from appliance.store.restored import Beside, pictures_named, prepare

ROOM_RATIO = 1.1
"""Of its size a database needs a little more while it is brought up to date."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What was unpacked.

    Attributes:
        configuration: the configuration file's content; ``None`` where there was none.
        missing: pictures that the database named and the backup does not hold.
    """

    manifest: Manifest
    configuration: bytes | None
    missing: int


def stage(
    archive: ArchiveReader,
    folder: Path,
    exports: Collection[str],
    now_us: WallUs,
    tell: Callable[[float], None] = lambda _done: None,
) -> Staged:
    """Unpack a backup into an empty folder, compare each part with what was written, prepare its database.

    ``exports`` are the files of exports that are there where it is to be restored; ``tell`` is told which
    part of it is unpacked, 0 to 1.

    Raises:
        InvalidInput: it was made by a newer version of Nightjar.
        BackupDamaged, StoreCorrupt: it is not what was written, or its database is damaged.
        BackupFailed: there is no room for it.
    """
    manifest = archive.manifest
    if not knows_revision(manifest.schema):
        raise InvalidInput(
            f"expected a schema up to {newest_revision()}, got {manifest.schema}: "
            f"the backup was made by a newer Nightjar ({manifest.version})"
        )
    _expect_room(manifest, folder)
    whole, done = max(1, sum(part.size for part in manifest.parts)), 0
    for part in manifest.parts:
        if part.name != CONFIGURATION:
            target = folder / part.name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            archive.extract(part, target)
        done += part.size
        tell(done / whole)
    (folder / PICTURES).mkdir(exist_ok=True, mode=0o700)
    named, there = pictures_named(folder / DATABASE), {path.name for path in (folder / PICTURES).iterdir()}
    for name in there - named:
        (folder / PICTURES / name).unlink()  # of an event that was gone, or had a better one, a moment later
    prepare(folder / DATABASE, Beside(there, exports), now_us)
    own = [part for part in manifest.parts if part.name == CONFIGURATION]
    return Staged(manifest, archive.content(own[0]) if own else None, len(named - there))


def is_there(disk: Disk) -> bool:
    """Return whether a disk with footage is mounted where it was."""
    try:
        identity = read_identity(SystemFiles(), Path(disk.path))
    except (OSError, ValueError):
        return False
    return identity is not None and identity.id == VolumeId(disk.id)


def _expect_room(manifest: Manifest, folder: Path) -> None:
    needed = round(ROOM_RATIO * sum(part.size for part in manifest.parts))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupFailed(f"there is no room in {folder}: {needed} bytes are needed, {free} are free")
