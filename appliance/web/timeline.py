"""The timeline of several cameras in equal buckets: footage, motion, gaps and events at a glance."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S
from appliance.errors import NotFound
from appliance.recordings.playback.overview import Overview, edges_of, overview
from appliance.store import footage
from appliance.store.reader import newest_cursor
from appliance.store.timeline_columns import CAUSES, Int
from appliance.store.timeline_days import Columns, TimelineDays
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


class TimelineHandlers:
    """The handlers of the timeline."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_
        self._days = TimelineDays()

    async def read(self, request: web.Request) -> web.Response:
        """Read what there is of the time of 1 to 16 cameras, in up to 2000 equal buckets.

        Recorded time, gaps and what is unknown add up to each bucket; those of which nothing is known are
        left out.
        """
        asked = query(request.query, TimelineQuery)
        range_ = _range(asked)
        camera_ids = [CameraId(camera) for camera in dict.fromkeys(asked.camera)]
        async with self._with.reader.read() as connection:
            await connection.run_sync(_expect_cameras, camera_ids)
            cameras = {
                camera_id: await connection.run_sync(self._days.read, camera_id, *range_)
                for camera_id in camera_ids
            }
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


def _expect_cameras(connection: Connection, camera_ids: Sequence[CameraId]) -> None:
    for camera_id in camera_ids:
        if not footage.is_known_camera(connection, camera_id):
            raise NotFound(f"there is no camera {camera_id!r}")


def _timeline(cameras: Mapping[CameraId, Columns], range_: times.Times, buckets: int) -> Timeline:
    edges = edges_of(range_.from_us, range_.to_us, buckets)
    # As ``iso_of_us`` says them, all at once: that takes 4 µs for each.
    moments = np.datetime_as_string(((edges[:-1] + 500) // 1000).astype("datetime64[ms]"))
    begins = [f"{moment}Z" for moment in moments.tolist()]
    return Timeline(
        from_=iso_of_us(range_.from_us),
        to=iso_of_us(range_.to_us),
        bucket_s=(range_.to_us - range_.from_us) / US_PER_S / buckets,
        cameras=[
            CameraTimeline(
                camera_id,
                _buckets(overview(one.segments, one.gaps, one.events, edges), begins, np.diff(edges)),
            )
            for camera_id, one in cameras.items()
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
