"""Camera samples: every few minutes a row for each camera with how its stream was, summed up when asked."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from appliance.domain.access import ALL_CAMERAS, Sight
from appliance.domain.camera import CameraState
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs


class CameraSample(NamedTuple):
    """How a camera was doing in the minutes that ended then; ``None`` is what was not measured.

    Attributes:
        watched_s: how much of them it was to be there and the service looked; it tells of no other time.
        online_s: how much of that it was connected.
        fps: pictures received a second, on average of the looks at it.
        bitrate_bps: bits of video received a second, likewise.
        losses: how often its connection broke.
        corrupt_frames: pictures in which the decoder concealed errors.
    """

    camera_id: CameraId
    at_us: WallUs
    watched_s: float
    online_s: float
    fps: float | None
    bitrate_bps: int | None
    losses: int
    corrupt_frames: int


class CameraSum(NamedTuple):
    """What the samples of a time tell of a camera together.

    Attributes:
        fps: the median; ``None`` where nothing came.
        bitrate_bps: likewise.
    """

    watched_s: float
    online_s: float
    losses: int
    corrupt_frames: int
    fps: float | None
    bitrate_bps: float | None


class CameraNow(NamedTuple):
    """What a camera's row tells of it now.

    Attributes:
        gop_s: seconds from one keyframe to the next, where that was measured.
    """

    id: CameraId
    state: CameraState
    reason: str
    since_us: WallUs | None
    gop_s: float | None


_INSERT = (
    f"INSERT INTO camera_samples ({', '.join(CameraSample._fields)}) "  # noqa: S608 - constants
    f"VALUES ({', '.join('?' * len(CameraSample._fields))}) ON CONFLICT (camera_id, at_us) DO NOTHING"
)
SUM = (
    # One statement for all cameras: 64 of them take longer to ask than to answer.
    "SELECT c.id, sum(s.watched_s), sum(s.online_s), sum(s.losses), sum(s.corrupt_frames), "
    "group_concat(s.fps), group_concat(s.bitrate_bps) FROM cameras AS c CROSS JOIN camera_samples AS s "
    "ON s.camera_id = c.id AND s.at_us > ? AND s.at_us <= ? GROUP BY c.id"
)
_FORGET = (
    # Camera by camera, each from its oldest: what is not due is never looked at.
    "DELETE FROM camera_samples WHERE (camera_id, at_us) IN ("
    "WITH RECURSIVE seen (camera_id) AS (SELECT min(camera_id) FROM camera_samples UNION ALL "
    "SELECT (SELECT min(s.camera_id) FROM camera_samples AS s WHERE s.camera_id > seen.camera_id) FROM seen "
    "WHERE seen.camera_id IS NOT NULL) "
    "SELECT s.camera_id, s.at_us FROM seen CROSS JOIN camera_samples AS s "
    "WHERE s.camera_id = seen.camera_id AND s.at_us < ? LIMIT ?)"
)


def cameras_now(connection: Connection, sight: Sight = ALL_CAMERAS) -> list[CameraNow]:
    """Return the state of every camera that is seen, in the order of their names."""
    rows = connection.exec_driver_sql(
        "SELECT id, status, status_reason, status_since_us, json_extract(stream, '$.gop_s') FROM cameras "
        "ORDER BY name, id"
    )
    found = (CameraNow(CameraId(row[0]), CameraState(row[1]), *row[2:]) for row in rows)
    return [camera for camera in found if sight.sees(camera.id)]


def add(connection: Connection, samples: Iterable[CameraSample]) -> None:
    """Add samples; where the clock went back to a moment that has one, that one stays."""
    rows = [tuple(sample) for sample in samples]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


def summed(connection: Connection, from_us: WallUs, to_us: WallUs) -> dict[CameraId, CameraSum]:
    """Return what the samples taken after ``from_us``, up to ``to_us``, tell of each camera that has some."""
    return {
        CameraId(camera_id): CameraSum(watched_s, online_s, losses, corrupt, _median(fps), _median(bitrates))
        for camera_id, watched_s, online_s, losses, corrupt, fps, bitrates in connection.exec_driver_sql(
            SUM, (from_us, to_us)
        )
    }


def forget(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete up to ``limit`` samples from before a time and return how many there were."""
    return connection.exec_driver_sql(_FORGET, (before_us, limit)).rowcount


def _median(numbers: str | float | None) -> float | None:
    """Return the median of a list of numbers with commas between them."""
    return None if numbers is None else float(np.median(np.fromstring(str(numbers), sep=",")))
