"""What became of the changes that a camera's decisions asked for: the newest state of everything."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from appliance.decisions.changes import AlertMade, CandidateKept, Change
from appliance.domain.batch import BatchState
from appliance.domain.event import EventState
from appliance.domain.ids import AlertId, BatchId, CandidateId, EventId
from appliance.domain.time import WallUs
from appliance.events.changes import BatchSaved, EventSaved


class Outcome:
    """Keeps the last change of each thing, as its row would hold it.

    Args:
        standing: the events that are open at the beginning.
        is_supposed: the decisions are not those that were made. Then, after a start, they go on from the
            state that the service went on from; what it had opened and these had not is not theirs.
    """

    def __init__(self, standing: Iterable[EventId], *, is_supposed: bool = False) -> None:
        self._own = set(standing)
        self._is_supposed = is_supposed
        self._batches: dict[BatchId, BatchSaved] = {}
        self._events: dict[EventId, EventSaved] = {}
        self._alerts: dict[AlertId, AlertMade] = {}
        self._candidates: dict[CandidateId, CandidateKept] = {}

    def take(self, changes: Iterable[Change]) -> None:
        """Take in what a step asks to be written."""
        for change in changes:
            if isinstance(change, EventSaved):
                self._save(change)
            elif isinstance(change, BatchSaved):
                self._batches[change.batch.id] = replace(change, previous=None)
            elif isinstance(change, CandidateKept):
                self._candidates.setdefault(change.candidate.id, change)
            elif self._is_own(change.alert.event_id):
                self._alerts.setdefault(change.alert.id, change)

    def interrupt(self, standing: frozenset[EventId]) -> None:
        """Do as a start does: what was open is cut off, but for what rests and is taken over.

        Args:
            standing: the events with which the decisions go on.
        """
        for key, saved in self._events.items():
            event = saved.event
            goes_on = event.rest is not None and (key in standing or not self._is_supposed)
            if event.state is EventState.OPEN and not goes_on:
                self._events[key] = replace(saved, event=replace(event, state=EventState.INTERRUPTED))

    def is_over(self, to_us: WallUs) -> bool:
        """Return whether nothing that began before ``to_us`` goes on."""
        events = (saved.event for saved in self._events.values())
        batches = (saved.batch for saved in self._batches.values())
        return not any(e.state is EventState.OPEN and e.started_us < to_us for e in events) and not any(
            b.state is BatchState.OPEN and b.started_us < to_us for b in batches
        )

    def changes(self) -> Iterator[Change]:
        """Yield what leaves the same rows, in an order in which it can be written."""
        yield from self._batches.values()
        yield from self._events.values()
        yield from self._alerts.values()
        yield from self._candidates.values()

    def _save(self, change: EventSaved) -> None:
        if change.previous is None:
            self._own.add(change.event.id)
        if self._is_own(change.event.id):
            self._events[change.event.id] = replace(change, previous=None)

    def _is_own(self, event_id: EventId) -> bool:
        return event_id in self._own or not self._is_supposed
