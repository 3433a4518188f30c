"""The decisions of one camera: its analysed frames → tracks → events → alerts."""

import zoneinfo
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from appliance.alerts.conditions import Situation
from appliance.alerts.desk import NOTHING, AlertDesk
from appliance.decisions.changes import AlertMade, CandidateKept, Change
from appliance.decisions.frozen import freeze, thaw
from appliance.decisions.ids import Names
from appliance.decisions.missed import MissedTracks
from appliance.decisions.numbers import Numbers
from appliance.decisions.setup import Setup
from appliance.decisions.start import Start
from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.event import Event
from appliance.domain.ids import EventId
from appliance.domain.scene import Requirement, Scene, ZoneId
from appliance.domain.second_look import SecondLook
from appliance.domain.tampering import Tampering
from appliance.domain.time import WallUs
from appliance.domain.track import Origin
from appliance.errors import InvalidInput
from appliance.events.machine import EventMachine
from appliance.events.settings import Settings as EventsSettings
from appliance.places.masks import ObjectMasks
from appliance.places.places import Places
from appliance.tracks.held import Held
from appliance.tracks.settings import Settings as TracksSettings
from appliance.tracks.tracker import Tracker


class Decided(NamedTuple):
    """What one analysed frame made.

    Attributes:
        tracked: the frame's boxes with the numbers of their tracks.
        changes: what is to be written, in one unit and in this order.
    """

    tracked: TrackedDetections
    changes: tuple[Change, ...]


