"""Events that fit a filter, newest first: in milliseconds, however many there are and however few fit.

First the newest ones are walked in the order of time, some thousands of them: what is common is found there.
What is rare is then found by the index on what an event is (camera, label, severity, review mark, state): of
each kind that fits, the index leads to its newest, and the newest of these all are the answer. So no filter,
and none that fits nothing, looks at every row, as under any one index some would (0.9 s among a million).

Where zones are asked for, the kinds are those of ``event_zones``, which triggers keep: of each zone that an
event was in, what the event is. There nothing is walked in time, since what was in a zone may be rare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.store.queries import Row, Wanted
from appliance.store.resources import event_json

WALKED = 4000
"""So many events are walked at most before the kinds are asked."""

_IN_TIME = "events INDEXED BY ix_events_started_us_id"
_OF_BATCH = "events INDEXED BY ix_events_batch_id"
_NEWEST_FIRST = "ORDER BY events.started_us DESC, events.id DESC"
_STATES = ("open", "ended", "interrupted")

_PAIRS = """
    WITH RECURSIVE seen (camera_id) AS (
        SELECT min(camera_id) FROM events
        UNION ALL SELECT (SELECT min(e.camera_id) FROM events AS e INDEXED BY ix_events_kinds
            WHERE e.camera_id > seen.camera_id) FROM seen WHERE seen.camera_id IS NOT NULL
    ), pairs (camera_id, label) AS (
        SELECT seen.camera_id, (SELECT min(e.label) FROM events AS e INDEXED BY ix_events_kinds
            WHERE e.camera_id = seen.camera_id) FROM seen WHERE seen.camera_id IS NOT NULL
        UNION ALL SELECT pairs.camera_id, (SELECT min(e.label) FROM events AS e INDEXED BY ix_events_kinds
            WHERE e.camera_id = pairs.camera_id AND e.label > pairs.label)
        FROM pairs WHERE pairs.label IS NOT NULL
    )
"""
"""The cameras and labels that occur together, each found by one step along the index."""

_KIND = """{row}.camera_id = pairs.camera_id AND {row}.label = pairs.label
        AND {row}.severity = severities.severity AND {row}.reviewed = marks.reviewed
        AND {row}.state = states.state"""
_OF_KINDS = """
    {pairs}, severities (severity) AS (VALUES {severities}), marks (reviewed) AS (VALUES {marks}),
    states (state) AS (VALUES {states}), newest (number) AS (
        SELECT e.rowid FROM pairs CROSS JOIN severities CROSS JOIN marks CROSS JOIN states
        CROSS JOIN events AS e INDEXED BY ix_events_kinds
        WHERE {pair_limits} AND {kind_of_e} AND {before} AND e.started_us >= coalesce((
            SELECT k.started_us FROM events AS k INDEXED BY ix_events_kinds WHERE {kind_of_k} AND {times}
            ORDER BY k.started_us DESC, k.id DESC LIMIT 1 OFFSET {last}), {from_us})
        ORDER BY e.started_us DESC, e.id DESC LIMIT {limit}
    )
    SELECT {columns} FROM events WHERE events.rowid IN (SELECT number FROM newest) {newest_first}
"""
"""Of each kind the newest, as many as are wanted in all, from the index; only of the answer rows are read."""

_ZONE_PAIRS = """
    WITH RECURSIVE asked (zone_id) AS (VALUES {asked}), seen (zone_id, camera_id) AS (
        SELECT asked.zone_id, (SELECT min(e.camera_id) FROM event_zones AS e
            WHERE e.zone_id = asked.zone_id) FROM asked
        UNION ALL SELECT seen.zone_id, (SELECT min(e.camera_id) FROM event_zones AS e
            WHERE e.zone_id = seen.zone_id AND e.camera_id > seen.camera_id)
        FROM seen WHERE seen.camera_id IS NOT NULL
    ), pairs (zone_id, camera_id, label) AS (
        SELECT seen.zone_id, seen.camera_id, (SELECT min(e.label) FROM event_zones AS e
            WHERE e.zone_id = seen.zone_id AND e.camera_id = seen.camera_id)
        FROM seen WHERE seen.camera_id IS NOT NULL
        UNION ALL SELECT pairs.zone_id, pairs.camera_id, (SELECT min(e.label) FROM event_zones AS e
            WHERE e.zone_id = pairs.zone_id AND e.camera_id = pairs.camera_id AND e.label > pairs.label)
        FROM pairs WHERE pairs.label IS NOT NULL
    )
