"""One moment of a database that others write to meanwhile, and a copy of it in steps."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Self

from appliance.backup.manifest import Disk
from appliance.errors import BackupFailed, NotFound, StoreCorrupt

STEP_PAGES = 256
"""1 MiB a step: between two of them whoever else reads and writes has the disk."""
SYNC_PAGES = 32 * STEP_PAGES
"""So much is brought to the disk at a time: all at the end would hold up everybody's commits."""


class Snapshot:
    """A read transaction: what it shows does not change, however long it is kept. Use as a context manager.

    In WAL mode a reader keeps no writer waiting. The backup API begins anew whenever somebody else has
    written, unless its source is in a transaction of its own: so a busy service cannot keep it from its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            NotFound: there is no database.
            BackupFailed: it cannot be read.
        """
        if not self._path.exists():
            raise NotFound(f"expected a database in {self._path.parent}, found none")
        self._connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
        )
        try:
            self._connection.execute("BEGIN")
            (self.schema,) = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError as err:
            self._connection.close()
            raise BackupFailed(f"{self._path} cannot be read: {err}") from err
        return self

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()

    def epoch(self) -> str:
        """Return the history that it tells; empty for one that was never served."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return "" if row is None else str(row[0])

    def pictures(self) -> set[str]:
        """Return the pictures that its events name."""
        rows = self._connection.execute("SELECT picture FROM events WHERE picture IS NOT NULL")
        return {row[0] for row in rows}

    def footage(self) -> list[Disk]:
        """Return which disks hold footage, and how much; an old schema knows of none."""
        try:
            rows = self._connection.execute(
                "SELECT v.id, v.path, count(s.id), coalesce(sum(s.size), 0) FROM volumes AS v "
                "LEFT JOIN segments AS s ON s.volume_id = v.id GROUP BY v.id ORDER BY v.id"
            ).fetchall()
        except sqlite3.OperationalError:
            return []
        return [Disk(*row) for row in rows]

    def size(self) -> int:
        """Return how many bytes a copy will have."""
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int(pages * page_size)

    def copy(self, target: Path, tell: Callable[[int], None]) -> None:
        """Copy it to a new file, and make sure that the copy is sound.

        ``tell`` is told how many more bytes were copied, again and again.

        Raises:
            BackupFailed: the target cannot be written.
            StoreCorrupt: the database itself is damaged.
        """
        target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        copy = sqlite3.connect(target)
        try:
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            self._connection.backup(
                copy, pages=STEP_PAGES, progress=_Steps(descriptor, tell, self._page_size())
            )
        except sqlite3.DatabaseError as err:
            raise BackupFailed(f"the database could not be copied: {err}") from err
        finally:
            copy.close()
            os.close(descriptor)
        _expect_sound(target)

    def _page_size(self) -> int:
        (size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int(size)


class _Steps:
    """Is called after each step of a copy."""

    def __init__(self, descriptor: int, tell: Callable[[int], None], page_size: int) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._page_size = page_size
        self._left: int | None = None
        self._unsynced = 0

    def __call__(self, _status: int, left: int, total: int) -> None:
        done = (total if self._left is None else self._left) - left
        self._left = left
        self._unsynced += done
        if self._unsynced >= SYNC_PAGES:
            os.fdatasync(self._descriptor)
            self._unsynced = 0
        self._tell(done * self._page_size)


def _expect_sound(copy: Path) -> None:
    """Refuse what is damaged: unnoticed, it would take the place of the last good backup."""
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as err:
        finding = str(err)
    finally:
        connection.close()
    if finding != "ok":
        raise StoreCorrupt(f"the database is damaged, and no backup was made of it: {finding}")
