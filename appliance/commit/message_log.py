"""The outbox as messages: what was said, readable again from any cursor that is still kept."""

import logging
from dataclasses import dataclass

import msgspec

from appliance.bus.message import DURABLE_TYPES, Message
from appliance.domain.ids import CameraId, Cursor
from appliance.domain.severity import Severity
from appliance.store.boxes import WireDetection, label_names, wire_boxes
from appliance.store.outbox import OutboxRow, oldest_cursor, rows_after
from appliance.store.reader import Reader, newest_cursor
from appliance.store.times import iso_of_us

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the log reaches.

    Attributes:
        oldest: the oldest message that can be had again; one more than ``newest`` when none is kept.
        newest: the cursor of the last commit.
    """

    oldest: Cursor
    newest: Cursor

    def reaches(self, after: Cursor) -> bool:
        """Return whether everything after that cursor can still be had."""
        return self.oldest - 1 <= after <= self.newest


class MessageLog:
    """Reads messages back from the database."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def bounds(self) -> Bounds:
        """Return how far the log reaches, in one snapshot."""
        async with self._reader.read() as connection:
            newest = await newest_cursor(connection)
            oldest = await oldest_cursor(connection)
        return Bounds(Cursor(newest + 1) if oldest is None else oldest, newest)

    async def after(self, cursor: Cursor, limit: int) -> list[Message]:
        """Return up to ``limit`` messages that were committed after that cursor, in commit order."""
        async with self._reader.read() as connection:
            rows = await rows_after(connection, cursor, limit)
        return [message_of(row) for row in rows]


def message_of(row: OutboxRow) -> Message:
    """Return the message that an outbox row stands for, its text made."""
    channel = DURABLE_TYPES[row.type]
    data, labels = _detection(row) if row.detection_id is not None else (row.data or "null", _labels(row))
    camera = "null" if row.camera_id is None else msgspec.json.encode(row.camera_id).decode()
    text = (
        f'{{"cursor":{row.cursor},"channel":"{channel.value}","type":"{row.type}","at":"{row.at}",'
        f'"camera_id":{camera},"data":{data}}}'
    )
    return Message(
        row.type,
        channel,
        text.encode(),
        Cursor(row.cursor),
        None if row.camera_id is None else CameraId(row.camera_id),
        labels,
        _severity(row),
    )


def _labels(row: OutboxRow) -> frozenset[str] | None:
    said = frozenset(label for label in (row.label, row.old_label) if label is not None)
    return said or None


def _severity(row: OutboxRow) -> Severity | None:
    said = [severity for severity in (row.severity, row.old_severity) if severity is not None]
    return Severity(max(said)) if said else None


def _detection(row: OutboxRow) -> tuple[str, frozenset[str]]:
    """Return a detection's data and labels; ``null`` for a row that somebody deleted out of turn."""
    if row.boxes is None or row.labels is None or row.at_us is None:
        return "null", frozenset()
    try:
        at = iso_of_us(row.at_us)
        names = frozenset(label_names(row.labels))
        boxes = wire_boxes(row.labels, row.boxes, row.model_id, row.width or 0, row.height or 0)
    except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as err:
        # Somebody else wrote this row. It must not keep everything after it from being said.
        log.warning("detection %s cannot be read: %s", row.detection_id, err)
        return "null", frozenset()
    wire = WireDetection(
        id=row.detection_id or 0,
        camera_id=row.camera_id or "",
        at=at,
        width=row.width or 0,
        height=row.height or 0,
        boxes=boxes,
    )
    return msgspec.json.encode(wire).decode(), names
