"""What the last run left behind: events that were cut off, and a batch that was open."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appliance.domain.batch import Batch
from appliance.domain.event import Event, EventState
from appliance.domain.time import WallUs
from appliance.domain.track import Box
from appliance.events.baseline import Baseline

REACH_RATIO = 0.75
"""An object may have moved by that part of its box's sides while nobody looked."""


def interrupt(event: Event) -> Event:
    """Return an open event as cut off, without an end since nobody saw one; others as they are."""
    if event.state is not EventState.OPEN:
        return event
    return replace(event, state=EventState.INTERRUPTED, ended_us=None, rest=None)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An event that was cut off.

    Attributes:
        last_box: where its object was seen last, unit coordinates; the event's own box is its best moment's.
    """

    event: Event
    last_box: Box

    def is_at(self, box: Box) -> bool:
        """Return whether a box, in unit coordinates, lies at about the same place."""
        return all(
            abs(_middle(box, axis) - _middle(self.last_box, axis))
            <= REACH_RATIO * max(_side(box, axis), _side(self.last_box, axis))
            for axis in (0, 1)
        )


@dataclass(frozen=True, slots=True)
class Stayed:
    """An open event whose object rested when the last run ended.

    Attributes:
        event: as its row says; its ``rest`` is set.
        batch: the event's batch, open or not.
        batch_events: every event of that batch.
    """

    event: Event
    batch: Batch
    batch_events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the database held of one camera when the service started.

    Attributes:
        interrupted: events that were open when the last run ended and are ``interrupted`` now, if no other
            event continues them.
        batch: the batch still open, or ``None``.
        batch_events: every event of that batch.
        label_last_seen: when each label was seen last at that camera.
        stayed: events that are still open, since their objects rested.
        baseline: what is usual at the camera; ``None`` where nothing was learnt.
    """

    interrupted: tuple[Interrupted, ...] = ()
    batch: Batch | None = None
    batch_events: tuple[Event, ...] = ()
    label_last_seen: Mapping[str, WallUs] = field(default_factory=dict)
    stayed: tuple[Stayed, ...] = ()
    baseline: Baseline | None = None


def _middle(box: Box, axis: int) -> float:
    return (box[axis] + box[axis + 2]) / 2


def _side(box: Box, axis: int) -> float:
    return abs(box[axis + 2] - box[axis])
