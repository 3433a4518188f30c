"""What the recording's book writes in one transaction: segments as they grew, and the gaps between them."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from appliance.domain.footage import Cause, Gap
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store import footage

AFTERWARDS = (Cause.EXPIRED, Cause.LOST)
"""What becomes of footage later is not the book's to change."""


FILL_HOLES = """
    WITH told (camera_id, start_us, end_us) AS (
        SELECT camera_id, start_us, end_us FROM segments WHERE state <> 'deleting'
        UNION ALL SELECT camera_id, start_us, end_us FROM gaps
    ), ordered (camera_id, reached_us, next_us) AS (
        SELECT camera_id, max(end_us) OVER (PARTITION BY camera_id ORDER BY start_us, end_us),
            lead(start_us) OVER (PARTITION BY camera_id ORDER BY start_us, end_us) FROM told
    )
    INSERT INTO gaps (camera_id, start_us, end_us, cause)
    SELECT camera_id, reached_us, next_us, ? FROM ordered WHERE next_us > reached_us
        AND next_us <= coalesce((SELECT value FROM json_each(?) WHERE key = camera_id), next_us)
"""


def rewrite_gaps(connection: Connection, camera_id: CameraId, from_us: WallUs, gaps: Iterable[Gap]) -> None:
    """Put these gaps in the place of those of a camera that begin at ``from_us`` or later.

    Doing it again leaves the same. Gaps where footage was once, and is no more, stay.
    """
    connection.exec_driver_sql(
        "DELETE FROM gaps WHERE camera_id = ? AND start_us >= ? AND cause NOT IN (?, ?)",
        (camera_id, from_us, *(cause.value for cause in AFTERWARDS)),
    )
    rows: Sequence[tuple[str, int, int, str]] = [
        (gap.camera_id, gap.start_us, gap.end_us, gap.cause.value) for gap in gaps
    ]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO gaps (camera_id, start_us, end_us, cause) VALUES (?, ?, ?, ?)", rows
        )


def restate_gaps(connection: Connection, late: Gap) -> None:
    """Say of a time for which cause it is missing, as far as it is: that was heard late."""
    for gap in footage.gaps_in(connection, late.camera_id, late.start_us, late.end_us):
        start_us, end_us = max(gap.start_us, late.start_us), min(gap.end_us, late.end_us)
        if gap.cause in {late.cause, *AFTERWARDS}:
            continue
        footage.cut_gaps(connection, gap.camera_id, start_us, end_us)
        connection.exec_driver_sql(
            "INSERT INTO gaps (camera_id, start_us, end_us, cause) VALUES (?, ?, ?, ?)",
            (gap.camera_id, start_us, end_us, late.cause.value),
        )


def fill_holes(connection: Connection, until: Mapping[CameraId, WallUs]) -> None:
    """Say of the times between footage of which nothing is told that they are lost.

    A database that was lost knew why nothing was recorded then; the disks, of which it was made anew, do not.
    Of a camera in ``until`` only the holes that end by then are filled.
    """
    connection.exec_driver_sql(FILL_HOLES, (Cause.LOST.value, json.dumps(until)))
