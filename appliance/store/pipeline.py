"""What the pipeline writes and reads back: each function is the inside of one unit of the writer."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, Table, and_, delete, func, not_, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import DeclarativeBase

from appliance.decisions.setup import House
from appliance.domain.alert import Alert as NewAlert
from appliance.domain.alert import Deduplication
from appliance.domain.alert import Rule as AlertRule
from appliance.domain.arming import Arming, ArmState
from appliance.domain.batch import Batch as BatchState
from appliance.domain.camera import Camera as CameraSetup
from appliance.domain.camera import (
    CameraReport,
    CameraState,
    DecodePolicy,
    StreamFacts,
    StreamMeasured,
)
from appliance.domain.detection import DetectorModel, TrackedDetections
from appliance.domain.event import Event as EventState
from appliance.domain.ids import CameraId, EventId, RuleId
from appliance.domain.scene import EMPTY_SCENE, LineId, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.errors import SealBroken
from appliance.store import scene_form, setting_history
from appliance.store.arm_form import ARM, arming_of_row
from appliance.store.boxes import pack
from appliance.store.hours_form import hours_of_row
from appliance.store.passages_form import row_of as row_of_passages
from appliance.store.reasons import trace_json
from appliance.store.recording_form import policy_of_row, row_of
from appliance.store.rest_form import row_of as row_of_rest
from appliance.store.scene_form import scene_of_row
from appliance.store.seal import Seal, seal_of
from appliance.store.sealed_rows import open_credentials, sealed_credentials
from appliance.store.second_look_form import row_of as row_of_second_look
from appliance.store.tables import OPEN, Batch, Camera, CameraCredentials, Event, Rule, Setting

Values = dict[str, Any]

CREDENTIALS = (
    CameraCredentials.camera_id,
    CameraCredentials.username,
    CameraCredentials.password,
    CameraCredentials.sealed,
)

# Statements that are written out, and run past SQLAlchemy's compiler: what runs for each frame and for each
# change of an event takes a fifth of the time so (``make bench NAME=commit``). What runs seldom is built.
INSERT_DETECTION = (
    "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes, model_id, searched) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_MODEL = "INSERT INTO models (sha256, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
MODEL_ID = "SELECT id FROM models WHERE sha256 = ?"
EVENT_COLUMNS = (
    *("id", "visit_id", "batch_id", "camera_id", "track_id", "continues", "state", "label", "started_us"),
    *("last_seen_us", "ended_us", "score", "box", "zones", "risk_score", "severity", "risk_factors"),
    *("summary", "kind", "trace", "passages", "rest", "second_look"),
)
"""What the pipeline writes of an event: the review mark, the note and the picture are not its to change."""
INSERT_EVENT = (
    f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"  # noqa: S608 - constants
)
UPDATE_EVENT = f"UPDATE events SET {', '.join(f'{name} = ?' for name in EVENT_COLUMNS)} WHERE id = ?"  # noqa: S608 - constants
ALERT_COLUMNS = (
    *("id", "rule_id", "rule_name", "event_id", "batch_id", "camera_id", "visit_id", "label", "severity"),
    *("created_us", "summary", "dedup_key", "trace"),
)
INSERT_ALERT = (
    f"INSERT INTO alerts ({', '.join(ALERT_COLUMNS)}) SELECT {', '.join('?' * len(ALERT_COLUMNS))} "  # noqa: S608 - constants
    "WHERE EXISTS (SELECT 1 FROM events WHERE id = ?) ON CONFLICT DO NOTHING"
)
BATCH_COLUMNS = (
    *("id", "chain_id", "camera_id", "state", "started_us", "ended_us", "severity", "event_count", "summary"),
)
SAVE_BATCH = (
    f"INSERT INTO batches ({', '.join(BATCH_COLUMNS)}) VALUES ({', '.join('?' * len(BATCH_COLUMNS))}) "  # noqa: S608 - constants
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in BATCH_COLUMNS[1:])}"
)


class DetectionRow(NamedTuple):
    """An analysed frame on its way to its row: what found its boxes is named by its hash."""

    camera_id: str
    at_us: int
    width: int
    height: int
    labels: str
    boxes: bytes
    searched: bytes | None
    model: DetectorModel


def detection_row(tracked: TrackedDetections) -> DetectionRow:
    """Return the row of an analysed frame; made outside of the writer's thread."""
    found, packed = tracked.detections, pack(tracked)
    return DetectionRow(
        *(found.camera_id, found.wall_us, found.width, found.height),
        *(packed.labels, packed.boxes, packed.searched, found.model),
    )


def add_detections(connection: Connection, rows: Sequence[DetectionRow]) -> None:
    """Insert analysed frames, and the model that found what is in them if it is a new one."""
    ids = {model: _model_id(connection, model) for model in {row.model for row in rows}}
    connection.exec_driver_sql(INSERT_DETECTION, [(*row[:6], ids[row.model], row.searched) for row in rows])


