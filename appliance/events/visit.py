"""One open event: its track's visit, from the confirmation to the end."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from appliance.domain.arming import ArmState
from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.ids import BatchId
from appliance.domain.making import maker
from appliance.domain.passage import NO_PASSAGES, Passages
from appliance.domain.scene import ZoneId
from appliance.domain.second_look import SecondLook
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.trace import TraceStep
from appliance.domain.track import Box, Origin, Remover, Rest, Track, TrackState
from appliance.events.baseline import Baseline, Rarity
from appliance.events.changes import EventSaved
from appliance.events.moment import quality
from appliance.events.recovery import Interrupted, interrupt
from appliance.events.risk import Circumstances, InZone, Stay, assess, with_second_look
from appliance.events.settings import Settings
from appliance.events.tracing import Ground, steps
from appliance.events.words import sentence, staying

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REST_WRITE_S = 900.0
"""What rests is written that often though nothing became of it: a start knows it again by its newest look."""
PERSON = "person"
"""Who stands still loiters; what else stands still is just there, and no graver for it."""


_event = maker(Event)


class Scene(NamedTuple):
    """What a visit is judged by besides its own track.

    Attributes:
        place: the camera's name.
        together: how many objects of each label are there at once.
        at: the camera's own time.
        arm: the state of the house.
        baseline: what is usual there.
        required: the zones of which a track must have been in one to become an event.
        wanted: these, and those that alerts are asked to be in.
    """

    place: str
    together: Mapping[str, int]
    at: WallUs
    arm: ArmState
    baseline: Baseline
    required: AbstractSet[ZoneId] = frozenset()
    wanted: AbstractSet[ZoneId] = frozenset()


class Visit:
    """Keeps an event's newest state, and what was asked to be written of it.

    Args:
        event: as it begins; the first ``see`` fills in what it is and how grave.
        chain_id: the chain of its batch.
        seen_before: when each label was seen last at this camera before this visit.
        zone: the owner's time zone.
        continued_us: when the event was cut off that it goes on from; ``None`` for none.

    Attributes:
        local_start: when it began, by the owner's clock.
    """

    def __init__(
        self,
        event: Event,
        chain_id: BatchId,
        seen_before: Mapping[str, WallUs],
        zone: tzinfo,
        settings: Settings,
        continued_us: WallUs | None = None,
    ) -> None:
        self.event = event
        self._chain_id = chain_id
        self._seen_before = seen_before
        self._zone = zone
        self.local_start = self._local(event.started_us)
        self._continued_us = continued_us
        self._arm: ArmState | None = None
        # How usual each label that it was taken for is at its hour.
        self._rarity: dict[str, Rarity | None] = {}
        self._settings = settings
        self._written: Event | None = None
        self._written_us = WallUs(0)
        self._best_quality = 0.0
        self._most: dict[str, int] = {}
        self._last_box: Box = event.box or (0.0, 0.0, 1.0, 1.0)
        # How long it rested before it moved on.
        self._rested_s = 0.0
        # Of what a former run left: when that was seen last there.
        self._taken_over_us: WallUs | None = None

    @classmethod
    def taken_over(cls, event: Event, chain_id: BatchId, zone: tzinfo, settings: Settings) -> "Visit":
        """Return the visit of an object that rested when the last run ended, not seen yet in this one.

        What made it as grave as it is was known to that run: its risk stays as it is.
        """
        visit = cls(event, chain_id, {}, zone, settings)
        visit._written, visit._written_us = event, event.last_seen_us
        visit._best_quality = 1.0
        visit._taken_over_us = event.last_seen_us
        return visit

    def see(self, track: Track, scene: Scene, passages: Passages = NO_PASSAGES) -> EventSaved | None:
        """Take in the track's next state, and what it did in zones; return the change that is due."""
        self._last_box = track.unit_box
        has_ended = track.state is TrackState.ENDED
        # The most at once counts: a risk that sinks when somebody leaves would be written to and fro.
        self._most[track.label] = max(self._most.get(track.label, 1), scene.together.get(track.label, 1))
        last_us = max(track.last_seen_us, self.event.last_seen_us)
        rest = None if has_ended else track.rest
        self._count_rest(rest, last_us)
        is_best = track.missed == 0 and not has_ended and self._is_best(track, rest, scene.at)
        self.event = self._next(track, scene, passages, last_us, is_best=is_best)
        if has_ended and last_us == self._taken_over_us:
            # It was looked for in vain: nobody saw when it left.
            self.event = interrupt(replace(self.event, state=EventState.OPEN))
        return self._change(scene.at, is_best=is_best, trace=lambda: self._trace(track, scene, passages))

    def _next(
        self, track: Track, scene: Scene, passages: Passages, last_us: WallUs, *, is_best: bool
    ) -> Event:
        """Return the event as the track's next state makes it."""
        event, label = self.event, track.label
        risk_score, factors = self._assess(track, last_us, scene, passages)
        has_ended = track.state is TrackState.ENDED
        rest = None if has_ended else track.rest
        if rest is None:
            summary = self._sentence(label, last_us, scene.place, passages, is_over=has_ended)
        else:
            summary = staying(label, scene.place)
        # Field by field: it is made for each object and frame, and ``replace`` takes twice the time.
        return _event(
            id=event.id,
            visit_id=event.visit_id,
            batch_id=event.batch_id,
            camera_id=event.camera_id,
            track_id=event.track_id,
            state=EventState.ENDED if has_ended else EventState.OPEN,
            label=label,
            started_us=event.started_us,
            last_seen_us=last_us,
            ended_us=last_us if has_ended else None,
            score=track.score,
            box=track.unit_box if is_best else event.box,
            risk_score=risk_score,
            risk_factors=factors,
            summary=summary,
            continues=event.continues,
            zones=tuple(dict.fromkeys([stay.zone_id for stay in passages.stays])),
            kind=event.kind,
            passages=passages,
            rest=rest,
            trace=event.trace,
            second_look=event.second_look,
        )

    def cut_off(self, place: str, at: WallUs) -> EventSaved | None:
        """End the visit without an end: nobody saw one."""
        event = interrupt(self.event)
        self.event = replace(
            event,
            summary=self._sentence(event.label, event.last_seen_us, place, event.passages, is_over=True),
        )
        return self._change(at, is_best=False)

    def look_again(self, look: SecondLook, at: WallUs) -> EventSaved:
        """Take in what a model said of it; it is written at once."""
        previous, self.event = self._written, looked_at(self.event, look)
        self._written, self._written_us = self.event, at
        return EventSaved(self.event, previous, self._chain_id)

    @property
    def chain_id(self) -> BatchId:
        """The chain of its event's batch."""
        return self._chain_id

    @property
    def as_interrupted(self) -> Interrupted:
        """What is left of it to be continued."""
        return Interrupted(self.event, self._last_box)

    def _count_rest(self, rest: Rest | None, last_us: WallUs) -> None:
        before = self.event.rest
        if before is not None and rest is None:
            self._rested_s += max(0.0, seconds_between(before.since_us, last_us))

    def _dwell_s(self, label: str, last_us: WallUs, rest: Rest | None) -> float:
        """Return how long it has been there, without the time for which it just rested."""
        if label == PERSON:
            return seconds_between(self.event.started_us, last_us)
        until_us = last_us if rest is None else rest.since_us
        return max(0.0, seconds_between(self.event.started_us, until_us) - self._rested_s)

    def _assess(
        self, track: Track, last_us: WallUs, scene: Scene, passages: Passages
    ) -> tuple[int, tuple[RiskFactor, ...]]:
        look = self.event.second_look
        if self._taken_over_us is not None:
            return with_second_look(self.event.risk_factors, look)
        label, started = track.label, self.event.started_us
        before = self._seen_before.get(label)
        dwell_s = self._dwell_s(label, last_us, track.rest)
        if self._arm is None:
            self._arm = scene.arm
        if label not in self._rarity:
            least_days = self._settings.baseline_least_days
            self._rarity[label] = scene.baseline.rarity(label, self.local_start, least_days)
        circumstances = Circumstances(
            label=label,
            number=self._most[label],
            local_start=self.local_start,
            dwell_s=dwell_s,
            quiet_us=None if before is None else max(0, started - before),
            zones=InZone.of(passages, dwell_s, scene.wanted),
            lines=tuple(dict.fromkeys([crossing.name for crossing in passages.crossings])),
            arm=self._arm,
            speed_kmh=passages.speed_kmh,
            stay=_stay_of(track),
            rarity=self._rarity[label],
        )
        score, factors = assess(circumstances, self._settings)
        return (score, factors) if look is None else with_second_look(factors, look)

    def _trace(self, track: Track, scene: Scene, passages: Passages) -> tuple[TraceStep, ...]:
        """Return why it is an event; made when its row is written, and not for each frame."""
        rest = self.event.rest
        ground = Ground(
            required=[stay.name for stay in passages.stays if stay.zone_id in scene.required],
            continued_at="" if self._continued_us is None else f"{self._local(self._continued_us):%H:%M}",
            rests_since="" if rest is None else f"{self._local(rest.since_us):%a %d %b, %H:%M}",
        )
        return steps(track, passages, ground)

    def _sentence(self, label: str, last_us: WallUs, place: str, passages: Passages, *, is_over: bool) -> str:
        lasted_s = seconds_between(self.event.started_us, last_us)
        crossed = [crossing.name for crossing in passages.crossings]
        return sentence([label], place, lasted_s, is_over=is_over, crossed=crossed)

    def _local(self, at: WallUs) -> datetime:
        return (EPOCH + timedelta(microseconds=at)).astimezone(self._zone)

    def _is_due(self, rest: Rest | None, at: WallUs) -> bool:
        every_s = self._settings.write_every_s if rest is None else REST_WRITE_S
        return self._written is None or seconds_between(self._written_us, at) >= every_s

    def _is_best(self, track: Track, rest: Rest | None, at: WallUs) -> bool:
        """Return whether the frame at hand is to be the picture, and remember its worth if so."""
        if self._written is not None and not self._is_due(rest, at):
            return False
        worth = quality(track)
        is_better = worth >= self._best_quality * self._settings.best_moment_gain_ratio
        if self._written is not None and not (is_better and worth > 0):
            return False
        self._best_quality = worth
        return True

    def _change(
        self, at: WallUs, *, is_best: bool, trace: Callable[[], tuple[TraceStep, ...]] | None = None
    ) -> EventSaved | None:
        previous, event = self._written, self.event
        # Whether it is due comes before equality: it rules out most frames, and events are long to compare.
        may_wait = previous is not None and not _matters(event, previous)
        if may_wait and (not self._is_due(event.rest, at) or event == previous):
            return None
        if trace is not None:
            event = self.event = replace(event, trace=trace())
        self._written, self._written_us = event, at
        return EventSaved(event, previous, self._chain_id, best_moment=is_best)


def looked_at(event: Event, look: SecondLook) -> Event:
    """Return an event as it is with what a model said of it."""
    score, factors = with_second_look(event.risk_factors, look)
    return replace(event, second_look=look, risk_score=score, risk_factors=factors)


def _matters(event: Event, previous: Event) -> bool:
    """Return whether what has changed is written at once; everything else may wait."""
    if event.summary != previous.summary or event.label != previous.label or event.state != previous.state:
        return True
    if event.risk_score != previous.risk_score and event.severity != previous.severity:
        return True
    return event.zones != previous.zones or _done(event) != _done(previous)


def _done(event: Event) -> tuple[object, ...]:
    """Return what it has finished, and where it rests."""
    passages = event.passages
    # What rests is written so seldom that its risk would be old: who stands there for minutes loiters.
    place = None if event.rest is None else (event.rest.unit_box, event.risk_score)
    return [stay.is_over for stay in passages.stays], len(passages.crossings), place


def _stay_of(track: Track) -> Stay | None:
    """Return whether it is a thing that somebody left; else whether somebody took it."""
    if track.origin is Origin.LEFT_BEHIND:
        return Stay.LEFT_BEHIND
    return Stay.REMOVED if track.removed_by is Remover.PERSON else None
