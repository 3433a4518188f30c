"""What was decided, written: a step's batches, events and alerts are one unit."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from appliance.commit.committer import Committer, Row
from appliance.decisions.changes import AlertMade, CandidateKept, Change
from appliance.domain.detection import TrackedDetections
from appliance.errors import Overloaded
from appliance.events.changes import BatchSaved
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState
from appliance.store import journal, pipeline, reasons
from appliance.store.journal import Entry, Snapshot
from appliance.store.pipeline import DetectionRow

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

    @property
    def losses(self) -> int:
        """How often something could not be stored since the start: a replay does not see it."""
        return round(self._lost.value()) + self._committer.dropped

    def write_frame(self, tracked: TrackedDetections, changes: Sequence[Change]) -> None:
        """Store an analysed frame and the changes that it made.

        They are one unit: no crash leaves changes behind whose frame is missing. A frame that changed
        nothing may wait for company, and in need the oldest that wait are dropped.
        """
        row = pipeline.detection_row(tracked)
        if changes:
            self._post(Step(changes, row))
        else:
            self._committer.post_relaxed(Row(pipeline.add_detections, row))

    def write(
        self, changes: Sequence[Change], entry: Entry | None = None, snapshot: Snapshot | None = None
    ) -> None:
        """Store what was done without a frame, and the state after it, in one unit."""
        if changes or entry is not None or snapshot is not None:
            self._post(Step(changes, None, entry, snapshot))

    def _post(self, step: "Step") -> None:
        try:
            self._committer.post(step)
        except Overloaded as err:
            self._lost.add(max(1, len(step.changes)))
            log.error("%d changes of events are lost: %s", len(step.changes), err)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a camera's decisions, as a unit of the writer."""

    changes: Sequence[Change]
    frame: DetectionRow | None = None
    entry: Entry | None = None
    snapshot: Snapshot | None = None

    def __call__(self, connection: Connection) -> None:
        """Write it; its frame comes after what it made, as its messages do."""
        for change in self.changes:
            _write(connection, change)
        if self.frame is not None:
            pipeline.add_detections(connection, [self.frame])
        if self.entry is not None:
            journal.add_entry(connection, self.entry)
        if self.snapshot is not None:
            journal.add_snapshot(connection, self.snapshot)


def _write(connection: Connection, change: Change) -> None:
    if isinstance(change, BatchSaved):
        pipeline.save_batch(connection, change.batch)
    elif isinstance(change, AlertMade):
        pipeline.add_alert(connection, change.alert)
    elif isinstance(change, CandidateKept):
        reasons.add_candidate(connection, change.candidate)
    elif change.previous is None:
        pipeline.open_event(connection, change.event)
    else:
        pipeline.update_event(connection, change.event)
