"""What the pipeline writes and reads back: each function is the inside of one unit of the writer."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import DeclarativeBase

from appliance.domain.alert import Alert as NewAlert
from appliance.domain.alert import Deduplication
from appliance.domain.alert import Rule as AlertRule
from appliance.domain.batch import Batch as BatchState
from appliance.domain.camera import Camera as CameraSetup
from appliance.domain.camera import CameraReport, Credentials
from appliance.domain.detection import TrackedDetections
from appliance.domain.event import Event as EventState
from appliance.domain.ids import CameraId, EventId, RuleId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.store.boxes import pack
from appliance.store.tables import Alert, Batch, Camera, CameraCredentials, Detection, Event, Rule

Values = dict[str, Any]


def detection_values(tracked: TrackedDetections) -> Values:
    """Return the row of an analysed frame; made outside of the writer's thread."""
    found, packed = tracked.detections, pack(tracked)
    return {
        "camera_id": found.camera_id,
        "at_us": found.wall_us,
        "width": found.width,
        "height": found.height,
        "labels": packed.labels,
        "boxes": packed.boxes,
    }


def add_detections(connection: Connection, rows: Sequence[Values]) -> None:
    """Insert analysed frames."""
    connection.execute(insert(Detection), rows)


def open_event(connection: Connection, event: EventState) -> None:
    """Insert a new event."""
    connection.execute(insert(Event), [_event_values(event)])


def update_event(connection: Connection, event: EventState) -> bool:
    """Bring an event's row up to date; review mark, note and picture stay.

    Returns:
        False when its row is gone: somebody deleted the event, and it does not come back.
    """
    changed = connection.execute(update(Event).where(Event.id == event.id).values(_event_values(event)))
    return changed.rowcount > 0


def save_batch(connection: Connection, batch: BatchState) -> None:
    """Insert a batch, or bring its row up to date; the review mark stays."""
    values = {
        "id": batch.id,
        "chain_id": batch.chain_id,
        "camera_id": batch.camera_id,
        "state": batch.state.value,
        "started_us": batch.started_us,
        "ended_us": batch.ended_us,
        "severity": int(batch.severity),
        "event_count": batch.event_count,
        "summary": batch.summary,
    }
    _upsert(connection, Batch, values)


def set_picture(connection: Connection, event_id: EventId, name: str) -> str | None:
    """Name an event's new picture and return the name of the file that is not needed any more.

    That is the former picture, or the new one when the event has been deleted meanwhile.
    """
    row = connection.execute(select(Event.picture).where(Event.id == event_id)).one_or_none()
    if row is None:
        return name
    connection.execute(update(Event).where(Event.id == event_id).values(picture=name))
    return None if row[0] in (None, name) else str(row[0])


def picture_names(connection: Connection) -> set[str]:
    """Return the names of all pictures that rows refer to."""
    return {name for name in connection.execute(select(Event.picture)).scalars() if name is not None}


def rules(connection: Connection) -> list[AlertRule]:
    """Return the rules that are switched on."""
    rows = connection.execute(select(Rule.__table__).where(Rule.enabled == 1)).mappings()
    return [
        AlertRule(
            id=RuleId(row["id"]),
            name=row["name"],
            labels=None if row["labels"] is None else frozenset(row["labels"]),
            cameras=None if row["cameras"] is None else frozenset(CameraId(c) for c in row["cameras"]),
            min_severity=Severity(row["min_severity"]),
            cooldown_s=row["cooldown_s"],
            deduplication=Deduplication(row["deduplication"]),
        )
        for row in rows
    ]


def add_alert(connection: Connection, alert: NewAlert) -> None:
    """Insert an alert; one that is there already (by rule and visit, or rule and key) is not made again."""
    values = {
        "id": alert.id,
        "rule_id": alert.rule_id,
        "rule_name": alert.rule_name,
        "event_id": alert.event_id,
        "batch_id": alert.batch_id,
        "camera_id": alert.camera_id,
        "visit_id": alert.visit_id,
        "label": alert.label,
        "severity": int(alert.severity),
        "created_us": alert.created_us,
        "summary": alert.summary,
        "dedup_key": alert.dedup_key,
    }
    connection.execute(upsert(Alert).values(values).on_conflict_do_nothing())


def interrupt_open_events(connection: Connection) -> int:
    """Mark the events that a former run left open: nobody knows when they ended, so no end is invented."""
    changed = connection.execute(update(Event).where(Event.state == "open").values(state="interrupted"))
    return changed.rowcount


