"""Where the object of an event was seen: the boxes of its track, however long it lasts a bounded number."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.event import EventKind, EventState
from appliance.domain.ids import EventId
from appliance.domain.passage import Passages
from appliance.domain.time import WallUs
from appliance.errors import NotFound
from appliance.events.story import Box, Sight
from appliance.store.boxes import box_of_track
from appliance.store.passages_form import passages_of_row
from appliance.store.tables import Event

MOST_FRAMES = 600
"""Analysed frames that are looked at: all of them for two minutes at five a second, of longer events one in a
while. Each is found by a step down the index (20 ms in all), never by walking over those in between."""

SAMPLE = text(
    """
    WITH RECURSIVE sample(at_us) AS (
      SELECT min(at_us) FROM detections
       WHERE camera_id = :camera_id AND at_us BETWEEN :from_us AND :to_us
      UNION ALL
      SELECT (SELECT min(at_us) FROM detections
               WHERE camera_id = :camera_id AND at_us BETWEEN sample.at_us + :step_us AND :to_us)
        FROM sample WHERE sample.at_us IS NOT NULL
    )
    SELECT detections.at_us, boxes, model_id, width, height FROM sample
      CROSS JOIN detections ON detections.camera_id = :camera_id AND detections.at_us = sample.at_us
     ORDER BY detections.at_us
    """
)


class EventCourse(NamedTuple):
    """What of an event its story is told by; ``decided`` is the first step of its trace, in words."""

    camera_id: str
    track_id: int
    state: EventState
    started_us: WallUs
    last_seen_us: WallUs
    passages: Passages
    kind: EventKind
    decided: str


async def event_course(connection: AsyncConnection, event_id: EventId) -> EventCourse:
    """Return how an event went.

    Raises:
        NotFound: there is no such event.
    """
    columns = (
        *(Event.camera_id, Event.track_id, Event.state, Event.started_us, Event.last_seen_us),
        *(Event.passages, Event.kind, Event.trace),
    )
    row = (await connection.execute(select(*columns).where(Event.id == event_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    times = WallUs(row[3]), WallUs(row[4])
    passages, kind = passages_of_row(row[5]), EventKind(row[6])
    decided = row[7][0]["detail"] if row[7] else ""
    return EventCourse(row[0], row[1], EventState(row[2]), *times, passages, kind, decided)


async def sights(connection: AsyncConnection, course: EventCourse) -> list[Sight]:
    """Return where an event's object was seen, oldest first: in at most ``MOST_FRAMES`` analysed frames."""
    lasted_us = course.last_seen_us - course.started_us
    found = await connection.execute(
        SAMPLE,
        {
            "camera_id": course.camera_id,
            "from_us": course.started_us,
            "to_us": course.last_seen_us,
            "step_us": lasted_us // MOST_FRAMES + 1,
        },
    )
    return list(_of_track(found, course.track_id))


def _of_track(rows: Iterable[Row[int, bytes, int | None, int, int]], track_id: int) -> Iterator[Sight]:
    for at_us, boxes, model_id, width, height in rows:
        box = box_of_track(boxes, model_id, width, height, track_id)
        if box is not None:
            yield Sight(WallUs(at_us), Box(*box))
