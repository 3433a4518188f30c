"""What the event machines decide, written: a step's batches, events and alerts are one unit."""

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from appliance.alerts.decide import decide
from appliance.commit.committer import Committer, Row
from appliance.domain.detection import TrackedDetections
from appliance.domain.ids import CameraId, IdSource, RuleId, VisitId
from appliance.domain.time import WallUs
from appliance.errors import Overloaded
from appliance.events.changes import BatchSaved, Change, EventSaved
from appliance.runtime.clock import Clock
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState
from appliance.store import pipeline
from appliance.store.tables import Alert

log = logging.getLogger(__name__)


class EventWriter:
    """Hands the pipeline's changes to the writer without waiting for the disk; used from the event loop."""

    def __init__(self, committer: Committer, clock: Clock, metrics: Metrics, new_id: IdSource) -> None:
        self._committer = committer
        self._clock = clock
        self._new_id = new_id
        self._lost = metrics.counter(
            "nightjar_changes_lost_total", "Changes of events lost because the database was too far behind."
        )

    def queues(self) -> list[QueueState]:
        """Return how much was lost since the writer's queue was full."""
        return [
            QueueState(
                *("changes lost", "Changes of events that were lost", "changes"),
                "the database could not be written for too long",
                dropped=round(self._lost.value()),
                kind=QueueKind.COUNTER,
            )
        ]

    def write_frame(self, tracked: TrackedDetections) -> None:
        """Store an analysed frame; in need the oldest that wait are dropped."""
        self._committer.post_relaxed(Row(pipeline.add_detections, pipeline.detection_row(tracked)))

    def write(self, changes: Sequence[Change]) -> None:
        """Store the changes of one step, and the alerts that they make, in one unit."""
        if not changes:
            return
        at = self._clock.wall_us()
        try:
            self._committer.post(lambda connection: self._unit(connection, changes, at))
        except Overloaded as err:
            self._lost.add(len(changes))
            log.error("%d changes of events are lost: %s", len(changes), err)

    def _unit(self, connection: Connection, changes: Sequence[Change], at: WallUs) -> None:
        for change in changes:
            if isinstance(change, BatchSaved):
                pipeline.save_batch(connection, change.batch)
            elif self._save_event(connection, change):
                self._alert(connection, change, at)

    def _save_event(self, connection: Connection, change: EventSaved) -> bool:
        if change.previous is None:
            pipeline.open_event(connection, change.event)
            return True
        return pipeline.update_event(connection, change.event)

    def _alert(self, connection: Connection, change: EventSaved, at: WallUs) -> None:
        rules = pipeline.rules(connection)
        if not rules:
            return
        history = AlertHistory(connection)
        alerts = decide(change.event, change.previous, change.chain_id, rules, history, at, self._new_id)
        for alert in alerts:
            pipeline.add_alert(connection, alert)


class AlertHistory:
    """The alerts made so far, as the transaction sees them: there is no other writer, hence no race."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_alert_us(self, rule_id: RuleId, camera_id: CameraId) -> WallUs | None:
        """Return when the rule made its latest alert at that camera; ``None`` for never."""
        latest = select(func.max(Alert.created_us)).where(
            Alert.rule_id == rule_id, Alert.camera_id == camera_id
        )
        last: int | None = self._connection.execute(latest).scalar_one()
        return None if last is None else WallUs(last)

    def has_alert(self, rule_id: RuleId, visit_id: VisitId, dedup_key: str) -> bool:
        """Return whether the rule has an alert with that visit or with that key."""
        same = (Alert.visit_id == visit_id) | (Alert.dedup_key == dedup_key)
        found = select(Alert.id).where(Alert.rule_id == rule_id, same).limit(1)
        return self._connection.execute(found).one_or_none() is not None
