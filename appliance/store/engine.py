"""The database file: opened once, locked, checked, migrated; one engine writes, the others only read."""

import fcntl
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from appliance.domain.time import WallUs
from appliance.errors import Conflict, StoreUnavailable
from appliance.runtime.clock import Clock
from appliance.store import data_folder, swap
from appliance.store.data_folder import BACKUPS, PICTURES
from appliance.store.migrate import migrate
from appliance.store.seal import OPTION, Seal, make_seal
from appliance.store.sealed_rows import seal_rows
from appliance.store.settings import StoreSettings

log = logging.getLogger(__name__)

DATABASE = data_folder.DATABASE
LOCK = data_folder.LOCK
CHECK_SECONDS = 5.0

UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_INTERRUPT,
    }
)
"""Primary result codes that say something of the disk or the file, not of the statement."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What happened when the database was opened.

    Attributes:
        epoch: names this database's history; cursors of another epoch mean nothing here.
        moved_aside: where a file that was no sound database now lies.
        sqlite_version: of the library in use.
        checked_us: when its pages were looked at, at this start; ``None`` for one that was new.
        is_check_whole: whether all of them were; a large database is looked at in part.
        lost: what was found instead of a sound database, in words; empty when it was sound, or never there.
        restored_from: of what it was restored then, in words; empty where a new one was begun.
    """

    epoch: str
    moved_aside: Path | None
    sqlite_version: str
    checked_us: WallUs | None = None
    is_check_whole: bool = False
    lost: str = ""
    restored_from: str = ""


class Rescuer(Protocol):
    """Knows where copies of the database are."""

    def rescue(self, data_dir: Path, aside: str, is_there: bool) -> str:
        """Commit a swap that puts the best copy in the place of a database that is of no use.

        ``aside`` is what the names of the former files will end in. ``is_there`` tells that there is a file,
        if a bad one: of one that is gone nobody knows whether its owner wanted that.

        Returns:
            What it is a copy of, in words; empty when there is none.
        """
        ...


