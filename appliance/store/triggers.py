"""The triggers that fill the outbox: whoever changes a row leaves an outbox row in the same transaction.

They are dropped and made anew at each start, so that they always fit the code. They use only functions
that SQLite 3.40 has, and list the columns they send: never a camera's address or credentials.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from appliance.store.resources import alert_json, batch_json, camera_json, event_json, severity_json

NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
NOW_US = "(CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000)"

CAMERA_STATUS_COLUMNS = ("status", "status_reason", "status_since_us", "stream")
CAMERA_COLUMNS = (
    *("name", "url", "live_url", "enabled", "loop", "detect_fps", "labels", "decode", "recording"),
    *("scene", "scene_managed_by", "managed_by"),
)
EVENT_COLUMNS = (
    *("visit_id", "batch_id", "camera_id", "track_id", "continues", "state", "label"),
    *(
        "started_us",
        "last_seen_us",
        "ended_us",
        "score",
        "box",
        "zones",
        "passages",
        "risk_score",
        "severity",
    ),
    *("risk_factors", "summary", "rest", "picture", "reviewed", "note", "second_look"),
)
BATCH_COLUMNS = (
    *("chain_id", "camera_id", "state", "started_us", "ended_us", "severity", "event_count"),
    *("summary", "reviewed"),
)
ALERT_FIXED_COLUMNS = (
    *("rule_id", "rule_name", "event_id", "batch_id", "camera_id", "visit_id", "label", "severity"),
    *("created_us", "summary", "dedup_key"),
)
TIMELINE_COLUMNS = (
    ("segments", "start_us", ("camera_id", "start_us", "end_us", "has_motion", "is_protected", "state")),
    ("gaps", "start_us", ("camera_id", "start_us", "end_us", "cause")),
    ("events", "started_us", ("camera_id", "started_us", "severity")),
)
"""Of each table that timelines are made of: when a row begins, and what is read of it."""
ZONE_COLUMNS = ("camera_id", "label", "severity", "reviewed", "state", "started_us", "id")
"""What is kept of an event beside each zone that its object was in."""
DAY_US = 86_400_000_000
TABLES_WITH_FIXED_ID = ("cameras", "events", "batches", "alerts")


def install(connection: Connection) -> None:
    """Make every trigger anew, inside the caller's transaction."""
    remove(connection)
    for statement in statements():
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Drop every trigger of ours, as a migration must: batch mode would fire them."""
    names = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'nightjar_*'"
    ).scalars()
    for name in list(names):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def say_cameras_again(connection: Connection) -> None:
    """Say each camera as it is now, since an upgrade gave its form new members.

    Clients and ``nightjar check`` may go on believing that the last message about a row is what it holds.
    """
    connection.exec_driver_sql(
        f"INSERT INTO outbox (at, type, camera_id, data) SELECT {NOW}, 'camera_updated', cameras.id, "
        f"{camera_json('cameras')} FROM cameras ORDER BY cameras.id"
    )


def statements() -> Iterator[str]:
    """Return the CREATE TRIGGER statements."""
    yield from _cameras()
    yield from _detections()
    yield from _events()
    yield from _batches()
    yield from _alerts()
    yield from _event_zones()
    for table, begin, columns in TIMELINE_COLUMNS:
        yield from _changed_days(table, begin, columns)
    for table in TABLES_WITH_FIXED_ID:
        yield _refuse(
            f"{table}_id", f"BEFORE UPDATE OF id ON {table}", "NEW.id IS NOT OLD.id", "an id is fixed"
        )


def _cameras() -> Iterator[str]:
    say = {"camera_id": "NEW.id", "data": camera_json("NEW")}
    yield _say("cameras_insert", "AFTER INSERT ON cameras", "", {"type": "'camera_created'", **say})
    yield _say(
        "cameras_status",
        "AFTER UPDATE ON cameras",
        _changed(CAMERA_STATUS_COLUMNS),
        {"type": "'camera_status'", **say},
    )
    yield _say(
        "cameras_update",
        "AFTER UPDATE ON cameras",
        _changed(CAMERA_COLUMNS),
        {"type": "'camera_updated'", **say},
    )
    yield _say(
        "cameras_delete",
        "AFTER DELETE ON cameras",
        "",
        {"type": "'camera_deleted'", "camera_id": "OLD.id", "data": "json_object('id', OLD.id)"},
    )
    # A reader must learn that its credentials changed; the message says only that the camera did.
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        yield (
            f"CREATE TRIGGER nightjar_credentials_{event.lower()} AFTER {event} ON camera_credentials BEGIN "
            f"INSERT INTO outbox (at, type, camera_id, data) SELECT {NOW}, 'camera_updated', cameras.id, "
            f"{camera_json('cameras')} FROM cameras WHERE cameras.id = {row}.camera_id; END"
        )


def _detections() -> Iterator[str]:
    yield _say(
        "detections_insert",
        "AFTER INSERT ON detections",
        "",
        {"type": "'detection_created'", "camera_id": "NEW.camera_id", "detection_id": "NEW.id"},
    )
    yield _refuse("detections_update", "BEFORE UPDATE ON detections", "1", "a detection never changes")


def _events() -> Iterator[str]:
    new = {"camera_id": "NEW.camera_id", "label": "NEW.label", "severity": "NEW.severity"}
    say = {**new, "data": event_json("NEW")}
    yield _say("events_insert", "AFTER INSERT ON events", "", {"type": "'event_created'", **say})
    yield _say(
        "events_update",
        "AFTER UPDATE ON events",
        _changed(EVENT_COLUMNS),
        {"type": "'event_updated'", **say, "old_label": "OLD.label", "old_severity": "OLD.severity"},
    )
    gone = (
        "json_object('id', OLD.id, 'camera_id', OLD.camera_id, 'label', OLD.label, "
        f"'severity', {severity_json('OLD.severity')})"
    )
    yield _say(
        "events_delete",
        "AFTER DELETE ON events",
        "",
        {
            "type": "'event_deleted'",
            "camera_id": "OLD.camera_id",
            "label": "OLD.label",
            "severity": "OLD.severity",
            "data": gone,
        },
    )


def _batches() -> Iterator[str]:
    say = {"camera_id": "NEW.camera_id", "severity": "NEW.severity", "data": batch_json("NEW")}
    yield _say("batches_insert", "AFTER INSERT ON batches", "", {"type": "'batch_created'", **say})
    completed = "CASE WHEN NEW.state = 'completed' AND OLD.state <> 'completed' "
    yield _say(
        "batches_update",
        "AFTER UPDATE ON batches",
        _changed(BATCH_COLUMNS),
        {
            "type": completed + "THEN 'batch_completed' ELSE 'batch_updated' END",
            **say,
            "old_severity": "OLD.severity",
        },
    )


def _alerts() -> Iterator[str]:
    say = {
        "camera_id": "NEW.camera_id",
        "label": "NEW.label",
        "severity": "NEW.severity",
        "data": alert_json("NEW"),
    }
    yield _say("alerts_insert", "AFTER INSERT ON alerts", "", {"type": "'alert_created'", **say})
    yield _say(
        "alerts_update",
        "AFTER UPDATE ON alerts",
        "NEW.state IS NOT OLD.state",
        {"type": "'alert_' || NEW.state", **say},
    )
    yield _deliveries()
    # Only these steps have a message; any other change would be in the database and said by nobody.
    yield _refuse(
        "alerts_fixed",
        "BEFORE UPDATE ON alerts",
        _changed(ALERT_FIXED_COLUMNS),
        "of an alert only its state changes",
    )
    back = "NEW.state IS NOT OLD.state AND (NEW.state = 'open' OR OLD.state = 'dismissed')"
    yield _refuse(
        "alerts_back", "BEFORE UPDATE ON alerts", back, "an alert goes from open to dismissed, never back"
    )
    times = _changed(("acknowledged_us", "dismissed_us")) + " AND NEW.state IS OLD.state"
    yield _refuse(
        "alerts_times", "BEFORE UPDATE ON alerts", times, "the times of an alert change with its state"
    )


def _event_zones() -> Iterator[str]:
    """Keep of each zone that an event was in what the event is, for the search by zone."""
    columns = ", ".join(ZONE_COLUMNS)

    def add(row: str) -> str:
        values = ", ".join(f"{row}.{column}" for column in ZONE_COLUMNS)
        return (
            f"INSERT INTO event_zones (zone_id, {columns}) "
            f"SELECT DISTINCT value, {values} FROM json_each({row}.zones); "
        )

    own = " AND ".join(f"{column} = OLD.{column}" for column in ZONE_COLUMNS)
    drop = f"DELETE FROM event_zones WHERE zone_id IN (SELECT value FROM json_each(OLD.zones)) AND {own}; "
    name, looked_at = "CREATE TRIGGER nightjar_event_zones", ("zones", *ZONE_COLUMNS)
    yield f"{name}_insert AFTER INSERT ON events WHEN NEW.zones <> '[]' BEGIN {add('NEW')} END"
    yield f"{name}_delete AFTER DELETE ON events WHEN OLD.zones <> '[]' BEGIN {drop} END"
    yield (
        f"{name}_update AFTER UPDATE OF {', '.join(looked_at)} ON events "
        f"WHEN (OLD.zones <> '[]' OR NEW.zones <> '[]') AND {_changed(looked_at)} "
        f"BEGIN {drop} {add('NEW')} END"
    )


def _deliveries() -> str:
    """Return the trigger that has an alert sent to each target that is switched on and that its rule names.

    It is in the alert's own transaction: no alert is ever without what tells of it.
    """
    named = (
        "(SELECT rules.targets IS NULL OR EXISTS (SELECT 1 FROM json_each(rules.targets) AS named "
        "WHERE named.value = targets.id) FROM rules WHERE rules.id = NEW.rule_id)"
    )
    return (
        "CREATE TRIGGER nightjar_alerts_deliveries AFTER INSERT ON alerts BEGIN "
        "INSERT INTO deliveries (alert_id, target_id, created_us, next_us) "
        f"SELECT NEW.id, targets.id, {NOW_US}, {NOW_US} FROM targets "
        f"WHERE targets.enabled = 1 AND coalesce({named}, 1); END"
    )


def _changed_days(table: str, begin: str, columns: tuple[str, ...]) -> Iterator[str]:
    def count(row: str) -> str:
        return (
            f"INSERT INTO changed_days (camera_id, day, changes) VALUES ({row}.camera_id, "
            f"{row}.{begin} / {DAY_US}, 1) ON CONFLICT (camera_id, day) DO UPDATE SET changes = changes + 1; "
        )

    name = f"CREATE TRIGGER nightjar_days_{table}"
    yield f"{name}_insert AFTER INSERT ON {table} BEGIN {count('NEW')} END"
    yield f"{name}_delete AFTER DELETE ON {table} BEGIN {count('OLD')} END"
    yield (
        f"{name}_update AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {_changed(columns)} "
        f"BEGIN {count('OLD')} {count('NEW')} END"
    )


def _changed(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in columns) + ")"


def _say(name: str, when: str, condition: str, values: dict[str, str]) -> str:
    guard = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER nightjar_{name} {when}{guard} BEGIN "
        f"INSERT INTO outbox (at, {', '.join(values)}) VALUES ({NOW}, {', '.join(values.values())}); END"
    )


def _refuse(name: str, when: str, condition: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER nightjar_{name} {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )
