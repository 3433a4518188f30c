"""What there is to ask a model about an event."""

from typing import NamedTuple

from sqlalchemy import Connection

from appliance.domain.ids import EventId
from appliance.store.resources import event_json


class Contents(NamedTuple):
    """An event: its JSON text as on the WebSocket, its camera's name, and its picture's file name."""

    event: str
    camera_name: str
    picture: str | None


def contents(connection: Connection, event_id: EventId) -> Contents | None:
    """Return what there is to say of an event; ``None`` where it is gone."""
    row = connection.exec_driver_sql(
        f"SELECT {event_json('events')}, coalesce(cameras.name, events.camera_id), events.picture "  # noqa: S608 - constants
        "FROM events LEFT JOIN cameras ON cameras.id = events.camera_id WHERE events.id = ?",
        (event_id,),
    ).one_or_none()
    return None if row is None else Contents(*row)
