"""The outbox, read: what was said, in commit order."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import Cursor

AFTER = text(
    """
    SELECT o.cursor, o.at, o.type, o.camera_id, o.label, o.severity, o.old_label, o.old_severity, o.data,
           o.detection_id, d.at_us, d.width, d.height, d.labels, d.boxes, d.model_id
    FROM outbox AS o LEFT JOIN detections AS d ON d.id = o.detection_id
    WHERE o.cursor > :after ORDER BY o.cursor LIMIT :limit
    """
)
OLDEST = text("SELECT min(cursor) FROM outbox")


class OutboxRow(NamedTuple):
    """One outbox row, with the detection that it refers to, if any."""

    cursor: int
    at: str
    type: str
    camera_id: str | None
    label: str | None
    severity: int | None
    old_label: str | None
    old_severity: int | None
    data: str | None
    detection_id: int | None
    at_us: int | None
    width: int | None
    height: int | None
    labels: str | None
    boxes: bytes | None
    model_id: int | None


async def rows_after(connection: AsyncConnection, after: Cursor, limit: int) -> Sequence[OutboxRow]:
    """Return up to ``limit`` rows that come after that cursor, in order."""
    rows = (await connection.execute(AFTER, {"after": after, "limit": limit})).fetchall()
    return cast("Sequence[OutboxRow]", rows)


async def oldest_cursor(connection: AsyncConnection) -> Cursor | None:
    """Return the cursor of the oldest row that is kept, or ``None`` when none is."""
    oldest: int | None = (await connection.execute(OLDEST)).scalar_one()
    return None if oldest is None else Cursor(oldest)
