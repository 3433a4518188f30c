"""What a backup says of itself: the last thing in the file, since only then it is known what was written."""

import re

import msgspec

from appliance.errors import BackupDamaged
from appliance.store.data_folder import DATABASE, KEYS, PICTURES
from appliance.store.pictures import NAME as PICTURE

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
CONFIGURATION = "nightjar.toml"
FORMAT = 1
LONGEST_CONTENT_BYTES = 1 << 20
"""Of a part that is read as a whole, whatever its packed size: the configuration."""
LONGEST_NAME_BYTES = 100
"""What a tar header holds without an extension."""
MOST_PARTS = 10_000_000
LARGEST_BYTES = 1 << 44
_SEGMENT = re.compile(r"[^/\x00-\x1f\x7f]{1,100}")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file in a backup.

    Attributes:
        name: where it belongs, relative to the data's folder; the configuration file is ``nightjar.toml``.
        size: in bytes, and ``sha256``: of its content, unpacked.
        is_packed: it lies in the backup as ``NAME.gz``.
    """

    name: str
    size: int
    sha256: str
    is_packed: bool = False

    @property
    def member(self) -> str:
        """What it is called in the backup."""
        return f"{self.name}.gz" if self.is_packed else self.name


class Disk(msgspec.Struct, frozen=True):
    """Footage, of which a backup holds the reference alone.

    Attributes:
        id: the volume, as the file on the disk itself has it.
        path: where it was mounted.
        segments: how many files of footage lay on it, of ``size`` bytes together.
    """

    id: str
    path: str
    segments: int
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What is in a backup.

    Attributes:
        version: of the program that made it.
        schema: of the database in it.
        epoch: the history that its database tells.
        begun_at: ISO 8601 in UTC, and ``copied_at``: of that moment the database is.
        missing: pictures that the database names and that were not there.
    """

    format: int
    version: str
    schema: str
    epoch: str
    begun_at: str
    copied_at: str
    parts: list[Part]
    footage: list[Disk]
    missing: list[str] = []


def decode(content: bytes) -> Manifest:
    """Read a manifest and make sure that every part of it may be restored.

    Raises:
        BackupDamaged: it is none, or asks for what no backup of ours holds.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as err:
        raise BackupDamaged(f"{MANIFEST}: expected a manifest, got something else: {err}") from err
    if manifest.format != FORMAT:
        raise BackupDamaged(
            f"expected a backup of the form {FORMAT}, got {manifest.format}: a newer Nightjar's"
        )
    names = [part.name for part in manifest.parts]
    if len(names) > MOST_PARTS or len(set(names)) != len(names):
        raise BackupDamaged(f"{MANIFEST}: expected each part once, at most {MOST_PARTS}")
    for part in manifest.parts:
        if not is_allowed(part.name) or not 0 <= part.size <= LARGEST_BYTES:
            raise BackupDamaged(f"{MANIFEST}: no backup holds {part.name!r} of {part.size} bytes")
    if DATABASE not in names:
        raise BackupDamaged("there is no database in it")
    return manifest


def is_allowed(name: str) -> bool:
    """Return whether a backup may hold a file of that name: nothing else is ever written from one."""
    if name in {DATABASE, CONFIGURATION}:
        return True
    folder, _, rest = name.partition("/")
    if folder == PICTURES:
        return PICTURE.fullmatch(rest) is not None
    if folder != KEYS or len(name.encode()) > LONGEST_NAME_BYTES:
        return False
    segments = rest.split("/")
    return all(_SEGMENT.fullmatch(one) and one not in {".", ".."} for one in segments)
