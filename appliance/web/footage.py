"""Footage: what there is of a camera's time, to play it, and pictures of it. By ids, never by paths."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.footage import Segment
from appliance.domain.ids import CameraId, EventId, SegmentId
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.errors import NotFound
from appliance.recordings.playback.catalogue import Range
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.layouts import Layouts
from appliance.recordings.playback.playlist import PlayedFile, media_playlist
from appliance.recordings.playback.timeline import Interval
from appliance.store import footage as store
from appliance.store.times import iso_of_us
from appliance.web import answers, media, times
from appliance.web.body import body, query
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import (
    Footage,
    FootageInterval,
    FootageProtection,
    FootageQuery,
    MomentQuery,
    ProtectedFootage,
)

HOUR_S, DAY_S = 3600.0, 86_400.0
PROTECT_S = 31 * DAY_S
"""Protected in one request at most: so many rows change in one commit."""
SEGMENTS = "../../segments/"
"""Where segments lie, seen from the playlists of cameras and events alike."""

PLAYLIST = "application/vnd.apple.mpegurl"


class FootageHandlers:
    """The handlers of footage."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        # Without collaborators only the table of the routes is made, for the documents.
        self._with = with_
        self._settings = settings

    async def timeline(self, request: web.Request) -> web.Response:
        """Read what there is of a camera's time: recorded, gaps with their causes, and what is unknown."""
        wanted = self._range(request, self._with.playback.settings.timeline_days * DAY_S)
        intervals = await self._with.playback.catalogue.timeline(wanted)
        return answers.of_struct(await asyncio.to_thread(report_of, wanted, intervals))

    async def playlist(self, request: web.Request) -> web.Response:
        """Read the HLS playlist of a camera's time.

        It has no end when the range reaches into what is being recorded: asked for again, it has grown.
        """
        wanted = self._range(request, self._with.playback.settings.playlist_hours * HOUR_S)
        return await self._playlist(wanted)

    async def clip(self, request: web.Request) -> web.Response:
        """Read the HLS playlist of an event, with some seconds before and after.

        Of one that lasts longer than a playlist may, its begin.
        """
        playback = self._with.playback
        whole = await playback.catalogue.clip(EventId(request.match_info["event_id"]))
        latest_us = wall_after(whole.from_us, playback.settings.playlist_hours * HOUR_S)
        return await self._playlist(replace(whole, to_us=min(whole.to_us, latest_us)))

    async def protect(self, request: web.Request) -> web.Response:
        """Protect a camera's footage of a time from being deleted, or let go of it again."""
        asked = await body(request, FootageProtection, self._settings)
        camera_id, wanted = _camera(request), times.range_of(asked.from_, asked.to, PROTECT_S)
        unit = functools.partial(_protect, camera_id=camera_id, times_=wanted, is_protected=asked.protected)
        segments = await self._with.writer.commit(unit)
        return answers.of_struct(
            ProtectedFootage(
                len(segments),
                iso_of_us(segments[0].start_us) if segments else None,
                iso_of_us(segments[-1].end_us) if segments else None,
            )
        )

    async def segment(self, request: web.Request) -> web.StreamResponse:
        """Read a file of footage, or a part of it, as far as it has been synced to the disk.

        The id may be followed by ``.mp4``, for players that want to see it.
        """
        segment_id = SegmentId(request.match_info["segment_id"].removesuffix(".mp4"))
        file = await self._with.playback.catalogue.file(segment_id)
        opened = await asyncio.to_thread(file.open)
        size = file.segment.size
        sent = media.Sent(size, f'"{segment_id}-{size}"', "video/mp4")
        return await media.send(request, opened, sent, self._with.doors)

    async def preview(self, request: web.Request) -> web.Response:
        """Read a small picture of a camera's keyframe at or before a moment.

        With ``until``, where there is none, of the first one before that, a day later at most.
        """
        asked = query(request.query, MomentQuery)
        at_us = times.moment_of("at", asked.at)
        until_us = None if asked.until is None else times.moment_of("until", asked.until)
        if until_us is not None:
            until_us = min(until_us, wall_after(at_us, DAY_S))
        file = await self._with.playback.catalogue.file_at(_camera(request), at_us, until_us)
        return answers.of_picture(request, await self._with.playback.previews.jpeg(file, at_us))

    def _range(self, request: web.Request, longest_s: float) -> Range:
        asked = query(request.query, FootageQuery)
        return Range(_camera(request), *times.range_of(asked.from_, asked.to, longest_s))

    async def _playlist(self, wanted: Range) -> web.Response:
        playback = self._with.playback
        files = await playback.catalogue.files(wanted)
        text = await asyncio.to_thread(_text, files, playback.layouts, wanted)
        return web.Response(status=HTTPStatus.OK, text=text, content_type=PLAYLIST)


def report_of(wanted: Range, intervals: Sequence[Interval]) -> Footage:
    """Return a timeline as the API gives it."""
    lasting = {"recorded": 0, "deliberate": 0, "missing": 0, "unknown": 0}
    for interval in intervals:
        cause = interval.look.cause
        kind = "recorded" if interval.look.is_footage else "unknown"
        if cause is not None:
            kind = "deliberate" if cause.is_deliberate else "missing"
        lasting[kind] += interval.end_us - interval.start_us
    return Footage(
        camera_id=wanted.camera_id,
        from_=iso_of_us(wanted.from_us),
        to=iso_of_us(wanted.to_us),
        recorded_s=lasting["recorded"] / US_PER_S,
        deliberate_s=lasting["deliberate"] / US_PER_S,
        missing_s=lasting["missing"] / US_PER_S,
        unknown_s=lasting["unknown"] / US_PER_S,
        items=[_interval(interval) for interval in intervals],
    )


def _protect(
    connection: Connection, camera_id: CameraId, times_: times.Times, is_protected: bool
) -> list[Segment]:
    if not store.is_known_camera(connection, camera_id):
        raise NotFound(f"there is no camera {camera_id!r}")
    store.protect(connection, camera_id, times_.from_us, times_.to_us, is_protected)
    return store.segments_in(connection, camera_id, times_.from_us, times_.to_us)


def _interval(interval: Interval) -> FootageInterval:
    look = interval.look
    return FootageInterval(
        iso_of_us(interval.start_us),
        iso_of_us(interval.end_us),
        "recorded" if look.is_footage else "unknown" if look.cause is None else "gap",
        None if look.keep_class is None else look.keep_class.value,
        look.has_motion,
        look.is_protected,
        None if look.cause is None else look.cause.value,
        look.cause is not None and look.cause.is_deliberate,
    )


def _text(files: Sequence[FootageFile], layouts: Layouts, wanted: Range) -> str:
    played = [PlayedFile(file.segment, layouts.of(file)) for file in files]
    return media_playlist(played, wanted.from_us, WallUs(wanted.to_us), SEGMENTS)


def _camera(request: web.Request) -> CameraId:
    return CameraId(request.match_info["camera_id"])
