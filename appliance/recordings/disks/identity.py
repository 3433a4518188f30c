"""The identity file of a storage path: it tells a disk from another one, and from an empty mount point."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.disks.files import Files

NAME = "nightjar-volume.json"
UNFINISHED_NAME = "nightjar-volume.json.new"
LONGEST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a volume is: made once, and never again while its files live."""

    id: VolumeId
    created_us: WallUs


def read_identity(files: Files, folder: Path) -> Identity | None:
    """Return who the volume is, or ``None`` when nothing says so.

    Raises:
        OSError: it cannot be read.
        ValueError: what stands there is no identity.
    """
    path = folder / NAME
    if files.size(path) is None:
        return None
    text = files.read(path, 0, LONGEST_BYTES)
    try:
        found = json.loads(text)
        return Identity(VolumeId(str(found["id"])), WallUs(int(found["created_us"])))
    except (ValueError, KeyError, TypeError) as err:
        raise ValueError(f"expected an object with id and created_us in {path}, found {text[:60]!r}") from err


def write_identity(files: Files, folder: Path, identity: Identity) -> None:
    """Make a folder a volume: after a power cut it is one, or it is as before; ``settle`` makes that last.

    Raises:
        OSError: it cannot be written.
    """
    files.make_folder(folder)
    new = folder / UNFINISHED_NAME
    files.remove(new)
    file = files.open(new)
    try:
        text = json.dumps({"id": identity.id, "created_us": identity.created_us})
        file.append(text.encode() + b"\n")
        file.sync()
    finally:
        file.close()
    files.rename(new, folder / NAME)


def settle(files: Files, folder: Path) -> None:
    """Bring the names that lead to an identity file to the disk for good; some of the folders may be new.

    Raises:
        OSError: nobody knows whether they are there after a power cut.
    """
    files.sync_folder(folder)
    for above in folder.parents:
        with suppress(PermissionError):
            files.sync_folder(above)