class Decider:
    """Decides on everything at one camera; a pure function of what it is told, in its order.

    It knows neither a clock nor the database: all times are the camera's own, those of its frames and,
    between them, what has passed since the last one. Whoever hands it the same frames and the same other
    calls in the same order gets the same changes, bit for bit. A ``tick`` before ``due_us`` leaves no trace
    and can be left out. Used from one thread.
    """

    def __init__(self, setup: Setup, start: Start) -> None:
        self._setup = setup
        self._zone = zoneinfo.ZoneInfo(setup.time_zone)
        self._frame_us = start.at_us
        self._numbers = Numbers(start.last_track)
        self._tracker = Tracker(setup.tracks, self._numbers)
        names = Names(start.seed, setup.camera_id)
        self._machine = EventMachine(
            setup.camera_id, setup.name, setup.events, name_of=names, zone=self._zone
        )
        self._machine.resume(start.recovered, start.at_us)
        self._machine.require(*_required(setup.scene))
        self._places = Places(setup.scene)
        for stayed in start.recovered.stayed:
            self._hold(stayed.event)
        self._masks = ObjectMasks(setup.scene)
        self._desk = AlertDesk(setup.house.rules, start.alerts, setup.scene)
        self._desk.take_over(self._machine.open_events, self._situation(start.at_us))
        self._missed = MissedTracks(setup.camera_id, names, setup.scene)

    def _hold(self, event: Event) -> None:
        """Go on holding an open event's object at the place where it rested."""
        if event.rest is None:
            return
        was_left = any(factor.name == Origin.LEFT_BEHIND.value for factor in event.risk_factors)
        self._tracker.hold(
            Held(
                *(event.track_id, event.label, event.score, event.started_us, event.last_seen_us),
                event.rest,
                Origin.LEFT_BEHIND if was_left else Origin.ARRIVED,
            )
        )
        self._places.resume(event.track_id, event.passages)

    @property
    def setup(self) -> Setup:
        """What it goes by."""
        return self._setup

    @property
    def followed(self) -> npt.NDArray[np.float32]:
        """Where to look again, whether it moves or not: float32, shape (n, 4), pixels of the last frame."""
        return self._tracker.followed

    @property
    def resting(self) -> npt.NDArray[np.float32]:
        """The places of which each frame should say how they look: float32, shape (n, 4), pixels likewise."""
        return self._tracker.resting

    @property
    def open_events(self) -> tuple[Event, ...]:
        """The newest state of every open event, written or not."""
        return self._machine.open_events

    @property
    def due_us(self) -> WallUs | None:
        """When something has to be done without a frame, unless one comes before; ``None`` for never."""
        return self._machine.due_us

    def frame(self, found: Detections) -> Decided:
        """Take in the next analysed frame, as it is stored."""
        # A step of its own: so it makes the same whether or not somebody asked for it before the frame came.
        due = self.tick(found.wall_us)
        self._frame_us = found.wall_us
        is_shown = None if self._masks.is_empty else self._masks.shown(found)
        step = self._tracker.step(found if is_shown is None else found.where(is_shown))
        passages = self._places.step((*step.tentative, *step.tracks), found.wall_us)
        arm = self._setup.house.arming.state_at(found.wall_us, self._zone)
        changes = self._machine.step(step.tracks, found.wall_us, passages, arm, is_ticked=True)
        missed = self._missed.step(step.tentative, step.tracks, self._machine.visiting)
        tracked = step.tracked if is_shown is None else _whole(found, is_shown, step.tracked.track_ids)
        return Decided(tracked, (*due, *changes, *self._alerts(), *map(CandidateKept, missed)))

    def tick(self, at: WallUs) -> tuple[Change, ...]:
        """Do what was due by then without a frame, as of when it was due; nothing before ``due_us``."""
        due_us = self._machine.due_us
        if due_us is None or due_us > at:
            return ()
        changes = self._machine.tick(at)
        return (*changes, *self._alerts())

    def configure(self, setup: Setup, at: WallUs) -> tuple[Change, ...]:
        """Go by another configuration from now on; what was due before is done by the old one.

        What only counts from a start on stays as it was.
        """
        changes = self.tick(at)
        self._go_by(setup, at)
        return changes

    def reached(self, at: WallUs, *, is_reached: bool) -> tuple[Change, ...]:
        """Hear that the camera is reached again, or is not any more; what was due before is done before."""
        arm = self._setup.house.arming.state_at(at, self._zone)
        # A step of its own: so it makes the same whether or not somebody asked for it before.
        due = self.tick(at)
        changes = self._machine.reached(at, arm, is_reached=is_reached)
        return (*due, *changes, *self._alerts())

    def tampered(self, at: WallUs, how: Tampering | None) -> tuple[Change, ...]:
        """Hear what is done to the camera from now on, ``None`` for nothing; what was due is done before."""
        arm = self._setup.house.arming.state_at(at, self._zone)
        due = self.tick(at)
        changes = self._machine.tampered(at, arm, how)
        return (*due, *changes, *self._alerts())

    def second_look(self, event_id: EventId, look: SecondLook) -> tuple[Change, ...]:
        """Take in what a model said of an event; what was due before it was heard is done before.

        It may come when the event is over: its row is written again, and a rule that it satisfies only now
        alerts. Of an event that is not known any more nothing is made.
        """
        due = self.tick(look.at_us)
        changes = self._machine.second_look(event_id, look, look.at_us)
        return (*due, *changes, *self._alerts())

    def close(self, at: WallUs) -> tuple[Change, ...]:
        """Interrupt what is open: the camera is removed, switched off or at the end of its file.

        A frame that is still with the detector finds no known object to go on with.
        """
        self._tracker = Tracker(self._setup.tracks, self._numbers)
        changes = self._machine.close(at)
        return (*changes, *self._alerts(), *map(CandidateKept, self._missed.close()))

    def snapshot(self) -> bytes:
        """Return the whole state, of which ``restore`` makes a decider that goes on exactly alike."""
        return freeze(self)

    @classmethod
    def restore(cls, state: bytes, setup: Setup | None = None) -> Self:
        """Return a decider in that state.

        Args:
            state: what ``snapshot`` returned, in this version of the program.
            setup: goes by this one from here on, what only counts from a start on included.

        Raises:
            InvalidInput: that is no state of this version.
        """
        instead = {} if setup is None else {TracksSettings: setup.tracks, EventsSettings: setup.events}
        decider = thaw(state, instead)
        if not isinstance(decider, cls):
            raise InvalidInput("expected the state of a camera's decisions, got something else")
        if setup is not None:
            decider._go_by(setup, decider._frame_us)  # noqa: SLF001 - its own class
        return decider

    def _go_by(self, setup: Setup, at: WallUs) -> None:
        before, self._setup = self._setup, setup
        self._machine.rename(setup.name)
        if setup.scene != before.scene:
            self._machine.require(*_required(setup.scene))
            self._places.configure(setup.scene)
            self._masks = ObjectMasks(setup.scene)
            self._missed.go_by(setup.scene)
        if (setup.house, setup.scene) != (before.house, before.scene):
            standing, situation = self._machine.open_events, self._situation(at)
            self._desk.configure(setup.house.rules, setup.scene, standing, situation)

    def _alerts(self) -> list[AlertMade | CandidateKept]:
        """Return the alerts that the events make which were looked at last, or nearly made."""
        changes: list[AlertMade | CandidateKept] = []
        for judged in self._machine.judged:
            situation = self._situation(judged.at)
            if judged.before is None:
                made = self._desk.judge(judged.event, judged.chain_id, situation)
            else:
                made = self._desk.reconsider(judged.before, judged.event, judged.chain_id, situation)
            if made is not NOTHING:
                changes += map(AlertMade, made.alerts)
                changes += map(CandidateKept, made.candidates)
        # Only alerts fill the memory; while many events are still spoken of it is long without being untidy.
        if changes and self._desk.is_crowded:
            self._desk.tidy(self._machine.living)
        return changes

    def _situation(self, at: WallUs) -> Situation:
        """Return what alerts are judged by besides the events."""
        arming, zone = self._setup.house.arming, self._zone
        return Situation(at, lambda then: arming.state_at(then, zone), zone, self._setup.scene)


def _required(scene: Scene) -> tuple[frozenset[ZoneId], frozenset[ZoneId]]:
    """Return the zones of which a track must have been in one to become an event, and to make an alert."""
    for_events, for_alerts = (
        frozenset(zone.id for zone in scene.zones if zone.required_for is one)
        for one in (Requirement.EVENTS, Requirement.ALERTS)
    )
    return for_events, for_alerts


def _whole(
    found: Detections, is_shown: npt.NDArray[np.bool_], track_ids: npt.NDArray[np.int64]
) -> TrackedDetections:
    """Return the frame with all of its boxes: those under a mask belong to no track."""
    if len(track_ids) == len(found):
        return TrackedDetections(found, track_ids)
    ids = np.zeros(len(found), np.int64)
    ids[is_shown] = track_ids
    return TrackedDetections(found, ids)
