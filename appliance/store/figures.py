"""How large the database is and what lies in it, without going through a large table."""

from typing import NamedTuple

from sqlalchemy import Connection

from appliance.domain.ids import Cursor
from appliance.domain.time import WallUs
from appliance.store.times import us_of_iso

ROW_NUMBERS_PER_ROW = {"samples": 60_000_000}
"""How far apart row numbers are: those of samples are microseconds, and there is one a minute."""

COUNTED = (
    "cameras",
    "rules",
    "events",
    "batches",
    "alerts",
    "detections",
    "segments",
    "gaps",
    "exports",
    "samples",
    "outbox",
)
"""The tables that grow."""
MOST_COUNTED = 5_000
"""Up to so many rows a table is counted; of a larger one the span of its row numbers tells about how many."""


class Rows(NamedTuple):
    """How many rows a table has; about so many where they were not counted."""

    table: str
    number: int
    is_estimate: bool


class LogEnd(NamedTuple):
    """One end of the log of messages."""

    cursor: Cursor
    at_us: WallUs


class Pages(NamedTuple):
    """The database file: its pages, those of them that are free, and the bytes of one."""

    size: int
    total: int
    free: int


def pages(connection: Connection) -> Pages:
    """Return how large the database is."""
    size, total, free = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Pages(size, total, free)


def rows(connection: Connection) -> list[Rows]:
    """Return how many rows each table has, at a cost that does not grow with them."""
    return [_rows(connection, table) for table in COUNTED]


def _rows(connection: Connection, table: str) -> Rows:
    counted: int = connection.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT ?)",  # noqa: S608 - a constant
        (MOST_COUNTED + 1,),
    ).scalar_one()
    if counted <= MOST_COUNTED:
        return Rows(table, counted, is_estimate=False)
    # The oldest go first, so that what is left has numbers without many holes. Each half is one look at an
    # end of the tree; both in one SELECT would go through all of it.
    span: int = connection.exec_driver_sql(
        f"SELECT (SELECT max(rowid) FROM {table}) - (SELECT min(rowid) FROM {table}) + 1"  # noqa: S608 - a constant
    ).scalar_one()
    return Rows(table, max(span // ROW_NUMBERS_PER_ROW.get(table, 1), counted), is_estimate=True)


def log_ends(connection: Connection) -> tuple[LogEnd, LogEnd] | None:
    """Return the oldest and the newest message that is kept, or ``None`` when none is."""
    found = [
        connection.exec_driver_sql(f"SELECT cursor, at FROM outbox ORDER BY cursor {way} LIMIT 1").fetchone()  # noqa: S608 - a constant
        for way in ("ASC", "DESC")
    ]
    ends = [LogEnd(Cursor(row[0]), us_of_iso(row[1])) for row in found if row is not None]
    return (ends[0], ends[1]) if len(ends) == 2 else None
