"""Reading: short transactions on read-only connections, each a snapshot with its place in the outbox."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import Cursor
from appliance.store.engine import read_engine, thread_read_engine, translated
from appliance.store.seal import read_seal
from appliance.store.settings import StoreSettings

T = TypeVar("T")

NEWEST = text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")


class Reader:
    """Hands out read transactions; use as ``async with``."""

    def __init__(self, path: Path, settings: StoreSettings) -> None:
        self._engine = read_engine(path, settings.readers)
        self._thread_engine = thread_read_engine(path, settings.readers, read_seal(path.parent))
        self._threads = ThreadPoolExecutor(settings.readers, thread_name_prefix="reader")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._engine.dispose()
        await asyncio.to_thread(self._threads.shutdown)
        self._thread_engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a read transaction: every statement in it sees the same commit.

        Raises:
            StoreUnavailable: the database cannot be read at the moment.
        """
        with translated():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Return the answer to a question that is asked on a thread, in a read transaction of its own.

        All its statements take one hop to the thread and back, where ``read`` takes some for each statement:
        for what asks a lot, and for what is to be quick while the box is busy.

        Raises:
            StoreUnavailable: the database cannot be read at the moment.
        """
        loop = asyncio.get_running_loop()
        with translated():
            return await loop.run_in_executor(self._threads, self._answer, question)

    def _answer(self, question: Callable[[Connection], T]) -> T:
        with self._thread_engine.connect() as connection, connection.begin():
            return question(connection)


def cursor_of(connection: Connection) -> Cursor:
    """Return what ``newest_cursor`` does, on a reader's thread."""
    return Cursor(connection.execute(NEWEST).scalar_one_or_none() or 0)


async def newest_cursor(connection: AsyncConnection) -> Cursor:
    """Return the cursor of the last outbox row in this snapshot; 0 before the first.

    It is SQLite's own sequence, which deleting old rows does not lower.
    """
    return Cursor((await connection.execute(NEWEST)).scalar_one_or_none() or 0)
