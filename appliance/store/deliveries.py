"""Alerts on their way to targets: what waits, what is told, and what became of it.

A trigger makes the rows (``triggers``), in the alert's own transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import AlertId, TargetId
from appliance.domain.time import EARLIEST_US, WallUs
from appliance.store.queries import Row, Wanted
from appliance.store.resources import alert_json, delivery_json, event_json
from appliance.store.tables import WAITING
from appliance.store.targets import Route, route_of

# By itself SQLite would walk a month of deliveries by their age; few of them still wait.
_OVERDUE = (
    f"FROM deliveries INDEXED BY ix_deliveries_waiting WHERE {WAITING} AND created_us >= ? AND created_us < ?"
)


class Due(NamedTuple):
    """A delivery whose time has come; ``attempts`` are those before."""

    alert_id: AlertId
    attempts: int
    created_us: WallUs


@dataclass(frozen=True, slots=True)
class Outlook:
    """How it stands with one target that is switched on.

    Attributes:
        due: what is to be sent now, oldest first.
        next_us: when something is due that is not yet; ``None`` where nothing else waits.
        tried_since_us: since when the oldest waits that was tried in vain; ``None`` where there is none.
        reason: why it, or else the last one that was decided on, was not delivered; empty if it was.
        last: what became of the last one that was decided on, empty before the first.
    """

    route: Route
    due: tuple[Due, ...]
    next_us: WallUs | None
    tried_since_us: WallUs | None
    reason: str
    last: str


class Contents(NamedTuple):
    """What there is to tell of an alert: JSON texts as on the WebSocket, and its picture's file name."""

    alert: str
    event: str
    camera_name: str
    severity: int
    picture: str | None


class Sent(NamedTuple):
    """What became of one attempt: of a delivery that still waits ``next_us`` is when it is tried again."""

    state: str
    next_us: WallUs
    at_us: WallUs
    reason: str


def outlook(connection: Connection, now_us: WallUs, longest_s: float, limit: int) -> list[Outlook]:
    """Return how it stands with each target that is switched on.

    Args:
        connection: to read through.
        now_us: what is due by then, is due.
        longest_s: no pause is longer: what is due later than that was written before the clock was set back,
            and is due as well.
        limit: of what is due for one target.
    """
    routes = connection.exec_driver_sql(
        "SELECT id, name, kind, settings, sealed FROM targets WHERE enabled = 1 ORDER BY id"
    ).fetchall()
    beyond_us = now_us + round(2 * longest_s * 1e6)
    found = [
        route_of(connection, row[0], row[1], row[2], msgspec.json.decode(row[3]), row[4]) for row in routes
    ]
    return [_outlook(connection, route, now_us, beyond_us, limit) for route in found]


def _outlook(connection: Connection, route: Route, now_us: int, beyond_us: int, limit: int) -> Outlook:
    of = f"FROM deliveries WHERE target_id = ? AND {WAITING}"
    due = connection.exec_driver_sql(
        f"SELECT alert_id, attempts, created_us {of} AND (next_us <= ? OR next_us > ?) "
        "ORDER BY created_us, alert_id LIMIT ?",
        (route.id, now_us, beyond_us, limit),
    ).fetchall()
    later = connection.exec_driver_sql(f"SELECT min(next_us) {of} AND next_us > ?", (route.id, now_us))
    tried = connection.exec_driver_sql(
        f"SELECT created_us, reason {of} AND attempts > 0 ORDER BY created_us LIMIT 1", (route.id,)
    ).one_or_none()
    last = connection.exec_driver_sql(
        "SELECT state, reason FROM deliveries WHERE target_id = ? AND state <> 'waiting' "
        "ORDER BY created_us DESC LIMIT 1",
        (route.id,),
    ).one_or_none()
    state, reason = ("", "") if last is None else last
    return Outlook(
        route,
        tuple(Due(AlertId(row[0]), row[1], WallUs(row[2])) for row in due),
        later.scalar_one(),
        None if tried is None else WallUs(tried[0]),
        reason if tried is None else tried[1],
        state,
    )


