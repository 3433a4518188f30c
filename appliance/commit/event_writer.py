"""What was decided, written: a step's batches, events and alerts are one unit."""

import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from appliance.commit.committer import Committer, Row
from appliance.decisions.changes import AlertMade, Change
from appliance.domain.detection import TrackedDetections
from appliance.errors import Overloaded
from appliance.events.changes import BatchSaved
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState
from appliance.store import pipeline

log = logging.getLogger(__name__)


class EventWriter:
    """Hands the pipeline's changes to the writer without waiting for the disk; used from the event loop."""

    def __init__(self, committer: Committer, metrics: Metrics) -> None:
        self._committer = committer
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
        """Store the changes of one step in one unit."""
        if not changes:
            return
        try:
            self._committer.post(lambda connection: _unit(connection, changes))
        except Overloaded as err:
            self._lost.add(len(changes))
            log.error("%d changes of events are lost: %s", len(changes), err)


def _unit(connection: Connection, changes: Sequence[Change]) -> None:
    for change in changes:
        if isinstance(change, BatchSaved):
            pipeline.save_batch(connection, change.batch)
        elif isinstance(change, AlertMade):
            pipeline.add_alert(connection, change.alert)
        elif change.previous is None:
            pipeline.open_event(connection, change.event)
        else:
            pipeline.update_event(connection, change.event)
