"""The rows that decisions leave, as values that can be compared: the database's, and those of a replay."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from appliance.commit.event_writer import Step
from appliance.decisions.changes import AlertMade, Change
from appliance.domain.time import WallUs
from appliance.events.changes import EventSaved
from appliance.store.tables import Base

Row: TypeAlias = Mapping[str, Any]
"""The values of one row by column."""
Rows: TypeAlias = Mapping[str, Mapping[str, Row]]
"""For each table its rows, by their id."""

TABLES = {"batches": "started_us", "events": "started_us", "alerts": "created_us", "candidates": "started_us"}
"""What decisions leave, with the column that says when it began."""
OWNERS = {
    "batches": frozenset({"reviewed"}),
    "events": frozenset({"picture", "reviewed", "note"}),
    "alerts": frozenset({"state", "acknowledged_us", "dismissed_us"}),
    "candidates": frozenset[str](),
}
"""What their owner and the picture's writer change afterwards: it is decided elsewhere."""


def statement(table: str) -> str:
    """Return what reads a camera's rows of a table that began in a time."""
    return f"SELECT * FROM {table} WHERE camera_id = ? AND {TABLES[table]} >= ? AND {TABLES[table]} < ?"  # noqa: S608 - constants


def decided(table: str, names: Iterable[str], values: Iterable[Any]) -> Row:
    """Return what was decided of a row of a table."""
    left_out = OWNERS[table]
    return {name: value for name, value in zip(names, values, strict=True) if name not in left_out}


def rows_of(changes: Iterable[Change], camera: str, from_us: WallUs, to_us: WallUs) -> Rows:
    """Return the rows that changes leave, of what began from ``from_us`` until before ``to_us``.

    They are written as the service writes them, into a database in memory, so that every value has the form
    that it has on the disk.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            Base.metadata.create_all(connection, [Base.metadata.tables[table] for table in TABLES])
            _write(connection, list(changes))
            found: dict[str, dict[str, Row]] = {}
            for table in TABLES:
                read = connection.exec_driver_sql(statement(table), (camera, from_us, to_us))
                names = list(read.keys())
                rows = [decided(table, names, values) for values in read]
                found[table] = {row["id"]: row for row in rows}
            return found
    finally:
        engine.dispose()


def _write(connection: Connection, changes: list[Change]) -> None:
    """Write changes; an alert of an event that began before them finds a row with its id, of long ago."""
    known = {change.event.id for change in changes if isinstance(change, EventSaved)}
    orphans = {c.alert.event_id for c in changes if isinstance(c, AlertMade)} - known
    for event_id in sorted(orphans):
        connection.exec_driver_sql(
            "INSERT INTO events (id, visit_id, batch_id, camera_id, label, started_us, last_seen_us) "
            "VALUES (?, '', '', '', '', 0, 0)",
            (event_id,),
        )
    Step(changes)(connection)
