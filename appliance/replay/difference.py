"""What is different between two sets of rows: what goes, what comes, and what is another way."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appliance.replay.rows import TABLES, Row, Rows


class Way(StrEnum):
    """How a row is different."""

    GONE = "gone"
    COME = "come"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same.

    Attributes:
        table: where it lies.
        row: as it was, or as it came where it was not there.
        fields: of a changed one, what is different: the name, what it was, and what it is.
        other: of a changed one that has another id now, as it became.
    """

    way: Way
    table: str
    row: Row
    fields: tuple[tuple[str, Any, Any], ...] = ()
    other: Row | None = None


def differences(before: Rows, after: Rows) -> Iterator[Difference]:
    """Yield every difference, id for id and field for field."""
    for table in TABLES:
        was, becomes = before[table], after[table]
        for key, row in was.items():
            if key not in becomes:
                yield Difference(Way.GONE, table, row)
            elif fields := different_fields(row, becomes[key]):
                yield Difference(Way.CHANGED, table, row, fields, becomes[key])
        for key, row in becomes.items():
            if key not in was:
                yield Difference(Way.COME, table, row)


def different_fields(row: Row, other: Row) -> tuple[tuple[str, Any, Any], ...]:
    """Return the fields in which two rows of a table are not equal."""
    return tuple((name, row[name], other[name]) for name in row if row[name] != other[name])
