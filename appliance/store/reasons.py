"""Why: the traces of events and alerts, and what became neither."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import AlertId, EventId
from appliance.domain.trace import Candidate as NewCandidate
from appliance.domain.trace import TraceStep
from appliance.errors import NotFound
from appliance.store.resources import candidate_json
from appliance.store.tables import Alert, Candidate, Event

INSERT_CANDIDATE = (
    "INSERT INTO candidates (id, what, camera_id, track_id, label, started_us, last_seen_us, score, box, "
    "reason, trace, event_id, rule_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING"
)


class EventTrace(NamedTuple):
    """Why there is an event: steps and factors as their columns hold them."""

    steps: list[dict[str, Any]]
    risk_score: int
    risk_factors: list[dict[str, Any]]


class AlertTrace(NamedTuple):
    """Why there is an alert: its steps as their column holds them."""

    id: str
    rule_id: str
    rule_name: str
    event_id: str
    steps: list[dict[str, Any]]


def trace_json(steps: Sequence[TraceStep]) -> str:
    """Return steps as a ``trace`` column holds them."""
    return msgspec.json.encode([asdict(step) for step in steps]).decode()


def add_candidate(connection: Connection, candidate: NewCandidate) -> None:
    """Insert what became no event or no alert; one that is there already is not written again."""
    box = None
    if candidate.box is not None:
        box = msgspec.json.encode([round(edge, 4) for edge in candidate.box]).decode()
    values = (
        *(candidate.id, candidate.what.value, candidate.camera_id, candidate.track_id, candidate.label),
        *(candidate.started_us, candidate.last_seen_us, round(candidate.score, 3), box, candidate.reason),
        *(trace_json(candidate.trace), candidate.event_id, candidate.rule_id),
    )
    connection.exec_driver_sql(INSERT_CANDIDATE, values)


async def event_trace(connection: AsyncConnection, event_id: EventId) -> EventTrace:
    """Return why there is an event.

    Raises:
        NotFound: there is no such event.
    """
    columns = (Event.trace, Event.risk_score, Event.risk_factors)
    row = (await connection.execute(select(*columns).where(Event.id == event_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    return EventTrace(*row)


async def alert_trace(connection: AsyncConnection, alert_id: AlertId) -> AlertTrace:
    """Return why there is an alert.

    Raises:
        NotFound: there is no such alert.
    """
    row = (await connection.execute(_alerts().where(Alert.id == alert_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no alert {alert_id!r}")
    return AlertTrace(*row)


async def alert_traces(connection: AsyncConnection, event_id: EventId) -> list[AlertTrace]:
    """Return why there is each alert of an event, in their order."""
    statement = _alerts().where(Alert.event_id == event_id).order_by(Alert.created_us, Alert.id)
    return [AlertTrace(*row) for row in await connection.execute(statement)]


async def candidates_of(connection: AsyncConnection, event_id: EventId) -> list[str]:
    """Return the alerts that an event nearly made, as JSON texts in their order.

    What a rule alerted for after all, since a second look made the event graver, is none of them.
    """
    json: ColumnElement[str] = literal_column(candidate_json("candidates"))
    made = select(Alert.rule_id).where(Alert.event_id == event_id)
    is_missed = and_(Candidate.event_id == event_id, Candidate.rule_id.not_in(made))
    statement = select(json).select_from(Candidate).where(is_missed)
    return list((await connection.execute(statement.order_by(Candidate.id))).scalars())


def _alerts() -> Any:
    return select(Alert.id, Alert.rule_id, Alert.rule_name, Alert.event_id, Alert.trace)
