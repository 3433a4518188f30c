"""Why there is an event or an alert, what nearly became one, and what is usual at a camera."""

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.access import Sight
from appliance.domain.ids import AlertId, CameraId, EventId
from appliance.domain.time import WallUs, wall_after
from appliance.errors import NotFound
from appliance.events.baseline import LEARNT_FROM_S, learnt_from
from appliance.store import footage, queries, reasons
from appliance.store.beginnings import beginnings
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.access import sight_of
from appliance.web.body import query
from appliance.web.events import wanted_of
from appliance.web.ports import Collaborators
from appliance.web.seen import candidate_seen, steps_seen
from appliance.web.wire import (
    AlertWhy,
    Baseline,
    Candidate,
    CandidateQuery,
    EventWhy,
    LabelBaseline,
    RiskFactor,
    TraceStep,
)

DECIMALS = 3


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
        sight = sight_of(request)
        why = EventWhy(
            event_id,
            msgspec.convert(event.steps, list[TraceStep]),
            event.risk_score,
            msgspec.convert(event.risk_factors, list[RiskFactor]),
            [_of_alert(alert, sight) for alert in alerts],
            [_candidate(text, sight) for text in missed],
        )
        return answers.with_cursor(answers.of_struct(why), cursor)

    async def alert(self, request: web.Request) -> web.Response:
        """Read why a rule alerted: each of its conditions with the value that fulfilled it."""
        async with self._with.reader.read() as connection:
            alert = await reasons.alert_trace(connection, AlertId(request.match_info["alert_id"]))
            cursor = await newest_cursor(connection)
        return answers.with_cursor(answers.of_struct(_of_alert(alert, sight_of(request))), cursor)

    async def candidates(self, request: web.Request) -> web.Response:
        """List what became no event or no alert, newest first, each with its reason."""
        asked = query(request.query, CandidateQuery)
        sight = sight_of(request)
        wanted = wanted_of(asked, sight=sight, cameras=tuple(asked.camera), labels=tuple(asked.label))
        async with self._with.reader.read() as connection:
            rows = await queries.candidates(connection, wanted, asked.what)
            if sight.cameras is not None:
                rows = [row._replace(json=_text(_candidate(row.json, sight))) for row in rows]
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))

    async def baseline(self, request: web.Request) -> web.Response:
        """Read what is usual at a camera: which labels come at which hour on how many of the days."""
        camera_id = CameraId(request.match_info["camera_id"])
        since_us = wall_after(self._with.clock.wall_us(), -LEARNT_FROM_S)
        begun = await self._with.reader.ask(lambda connection: _begun(connection, camera_id, since_us))
        settings = self._with.events
        learnt = learnt_from(begun, self._with.zone, settings.baseline_half_life_days)
        often = sorted(learnt.counts, key=lambda label: (-sum(learnt.counts[label]), label))
        labels = [LabelBaseline(label, *map(_rounded, learnt.shares(label))) for label in often]
        days = round(learnt.learnt_days, 1)
        return answers.of_struct(Baseline(camera_id, days, settings.baseline_least_days, labels))


def _begun(connection: Connection, camera_id: CameraId, since_us: WallUs) -> list[tuple[str, WallUs]]:
    if not footage.is_known_camera(connection, camera_id):
        raise NotFound(f"there is no camera {camera_id!r}")
    return beginnings(connection, camera_id, since_us)


def _rounded(shares: tuple[float, ...]) -> list[float]:
    return [round(share, DECIMALS) for share in shares]


def _candidate(text: str, sight: Sight) -> Candidate:
    candidate = msgspec.json.decode(text, type=Candidate)
    return candidate if sight.cameras is None else candidate_seen(candidate)


def _text(candidate: Candidate) -> str:
    return msgspec.json.encode(candidate).decode()


def _of_alert(alert: reasons.AlertTrace, sight: Sight) -> AlertWhy:
    steps = msgspec.convert(alert.steps, list[TraceStep])
    if sight.cameras is not None:
        steps = steps_seen(steps)
    return AlertWhy(alert.id, alert.rule_id, alert.rule_name, alert.event_id, steps)
