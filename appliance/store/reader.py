"""Reading: short transactions on read-only connections, each a snapshot with its place in the outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import Cursor
from appliance.store.engine import read_engine, translated
from appliance.store.settings import StoreSettings

NEWEST = text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")


class Reader:
    """Hands out read transactions; use as ``async with``."""

    def __init__(self, path: Path, settings: StoreSettings) -> None:
        self._engine = read_engine(path, settings.readers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a read transaction: every statement in it sees the same commit.

        Raises:
            StoreUnavailable: the database cannot be read at the moment.
        """
        with translated():
            async with self._engine.connect() as connection, connection.begin():
                yield connection


async def newest_cursor(connection: AsyncConnection) -> Cursor:
    """Return the cursor of the last outbox row in this snapshot; 0 before the first.

    It is SQLite's own sequence, which deleting old rows does not lower.
    """
    return Cursor((await connection.execute(NEWEST)).scalar_one_or_none() or 0)
