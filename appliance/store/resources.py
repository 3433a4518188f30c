"""The wire form of each resource as an SQL expression.

The triggers that fill the outbox and the REST queries use the same expressions, so that what the bus says
and what a list returns are alike by construction. ``row`` is ``NEW``, ``OLD`` or a table's name.
"""

from appliance.store.recording_form import DEFAULTS as RECORDING_DEFAULTS
from appliance.store.scene_form import DEFAULTS as SCENE_DEFAULTS


def time_json(column: str) -> str:
    """Return the expression for a ``_us`` column as ISO 8601 in UTC with milliseconds; NULL stays NULL.

    Whole numbers only: strftime's own fractions go through floats and round a time near the middle of two
    milliseconds either way.
    """
    ms = f"(({column} + 500) / 1000)"
    return f"strftime('%Y-%m-%dT%H:%M:%S', {ms} / 1000, 'unixepoch') || printf('.%03dZ', {ms} % 1000)"


def severity_json(column: str) -> str:
    """Return the expression for a severity's word."""
    return f"CASE {column} WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'critical' END"


def _flag(column: str) -> str:
    return f"json(CASE {column} WHEN 0 THEN 'false' ELSE 'true' END)"


def _object(members: dict[str, str]) -> str:
    return "json_object(" + ", ".join(f"'{name}', {value}" for name, value in members.items()) + ")"


def camera_json(row: str) -> str:
    """Return a camera without its addresses and credentials, which no message ever carries."""
    return _object(
        {
            "id": f"{row}.id",
            "name": f"{row}.name",
            "enabled": _flag(f"{row}.enabled"),
            "loop": _flag(f"{row}.loop"),
            "detect_fps": f"{row}.detect_fps",
            "labels": f"json({row}.labels)",
            "decode": f"{row}.decode",
            "has_live_url": f"json(CASE WHEN {row}.live_url IS NULL THEN 'false' ELSE 'true' END)",
            "recording": f"json_patch('{RECORDING_DEFAULTS}', {row}.recording)",
            "scene": f"json_patch('{SCENE_DEFAULTS}', {row}.scene)",
            "scene_managed_by": f"{row}.scene_managed_by",
            "managed_by": f"{row}.managed_by",
            "status": f"{row}.status",
            "status_reason": f"{row}.status_reason",
            "status_since": time_json(f"{row}.status_since_us"),
            "stream": f"json({row}.stream)",
            "created_at": time_json(f"{row}.created_us"),
        }
    )


ENTERED, SEEN, MET = "(value ->> 'entered_us')", "(value ->> 'seen_us')", "(value ->> 'at_us')"


def passages_json(row: str) -> str:
    """Return the expression for stays and crossings as one list in order of time.

    A stay's ``until`` is null while its object is still in the zone, a crossing's always.
    """
    stay = (
        "json_object('kind', 'zone', 'id', value ->> 'zone_id', 'name', value ->> 'name', "
        f"'at', {time_json(ENTERED)}, 'until', CASE value ->> 'is_over' WHEN 1 THEN {time_json(SEEN)} END, "
        "'direction', NULL)"
    )
    crossing = (
        "json_object('kind', 'line', 'id', value ->> 'line_id', 'name', value ->> 'name', "
        f"'at', {time_json(MET)}, 'until', NULL, 'direction', value ->> 'direction')"
    )
    return (
        "(SELECT json_group_array(json(one)) FROM ("  # noqa: S608 - constants
        f"SELECT {ENTERED} AS at_us, {stay} AS one FROM json_each({row}.passages, '$.stays') "
        f"UNION ALL SELECT {MET}, {crossing} FROM json_each({row}.passages, '$.crossings') "
        "ORDER BY at_us))"
    )


def second_look_json(row: str) -> str:
    """Return the expression for what a model said of an event; null where none did."""
    members = {name: f"{row}.second_look ->> '{name}'" for name in ("model", "verdict", "summary", "points")}
    said = _object({**members, "at": time_json(f"({row}.second_look ->> 'at_us')")})
    return f"json(CASE WHEN {row}.second_look IS NULL THEN 'null' ELSE {said} END)"


def event_json(row: str) -> str:
    """Return an event."""
    return _object(
        {
            "id": f"{row}.id",
            "visit_id": f"{row}.visit_id",
            "batch_id": f"{row}.batch_id",
            "camera_id": f"{row}.camera_id",
            "track_id": f"{row}.track_id",
            "continues": f"{row}.continues",
            "state": f"{row}.state",
            "kind": f"{row}.kind",
            "label": f"{row}.label",
            "started_at": time_json(f"{row}.started_us"),
            "last_seen_at": time_json(f"{row}.last_seen_us"),
            "ended_at": time_json(f"{row}.ended_us"),
            "score": f"{row}.score",
            "box": f"json({row}.box)",
            "zones": f"json({row}.zones)",
            "passages": passages_json(row),
            "speed_kmh": f"{row}.passages ->> 'speed_kmh'",
            "rested_at": time_json(f"({row}.rest ->> 'since_us')"),
            "risk_score": f"{row}.risk_score",
            "severity": severity_json(f"{row}.severity"),
            "risk_factors": f"json({row}.risk_factors)",
            "summary": f"{row}.summary",
            "picture": f"'/api/v1/events/' || {row}.id || '/picture?v=' || {row}.picture",
            "second_look": second_look_json(row),
            "reviewed": _flag(f"{row}.reviewed"),
            "note": f"{row}.note",
        }
    )