def _model_id(connection: Connection, model: DetectorModel) -> int:
    connection.exec_driver_sql(INSERT_MODEL, (model.sha256, model.name))
    found: int = connection.exec_driver_sql(MODEL_ID, (model.sha256,)).scalar_one()
    return found


def open_event(connection: Connection, event: EventState) -> None:
    """Insert a new event."""
    connection.exec_driver_sql(INSERT_EVENT, _event_values(event))


def update_event(connection: Connection, event: EventState) -> bool:
    """Bring an event's row up to date; review mark, note and picture stay.

    Returns:
        False when its row is gone: somebody deleted the event, and it does not come back.
    """
    return connection.exec_driver_sql(UPDATE_EVENT, (*_event_values(event), event.id)).rowcount > 0


def save_batch(connection: Connection, batch: BatchState) -> None:
    """Insert a batch, or bring its row up to date; the review mark stays."""
    values = (
        *(batch.id, batch.chain_id, batch.camera_id, batch.state.value, batch.started_us, batch.ended_us),
        *(int(batch.severity), batch.event_count, batch.summary),
    )
    connection.exec_driver_sql(SAVE_BATCH, values)


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


def house(connection: Connection) -> House:
    """Return what is set for all cameras together."""
    return House(tuple(rules(connection)), arm(connection))


def rules(connection: Connection) -> list[AlertRule]:
    """Return the rules that are switched on, by id."""
    rows = connection.execute(select(Rule.__table__).where(Rule.enabled == 1).order_by(Rule.id)).mappings()
    return [
        AlertRule(
            id=RuleId(row["id"]),
            name=row["name"],
            labels=None if row["labels"] is None else frozenset(row["labels"]),
            cameras=None if row["cameras"] is None else frozenset(CameraId(c) for c in row["cameras"]),
            min_severity=Severity(row["min_severity"]),
            cooldown_s=row["cooldown_s"],
            deduplication=Deduplication(row["deduplication"]),
            zones=None if row["zones"] is None else frozenset(ZoneId(zone) for zone in row["zones"]),
            lines=None if row["lines"] is None else frozenset(LineId(line) for line in row["lines"]),
            min_dwell_s=row["min_dwell_s"],
            armed=None if row["armed"] is None else frozenset(ArmState(state) for state in row["armed"]),
            hours=hours_of_row(row["id"], row["hours"]),
        )
        for row in rows
    ]


def arm(connection: Connection) -> Arming:
    """Return who is at home: the last state set by hand, and the hours that set one."""
    value = connection.execute(select(Setting.value).where(Setting.key == ARM)).scalar_one_or_none()
    return arming_of_row(value)


def add_alert(connection: Connection, alert: NewAlert) -> None:
    """Insert an alert; one that is there already (by rule and visit, or rule and key) is not made again.

    Nor is one of an event whose row is gone: its owner has deleted it.
    """
    values = (
        *(alert.id, alert.rule_id, alert.rule_name, alert.event_id, alert.batch_id, alert.camera_id),
        *(alert.visit_id, alert.label, int(alert.severity), alert.created_us, alert.summary),
        *(alert.dedup_key, trace_json(alert.trace)),
    )
    connection.exec_driver_sql(INSERT_ALERT, (*values, alert.event_id))


def interrupt_open_events(connection: Connection) -> int:
    """Mark the events that a former run left open: nobody knows when they ended, so no end is invented.

    What rested at a camera that is still watched stays open: it will be looked for at its place.
    """
    watched = select(Camera.id).where(Camera.enabled == 1)
    is_awaited = and_(Event.rest.is_not(None), Event.camera_id.in_(watched))
    changed = connection.execute(
        update(Event).where(text(OPEN), not_(is_awaited)).values(state="interrupted", rest=None)
    )
    return changed.rowcount


def complete_batches_of_absent_cameras(connection: Connection) -> int:
    """Complete open batches of cameras that are gone, as of the last sight in them: nobody else would."""
    last_seen = select(func.max(Event.last_seen_us)).where(Event.batch_id == Batch.id).scalar_subquery()
    changed = connection.execute(
        update(Batch)
        .where(text(f"batches.{OPEN}"), Batch.camera_id.not_in(select(Camera.id)))
        .values(state="completed", ended_us=last_seen)
    )
    return changed.rowcount


