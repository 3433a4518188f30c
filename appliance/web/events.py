"""Events: list, read, review, delete, their boxes and their pictures."""

import asyncio
import functools
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.ids import Cursor, EventId
from appliance.domain.severity import Severity
from appliance.errors import NotFound
from appliance.store import event_search, queries, statements
from appliance.store.reader import cursor_of
from appliance.web import answers, page_token, times
from appliance.web.access import sight_of
from appliance.web.body import body, query
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import DetectionQuery, EventChange, EventQuery, EventReview, ReviewedEvents, TimeRange

LOOKED_UP = 1000
"""Events that are looked up at once to be marked."""
MARKED = 100
"""Events that are marked in one unit of the writer: it is held for a few milliseconds."""


class EventHandlers:
    """The handlers of events."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, request: web.Request) -> web.Response:
        """List events, newest first."""
        asked = query(request.query, EventQuery)
        wanted = wanted_of(
            asked,
            sight=sight_of(request),
            cameras=tuple(asked.camera),
            labels=tuple(asked.label),
            states=tuple(asked.state),
            zones=tuple(asked.zone),
            min_severity=severity_of(asked.severity),
            reviewed=asked.reviewed,
            batch_id=asked.batch,
        )
        rows, cursor = await self._with.reader.ask(
            lambda connection: (event_search.events(connection, wanted), cursor_of(connection))
        )
        return answers.of_page(rows, asked.limit, cursor)

    async def read(self, request: web.Request) -> web.Response:
        """Read one event."""
        text, cursor = await self._with.reader.ask(functools.partial(_event, event_id=_id(request)))
        return answers.of_text(text, cursor)

    async def change(self, request: web.Request) -> web.Response:
        """Set an event's review mark or note."""
        change = await body(request, EventChange, self._settings)
        event_id = _id(request)
        values = set_columns(change)
        written = await self._with.writer.commit(lambda c: statements.change_event(c, event_id, values))
        return answers.of_text(written.json, written.cursor)

    async def review(self, request: web.Request) -> web.Response:
        """Mark every event that a filter finds, of the cameras that are seen, as reviewed, or as not.

        Few are marked at a time, so that others can write in between; what was marked stays so if the rest
        fails. Without filters that is every event that began by now.
        """
        asked = await body(request, EventReview, self._settings)
        wanted = replace(_to_review(asked), sight=sight_of(request))
        count, cursor = 0, Cursor(0)
        while True:
            ask = functools.partial(_places, wanted=wanted)
            places, newest = await self._with.reader.ask(ask)
            cursor = max(cursor, newest)
            for first in range(0, len(places), MARKED):
                ids = [place.id for place in places[first : first + MARKED]]
                limits = event_search.limits_of(wanted)
                unit = functools.partial(
                    statements.review_events, event_ids=ids, limits=limits, is_reviewed=asked.reviewed
                )
                done = await self._with.writer.commit(unit)
                count, cursor = count + done.events, max(cursor, done.cursor)
            if len(places) < wanted.limit:
                return answers.with_cursor(answers.of_struct(ReviewedEvents(count)), cursor)
            wanted = replace(wanted, after=places[-1].position)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an event, its alerts and its picture."""
        event_id = _id(request)
        removed = await self._with.writer.commit(lambda c: statements.delete_event(c, event_id))
        if removed.picture is not None:
            await asyncio.to_thread(self._with.pictures.delete, removed.picture)
        return answers.nothing(removed.cursor)

    async def detections(self, request: web.Request) -> web.Response:
        """List the boxes of an event's object, oldest first.

        A page is made of ``limit`` analysed frames; those in which the object was not found are left out.
        """
        asked = query(request.query, DetectionQuery)
        wanted = wanted_of(asked)
        if wanted.after is not None:
            page_token.row_of(wanted.after)
        ask = functools.partial(_frames, event_id=_id(request), wanted=wanted)
        track, frames, cursor = await self._with.reader.ask(ask)
        shown = frames[: asked.limit]
        found = (queries.boxes_of_track(frame, track.track_id) for frame in shown)
        texts = [msgspec.json.encode(item).decode() for item in found if item is not None]
        more = len(frames) > asked.limit
        following = queries.Position(shown[-1].at_us, str(shown[-1].id)) if more else None
        return answers.of_list(texts, cursor, following)

    async def picture(self, request: web.Request) -> web.Response:
        """Read an event's picture: a JPEG of its best moment, without boxes in it."""
        event_id = _id(request)
        async with self._with.reader.read() as connection:
            name = await queries.event_picture(connection, event_id)
        if name is None:
            raise NotFound(f"the event {event_id!r} has no picture")
        jpeg = await asyncio.to_thread(self._with.pictures.read, name)
        if jpeg is None:
            raise NotFound(f"the picture of the event {event_id!r} is not on the disk any more")
        return answers.of_picture(request, jpeg)


def wanted_of(asked: TimeRange, **limits: Any) -> queries.Wanted:
    """Return what a list's query asks of the store: one row more than the page shows.

    Raises:
        Rejected: 422, a time or the page token cannot be read.
    """
    return queries.Wanted(
        limit=asked.limit + 1,
        after=page_token.read(asked.page),
        from_us=times.of_query("from", asked.from_),
        to_us=times.of_query("to", asked.to),
        **limits,
    )


def _event(connection: Connection, event_id: EventId) -> tuple[str, Cursor]:
    text = connection.execute(queries.event_statement(event_id)).scalar_one_or_none()
    if text is None:
        raise NotFound(f"there is no event {event_id!r}")
    return text, cursor_of(connection)


def _frames(
    connection: Connection, event_id: EventId, wanted: queries.Wanted
) -> tuple[queries.EventTrack, list[queries.AnalysedFrame], Cursor]:
    row = connection.execute(queries.track_statement(event_id)).one_or_none()
    track = queries.track_of(row, event_id)
    rows = connection.execute(queries.detections_statement(track, wanted))
    return track, [queries.AnalysedFrame(*one) for one in rows], cursor_of(connection)


def _places(connection: Connection, wanted: queries.Wanted) -> tuple[list[queries.Row], Cursor]:
    return event_search.event_places(connection, wanted), cursor_of(connection)


def _to_review(asked: EventReview) -> queries.Wanted:
    ends = [times.of_query(name, getattr(asked, name)) for name in ("to", "until")]
    return queries.Wanted(
        limit=LOOKED_UP,
        from_us=times.of_query("from", asked.from_),
        to_us=min((end for end in ends if end is not None), default=None),
        cameras=tuple(asked.camera),
        labels=tuple(asked.label),
        states=tuple(asked.state),
        zones=tuple(asked.zone),
        min_severity=severity_of(asked.severity),
        batch_id=asked.batch,
        reviewed=not asked.reviewed,
    )


def severity_of(word: str | None) -> Severity | None:
    """Return the severity of a word that the decoder has admitted."""
    return None if word is None else Severity.of_word(word)


def set_columns(change: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that a body sets, truth values as the database has them."""
    given = {name: getattr(change, name) for name in change.__struct_fields__}
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in given.items()
        if value is not msgspec.UNSET
    }


def _id(request: web.Request) -> EventId:
    return EventId(request.match_info["event_id"])