def batch_json(row: str) -> str:
    """Return a batch."""
    return _object(
        {
            "id": f"{row}.id",
            "chain_id": f"{row}.chain_id",
            "camera_id": f"{row}.camera_id",
            "state": f"{row}.state",
            "started_at": time_json(f"{row}.started_us"),
            "ended_at": time_json(f"{row}.ended_us"),
            "severity": severity_json(f"{row}.severity"),
            "event_count": f"{row}.event_count",
            "summary": f"{row}.summary",
            "reviewed": _flag(f"{row}.reviewed"),
        }
    )


def alert_json(row: str) -> str:
    """Return an alert."""
    return _object(
        {
            "id": f"{row}.id",
            "rule_id": f"{row}.rule_id",
            "rule_name": f"{row}.rule_name",
            "event_id": f"{row}.event_id",
            "batch_id": f"{row}.batch_id",
            "camera_id": f"{row}.camera_id",
            "visit_id": f"{row}.visit_id",
            "label": f"{row}.label",
            "severity": severity_json(f"{row}.severity"),
            "state": f"{row}.state",
            "created_at": time_json(f"{row}.created_us"),
            "acknowledged_at": time_json(f"{row}.acknowledged_us"),
            "dismissed_at": time_json(f"{row}.dismissed_us"),
            "summary": f"{row}.summary",
        }
    )


def candidate_json(row: str) -> str:
    """Return a candidate. Candidates are looked up, not followed: they are in no message."""
    return _object(
        {
            "id": f"{row}.id",
            "what": f"{row}.what",
            "camera_id": f"{row}.camera_id",
            "track_id": f"{row}.track_id",
            "label": f"{row}.label",
            "started_at": time_json(f"{row}.started_us"),
            "last_seen_at": time_json(f"{row}.last_seen_us"),
            "score": f"{row}.score",
            "box": f"json({row}.box)",
            "reason": f"{row}.reason",
            "steps": f"json({row}.trace)",
            "event_id": f"{row}.event_id",
            "rule_id": f"{row}.rule_id",
            "rule_name": f"(SELECT name FROM rules WHERE rules.id = {row}.rule_id)",  # noqa: S608 - our own words
        }
    )


def rule_json(row: str) -> str:
    """Return a rule. Rules are settings: they are in no message."""
    return _object(
        {
            "id": f"{row}.id",
            "name": f"{row}.name",
            "enabled": _flag(f"{row}.enabled"),
            "labels": f"json({row}.labels)",
            "cameras": f"json({row}.cameras)",
            "min_severity": severity_json(f"{row}.min_severity"),
            "cooldown_s": f"{row}.cooldown_s",
            "deduplication": f"{row}.deduplication",
            "zones": f"json({row}.zones)",
            "lines": f"json({row}.lines)",
            "min_dwell_s": f"{row}.min_dwell_s",
            "armed": f"json({row}.armed)",
            "hours": f"json({row}.hours)",
            "targets": f"json({row}.targets)",
        }
    )


def setting_change_json(row: str) -> str:
    """Return a change of the history of settings. It is in no message."""
    return _object(
        {
            "id": f"{row}.id",
            "at": time_json(f"{row}.at_us"),
            "subject": f"{row}.subject",
            "before": f'json({row}."before")',
            "after": f'json({row}."after")',
            "undoes": f"{row}.undoes",
            "undone_by": f"(SELECT max(u.id) FROM setting_changes AS u WHERE u.undoes = {row}.id)",  # noqa: S608 - constants
        }
    )


def target_json(row: str) -> str:
    """Return a target as far as it may be shown: of its secrets only that there are some."""
    secrets = " OR ".join(
        f"{row}.settings ->> '$.{name}' IS NOT NULL" for name in ("secret", "token", "password")
    )
    secrets += f" OR {row}.settings ->> '$.has_secret'"
    mine = f"FROM deliveries AS d WHERE d.target_id = {row}.id"
    last = _object(
        {
            "state": "d.state",
            "at": time_json("coalesce(d.done_us, d.created_us)"),
            "attempts": "d.attempts",
            "reason": "d.reason",
        }
    )
    return _object(
        {
            "id": f"{row}.id",
            "name": f"{row}.name",
            "kind": f"{row}.kind",
            "enabled": _flag(f"{row}.enabled"),
            "address": f"{row}.shown",
            "has_secret": f"json(CASE WHEN {secrets} THEN 'true' ELSE 'false' END)",
            "picture": f"json(CASE {row}.settings ->> '$.picture' WHEN 0 THEN 'false' ELSE 'true' END)",
            "created_at": time_json(f"{row}.created_us"),
            "waiting": f"(SELECT count(*) {mine} AND d.state = 'waiting')",
            "last": f"(SELECT {last} {mine} ORDER BY d.created_us DESC LIMIT 1)",
        }
    )


def delivery_json(delivery: str, alert: str, target: str) -> str:
    """Return a delivery with what it tells of and whom."""
    return _object(
        {
            "alert_id": f"{delivery}.alert_id",
            "target_id": f"{delivery}.target_id",
            "target_name": f"{target}.name",
            "event_id": f"{alert}.event_id",
            "camera_id": f"{alert}.camera_id",
            "severity": severity_json(f"{alert}.severity"),
            "summary": f"{alert}.summary",
            "state": f"{delivery}.state",
            "attempts": f"{delivery}.attempts",
            "reason": f"{delivery}.reason",
            "created_at": time_json(f"{delivery}.created_us"),
            "next_at": f"CASE {delivery}.state WHEN 'waiting' THEN {time_json(f'{delivery}.next_us')} END",
            "done_at": time_json(f"{delivery}.done_us"),
        }
    )
