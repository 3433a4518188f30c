"""Stories: what an event's object did, moment by moment."""

import asyncio

from aiohttp import web

from appliance.domain.event import EventKind
from appliance.domain.ids import EventId
from appliance.events import story
from appliance.store.reader import newest_cursor
from appliance.store.sights import event_course, sights
from appliance.store.times import iso_of_us
from appliance.web import answers
from appliance.web.ports import Collaborators
from appliance.web.wire import Story, StoryMoment, StoryPoint

DECIMALS = 4
"""Of a box: a ten-thousandth of the picture is less than a pixel of most."""


class StoryHandlers:
    """The handler of stories."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def read(self, request: web.Request) -> web.Response:
        """Read an event as a story: its moments, and the way of its object.

        Of a long event the boxes are sampled, so that it costs no more than a short one.
        """
        event_id = EventId(request.match_info["event_id"])
        async with self._with.reader.read() as connection:
            course = await event_course(connection, event_id)
            seen = await sights(connection, course)
            cursor = await newest_cursor(connection)
        times = course.started_us, course.last_seen_us
        if course.kind is EventKind.OFFLINE:
            told = story.tell_absence(course.state, *times)
        elif course.kind is EventKind.TAMPERING:
            told = story.tell_tampering(course.state, *times, course.decided)
        else:
            told = await asyncio.to_thread(story.tell, seen, course.state, *times, course.passages)
        return answers.with_cursor(answers.of_struct(report_of(event_id, told)), cursor)


def report_of(event_id: EventId, told: story.Told) -> Story:
    """Return a story as the API gives it."""
    return Story(
        event_id,
        [
            StoryMoment(
                iso_of_us(moment.at_us),
                None if moment.until_us is None else iso_of_us(moment.until_us),
                moment.kind,
                moment.text,
            )
            for moment in told.moments
        ],
        [StoryPoint(iso_of_us(sight.at_us), _rounded(sight.box)) for sight in told.path],
    )


def _rounded(box: story.Box) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (round(side, DECIMALS) for side in box)
    return x0, y0, x1, y1