"""
"""The cameras and labels that occur in the zones that are asked for."""

_OF_ZONES = """
    {pairs}, severities (severity) AS (VALUES {severities}), marks (reviewed) AS (VALUES {marks}),
    states (state) AS (VALUES {states}), newest (id, started_us) AS (
        SELECT DISTINCT e.id, e.started_us
        FROM pairs CROSS JOIN severities CROSS JOIN marks CROSS JOIN states CROSS JOIN event_zones AS e
        WHERE {pair_limits} AND e.zone_id = pairs.zone_id AND {kind_of_e} AND {before}
            AND e.started_us >= coalesce((
                SELECT k.started_us FROM event_zones AS k
                WHERE k.zone_id = pairs.zone_id AND {kind_of_k} AND {times}
                ORDER BY k.started_us DESC, k.id DESC LIMIT 1 OFFSET {last}), {from_us})
        ORDER BY e.started_us DESC, e.id DESC LIMIT {limit}
    )
    SELECT {columns} FROM events WHERE events.id IN (SELECT id FROM newest) {newest_first}
"""
"""The same of each kind that was in the zones; what was in two of them is one event."""

_LABELS = """
    {pairs}, severities (severity) AS (VALUES {severities}), marks (reviewed) AS (VALUES (0), (1)),
    states (state) AS (VALUES {states})
    SELECT pairs.label, max((SELECT e.last_seen_us FROM events AS e INDEXED BY ix_events_kinds
        WHERE {kind_of_e} ORDER BY e.started_us DESC LIMIT 1)) AS last_us
    FROM pairs CROSS JOIN severities CROSS JOIN marks CROSS JOIN states
    WHERE pairs.camera_id = ? AND pairs.label IS NOT NULL GROUP BY pairs.label HAVING last_us IS NOT NULL
"""
"""Of each label of a camera when the newest of each kind was seen last, the latest of these."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of SQL with the values of its question marks."""

    sql: str
    values: tuple[str | int, ...] = ()


def events(connection: Connection, wanted: Wanted, walked: int = WALKED) -> list[Row]:
    """Return events, newest first."""
    return _search(connection, wanted, event_json("events"), walked)


def event_places(connection: Connection, wanted: Wanted) -> list[Row]:
    """Return where in the list events are, newest first, with empty texts for what they hold."""
    return _search(connection, wanted, "''", WALKED)


def limits_of(wanted: Wanted) -> Part:
    """Return what the filter asks of an event besides its time, as a condition on a row of ``events``."""
    parts = [
        *_any_of("events.camera_id", wanted.among),
        *_any_of("events.label", wanted.labels or None),
        *_any_of("events.state", wanted.states or None),
    ]
    if wanted.min_severity is not None:
        parts.append(Part("events.severity >= ?", (int(wanted.min_severity),)))
    if wanted.reviewed is not None:
        parts.append(Part("events.reviewed = ?", (int(wanted.reviewed),)))
    if wanted.batch_id is not None:
        parts.append(Part("events.batch_id = ?", (wanted.batch_id,)))
    parts += [_in_zones(among) for among in _any_of("value", wanted.zones or None)]
    return _all_of(parts)


def labels_last_seen(connection: Connection, camera_id: CameraId) -> dict[str, WallUs]:
    """Return of each label that a camera has seen when its newest event was seen last."""
    sql = _LABELS.format(
        pairs=_PAIRS,
        severities=", ".join(f"({severity:d})" for severity in Severity),
        states=", ".join(f"('{state}')" for state in _STATES),
        kind_of_e=_KIND.format(row="e"),
    )
    return {label: WallUs(last) for label, last in connection.exec_driver_sql(sql, (camera_id,))}


def is_unlimited(wanted: Wanted) -> bool:
    """Return whether a filter limits nothing but the time."""
    named = wanted.labels or wanted.states or wanted.zones or wanted.batch_id is not None
    is_narrow = wanted.min_severity is not None or wanted.reviewed is not None
    return wanted.among is None and not named and not is_narrow


