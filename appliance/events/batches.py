"""The batches of one camera: which one an event belongs to, what its row says, when it is complete."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from appliance.domain.batch import Batch, BatchState
from appliance.domain.event import Event, EventKind, EventState
from appliance.domain.ids import BatchId, CameraId, EventId, Naming, TrackId
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.events.changes import BatchSaved
from appliance.events.settings import Settings
from appliance.events.words import sentence

MOST_PAST = 8
"""So many batches that are over are remembered: an answer about one of their events takes a minute or two."""


@dataclass(slots=True)
class _Account:
    """One batch with its events.

    Attributes:
        batch: as it was last asked to be written; ``None`` before the first time.
        opened_us: when it was opened.
        seen_us: the last sight of any of its events.
    """

    id: BatchId
    chain_id: BatchId
    opened_us: WallUs
    seen_us: WallUs
    batch: Batch | None = None
    events: dict[EventId, Event] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        """Nothing of it goes on; what rests does not, nor does what befalls the camera itself."""
        # A loop, since it is asked twice a frame and a generator costs more than what it asks.
        for event in self.events.values():
            if event.state is EventState.OPEN and not event.rest and event.kind is EventKind.OBJECT:
                return False
        return True

    @property
    def is_over(self) -> bool:
        """Nothing of it is open any more, at rest or not."""
        return all(event.state is not EventState.OPEN for event in self.events.values())


class BatchBook:
    """Groups the events of one camera. All of its times are the camera's own; it reads no clock.

    Args:
        name_of: names a new batch.
    """

    def __init__(self, camera_id: CameraId, settings: Settings, name_of: Naming) -> None:
        self._camera_id = camera_id
        self._settings = settings
        self._name_of = name_of
        self._current: _Account | None = None
        # Full batches whose chain may still be continued; their open events keep them.
        self._full: list[_Account] = []
        # Complete batches that nothing comes into any more, but of which something still stands there.
        self._stayed: list[_Account] = []
        # Complete and over, the newest last: only a second look at one of their events still changes them.
        self._past: list[_Account] = []

    def resume(self, batch: Batch, events: Iterable[Event], at: WallUs) -> None:
        """Go on with the batch that the last run left open.

        Its time of rest begins anew, so that an object that is still there finds it open; if nothing was
        seen for longer than a batch lasts, it is completed at the next tick.
        """
        held = {event.id: event for event in events}
        last_us = max((event.last_seen_us for event in held.values()), default=batch.started_us)
        is_stale = seconds_between(last_us, at) > self._settings.batch_longest_s
        seen_us = wall_after(at, -self._settings.batch_idle_s) if is_stale else at
        opened_us = min(batch.started_us, at)
        self._current = _Account(batch.id, batch.chain_id, opened_us, seen_us, batch, held)

    def take_over(self, batch: Batch, events: Iterable[Event], at: WallUs) -> BatchId:
        """Go on with a batch of which something rested when the last run ended, and return its chain."""
        known = {account.id for account in (self._current, *self._stayed) if account is not None}
        if batch.id not in known:
            held = {event.id: event for event in events}
            self._stayed.append(_Account(batch.id, batch.chain_id, batch.started_us, at, batch, held))
        return batch.chain_id

    @property
    def chains(self) -> frozenset[BatchId]:
        """The chains of which something may still alert: by a new event, or by one that stays."""
        current = [] if self._current is None else [self._current]
        stayed = [account for account in self._stayed if not account.is_over]
        return frozenset(account.chain_id for account in (*current, *self._full, *stayed))

    @property
    def due_us(self) -> WallUs | None:
        """When the next thing has to be done without a frame, unless something is seen before."""
        current, due_us = self._current, None
        if current is not None:
            due_us = self._filled_us(current)
            if current.is_idle:
                due_us = min(due_us, self._rested_us(current))
        for account in self._full:
            if account.is_idle:
                rested_us = self._rested_us(account)
                due_us = rested_us if due_us is None else min(due_us, rested_us)
        return due_us

    def open_for(self, started_us: WallUs, number: TrackId, at: WallUs) -> tuple[BatchId, BatchId]:
        """Return the ids of the batch for a track's new event, opened if none is open, and of its chain."""
        if self._current is None:
            new = BatchId(self._name_of("batch", started_us, number))
            chain = self._full[-1].chain_id if self._full else new
            self._current = _Account(new, chain, at, at)
        return self._current.id, self._current.chain_id

    def record(self, event: Event, place: str, at: WallUs, *, is_written: bool = True) -> list[BatchSaved]:
        """Take in an event's newest state, and return the batch's row if that is to change too.

        Args:
            event: one that ``open_for`` named the batch of.
            place: the camera's name.
            at: the time of the frame at hand, or at which it was cut off.
            is_written: whether the event's own row is written; if not, the batch's can wait as well.
        """
        account = self._current
        if account is None or account.id != event.batch_id:
            others = (*self._full, *self._stayed, *self._past)
            account = next((other for other in others if other.id == event.batch_id), None)
        if account is None:
            return []
        self._enter(account, event, at)
        return self._follow_up(account, event, place) if is_written else []

    def tick(self, place: str, at: WallUs) -> list[BatchSaved]:
        """Complete what has rested long enough or is full."""
        full, self._full = self._full, []
        for account in full:
            (self._stayed if self._has_rested(account, at) else self._full).append(account)
        stayed, self._stayed = self._stayed, []
        for account in stayed:
            (self._past if account.is_over else self._stayed).append(account)
        self._past = self._past[-MOST_PAST:]
        current = self._current
        if current is None:
            return []
        has_rested = self._has_rested(current, at)
        if not has_rested and at < self._filled_us(current):
            return []
        self._current = None
        if not has_rested:
            self._full.append(current)
        else:
            (self._past if current.is_over else self._stayed).append(current)
        return self._save(current, place, completes=True)

    def close(self, place: str) -> list[BatchSaved]:
        """Complete the open batch now: the camera is gone."""
        current, self._current, self._full, self._stayed = self._current, None, [], []
        self._past = [] if current is None else [current]
        return [] if current is None else self._save(current, place, completes=True)

    def _enter(self, account: _Account, event: Event, at: WallUs) -> None:
        known = account.events.get(event.id)
        account.events[event.id] = event
        is_at_rest = known is not None and known.rest is not None and event.rest is not None
        is_at_rest = is_at_rest or event.kind is not EventKind.OBJECT
        if known is None or (known.last_seen_us != event.last_seen_us and not is_at_rest):
            account.seen_us = at

    def _follow_up(self, account: _Account, event: Event, place: str) -> list[BatchSaved]:
        batch = account.batch
        is_complete = batch is not None and batch.state is BatchState.COMPLETED
        if is_complete and event.state is EventState.OPEN and batch and event.severity <= batch.severity:
            # A full batch is not written again for each sight of an object that stays.
            return []
        return self._save(account, place, completes=is_complete)

    def _has_rested(self, account: _Account, at: WallUs) -> bool:
        return account.is_idle and at >= self._rested_us(account)

    def _rested_us(self, account: _Account) -> WallUs:
        return wall_after(account.seen_us, self._settings.batch_idle_s)

    def _filled_us(self, account: _Account) -> WallUs:
        return wall_after(account.opened_us, self._settings.batch_longest_s)

    def _save(self, account: _Account, place: str, *, completes: bool) -> list[BatchSaved]:
        previous = account.batch
        account.batch = self._row(account, place, is_complete=completes)
        return [] if account.batch == previous else [BatchSaved(account.batch, previous)]

    def _row(self, account: _Account, place: str, *, is_complete: bool) -> Batch:
        state = BatchState.COMPLETED if is_complete else BatchState.OPEN
        events, before = tuple(account.events.values()), account.batch
        if not events and before is not None:
            # Its owner has deleted what the last run put into it.
            return replace(before, state=state, ended_us=before.started_us if is_complete else None)
        started_us = min(event.started_us for event in events)
        last_us = max(event.last_seen_us for event in events)
        labels = {event.visit_id: event.label for event in events}.values()
        return Batch(
            id=account.id,
            chain_id=account.chain_id,
            camera_id=self._camera_id,
            state=state,
            started_us=started_us,
            ended_us=last_us if is_complete else None,
            severity=max(event.severity for event in events),
            event_count=len(events),
            summary=sentence(labels, place, seconds_between(started_us, last_us), is_over=is_complete),
        )
