"""Whose a row is: the camera behind an id, for the door that asks it before a handler does."""

from sqlalchemy import Connection

from appliance.domain.ids import CameraId

TABLES = {
    "event": "events",
    "batch": "batches",
    "alert": "alerts",
    "segment": "segments",
    "export": "exports",
}
"""What belongs to one camera for good, and has an id of its own."""


def owner_of(connection: Connection, kind: str, row_id: str) -> CameraId | None:
    """Return the camera of an event, batch, alert, segment or export; ``None`` where there is no such row.

    Raises:
        KeyError: the kind is none of ``TABLES``.
    """
    statement = f"SELECT camera_id FROM {TABLES[kind]} WHERE id = ?"  # noqa: S608 - constants
    found = connection.exec_driver_sql(statement, (row_id,)).scalar_one_or_none()
    return None if found is None else CameraId(found)
