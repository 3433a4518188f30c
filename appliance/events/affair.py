"""What all events of a camera itself have in common: there is no object, no box and no picture of them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.domain.arming import ArmState
from appliance.domain.event import Event, EventKind, EventState, RiskFactor
from appliance.domain.ids import BatchId, CameraId, EventId, Naming, TrackId, VisitId
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.domain.trace import TraceStep
from appliance.events.batches import BatchBook
from appliance.events.changes import Change, EventSaved
from appliance.events.recovery import interrupt
from appliance.events.risk import score_of
from appliance.events.settings import Settings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_TRACK = TrackId(0)
LOOK_EVERY_S = 300.0
"""An open one is looked at that often: its risk may grow, and its row says until when it was still so."""


@dataclass(slots=True)
class Looked:
    """What a step made of an event: the rows, and the state that alerts are judged by."""

    event: Event
    chain_id: BatchId
    at: WallUs
    changes: list[Change]


class Affair(ABC):
    """Keeps the event of something that befalls one camera; plain state, reads no clock.

    Args:
        kind: of its events; its word is their label.
        name_of: names events.
        zone: the owner's time zone, for what is night.
    """

    def __init__(
        self, kind: EventKind, camera_id: CameraId, settings: Settings, name_of: Naming, zone: tzinfo
    ) -> None:
        self._kind = kind
        self._camera_id = camera_id
        self._settings = settings
        self._name_of = name_of
        self._zone = zone
        self._arm = ArmState.HOME
        self._saved: EventSaved | None = None
        self._looked_us = WallUs(0)
        self._chain_id = BatchId("")

    @abstractmethod
    def _assessed(self, local_start: datetime, lasted_s: float) -> tuple[RiskFactor, ...]:
        """Return the factors of its risk."""

    @abstractmethod
    def _summary(self, place: str, lasted_s: float | None) -> str:
        """Return a sentence; without a length while it goes on, so that its row does not change."""

    @property
    def event(self) -> Event | None:
        """The open event."""
        return None if self._saved is None else self._saved.event

    @property
    def visits(self) -> frozenset[VisitId]:
        """The visits that may go on."""
        return frozenset() if self._saved is None else frozenset({self._saved.event.visit_id})

    @property
    def due_us(self) -> WallUs | None:
        """When the next thing has to be done, unless something is heard before."""
        return None if self._saved is None else wall_after(self._looked_us, LOOK_EVERY_S)

    def tick(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Look at the open event again if that is due by then, as of when it was due."""
        due, event = self.due_us, self.event
        if due is None or due > at or event is None:
            return None
        return self._save(batches, place, replace(event, last_seen_us=max(due, event.last_seen_us)), due)

    def end(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """End the event, if one is open."""
        event = self.event
        if event is None:
            return None
        # A time that was put back meanwhile makes none that ended before it began.
        end_us = max(at, event.last_seen_us)
        ended = replace(event, state=EventState.ENDED, last_seen_us=end_us, ended_us=end_us)
        return self._save(batches, place, ended, at)

    def close(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Cut the event off: nobody looks at the camera any more."""
        event = self.event
        return None if event is None else self._save(batches, place, interrupt(event), at)

    def _opened(
        self, batches: BatchBook, started_us: WallUs, at: WallUs, step: TraceStep, origin: Event | None = None
    ) -> Event:
        """Return an event that began then, and goes on from another one."""
        label = self._kind.value
        batch_id, self._chain_id = batches.open_for(started_us, NO_TRACK, at)
        event_id = EventId(self._name_of(label, started_us, NO_TRACK))
        return Event(
            id=event_id,
            visit_id=VisitId(event_id) if origin is None else origin.visit_id,
            batch_id=batch_id,
            camera_id=self._camera_id,
            track_id=NO_TRACK,
            state=EventState.OPEN,
            label=label,
            started_us=started_us,
            last_seen_us=at,
            ended_us=None,
            score=0.0,
            box=None,
            risk_score=0,
            risk_factors=(),
            summary="",
            continues=None if origin is None else origin.id,
            kind=self._kind,
            trace=(step,),
        )

    def _save(self, batches: BatchBook, place: str, event: Event, at: WallUs) -> Looked:
        is_over = event.state is not EventState.OPEN
        lasted_s = seconds_between(event.started_us, event.last_seen_us)
        local = (EPOCH + timedelta(microseconds=event.started_us)).astimezone(self._zone)
        factors = self._assessed(local, lasted_s)
        event = replace(
            event,
            risk_score=score_of(factors),
            risk_factors=factors,
            summary=self._summary(place, lasted_s if is_over else None),
        )
        saved = EventSaved(event, self.event, self._chain_id)
        self._saved, self._looked_us = None if is_over else saved, at
        return Looked(event, self._chain_id, at, [*batches.record(event, place, at), saved])
