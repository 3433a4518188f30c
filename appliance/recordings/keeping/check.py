"""``nightjar check``, what concerns footage: the invariants S7 to S11 of ``docs/schema.md``."""

import fcntl
import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from appliance.domain.ids import CAMERA_ID
from appliance.domain.time import US_PER_S
from appliance.recordings.disks.identity import read_identity
from appliance.recordings.disks.os_files import SystemFiles
from appliance.runtime.clock import Clock
from appliance.store.check import other_schema
from appliance.store.engine import DATABASE, LOCK
from appliance.store.times import iso_of_us

EXPORTS = "exports"
CHUNK_BYTES = 1024 * 1024
YOUNG_S = 60.0
"""While the service runs: a file that was changed so lately may not have its row yet."""
VOLUMES = (
    "SELECT v.id, v.path, count(s.id) FROM volumes AS v "
    "LEFT JOIN segments AS s ON s.volume_id = v.id GROUP BY 1 "
    "UNION ALL SELECT volume_id, NULL, count(*) FROM segments "
    "WHERE volume_id NOT IN (SELECT id FROM volumes) GROUP BY 1"
)
FILES = "SELECT id, path, size, sha256, state FROM segments WHERE volume_id = ? ORDER BY path"
"""What lies in a storage path."""
OTHER_FILES = (
    "SELECT former_path FROM segments WHERE former_volume_id = ?1 "
    "UNION ALL SELECT value FROM meta WHERE key = 'moving to ' || ?1 "
    "UNION ALL SELECT value || '.part' FROM meta WHERE key = 'moving to ' || ?1"
)
"""What may lie there besides, in the midst of a move."""
LEDGER = (
    "SELECT camera_id, start_us, end_us, 'segment ' || id FROM segments WHERE state <> 'deleting' "
    "UNION ALL SELECT camera_id, start_us, end_us, cause || ' gap' FROM gaps ORDER BY 1, 2, 3"
)


class Progress(NamedTuple):
    """How far the check has come: files looked at, of how many, and their bytes."""

    files: int
    of: int
    size: int


Say = Callable[[Progress], None]


def check_footage(
    data_dir: Path, clock: Clock, reads_bytes: bool = True, say: Say = lambda _progress: None
) -> list[str]:
    """Return every difference found, a sentence each; an empty list when all invariants hold.

    That there is no database, or another one than this program's, is said by the check of the database. It
    only reads, and may run beside the service: what changed meanwhile is asked again. Without ``reads_bytes``
    files are looked for and measured, but not read. ``say`` is told after each file.
    """
    path = data_dir / DATABASE
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            if other_schema(connection):
                return []
            look = _Look(path, connection, reads_bytes, is_running(data_dir), clock, say)
            return [*look.volumes(), *look.ledger(), *look.exports(data_dir / EXPORTS)]
    except sqlite3.DatabaseError:
        return []


