"""The timeline of several cameras in equal buckets: footage, motion, gaps and events at a glance."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import NotFound
from appliance.recordings.playback.overview import Overview, edges_of, overview
from appliance.store import footage
from appliance.store.reader import newest_cursor
from appliance.store.timeline_columns import (
    CAUSES,
    EventColumns,
    GapColumns,
    Int,
    SegmentColumns,
    event_columns,
    gap_columns,
    segment_columns,
)
from appliance.store.times import iso_of_us
from appliance.web import answers, times
from appliance.web.body import query
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind, Rejected
from appliance.web.wire import (
    CameraTimeline,
    CauseWord,
    SeverityWord,
    Timeline,
    TimelineBucket,
    TimelineQuery,
)

LONGEST_S = 366 * 86_400.0
SHORTEST_S = 60.0
DIGITS = 6
"""Of a share: a millionth of a month is less than three seconds."""
SEVERITIES: tuple[SeverityWord | None, ...] = ("low", "medium", "high", "critical", None)
CAUSE_WORDS: tuple[CauseWord | None, ...] = (*(cause.value for cause in CAUSES), None)
"""None stands at the last place, which is that of -1."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What was read of one camera."""

    camera_id: CameraId
    segments: SegmentColumns
    gaps: GapColumns
    events: EventColumns


class TimelineHandlers:
    """The handlers of the timeline."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def read(self, request: web.Request) -> web.Response:
        """Read what there is of the time of 1 to 16 cameras, in up to 2000 equal buckets.

        Recorded time, gaps and what is unknown add up to each bucket; those of which nothing is known are
        left out.
        """
        asked = query(request.query, TimelineQuery)
        range_ = _range(asked)
        async with self._with.reader.read() as connection:
            cameras = [
                await connection.run_sync(_columns, CameraId(camera), *range_)
                for camera in dict.fromkeys(asked.camera)
            ]
            cursor = await newest_cursor(connection)
        answer = await asyncio.to_thread(_timeline, cameras, range_, asked.buckets)
        return answers.with_cursor(answers.of_struct(answer), cursor)


def _range(asked: TimelineQuery) -> times.Times:
    if not asked.camera:
        raise Rejected(
            Kind.INVALID, "camera: none is named", field="camera", expected="1 to 16 cameras", got="none"
        )
    range_ = times.range_of(asked.from_, asked.to, LONGEST_S)
    lasts_s = (range_.to_us - range_.from_us) / US_PER_S
    if lasts_s < SHORTEST_S:
        raise Rejected(
            *(Kind.INVALID, "to: the range is too short"),
            field="to",
            expected=f"at least {SHORTEST_S:g} s after from",
            got=f"{lasts_s:g} s",
        )
    return range_


def _columns(connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> Columns:
    if not footage.is_known_camera(connection, camera_id):
        raise NotFound(f"there is no camera {camera_id!r}")
    asked = (connection, camera_id, from_us, to_us)
    return Columns(camera_id, segment_columns(*asked), gap_columns(*asked), event_columns(*asked))


def _timeline(cameras: Sequence[Columns], range_: times.Times, buckets: int) -> Timeline:
    edges = edges_of(range_.from_us, range_.to_us, buckets)
    begins = [iso_of_us(edge) for edge in edges[:-1].tolist()]
    return Timeline(
        from_=iso_of_us(range_.from_us),
        to=iso_of_us(range_.to_us),
        bucket_s=(range_.to_us - range_.from_us) / US_PER_S / buckets,
        cameras=[
            CameraTimeline(
                one.camera_id,
                _buckets(overview(one.segments, one.gaps, one.events, edges), begins, np.diff(edges)),
            )
            for one in cameras
        ],
    )


def _buckets(seen: Overview, begins: Sequence[str], widths_us: Int) -> list[TimelineBucket]:
    shares = [
        (part / widths_us).round(DIGITS).tolist()
        for part in (seen.recorded_us, seen.motion_us, seen.missing_us)
    ]
    others = (seen.cause, seen.is_protected, seen.events, seen.severity)
    is_known = ((seen.known_us > 0) | (seen.events > 0)).tolist()
    return [
        TimelineBucket(
            *(at, recorded, motion, missing), CAUSE_WORDS[cause], protected, events, SEVERITIES[severity]
        )
        for known, at, recorded, motion, missing, cause, protected, events, severity in zip(
            is_known, begins, *shares, *(column.tolist() for column in others), strict=True
        )
        if known
    ]
