"""A camera that is not reached: an event of its own, from when that has lasted too long until it is back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.domain.arming import ArmState
from appliance.domain.event import OFFLINE_LABEL, Event, EventKind, EventState
from appliance.domain.ids import BatchId, CameraId, EventId, Naming, TrackId, VisitId
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.domain.trace import TraceStep
from appliance.events.batches import BatchBook
from appliance.events.changes import Change, EventSaved
from appliance.events.recovery import interrupt
from appliance.events.risk import assess_absence
from appliance.events.settings import Settings
from appliance.events.words import unreached

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_TRACK = TrackId(0)
LOOK_EVERY_S = 300.0
"""An open one is looked at that often: its risk grows, and its row says until when it was still so."""


@dataclass(slots=True)
class Looked:
    """What a step made of an absence: the rows, and the state that alerts are judged by."""

    event: Event
    chain_id: BatchId
    at: WallUs
    changes: list[Change]


class Absence:
    """Knows whether one camera is reached, and keeps the event of it; plain state, reads no clock.

    Args:
        name_of: names events.
        zone: the owner's time zone, for what is night.
    """

    def __init__(self, camera_id: CameraId, settings: Settings, name_of: Naming, zone: tzinfo) -> None:
        self._camera_id = camera_id
        self._settings = settings
        self._name_of = name_of
        self._zone = zone
        self._away_us: WallUs | None = None
        self._arm = ArmState.HOME
        self._saved: EventSaved | None = None
        self._looked_us = WallUs(0)
        self._chain_id = BatchId("")
        # Of the last run: the next absence goes on from it, unless the camera is reached before.
        self._cut: Event | None = None

    def resume(self, cut: Iterable[Event]) -> None:
        """Know the events that the last run left: the newest may be gone on from."""
        self._cut = max(cut, key=lambda event: event.started_us, default=None)

    @property
    def event(self) -> Event | None:
        """The open event."""
        return None if self._saved is None else self._saved.event

    @property
    def visits(self) -> frozenset[VisitId]:
        """The visits that may go on."""
        return frozenset(event.visit_id for event in (self.event, self._cut) if event is not None)

    @property
    def due_us(self) -> WallUs | None:
        """When the next thing has to be done, unless the camera is reached before."""
        if self._saved is not None:
            return wall_after(self._looked_us, LOOK_EVERY_S)
        if self._away_us is None or self._settings.offline_after_s <= 0:
            return None
        return wall_after(self._away_us, self._settings.offline_after_s)

    def go(self, at: WallUs, arm: ArmState) -> None:
        """Hear that the camera is not reached from now on, and in what state the house is."""
        if self._away_us is None:
            self._away_us, self._arm = at, arm

    def tick(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Open the event if that is due by then, or look at it again; as of when it was due."""
        due = self.due_us
        if due is None or due > at:
            return None
        event = self._opened(batches, due) if self._saved is None else self._saved.event
        return self._save(batches, place, replace(event, last_seen_us=due), due)

    def come_back(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Hear that the camera is reached again: the event has ended."""
        event, self._away_us, self._cut = self.event, None, None
        if event is None:
            return None
        # A time that was put back meanwhile makes none that ended before it began.
        end_us = max(at, event.last_seen_us)
        ended = replace(event, state=EventState.ENDED, last_seen_us=end_us, ended_us=end_us)
        return self._save(batches, place, ended, at)

    def close(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Cut the event off: nobody tries to reach the camera any more."""
        event, self._away_us, self._cut = self.event, None, None
        return None if event is None else self._save(batches, place, interrupt(event), at)

    def _opened(self, batches: BatchBook, at: WallUs) -> Event:
        """Return the event of the absence, as of its begin."""
        started_us, origin = self._away_us or at, self._cut
        self._cut = None
        batch_id, self._chain_id = batches.open_for(started_us, NO_TRACK, at)
        event_id = EventId(self._name_of(OFFLINE_LABEL, started_us, NO_TRACK))
        return Event(
            id=event_id,
            visit_id=VisitId(event_id) if origin is None else origin.visit_id,
            batch_id=batch_id,
            camera_id=self._camera_id,
            track_id=NO_TRACK,
            state=EventState.OPEN,
            label=OFFLINE_LABEL,
            started_us=started_us,
            last_seen_us=at,
            ended_us=None,
            score=0.0,
            box=None,
            risk_score=0,
            risk_factors=(),
            summary="",
            continues=None if origin is None else origin.id,
            kind=EventKind.OFFLINE,
            trace=(self._step(started_us, at),),
        )

    def _step(self, started_us: WallUs, at: WallUs) -> TraceStep:
        lasted_s, least_s = seconds_between(started_us, at), self._settings.offline_after_s
        return TraceStep(
            OFFLINE_LABEL, passed=True, detail=f"not reached for {lasted_s:.0f} s ≥ {least_s:g} s"
        )

    def _save(self, batches: BatchBook, place: str, event: Event, at: WallUs) -> Looked:
        is_over = event.state is not EventState.OPEN
        lasted_s = seconds_between(event.started_us, event.last_seen_us)
        local = (EPOCH + timedelta(microseconds=event.started_us)).astimezone(self._zone)
        risk_score, factors = assess_absence(local, lasted_s, self._arm, self._settings)
        event = replace(
            event,
            risk_score=risk_score,
            risk_factors=factors,
            summary=unreached(place, lasted_s if is_over else None),
        )
        previous = self.event
        saved = EventSaved(event, previous, self._chain_id)
        self._saved, self._looked_us = None if is_over else saved, at
        return Looked(event, self._chain_id, at, [*batches.record(event, place, at), saved])
