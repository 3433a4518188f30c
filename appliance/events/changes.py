"""What a step of the event machine asks to be written; the changes of a step belong into one commit."""

from dataclasses import dataclass

from appliance.domain.batch import Batch
from appliance.domain.event import Event
from appliance.domain.ids import BatchId


@dataclass(frozen=True, slots=True)
class EventSaved:
    """An event's row as it should be.

    Attributes:
        event: the whole new state.
        previous: the state last asked for, or ``None`` when the row is to be inserted. A row that its owner
            has deleted meanwhile stays deleted: what has a previous state may only be updated.
        chain_id: the chain of the event's batch, for the alerts' deduplication.
        best_moment: the frame at hand is the event's best so far and ``event.box`` lies in it.
    """

    event: Event
    previous: Event | None
    chain_id: BatchId
    best_moment: bool = False


@dataclass(frozen=True, slots=True)
class BatchSaved:
    """A batch's row as it should be; ``previous`` is ``None`` when it is to be inserted."""

    batch: Batch
    previous: Batch | None


Change = EventSaved | BatchSaved
