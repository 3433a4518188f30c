"""The decisions of one camera: its analysed frames → tracks → events → alerts."""

import itertools
import zoneinfo
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from appliance.alerts.desk import AlertDesk
from appliance.decisions.changes import AlertMade, Change
from appliance.decisions.ids import Names
from appliance.decisions.setup import Setup
from appliance.decisions.start import Start
from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.event import Event
from appliance.domain.time import WallUs
from appliance.events.machine import EventMachine
from appliance.tracks.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Decided:
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
        self._numbers = itertools.count(start.last_track + 1)
        self._tracker = Tracker(setup.tracks, self._numbers)
        self._machine = EventMachine(
            setup.camera_id,
            setup.name,
            setup.events,
            name_of=Names(start.seed, setup.camera_id),
            zone=zoneinfo.ZoneInfo(setup.time_zone),
        )
        self._machine.resume(start.recovered, start.at_us)
        self._desk = AlertDesk(setup.house.rules, start.alerts)

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
        step = self._tracker.step(found)
        changes = self._machine.step(step.tracks, found.wall_us)
        return Decided(step.tracked, (*changes, *self._alerts()))

    def tick(self, at: WallUs) -> tuple[Change, ...]:
        """Do what was due by then without a frame, as of when it was due; nothing before ``due_us``."""
        changes = self._machine.tick(at)
        return (*changes, *self._alerts())

    def configure(self, setup: Setup, at: WallUs) -> tuple[Change, ...]:
        """Go by another configuration from now on; what was due before is done by the old one.

        What only counts from a start on stays as it was.
        """
        changes = self.tick(at)
        before, self._setup = self._setup, setup
        self._machine.rename(setup.name)
        if setup.house.rules != before.house.rules:
            self._desk.set_rules(setup.house.rules, self._machine.open_events)
        return changes

    def close(self, at: WallUs) -> tuple[Change, ...]:
        """Interrupt what is open: the camera is removed, switched off or at the end of its file.

        A frame that is still with the detector finds no known object to go on with.
        """
        self._tracker = Tracker(self._setup.tracks, self._numbers)
        changes = self._machine.close(at)
        return (*changes, *self._alerts())

    def _alerts(self) -> list[AlertMade]:
        """Return the alerts that the events make which were looked at last."""
        alerts = [
            AlertMade(alert)
            for judged in self._machine.judged
            for alert in self._desk.judge(judged.event, judged.chain_id, judged.at)
        ]
        if self._desk.is_crowded:
            self._desk.tidy(self._machine.living)
        return alerts
