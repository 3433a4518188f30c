"""How the database is doing: its size, its rows, its log, and how long a commit takes."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.domain.time import US_PER_S, WallUs
from appliance.runtime.latencies import Spread
from appliance.store import figures
from appliance.store.engine import Store
from appliance.store.figures import LogEnd, Pages, Rows
from appliance.store.reader import Reader

COMMITS_S = 300.0
"""Commits of so long a time are told of."""


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A copy of the database, or a damaged one that was put aside, beside it."""

    name: str
    size: int
    made_us: WallUs


@dataclass(frozen=True, slots=True)
class DatabaseFigures:
    """The database at one moment.

    Attributes:
        size: of the file in bytes, ``None`` where it cannot be asked.
        wal_size: of the write-ahead log.
        log: the oldest and the newest message, if there is any.
        commits: how long the commits of the last minutes took, if there were any.
        waiting: changes that are not stored yet.
    """

    path: Path
    size: int | None
    wal_size: int | None
    pages: Pages
    rows: list[Rows]
    log: tuple[LogEnd, LogEnd] | None
    commits: Spread | None
    waiting: int
    copies: list[FileCopy]


class DatabaseMonitor:
    """Reads how the database is doing, when somebody asks."""

    def __init__(self, store: Store, reader: Reader, committer: Committer) -> None:
        self._path = store.path
        self._reader = reader
        self._committer = committer

    async def read(self) -> DatabaseFigures:
        """Look once; costs a few milliseconds, however large the tables are.

        Raises:
            StoreUnavailable: the database cannot be read at the moment.
        """
        async with self._reader.read() as connection:
            pages, rows, log = await connection.run_sync(_asked)
        sizes = await asyncio.to_thread(_sizes, self._path)
        copies = await asyncio.to_thread(lambda: list(copies_of(self._path)))
        commits = self._committer.latencies.within(COMMITS_S)
        return DatabaseFigures(self._path, *sizes, pages, rows, log, commits, self._committer.waiting, copies)


def copies_of(path: Path) -> Iterator[FileCopy]:
    """Yield the copies that were made before upgrades, and what was put aside, the newest first."""
    found = []
    for pattern in (".before-*", ".corrupt.*"):
        for copy in path.parent.glob(f"{path.name}{pattern}"):
            if copy.name.endswith(("-wal", "-shm")):
                continue
            with contextlib.suppress(FileNotFoundError):  # its owner may remove it just now
                stat = copy.stat()
                made_us = WallUs(stat.st_mtime_ns * US_PER_S // 10**9)
                found.append(FileCopy(copy.name, stat.st_size, made_us))
    yield from sorted(found, key=lambda copy: copy.made_us, reverse=True)


def _asked(connection: Connection) -> tuple[Pages, list[Rows], tuple[LogEnd, LogEnd] | None]:
    return figures.pages(connection), figures.rows(connection), figures.log_ends(connection)


def _sizes(path: Path) -> tuple[int | None, int | None]:
    return _size(path), _size(path.with_name(f"{path.name}-wal"))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
