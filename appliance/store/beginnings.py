"""When a camera's events began, for what is usual there."""

from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs

MOST = 20_000
"""So many events are read at most, the newest of them: 700 a day for four weeks, in 20 ms."""

_BEGINNINGS = (
    "SELECT label, started_us FROM events INDEXED BY ix_events_timeline "
    "WHERE camera_id = ? AND started_us >= ? AND state <> 'open' AND kind = 'object' "
    "ORDER BY started_us DESC LIMIT ?"
)


def beginnings(
    connection: Connection, camera_id: CameraId, since_us: WallUs, most: int = MOST
) -> list[tuple[str, WallUs]]:
    """Return label and begin of the camera's events since then that are over, newest first."""
    rows = connection.exec_driver_sql(_BEGINNINGS, (camera_id, since_us, most))
    return [(label, WallUs(started_us)) for label, started_us in rows]