def _search(connection: Connection, wanted: Wanted, json: str, walked: int) -> list[Row]:
    columns = f"{json}, events.started_us, events.id"
    if wanted.batch_id is not None:
        return _rows(connection, _listed(wanted, columns, _OF_BATCH))
    if is_unlimited(wanted):
        return _rows(connection, _listed(wanted, columns, _IN_TIME))
    if wanted.zones:
        return _rows(connection, of_kinds(wanted, columns))
    reached_us = _after_walked(connection, wanted, walked)
    if reached_us is None:
        return _rows(connection, _listed(wanted, columns, _IN_TIME))
    near = _rows(connection, _listed(replace(wanted, from_us=reached_us), columns, _IN_TIME))
    if len(near) >= wanted.limit:
        return near
    rest = replace(wanted, to_us=reached_us, limit=wanted.limit - len(near))
    return near + _rows(connection, of_kinds(rest, columns))


def _after_walked(connection: Connection, wanted: Wanted, walked: int) -> int | None:
    """Return the begin of the last event that is walked, or ``None`` if there are no more than these."""
    times = _times(wanted, "events")
    found = connection.exec_driver_sql(
        f"SELECT events.started_us FROM {_IN_TIME} WHERE {times.sql} {_NEWEST_FIRST} "  # noqa: S608 - constants
        f"LIMIT 1 OFFSET {walked:d}",
        times.values,
    )
    reached: int | None = found.scalar_one_or_none()
    return reached


def _listed(wanted: Wanted, columns: str, source: str) -> Part:
    times, limits = _times(wanted, "events"), limits_of(wanted)
    return Part(
        f"SELECT {columns} FROM {source} WHERE {times.sql} AND {limits.sql} {_NEWEST_FIRST} "  # noqa: S608 - constants
        f"LIMIT {wanted.limit:d}",
        (*times.values, *limits.values),
    )


def of_kinds(wanted: Wanted, columns: str) -> Part:
    """Return the statement that finds events kind by kind, in the zones that are wanted if any are."""
    asked = ", ".join("(?)" for _ in wanted.zones)
    pairs = _all_of(
        [*_any_of("pairs.camera_id", wanted.among), *_any_of("pairs.label", wanted.labels or None)],
    )
    before, times = _times(replace(wanted, from_us=None), "e"), _times(wanted, "k")
    lowest = int(wanted.min_severity or Severity.LOW)
    marks = (0, 1) if wanted.reviewed is None else (int(wanted.reviewed),)
    sql = (_OF_ZONES if wanted.zones else _OF_KINDS).format(
        pairs=_ZONE_PAIRS.format(asked=asked) if wanted.zones else _PAIRS,
        severities=", ".join(f"({severity})" for severity in range(lowest, len(Severity))),
        marks=", ".join(f"({mark})" for mark in marks),
        states=", ".join(f"('{state}')" for state in _STATES if state in (wanted.states or _STATES)),
        pair_limits=pairs.sql,
        kind_of_e=_KIND.format(row="e"),
        kind_of_k=_KIND.format(row="k"),
        before=before.sql,
        times=times.sql,
        from_us=int(wanted.from_us or 0),
        last=int(wanted.limit) - 1,
        limit=int(wanted.limit),
        newest_first=_NEWEST_FIRST,
        columns=columns,
    )
    return Part(sql, (*wanted.zones, *pairs.values, *before.values, *times.values))


def _times(wanted: Wanted, row: str) -> Part:
    parts = []
    if wanted.from_us is not None:
        parts.append(Part(f"{row}.started_us >= ?", (wanted.from_us,)))
    if wanted.to_us is not None:
        parts.append(Part(f"{row}.started_us < ?", (wanted.to_us,)))
    if wanted.after is not None:
        at_us, id_ = wanted.after.at_us, wanted.after.id
        place = f"{row}.started_us <= ? AND ({row}.started_us < ? OR {row}.id < ?)"
        parts.append(Part(place, (at_us, at_us, id_)))
    return _all_of(parts)


def _any_of(column: str, values: Sequence[str] | None) -> list[Part]:
    if values is None:
        return []
    return [Part(f"{column} IN ({', '.join('?' * len(values))})", tuple(values))]


def _in_zones(among: Part) -> Part:
    return Part(
        f"EXISTS (SELECT 1 FROM json_each(events.zones) WHERE {among.sql})",  # noqa: S608 - constants
        among.values,
    )


def _all_of(parts: Sequence[Part]) -> Part:
    sql = " AND ".join(part.sql for part in parts)
    return Part(sql or "1", tuple(value for part in parts for value in part.values))


def _rows(connection: Connection, statement: Part) -> list[Row]:
    found: Iterable[Any] = connection.exec_driver_sql(statement.sql, statement.values)
    return [Row(row[0], row[1], row[2]) for row in found]
