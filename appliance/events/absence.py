"""A camera that is not reached: an event of its own, from when that has lasted too long until it is back."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from appliance.domain.arming import ArmState
from appliance.domain.event import OFFLINE_LABEL, Event, EventKind, RiskFactor
from appliance.domain.ids import CameraId, Naming, VisitId
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.domain.trace import TraceStep
from appliance.events.affair import Affair, Looked
from appliance.events.batches import BatchBook
from appliance.events.risk import assess_absence
from appliance.events.settings import Settings
from appliance.events.words import unreached


class Absence(Affair):
    """Knows whether one camera is reached, and keeps the event of it; plain state, reads no clock.

    Args:
        name_of: names events.
        zone: the owner's time zone, for what is night.
    """

    def __init__(self, camera_id: CameraId, settings: Settings, name_of: Naming, zone: tzinfo) -> None:
        super().__init__(EventKind.OFFLINE, camera_id, settings, name_of, zone)
        self._away_us: WallUs | None = None
        # Of the last run: the next absence goes on from it, unless the camera is reached before.
        self._cut: Event | None = None

    def resume(self, cut: Iterable[Event]) -> None:
        """Know the events that the last run left: the newest may be gone on from."""
        self._cut = max(cut, key=lambda event: event.started_us, default=None)

    @property
    def visits(self) -> frozenset[VisitId]:
        """The visits that may go on."""
        return super().visits | (frozenset() if self._cut is None else {self._cut.visit_id})

    @property
    def due_us(self) -> WallUs | None:
        """When the next thing has to be done, unless the camera is reached before."""
        if self.event is not None or self._away_us is None or self._settings.offline_after_s <= 0:
            return super().due_us
        return wall_after(self._away_us, self._settings.offline_after_s)

    def go(self, at: WallUs, arm: ArmState) -> None:
        """Hear that the camera is not reached from now on, and in what state the house is."""
        if self._away_us is None:
            self._away_us, self._arm = at, arm

    def tick(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Open the event if that is due by then, or look at it again; as of when it was due."""
        due = self.due_us
        if due is None or due > at or self._away_us is None or self.event is not None:
            return super().tick(batches, place, at)
        cut, self._cut = self._cut, None
        step = self._step(self._away_us, due)
        return self._save(batches, place, self._opened(batches, self._away_us, due, step, cut), due)

    def end(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Hear that the camera is reached again: the event has ended."""
        self._away_us = self._cut = None
        return super().end(batches, place, at)

    def close(self, batches: BatchBook, place: str, at: WallUs) -> Looked | None:
        """Cut the event off: nobody tries to reach the camera any more."""
        self._away_us = self._cut = None
        return super().close(batches, place, at)

    def _step(self, started_us: WallUs, at: WallUs) -> TraceStep:
        lasted_s, least_s = seconds_between(started_us, at), self._settings.offline_after_s
        return TraceStep(
            OFFLINE_LABEL, passed=True, detail=f"not reached for {lasted_s:.0f} s ≥ {least_s:g} s"
        )

    def _assessed(self, local_start: datetime, lasted_s: float) -> tuple[RiskFactor, ...]:
        return assess_absence(local_start, lasted_s, self._arm, self._settings)

    def _summary(self, place: str, lasted_s: float | None) -> str:
        return unreached(place, lasted_s)