def is_running(data_dir: Path) -> bool:
    """Return whether a service works on a data directory."""
    try:
        descriptor = os.open(data_dir / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class _Look:
    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        reads_bytes: bool,
        is_in_use: bool,
        clock: Clock,
        say: Say,
    ) -> None:
        self._path = path
        self._clock = clock
        self._say = say
        self._connection = connection
        self._reads_bytes = reads_bytes
        self._is_in_use = is_in_use
        (count,) = connection.execute("SELECT count(*) FROM segments").fetchone()
        self._progress = Progress(0, count, 0)

    def volumes(self) -> Iterator[str]:
        """S7 to S9: the storage paths that hold footage, and the files in them."""
        for volume_id, path, count in self._connection.execute(VOLUMES).fetchall():
            if path is None:
                yield f"S7 storage paths: {count} segments lie in the volume {volume_id}, which nobody knows"
            elif trouble := _trouble(Path(path), volume_id):
                if count:
                    yield (
                        f"S7 storage paths: {path} {trouble}; {count} segments of the volume {volume_id} "
                        f"cannot be looked at; if it never comes back: nightjar forget-volume {volume_id}"
                    )
            else:
                yield from self._files(volume_id, Path(path))
                yield from self._unknown(volume_id, Path(path))

    def _files(self, volume_id: str, root: Path) -> Iterator[str]:
        """S8: each file is there and holds what was synced; a closed one exactly that."""
        for segment_id, name, size, sha256, state in self._connection.execute(FILES, (volume_id,)):
            finding = "" if state == "deleting" else self._file(root / name, size, sha256, state)
            done = self._progress
            self._progress = Progress(done.files + 1, done.of, done.size + size)
            self._say(self._progress)
            if finding and self._is_still((volume_id, name, size, sha256, state), segment_id):
                yield f"S8 files: {root / name} {finding}"

    def _file(self, path: Path, size: int, sha256: str | None, state: str) -> str:
        try:
            found = path.stat().st_size
            if state == "open":
                return "" if found >= size else f"has {found} bytes; {size} were synced"
            if found != size:
                return f"has {found} bytes; expected {size}"
            if sha256 is None:
                return "is closed and has no hash"
            if self._reads_bytes and (other := _hash(path)) != sha256:
                return f"has the hash {other}; expected {sha256}"
        except FileNotFoundError:
            return "is not there" if size or state == "closed" else ""
        except OSError as err:
            return f"cannot be read: {err.strerror}"
        return ""

    def _unknown(self, volume_id: str, root: Path) -> Iterator[str]:
        """S9: in the folders of cameras there is no file that no row names."""
        known = {row[1] for row in self._connection.execute(FILES, (volume_id,))}
        known |= {row[0] for row in self._connection.execute(OTHER_FILES, (volume_id,))}
        for folder in sorted(root.iterdir()):
            if not folder.is_dir() or not re.match(CAMERA_ID, folder.name):
                continue
            for found in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = found.relative_to(root).as_posix()
                if name not in known and not self._is_young(found):
                    yield f"S9 unknown files: {found} is there and no segment names it"

    def ledger(self) -> Iterator[str]:
        """S10: of each camera segments and gaps follow each other without a hole and without an overlap."""
        camera, until_us, before = None, 0, ""
        for camera_id, start_us, end_us, what in self._connection.execute(LEDGER):
            if camera_id == camera and start_us != until_us:
                kind = "a hole" if start_us > until_us else "an overlap"
                seconds = abs(start_us - until_us) / 1e6
                yield (
                    f"S10 ledger: camera {camera_id}: {kind} of {seconds:.3f} s at {iso_of_us(until_us)}, "
                    f"between {before} and {what}"
                )
            until_us = max(until_us, end_us) if camera_id == camera else end_us
            camera, before = camera_id, what

    def exports(self, folder: Path) -> Iterator[str]:
        """S11: every export that is done is a file of its size, and there is no other."""
        rows = self._connection.execute("SELECT id, state, size FROM exports").fetchall()
        for export_id, state, size in rows:
            path = folder / f"{export_id}.mp4"
            found = path.stat().st_size if path.is_file() else None
            if state == "done" and found != size:
                yield f"S11 exports: {path} " + (
                    "is not there" if found is None else f"has {found} bytes; expected {size}"
                )
        done = {f"{export_id}.mp4" for export_id, state, _ in rows if state == "done"}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.name not in done and not self._is_young(path):
                yield f"S11 exports: {path} is there and no export that is done names it"

    def _is_still(self, facts: tuple[object, ...], segment_id: str) -> bool:
        """Return whether a row is as it was when the check began; else its file is no difference."""
        if not self._is_in_use:
            return True
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as now:
            row = now.execute(
                "SELECT volume_id, path, size, sha256, state FROM segments WHERE id = ?", (segment_id,)
            ).fetchone()
        return bool(row == facts)

    def _is_young(self, path: Path) -> bool:
        if not self._is_in_use:
            return False
        try:
            return self._clock.wall_us() / US_PER_S - path.stat().st_mtime < YOUNG_S
        except FileNotFoundError:
            return True


def _trouble(root: Path, volume_id: str) -> str:
    """Return why a storage path cannot be looked at; empty when it can."""
    try:
        identity = read_identity(SystemFiles(), root)
    except (OSError, ValueError) as err:
        return f"cannot be read: {err}"
    if identity is None:
        return "holds no identity file: its disk is not mounted"
    return "" if identity.id == volume_id else f"holds another disk, the volume {identity.id}"


def _hash(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while data := file.read(CHUNK_BYTES):
            found.update(data)
    return found.hexdigest()
