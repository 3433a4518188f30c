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
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from appliance.domain.time import WallUs
from appliance.errors import Conflict, StoreUnavailable
from appliance.runtime.clock import Clock
from appliance.store.migrate import migrate
from appliance.store.seal import OPTION, Seal, make_seal
from appliance.store.sealed_rows import seal_rows
from appliance.store.settings import StoreSettings

log = logging.getLogger(__name__)

DATABASE = "nightjar.db"
LOCK = "nightjar.lock"
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
    """

    epoch: str
    moved_aside: Path | None
    sqlite_version: str
    checked_us: WallUs | None = None
    is_check_whole: bool = False


class Store:
    """The database of one data directory; use as a context manager, which holds the directory's lock."""

    def __init__(self, data_dir: Path, clock: Clock, settings: StoreSettings) -> None:
        self.path = data_dir / DATABASE
        self.data_dir = data_dir
        self._clock = clock
        self._settings = settings
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
        look = look_at(self.path)
        moved = self._move_aside(look)
        self.path.touch(mode=0o600)  # SQLite gives the log beside it the same mode
        seal = make_seal(self.data_dir, self._clock)
        self._writer = write_engine(self.path, self._settings, seal)
        migrate(self._writer, self.path)
        self.path.chmod(0o600)
        seal_rows(self._writer, self.path, is_new=look is Look.NOTHING or moved is not None)
        with self._writer.begin() as connection:
            epoch = _epoch(connection)
        checked_us = None if look is Look.NOTHING or moved else self._clock.wall_us()
        return Opening(epoch, moved, sqlite3.sqlite_version, checked_us, look is Look.WHOLE)

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

    def _move_aside(self, reason: "Look | str") -> Path | None:
        if isinstance(reason, Look):
            return None
        target = self.path.with_name(f"{DATABASE}.corrupt.{self._clock.wall_us() // 1_000_000}")
        self.path.rename(target)
        for suffix in ("-wal", "-shm"):
            beside = self.path.with_name(DATABASE + suffix)
            if beside.exists():
                beside.rename(target.with_name(target.name + suffix))
        log.error("the database was not usable (%s); it now lies at %s and a new one is made", reason, target)
        return target


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


def _lock(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
