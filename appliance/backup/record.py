"""What became of the last backup and of its rehearsal: written by the commands, told by the service."""

import os
from pathlib import Path

import msgspec

from appliance.store.data_folder import BACKUPS
from appliance.store.swap import sync_folder


class Made(msgspec.Struct, frozen=True):
    """The last backup.

    Attributes:
        at: when it was complete, ISO 8601 in UTC.
        size: of the file in bytes.
    """

    at: str
    file: str
    size: int


class Rehearsed(msgspec.Struct, frozen=True):
    """The last rehearsal of a restore.

    Attributes:
        made_at: when the backup had been begun that was tried; empty where that could not be read.
        trouble: why it cannot be relied on, in words; empty when all was well.
    """

    at: str
    file: str
    made_at: str = ""
    trouble: str = ""


class Record(msgspec.Struct, frozen=True):
    """Both, as far as they happened."""

    made: Made | None = None
    rehearsed: Rehearsed | None = None


def read_record(data_dir: Path) -> Record:
    """Return what is noted; nothing where there is no note, or none that can be read."""
    try:
        return msgspec.json.decode((data_dir / BACKUPS).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return Record()


def note_backup(data_dir: Path, made: Made) -> None:
    """Note a backup."""
    _write(data_dir, msgspec.structs.replace(read_record(data_dir), made=made))


def note_rehearsal(data_dir: Path, rehearsed: Rehearsed) -> None:
    """Note a rehearsal."""
    _write(data_dir, msgspec.structs.replace(read_record(data_dir), rehearsed=rehearsed))


def _write(data_dir: Path, record: Record) -> None:
    """Put the note in place whole, and through no link that lies at its unfinished name."""
    new = data_dir / f"{BACKUPS}.new"
    new.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(new, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(record))
        file.flush()
        os.fsync(file.fileno())
    new.replace(data_dir / BACKUPS)
    sync_folder(data_dir)