class Store:
    """The database of one data directory; use as a context manager, which holds the directory's lock.

    Args:
        rescuer: is asked for a copy when the file is no sound database; without one a new one is begun.
    """

    def __init__(
        self, data_dir: Path, clock: Clock, settings: StoreSettings, rescuer: Rescuer | None = None
    ) -> None:
        self.path = data_dir / DATABASE
        self.data_dir = data_dir
        self._clock = clock
        self._settings = settings
        self._rescuer = rescuer
        self._lock_fd = -1
        self._writer: Engine | None = None
        self._opening: Opening | None = None

    def __enter__(self) -> Self:
        """Open the database; it is made, moved aside if it is no sound one, and migrated as needed.

        Raises:
            Conflict: another service runs on this data directory.
            StoreUnavailable: the file cannot be opened or was made by a newer version.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_fd = _lock(self.data_dir / LOCK)
        with ExitStack() as undo, translated():
            undo.callback(self._close)
            self._opening = self._open()
            undo.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._close()

    def _open(self) -> Opening:
        swap.complete(self.data_dir)
        look = self._look()
        lost = look if isinstance(look, str) else ""
        moved, restored_from = self._replace(lost) if lost else (None, "")
        self.path.touch(mode=0o600)  # SQLite gives the log beside it the same mode
        seal = make_seal(self.data_dir, self._clock)
        self._writer = write_engine(self.path, self._settings, seal)
        migrate(self._writer, self.path)
        self.path.chmod(0o600)
        is_new = not restored_from if lost else look is Look.NOTHING
        seal_rows(self._writer, self.path, is_new=is_new)
        with self._writer.begin() as connection:
            epoch = _epoch(connection)
        checked_us = None if look is Look.NOTHING or lost else self._clock.wall_us()
        version = sqlite3.sqlite_version
        return Opening(epoch, moved, version, checked_us, look is Look.WHOLE, lost, restored_from)

    def _look(self) -> "Look | str":
        """Return how much of the database was found sound, or what is wrong with it."""
        look = look_at(self.path)
        if look is not Look.NOTHING or not self._has_run_before():
            return look
        return "it was empty" if self.path.exists() else "it was gone"

    def _has_run_before(self) -> bool:
        """Return whether what a service leaves beside a database is there: then there must have been one."""
        return (self.data_dir / PICTURES).is_dir() or (self.data_dir / BACKUPS).exists()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.dispose()
        os.close(self._lock_fd)

    @property
    def writer(self) -> Engine:
        """The one engine that writes: a single connection, for one thread at a time."""
        if self._writer is None:
            raise StoreUnavailable("the store is not open")
        return self._writer

    @property
    def opening(self) -> Opening:
        """What happened when the database was opened."""
        if self._opening is None:
            raise StoreUnavailable("the store is not open")
        return self._opening

    def _replace(self, lost: str) -> tuple[Path | None, str]:
        """Put the best copy in the place of what is of no use; return where that lies and what the copy is.

        Without a copy what is there is moved aside all the same: what happens now must not wait for a repair.
        """
        aside = f"corrupt.{self._clock.wall_us() // 1_000_000}"
        target = self.path.with_name(f"{DATABASE}.{aside}")
        is_there = self.path.exists()
        found = "" if self._rescuer is None else self._rescuer.rescue(self.data_dir, aside, is_there)
        if found:
            swap.complete(self.data_dir)
        elif is_there:
            swap.move_database_aside(self.data_dir, aside)
        log.error(
            "the database was not usable (%s)%s; %s",
            lost,
            f"; it now lies at {target}" if is_there else "",
            f"it was restored from {found}" if found else "a new one is begun",
        )
        return (target if is_there else None), found


class Look(Enum):
    """How much of a database was looked at and found sound."""

    NOTHING = auto()
    """It is empty, or not there."""
    PART = auto()
    WHOLE = auto()


def look_at(path: Path) -> Look | str:
    """Return how much of the database was looked at, or why the file is no sound one.

    The check of every page is given five seconds: a large database is looked at in part.
    """
    if not path.exists() or path.stat().st_size == 0:
        return Look.NOTHING
    connection = sqlite3.connect(path, check_same_thread=False)
    # A timer of its own: while SQLite walks a table's pages it calls no progress handler.
    enough = threading.Timer(CHECK_SECONDS, connection.interrupt)
    enough.start()
    try:
        rows = connection.execute("PRAGMA quick_check(1)").fetchall()
        return Look.WHOLE if rows == [("ok",)] else str(rows[0][0])
    except sqlite3.OperationalError as err:
        if err.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return Look.PART
        raise StoreUnavailable(f"{path.name} cannot be opened: {err}") from err
    except sqlite3.DatabaseError as err:
        return str(err)
    finally:
        enough.cancel()
        enough.join()
        connection.close()


def write_engine(path: Path, settings: StoreSettings, seal: Seal | None = None) -> Engine:
    """Return an engine whose only connection writes; transactions begin IMMEDIATE.

    Python's own transaction handling is off (``isolation_level=None``): it would begin too late and leave
    DDL outside of a transaction. ``seal`` goes with it to the statements that put secrets into rows.
    """
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        pool_size=1,
        max_overflow=0,
        execution_options={OPTION: seal},
        hide_parameters=True,  # an error's text must not carry a camera's password into the log
        connect_args={
            "check_same_thread": False,
            "isolation_level": None,
            "timeout": settings.busy_timeout_s,
        },
    )

    @event.listens_for(engine, "connect")
    def _configure(dbapi: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = FAST",  # what is deleted or replaced is zeros, where that costs no page more
            f"wal_autocheckpoint = {settings.checkpoint_pages}",
            f"journal_size_limit = {settings.journal_limit_bytes}",
        ):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def read_engine(path: Path, pool_size: int) -> AsyncEngine:
    """Return an engine of connections that cannot write and whose transactions see one snapshot."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true",
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )

    _read_only(engine.sync_engine)
    return engine


def thread_read_engine(path: Path, pool_size: int, seal: Seal | None = None) -> Engine:
    """Return an engine like ``read_engine``, for threads of the caller's own; ``seal`` opens the secrets."""
    engine = create_engine(
        f"sqlite+pysqlite:///file:{path}?mode=ro&uri=true",
        pool_size=pool_size,
        max_overflow=0,
        execution_options={OPTION: seal},
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    _read_only(engine)
    return engine


def _read_only(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _configure(dbapi: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def says_unavailable(error: BaseException) -> bool:
    """Return whether an error is SQLite's and of the disk or the file: it may succeed later."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in UNAVAILABLE


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors of the disk or the file into ``StoreUnavailable``; let the statement's pass."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as err:
        if says_unavailable(err):
            cause = getattr(err, "orig", None) or err
            raise StoreUnavailable(f"the database cannot be used at the moment: {cause}") from err
        raise


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Keep a service and every other restore away from a data directory until the block ends.

    Raises:
        Conflict: one works on it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = _lock(data_dir / LOCK)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as err:
        raise StoreUnavailable(f"{path} cannot be opened: {err.strerror}") from err
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        os.close(fd)
        raise Conflict(
            f"another Nightjar is running on {path.parent}; stop it, or choose another --data"
        ) from err
    return fd


def _epoch(connection: Connection) -> str:
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT (key) DO NOTHING",
        (secrets.token_hex(8),),
    )
    return str(connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'epoch'").scalar_one())
