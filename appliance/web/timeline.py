"""The timeline of several cameras in equal buckets: footage, motion, gaps and events at a glance."""

import asyncio
import functools
from collections.abc import Mapping, Sequence

import numpy as np
from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.access import Sight
from appliance.domain.ids import CameraId, Cursor
from appliance.domain.time import US_PER_S
from appliance.errors import NotFound
from appliance.recordings.playback.overview import Overview, edges_of, overview
from appliance.store import footage
from appliance.store.reader import cursor_of
from appliance.store.timeline_columns import CAUSES, Int
from appliance.store.timeline_days import TimelineDays
from appliance.store.times import iso_of_us
from appliance.web import answers, times
from appliance.web.access import sight_of
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
        edges = edges_of(range_.from_us, range_.to_us, asked.buckets)
        ask = functools.partial(self._read, camera_ids, range_, edges, sight_of(request))
        cameras, cursor = await self._with.reader.ask(ask)
        answer = await asyncio.to_thread(_timeline, cameras, range_, edges)
        return answers.with_cursor(answers.of_struct(answer), cursor)

    def _read(
        self,
        camera_ids: Sequence[CameraId],
        range_: times.Times,
        edges: Int,
        sight: Sight,
        connection: Connection,
    ) -> tuple[dict[CameraId, Overview], Cursor]:
        """Return what there is of each camera, on a reader's thread.

        One after the other is put into buckets: the minutes of a year are in memory of one camera alone.
        """
        for camera_id in camera_ids:
            if not (sight.sees(camera_id) and footage.is_known_camera(connection, camera_id)):
                raise NotFound(f"there is no camera {camera_id!r}")
        seen = {}
        for camera_id in camera_ids:
            read = self._days.read(connection, camera_id, *range_)
            seen[camera_id] = overview(read.segments, read.gaps, read.events, edges)
        return seen, cursor_of(connection)


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


def _timeline(cameras: Mapping[CameraId, Overview], range_: times.Times, edges: Int) -> Timeline:
    # As ``iso_of_us`` says them, all at once: that takes 4 µs for each.
    moments = np.datetime_as_string(((edges[:-1] + 500) // 1000).astype("datetime64[ms]"))
    begins, widths_us = [f"{moment}Z" for moment in moments.tolist()], np.diff(edges)
    return Timeline(
        from_=iso_of_us(range_.from_us),
        to=iso_of_us(range_.to_us),
        bucket_s=(range_.to_us - range_.from_us) / US_PER_S / len(begins),
        cameras=[CameraTimeline(id_, _buckets(seen, begins, widths_us)) for id_, seen in cameras.items()],
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