def complete_batches_of_absent_cameras(connection: Connection) -> int:
    """Complete open batches of cameras that are gone, as of the last sight in them: nobody else would."""
    last_seen = select(func.max(Event.last_seen_us)).where(Event.batch_id == Batch.id).scalar_subquery()
    changed = connection.execute(
        update(Batch)
        .where(Batch.state == "open", Batch.camera_id.not_in(select(Camera.id)))
        .values(state="completed", ended_us=last_seen)
    )
    return changed.rowcount


def cameras(connection: Connection) -> list[CameraSetup]:
    """Return every camera with its credentials."""
    rows = connection.execute(
        select(Camera.__table__, CameraCredentials.username, CameraCredentials.password)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .order_by(Camera.id)
    ).mappings()
    return [
        CameraSetup(
            id=CameraId(row["id"]),
            name=row["name"],
            url=row["url"],
            credentials=None if row["username"] is None else Credentials(row["username"], row["password"]),
            enabled=bool(row["enabled"]),
            loop=bool(row["loop"]),
            detect_fps=row["detect_fps"],
            labels=None if row["labels"] is None else frozenset(row["labels"]),
        )
        for row in rows
    ]


def save_report(connection: Connection, report: CameraReport, at_us: WallUs) -> None:
    """Set a camera's state as its reader reported it; a deleted camera's report changes nothing."""
    stream = report.stream
    values: Values = {"status": report.state.value, "status_reason": report.reason, "status_since_us": at_us}
    if stream is not None:
        fps = None if stream.fps is None else round(stream.fps, 3)
        values["stream"] = {"codec": stream.codec, "width": stream.width, "height": stream.height, "fps": fps}
    connection.execute(update(Camera).where(Camera.id == report.camera_id).values(values))


def forget_states(connection: Connection, at_us: WallUs) -> None:
    """Set every enabled camera to ``connecting``: what a former run saw of it says nothing about now."""
    connection.execute(
        update(Camera)
        .where(Camera.enabled == 1, Camera.status != "connecting")
        .values(status="connecting", status_reason="the service starts", status_since_us=at_us)
    )


def provision(connection: Connection, wanted: Iterable[CameraSetup], at_us: WallUs) -> None:
    """Make the file's cameras rows; one that has left the file is switched off and handed to the API."""
    kept = []
    for camera in wanted:
        kept.append(camera.id)
        values = {
            "id": camera.id,
            "name": camera.name,
            "url": camera.url,
            "enabled": int(camera.enabled),
            "loop": int(camera.loop),
            "detect_fps": camera.detect_fps,
            "labels": None if camera.labels is None else sorted(camera.labels),
            "managed_by": "file",
        }
        _upsert(connection, Camera, values, only_new={"created_us": at_us})
        _provision_credentials(connection, camera)
    connection.execute(
        update(Camera)
        .where(Camera.managed_by == "file", Camera.id.not_in(kept))
        .values(managed_by="api", enabled=0)
    )


def _provision_credentials(connection: Connection, camera: CameraSetup) -> None:
    present = select(CameraCredentials.username, CameraCredentials.password).where(
        CameraCredentials.camera_id == camera.id
    )
    row = connection.execute(present).one_or_none()
    wanted = camera.credentials
    if wanted is None and row is not None:
        connection.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera.id))
    elif wanted is not None and (row is None or (row[0], row[1]) != (wanted.username, wanted.password)):
        values = {"camera_id": camera.id, "username": wanted.username, "password": wanted.password}
        _upsert(connection, CameraCredentials, values)


def _upsert(
    connection: Connection, table: type[DeclarativeBase], values: Values, only_new: Values | None = None
) -> None:
    made: Table = table.metadata.tables[table.__tablename__]
    key = [column.name for column in made.primary_key]
    changes = {name: value for name, value in values.items() if name not in key}
    statement = upsert(made).values({**values, **(only_new or {})})
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))


def _event_values(event: EventState) -> Values:
    return {
        "id": event.id,
        "visit_id": event.visit_id,
        "batch_id": event.batch_id,
        "camera_id": event.camera_id,
        "track_id": event.track_id,
        "continues": event.continues,
        "state": event.state.value,
        "label": event.label,
        "started_us": event.started_us,
        "last_seen_us": event.last_seen_us,
        "ended_us": event.ended_us,
        "score": round(event.score, 3),
        "box": [round(edge, 4) for edge in event.box],
        "zones": list(event.zones),
        "risk_score": event.risk_score,
        "severity": int(event.severity),
        "risk_factors": [
            {"name": f.name, "points": f.points, "detail": f.detail} for f in event.risk_factors
        ],
        "summary": event.summary,
    }
