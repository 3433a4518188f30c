"""Alerts: list, read, acknowledge, dismiss."""

from aiohttp import web

from appliance.domain.ids import AlertId
from appliance.store import queries, statements
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.body import no_body, query
from appliance.web.events import severity_of, wanted_of
from appliance.web.ports import Collaborators
from appliance.web.wire import AlertQuery


class AlertHandlers:
    """The handlers of alerts."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def list(self, request: web.Request) -> web.Response:
        """List alerts, newest first."""
        asked = query(request.query, AlertQuery)
        wanted = wanted_of(
            asked,
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


def _id(request: web.Request) -> AlertId:
    return AlertId(request.match_info["alert_id"])
