"""What a former run left in the database, for the event machines of the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text

from appliance.domain.batch import Batch as BatchState
from appliance.domain.batch import BatchState as BatchWord
from appliance.domain.event import Event as EventFacts
from appliance.domain.event import EventKind, EventState, RiskFactor
from appliance.domain.ids import BatchId, CameraId, EventId, RuleId, TrackId, VisitId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs, wall_after
from appliance.domain.track import Box
from appliance.events.baseline import LEARNT_FROM_S
from appliance.store import event_search
from appliance.store.beginnings import beginnings
from appliance.store.boxes import box_of_track
from appliance.store.passages_form import passages_of_row
from appliance.store.rest_form import rest_of_row
from appliance.store.second_look_form import second_look_of_row
from appliance.store.tables import CONTINUES, CUT_OFF, OPEN, Alert, Batch, Detection, Event, Rule

FRAMES_LOOKED_AT = 50
"""The last sight of an object that was cut off lies among the last analysed frames of its camera."""

ALERTS_S = 604_800.0
"""No cooldown lasts longer: an alert from before says nothing about new ones."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class CutOff:
    """An interrupted event and where its object was seen last, in unit coordinates."""

    event: EventFacts
    last_box: Box


@dataclass(frozen=True, slots=True)
class Stayed:
    """An event that is still open since its object rests, and its batch with all of that one's events."""

    event: EventFacts
    batch: BatchState
    batch_events: tuple[EventFacts, ...]


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What the database holds of one camera when the service starts.

    Attributes:
        cut_off: interrupted events that no other continues, young enough to be continued.
        batch: the open batch, or ``None``.
        batch_events: every event of that batch.
        label_last_seen: when the newest event of each label was seen last.
        last_track: the highest track number given out so far.
        last_frame_us: the time of the last analysed frame that is stored; 0 for none.
        last_alerts: when each rule made its latest alert, if that was within ``ALERTS_S``.
        stayed: events that are still open, by track.
        begun: label and begin of the camera's events of the last weeks, newest first.
        alerted: rules with the visits and the keys for which they alerted, of all that may go on or grow.
    """

    cut_off: tuple[CutOff, ...]
    batch: BatchState | None
    batch_events: tuple[EventFacts, ...]
    label_last_seen: dict[str, WallUs]
    last_track: int
    last_frame_us: WallUs
    last_alerts: dict[RuleId, WallUs]
    alerted: frozenset[tuple[RuleId, str]]
    stayed: tuple[Stayed, ...]
    begun: list[tuple[str, WallUs]]


def left_behind(connection: Connection, camera_id: CameraId, since_us: WallUs) -> LeftBehind:
    """Return what a former run left of a camera; events last seen before ``since_us`` are not continued."""
    batch = _open_batch(connection, camera_id)
    cut_off = tuple(_cut_off(connection, camera_id, since_us))
    stayed = tuple(_stayed(connection, camera_id))
    visits = {event.visit_id for event in (*(cut.event for cut in cut_off), *(one.event for one in stayed))}
    return LeftBehind(
        cut_off=cut_off,
        batch=batch,
        batch_events=() if batch is None else tuple(_events(connection, Event.batch_id == batch.id)),
        label_last_seen=event_search.labels_last_seen(connection, camera_id),
        last_track=_last_track(connection, camera_id),
        last_frame_us=_last_frame(connection, camera_id),
        last_alerts=_last_alerts(connection, camera_id, wall_after(since_us, -ALERTS_S)),
        alerted=_alerted(connection, visits, {one.batch.chain_id for one in stayed} | _chain_of(batch)),
        stayed=stayed,
        begun=beginnings(connection, camera_id, wall_after(since_us, -LEARNT_FROM_S)),
    )


def _cut_off(connection: Connection, camera_id: CameraId, since_us: WallUs) -> list[CutOff]:
    continued = select(Event.continues).where(text(CONTINUES))
    events = _events(
        connection,
        Event.camera_id == camera_id,
        text(CUT_OFF),
        Event.last_seen_us >= since_us,
        Event.id.not_in(continued),
    )
    return [CutOff(event, _last_box(connection, event)) for event in events]


def _stayed(connection: Connection, camera_id: CameraId) -> Iterator[Stayed]:
    for event in _events(connection, Event.camera_id == camera_id, text(OPEN)):
        batch = connection.execute(select(Batch.__table__).where(Batch.id == event.batch_id)).mappings().one()
        yield Stayed(event, _batch(batch), tuple(_events(connection, Event.batch_id == event.batch_id)))


def _open_batch(connection: Connection, camera_id: CameraId) -> BatchState | None:
    row = (
        connection.execute(
            select(Batch.__table__)
            .where(Batch.camera_id.concat("") == camera_id, text(OPEN))  # not by all of the camera's
            .order_by(Batch.started_us.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else _batch(row)


def _batch(row: RowMapping) -> BatchState:
    return BatchState(
        id=BatchId(row["id"]),
        chain_id=BatchId(row["chain_id"]),
        camera_id=CameraId(row["camera_id"]),
        state=BatchWord(row["state"]),
        started_us=WallUs(row["started_us"]),
        ended_us=None if row["ended_us"] is None else WallUs(row["ended_us"]),
        severity=Severity(row["severity"]),
        event_count=row["event_count"],
        summary=row["summary"],
    )


def _events(connection: Connection, *conditions: Any) -> list[EventFacts]:
    rows = connection.execute(
        select(Event.__table__).where(*conditions).order_by(Event.started_us)
    ).mappings()
    return [_event(row) for row in rows]


def _event(row: RowMapping) -> EventFacts:
    box = row["box"]
    return EventFacts(
        id=EventId(row["id"]),
        visit_id=VisitId(row["visit_id"]),
        batch_id=BatchId(row["batch_id"]),
        camera_id=CameraId(row["camera_id"]),
        track_id=TrackId(row["track_id"]),
        state=EventState(row["state"]),
        label=row["label"],
        started_us=WallUs(row["started_us"]),
        last_seen_us=WallUs(row["last_seen_us"]),
        ended_us=None if row["ended_us"] is None else WallUs(row["ended_us"]),
        score=row["score"],
        box=None if box is None else (box[0], box[1], box[2], box[3]),
        risk_score=row["risk_score"],
        risk_factors=tuple(RiskFactor(f["name"], f["points"], f["detail"]) for f in row["risk_factors"]),
        summary=row["summary"],
        continues=None if row["continues"] is None else EventId(row["continues"]),
        zones=tuple(row["zones"]),
        kind=EventKind(row["kind"]),
        passages=passages_of_row(row["passages"]),
        rest=rest_of_row(row["rest"]),
        second_look=second_look_of_row(row["second_look"]),
    )


def _last_box(connection: Connection, event: EventFacts) -> Box:
    """Return where the event's track was seen last: its row's own box is that of its best moment."""
    frames = connection.execute(
        select(Detection.boxes, Detection.model_id, Detection.width, Detection.height)
        .where(Detection.camera_id == event.camera_id, Detection.at_us <= event.last_seen_us)
        .order_by(Detection.at_us.desc())
        .limit(FRAMES_LOOKED_AT)
    )
    for boxes, model_id, width, height in frames:
        box = box_of_track(boxes, model_id, width, height, event.track_id)
        if box is not None:
            return box
    return event.box or WHOLE


def _last_track(connection: Connection, camera_id: CameraId) -> int:
    highest = select(func.max(Event.track_id)).where(Event.camera_id == camera_id)
    return connection.execute(highest).scalar_one() or 0


def _last_frame(connection: Connection, camera_id: CameraId) -> WallUs:
    latest = select(func.max(Detection.at_us)).where(Detection.camera_id == camera_id)
    return WallUs(connection.execute(latest).scalar_one() or 0)


def _last_alerts(connection: Connection, camera_id: CameraId, since_us: WallUs) -> dict[RuleId, WallUs]:
    latest = (
        select(Alert.rule_id, func.max(Alert.created_us))
        .where(Alert.created_us >= since_us, Alert.camera_id == camera_id)
        .group_by(Alert.rule_id)
    )
    return {RuleId(rule_id): WallUs(at) for rule_id, at in connection.execute(latest)}


def _chain_of(batch: BatchState | None) -> set[BatchId]:
    return set() if batch is None else {batch.chain_id}


def _alerted(
    connection: Connection, visits: set[VisitId], chains: set[BatchId]
) -> frozenset[tuple[RuleId, str]]:
    """Return for which of these visits and chains of batches there are alerts."""
    of_rules = Alert.rule_id.in_(select(Rule.id))
    by_visit = select(Alert.rule_id, Alert.visit_id, Alert.dedup_key).where(
        of_rules, Alert.visit_id.in_(visits)
    )
    found = list(connection.execute(by_visit)) if visits else []
    if chains:
        by_key = select(Alert.rule_id, Alert.visit_id, Alert.dedup_key).where(
            of_rules, Alert.dedup_key.in_(chains)
        )
        found += list(connection.execute(by_key))
    return frozenset((RuleId(rule_id), word) for rule_id, *words in found for word in words)
