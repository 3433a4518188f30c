"""An event machine run by hand: what it asked to be written, kept as a database would."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from appliance.domain.batch import Batch
from appliance.domain.camera import Camera
from appliance.domain.event import Event, EventState
from appliance.domain.ids import BatchId, EventId, TrackId, VisitId
from appliance.domain.time import WallUs
from appliance.domain.track import Track
from appliance.events.changes import BatchSaved, Change, EventSaved
from appliance.events.machine import EventMachine
from appliance.events.settings import Settings
from tests.support.sightings import CAMERA, STANDING, wall

FRONT_DOOR = Camera(CAMERA, "Front door", "demo:")


class Ids:
    """Names things by counting: ``x1``, ``x2``."""

    def __init__(self, prefix: str = "x") -> None:
        self._names = (f"{prefix}{number}" for number in itertools.count(1))

    def __call__(self, _kind: str, _at: WallUs, _number: int) -> str:
        """Return the next name."""
        return next(self._names)


def event(event_id: str = "e1", *, started_s: float = 0, last_s: float = 5, **changes: object) -> Event:
    """Return an open event of a person at the front door."""
    made = Event(
        id=EventId(event_id),
        visit_id=VisitId(event_id),
        batch_id=BatchId("b1"),
        camera_id=CAMERA,
        track_id=TrackId(1),
        state=EventState.OPEN,
        label="person",
        started_us=wall(started_s),
        last_seen_us=wall(last_s),
        ended_us=None,
        score=0.8,
        box=STANDING,
        risk_score=35,
        risk_factors=(),
        summary="1 person at Front door for 5 s",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class Rows:
    """The rows that changes make; refuses what a database would refuse.

    Attributes:
        writes: when which event's row was written, seconds after noon.
    """

    events: dict[EventId, Event] = field(default_factory=dict)
    batches: dict[BatchId, Batch] = field(default_factory=dict)
    writes: list[tuple[float, EventSaved]] = field(default_factory=list)

    def apply(self, at_s: float, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Write the changes and return them."""
        for change in changes:
            if isinstance(change, BatchSaved):
                assert self.batches.get(change.batch.id) == change.previous
                self.batches[change.batch.id] = change.batch
            else:
                assert self.events.get(change.event.id) == change.previous
                assert change.event.batch_id in self.batches
                self.events[change.event.id] = change.event
                self.writes.append((at_s, change))
        return tuple(changes)


def is_of_note(saved: EventSaved) -> bool:
    """Return whether a change of an event had to be written at once."""
    now, before = saved.event, saved.previous
    return before is None or any(
        getattr(now, name) != getattr(before, name)
        for name in ("severity", "label", "zones", "summary", "state")
    )


class Stage:
    """An event machine with its rows, spoken to in seconds after noon."""

    def __init__(self, settings: Settings | None = None, rows: Rows | None = None, prefix: str = "x") -> None:
        self.rows = rows or Rows()
        self.machine = EventMachine(
            FRONT_DOOR.id, FRONT_DOOR.name, settings or Settings(), name_of=Ids(prefix)
        )

    def step(self, at_s: float, *tracks: Track) -> tuple[Change, ...]:
        """Let the machine see an analysed frame."""
        return self.rows.apply(at_s, self.machine.step(tracks, wall(at_s)))

    def tick(self, at_s: float) -> tuple[Change, ...]:
        """Let time pass without a frame."""
        return self.rows.apply(at_s, self.machine.tick(wall(at_s)))

    def close(self, at_s: float) -> tuple[Change, ...]:
        """Take the camera away."""
        return self.rows.apply(at_s, self.machine.close(wall(at_s)))

    @property
    def event(self) -> Event:
        """The only event's row."""
        (row,) = self.rows.events.values()
        return row

    @property
    def batch(self) -> Batch:
        """The only batch's row."""
        (row,) = self.rows.batches.values()
        return row