def contents(connection: Connection, alert_id: AlertId) -> Contents | None:
    """Return what there is to tell of an alert; ``None`` where it is gone."""
    row = connection.exec_driver_sql(
        f"SELECT {alert_json('alerts')}, {event_json('events')}, coalesce(cameras.name, alerts.camera_id), "
        "alerts.severity, events.picture FROM alerts JOIN events ON events.id = alerts.event_id "
        "LEFT JOIN cameras ON cameras.id = alerts.camera_id WHERE alerts.id = ?",
        (alert_id,),
    ).one_or_none()
    return None if row is None else Contents(*row)


def record(connection: Connection, alert_id: AlertId, target_id: TargetId, sent: Sent) -> None:
    """Note what became of an attempt; nothing changes where that was decided, or the alert is gone."""
    done_us = None if sent.state == "waiting" else sent.at_us
    connection.exec_driver_sql(
        "UPDATE deliveries SET state = ?, attempts = attempts + 1, next_us = ?, done_us = ?, reason = ? "
        f"WHERE alert_id = ? AND target_id = ? AND {WAITING}",
        (sent.state, sent.next_us, done_us, sent.reason, alert_id, target_id),
    )


def any_expired(connection: Connection, before_us: WallUs) -> bool:
    """Return whether something waits that was made before then."""
    found = connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 {_OVERDUE})", (EARLIEST_US, before_us))
    return bool(found.scalar_one())


def expire(connection: Connection, before_us: WallUs, now_us: WallUs) -> None:
    """Give up what waits and was made before then.

    What was made before the box's clock was set is left to the retention.
    """
    connection.exec_driver_sql(
        f"UPDATE deliveries SET state = 'expired', done_us = ? WHERE (alert_id, target_id) IN "
        f"(SELECT alert_id, target_id {_OVERDUE})",
        (now_us, EARLIEST_US, before_us),
    )


def forget(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete deliveries that were made before then, and return how many; at most ``limit``."""
    deleted = connection.exec_driver_sql(
        "DELETE FROM deliveries WHERE (alert_id, target_id) IN "
        "(SELECT alert_id, target_id FROM deliveries WHERE created_us < ? ORDER BY created_us LIMIT ?)",
        (before_us, limit),
    )
    return deleted.rowcount


async def deliveries(connection: AsyncConnection, wanted: Wanted, target_id: str | None) -> Sequence[Row]:
    """Return deliveries as JSON text, newest first: to one target, or to all of them."""
    key = "d.alert_id || '.' || d.target_id"
    limits: list[tuple[str, tuple[Any, ...]]] = []
    if target_id is not None:
        limits.append(("d.target_id = ?", (target_id,)))
    among = wanted.among
    if among is not None:
        limits.append((f"a.camera_id IN ({', '.join('?' * len(among))})", among))
    if wanted.states:
        limits.append((f"d.state IN ({', '.join('?' * len(wanted.states))})", wanted.states))
    if wanted.after is not None:
        # The first part leads along the index, the second one tells apart what was made in the same moment.
        limits.append(("d.created_us <= ?", wanted.after[:1]))
        limits.append((f"(d.created_us, {key}) < (?, ?)", wanted.after))
    where = " AND ".join(["1", *(one for one, _ in limits)])
    values = [value for _, some in limits for value in some]
    rows = await connection.exec_driver_sql(
        f"SELECT {delivery_json('d', 'a', 't')}, d.created_us, {key} FROM deliveries AS d "
        "JOIN alerts AS a ON a.id = d.alert_id JOIN targets AS t ON t.id = d.target_id "
        f"WHERE {where} ORDER BY d.created_us DESC, {key} DESC LIMIT ?",
        (*values, wanted.limit),
    )
    return [Row._make(row) for row in rows]
