"""What footage there is, asked by camera and time, by event or by id; never by path."""

import asyncio
import functools
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from appliance.domain.footage import Gap, Segment
from appliance.domain.ids import CameraId, EventId, SegmentId
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.errors import NotFound
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.recordings.playback.timeline import Interval, timeline
from appliance.store import footage, queries
from appliance.store.reader import Reader

_DAY_US = 86_400 * US_PER_S
_NEW_US = 10 * US_PER_S
"""So long after the end of what has been synced a preview still shows its last keyframe."""


@dataclass(frozen=True, slots=True)
class Range:
    """A camera's time: from ``from_us``, before ``to_us``."""

    camera_id: CameraId
    from_us: WallUs
    to_us: WallUs


class Catalogue:
    """Asks the database, each question in a transaction of its own."""

    def __init__(self, reader: Reader, settings: PlaybackSettings) -> None:
        self._reader = reader
        self._settings = settings

    async def timeline(self, wanted: Range) -> list[Interval]:
        """Return what there is of a range; the intervals add up to it.

        Raises:
            NotFound: there is and was no such camera.
        """
        recorded: list[footage.Recorded] = []
        gaps: list[Gap] = []
        async with self._reader.read() as connection:
            await connection.run_sync(_expect_camera, wanted.camera_id)
            # A day at a time, and merged on a thread: a week's rows keep the event loop for 0.1 s otherwise.
            for from_us in range(wanted.from_us, wanted.to_us, _DAY_US):
                asked = (wanted.camera_id, WallUs(from_us), WallUs(min(from_us + _DAY_US, wanted.to_us)))
                recorded += await connection.run_sync(footage.recorded_in, *asked)
                gaps += await connection.run_sync(footage.gaps_in, *asked)
        return await asyncio.to_thread(timeline, recorded, gaps, wanted.from_us, wanted.to_us)

    async def files(self, wanted: Range) -> list[FootageFile]:
        """Return the files of a range in order of time; none when nothing was recorded.

        Raises:
            NotFound: there is and was no such camera.
        """
        return await self._reader.ask(functools.partial(_files, wanted=wanted))

    async def file(self, segment_id: SegmentId) -> FootageFile:
        """Return one file.

        Raises:
            NotFound: there is no such segment, or none any more.
        """
        return await self._reader.ask(functools.partial(_file, segment_id=segment_id))

    async def file_at(
        self, camera_id: CameraId, at_us: WallUs, until_us: WallUs | None = None
    ) -> FootageFile:
        """Return the file that shows a moment; where there is none, the first one of the time until another.

        Raises:
            NotFound: nothing was recorded then.
        """
        moment = Range(camera_id, WallUs(at_us - _NEW_US), WallUs(at_us + 1))
        later = None if until_us is None else Range(camera_id, at_us, until_us)
        return await self._reader.ask(functools.partial(_file_at, moment=moment, later=later))

    async def undeleted(self, segment_ids: Collection[SegmentId]) -> set[SegmentId]:
        """Return those of the segments that have not been deleted."""
        async with self._reader.read() as connection:
            return await connection.run_sync(footage.undeleted_segments, segment_ids)

    async def clip(self, event_id: EventId) -> Range:
        """Return the time of an event's clip, with some seconds before and after.

        Raises:
            NotFound: there is no such event.
        """
        async with self._reader.read() as connection:
            event = await queries.event_track(connection, event_id)
        return Range(
            CameraId(event.camera_id),
            wall_after(WallUs(event.started_us), -self._settings.clip_before_s),
            wall_after(WallUs(event.last_seen_us), self._settings.clip_after_s),
        )


def _files(connection: Connection, wanted: Range) -> list[FootageFile]:
    _expect_camera(connection, wanted.camera_id)
    segments = footage.segments_in(connection, wanted.camera_id, wanted.from_us, wanted.to_us)
    return _placed(connection, segments)


def _file(connection: Connection, segment_id: SegmentId) -> FootageFile:
    segment = footage.segment(connection, segment_id)
    if segment is None:
        raise NotFound(f"there is no segment {segment_id!r}")
    return _placed(connection, [segment])[0]


def _file_at(connection: Connection, moment: Range, later: Range | None) -> FootageFile:
    if files := _files(connection, moment):
        return files[-1]
    if later is not None and (files := _files(connection, later)):
        return files[0]
    raise NotFound("nothing was recorded at this time")


def _expect_camera(connection: Connection, camera_id: CameraId) -> None:
    if not footage.is_known_camera(connection, camera_id):
        raise NotFound(f"there is no camera {camera_id!r}")


def _placed(connection: Connection, segments: list[Segment]) -> list[FootageFile]:
    folders = {volume.id: Path(volume.path) for volume in footage.volumes(connection)}
    return [
        FootageFile(segment, folders[segment.volume_id])
        for segment in segments
        if segment.volume_id in folders
    ]
