"""Why there is an event or an alert, and what nearly became one."""

import msgspec
from aiohttp import web

from appliance.domain.ids import AlertId, EventId
from appliance.store import queries, reasons
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.body import query
from appliance.web.events import wanted_of
from appliance.web.ports import Collaborators
from appliance.web.wire import AlertWhy, Candidate, CandidateQuery, EventWhy, RiskFactor, TraceStep


class WhyHandlers:
    """The handlers of decisions' reasons."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def event(self, request: web.Request) -> web.Response:
        """Read why there is an event, how its risk adds up, and why rules alerted for it or not."""
        event_id = EventId(request.match_info["event_id"])
        async with self._with.reader.read() as connection:
            event = await reasons.event_trace(connection, event_id)
            alerts = await reasons.alert_traces(connection, event_id)
            missed = await reasons.candidates_of(connection, event_id)
            cursor = await newest_cursor(connection)
        why = EventWhy(
            event_id,
            msgspec.convert(event.steps, list[TraceStep]),
            event.risk_score,
            msgspec.convert(event.risk_factors, list[RiskFactor]),
            [_of_alert(alert) for alert in alerts],
            [msgspec.json.decode(text, type=Candidate) for text in missed],
        )
        return answers.with_cursor(answers.of_struct(why), cursor)

    async def alert(self, request: web.Request) -> web.Response:
        """Read why a rule alerted: each of its conditions with the value that fulfilled it."""
        async with self._with.reader.read() as connection:
            alert = await reasons.alert_trace(connection, AlertId(request.match_info["alert_id"]))
            cursor = await newest_cursor(connection)
        return answers.with_cursor(answers.of_struct(_of_alert(alert)), cursor)

    async def candidates(self, request: web.Request) -> web.Response:
        """List what became no event or no alert, newest first, each with its reason."""
        asked = query(request.query, CandidateQuery)
        wanted = wanted_of(asked, cameras=tuple(asked.camera), labels=tuple(asked.label))
        async with self._with.reader.read() as connection:
            rows = await queries.candidates(connection, wanted, asked.what)
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))


def _of_alert(alert: reasons.AlertTrace) -> AlertWhy:
    steps = msgspec.convert(alert.steps, list[TraceStep])
    return AlertWhy(alert.id, alert.rule_id, alert.rule_name, alert.event_id, steps)
