"""Alerts: list, read, acknowledge, dismiss."""

from aiohttp import web

from appliance.domain.ids import AlertId
from appliance.store import queries, statements
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.access import sight_of
from appliance.web.body import body, no_body, query
from appliance.web.events import severity_of, wanted_of
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.times import moment_of
from appliance.web.wire import AlertQuery, HandledAlerts, OpenAlerts

AT_ONCE = 100
"""Alerts that are handled in one unit of the writer: it is held for a few milliseconds."""


class AlertHandlers:
    """The handlers of alerts."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, request: web.Request) -> web.Response:
        """List alerts, newest first."""
        asked = query(request.query, AlertQuery)
        wanted = wanted_of(
            asked,
            sight=sight_of(request),
            cameras=tuple(asked.camera),
            states=tuple(asked.state),
            min_severity=severity_of(asked.severity),
            event_id=asked.event,
        )
        async with self._with.reader.read() as connection:
            rows = await queries.alerts(connection, wanted)
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one alert."""
        async with self._with.reader.read() as connection:
            text = await queries.alert(connection, _id(request))
            return answers.of_text(text, await newest_cursor(connection))

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Note that somebody has seen the alert."""
        await no_body(request)
        alert_id, at_us = _id(request), self._with.clock.wall_us()
        written = await self._with.writer.commit(lambda c: statements.acknowledge_alert(c, alert_id, at_us))
        return answers.of_text(written.json, written.cursor)

    async def dismiss(self, request: web.Request) -> web.Response:
        """Put the alert away."""
        await no_body(request)
        alert_id, at_us = _id(request), self._with.clock.wall_us()
        written = await self._with.writer.commit(lambda c: statements.dismiss_alert(c, alert_id, at_us))
        return answers.of_text(written.json, written.cursor)

    async def acknowledge_open(self, request: web.Request) -> web.Response:
        """Note that somebody has seen every open alert of their cameras that was made before a time."""
        return await self._handle_open(request, "acknowledged")

    async def dismiss_open(self, request: web.Request) -> web.Response:
        """Put every open alert of one's cameras away that was made before a time."""
        return await self._handle_open(request, "dismissed")

    async def _handle_open(self, request: web.Request, state: statements.HandledState) -> web.Response:
        """Handle them in units of the writer, each with a message for each alert."""
        asked = await body(request, OpenAlerts, self._settings)
        until_us, at_us = moment_of("until", asked.until), self._with.clock.wall_us()
        sight = sight_of(request)
        count, last = 0, AT_ONCE
        while last == AT_ONCE:
            last = await self._with.writer.commit(
                lambda c: statements.handle_open_alerts(c, state, at_us, until_us, AT_ONCE, sight)
            )
            count += last
        return answers.of_struct(HandledAlerts(count))


def _id(request: web.Request) -> AlertId:
    return AlertId(request.match_info["alert_id"])