def cameras(connection: Connection) -> list[CameraSetup]:
    """Return every camera with its credentials; where those cannot be opened it says why."""
    rows = connection.execute(
        select(Camera.__table__, *CREDENTIALS)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .order_by(Camera.id)
    ).mappings()
    seal = seal_of(connection)
    return [
        CameraSetup(
            id=CameraId(row["id"]),
            name=row["name"],
            url=row["url"],
            **_credentials(seal, row),
            enabled=bool(row["enabled"]),
            loop=bool(row["loop"]),
            detect_fps=row["detect_fps"],
            labels=None if row["labels"] is None else frozenset(row["labels"]),
            decode=DecodePolicy(row["decode"]),
            live_url=row["live_url"],
            recording=policy_of_row(row["id"], row["recording"]),
            scene=scene_of_row(row["id"], row["scene"]),
        )
        for row in rows
    ]


def save_report(connection: Connection, report: CameraReport, at_us: WallUs) -> None:
    """Set a camera's state as its reader reported it; a deleted camera's report changes nothing."""
    values: Values = {"status": report.state.value, "status_reason": report.reason, "status_since_us": at_us}
    if report.stream is not None:
        values["stream"] = _stream_values(report.stream)
    connection.execute(update(Camera).where(Camera.id == report.camera_id).values(values))


def save_measured(connection: Connection, measured: StreamMeasured) -> None:
    """Set what was found out of a camera's stream, if the camera is online: else it is no news any more."""
    online = (Camera.id == measured.camera_id, Camera.status == CameraState.ONLINE.value)
    connection.execute(update(Camera).where(*online).values(stream=_stream_values(measured.stream)))


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
            "decode": camera.decode.value,
            "live_url": camera.live_url,
            "recording": row_of(camera.recording),
            "managed_by": "file",
            **_scene_columns(connection, camera),
        }
        before = setting_history.camera_fields(connection, camera.id)
        _upsert(connection, Camera, values, only_new={"created_us": at_us})
        setting_history.note_camera(connection, camera.id, before, at_us)
        _provision_credentials(connection, camera)
    connection.execute(
        update(Camera)
        .where(Camera.managed_by == "file", Camera.id.not_in(kept))
        .values(managed_by="api", scene_managed_by="api", enabled=0)
    )


def _scene_columns(connection: Connection, camera: CameraSetup) -> Values:
    """Return the columns of what the file draws; where it draws nothing what the API drew stays."""
    if camera.scene != EMPTY_SCENE:
        return {"scene": scene_form.row_of(camera.scene), "scene_managed_by": "file"}
    by = select(Camera.scene_managed_by).where(Camera.id == camera.id)
    if connection.execute(by).scalar_one_or_none() == "file":
        return {"scene": scene_form.row_of(EMPTY_SCENE), "scene_managed_by": "api"}
    return {}


def _stream_values(stream: StreamFacts) -> Values:
    return dataclasses.asdict(stream) | {"fps": _rounded(stream.fps), "gop_s": _rounded(stream.gop_s)}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def _provision_credentials(connection: Connection, camera: CameraSetup) -> None:
    present = select(*CREDENTIALS).where(CameraCredentials.camera_id == camera.id)
    row = connection.execute(present).mappings().one_or_none()
    wanted, seal = camera.credentials, seal_of(connection)
    if wanted is None and row is not None:
        connection.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera.id))
    elif wanted is not None and _credentials(seal, row) != {"credentials": wanted}:
        values = sealed_credentials(seal, camera.id, wanted)
        _upsert(connection, CameraCredentials, {"camera_id": camera.id, **values})


def _credentials(seal: Seal, row: RowMapping | None) -> dict[str, Any]:
    """Return the fields of a camera that say its credentials, or why they are not known."""
    if row is None or row["username"] is None:
        return {"credentials": None}
    try:
        return {"credentials": open_credentials(seal, row)}
    except SealBroken as err:
        return {"credentials": None, "sealed_off": str(err)}


def _upsert(
    connection: Connection, table: type[DeclarativeBase], values: Values, only_new: Values | None = None
) -> None:
    made: Table = table.metadata.tables[table.__tablename__]
    key = [column.name for column in made.primary_key]
    changes = {name: value for name, value in values.items() if name not in key}
    statement = upsert(made).values({**values, **(only_new or {})})
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))


def _box(box: tuple[float, ...] | None) -> str | None:
    return None if box is None else _json([round(edge, 4) for edge in box])


def _event_values(event: EventState) -> tuple[object, ...]:
    factors = [{"name": f.name, "points": f.points, "detail": f.detail} for f in event.risk_factors]
    return (
        *(event.id, event.visit_id, event.batch_id, event.camera_id, event.track_id, event.continues),
        *(event.state.value, event.label, event.started_us, event.last_seen_us, event.ended_us),
        *(round(event.score, 3), _box(event.box), _json(event.zones)),
        *(event.risk_score, int(event.severity), _json(factors), event.summary),
        *(event.kind.value, trace_json(event.trace), _json(row_of_passages(event.passages))),
        None if event.rest is None else _json(row_of_rest(event.rest)),
        None if event.second_look is None else _json(row_of_second_look(event.second_look)),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
