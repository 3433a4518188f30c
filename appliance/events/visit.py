"""One open event: its track's visit, from the confirmation to the end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.ids import BatchId
from appliance.domain.passage import NO_PASSAGES, Passages
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.track import Box, Track, TrackState
from appliance.events.changes import EventSaved
from appliance.events.moment import quality
from appliance.events.recovery import Interrupted, interrupt
from appliance.events.risk import Circumstances, assess
from appliance.events.settings import Settings
from appliance.events.words import sentence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a visit is judged by besides its own track.

    Attributes:
        place: the camera's name.
        together: how many objects of each label are there at once.
        at: the camera's own time.
    """

    place: str
    together: Mapping[str, int]
    at: WallUs


class Visit:
    """Keeps an event's newest state, and what was asked to be written of it.

    Args:
        event: as it begins; the first ``see`` fills in what it is and how grave.
        chain_id: the chain of its batch.
        seen_before: when each label was seen last at this camera before this visit.
        zone: the owner's time zone.
    """

    def __init__(
        self,
        event: Event,
        chain_id: BatchId,
        seen_before: Mapping[str, WallUs],
        zone: tzinfo,
        settings: Settings,
    ) -> None:
        self.event = event
        self._chain_id = chain_id
        self._seen_before = seen_before
        self._local_start = (EPOCH + timedelta(microseconds=event.started_us)).astimezone(zone)
        self._settings = settings
        self._written: Event | None = None
        self._written_us = WallUs(0)
        self._best_quality = 0.0
        self._most: dict[str, int] = {}
        self._last_box: Box = event.box

    def see(self, track: Track, scene: Scene, passages: Passages = NO_PASSAGES) -> EventSaved | None:
        """Take in the track's next state, and what it did in zones; return the change that is due."""
        self._last_box = track.unit_box
        has_ended = track.state is TrackState.ENDED
        # The most at once counts: a risk that sinks when somebody leaves would be written to and fro.
        self._most[track.label] = max(self._most.get(track.label, 1), scene.together.get(track.label, 1))
        last_us = max(track.last_seen_us, self.event.last_seen_us)
        risk_score, factors = self._assess(track.label, last_us)
        self.event = replace(
            self.event,
            state=EventState.ENDED if has_ended else EventState.OPEN,
            label=track.label,
            last_seen_us=last_us,
            ended_us=last_us if has_ended else None,
            score=track.score,
            risk_score=risk_score,
            risk_factors=factors,
            summary=self._sentence(track.label, last_us, scene.place, passages, is_over=has_ended),
            zones=tuple(dict.fromkeys(stay.zone_id for stay in passages.stays)),
            passages=passages,
        )
        is_best = track.missed == 0 and not has_ended and self._is_best(track, scene.at)
        return self._change(scene.at, is_best=is_best)

    def cut_off(self, place: str, at: WallUs) -> EventSaved | None:
        """End the visit without an end: nobody saw one."""
        event = interrupt(self.event)
        self.event = replace(
            event,
            summary=self._sentence(event.label, event.last_seen_us, place, event.passages, is_over=True),
        )
        return self._change(at, is_best=False)

    @property
    def chain_id(self) -> BatchId:
        """The chain of its event's batch."""
        return self._chain_id

    @property
    def as_interrupted(self) -> Interrupted:
        """What is left of it to be continued."""
        return Interrupted(self.event, self._last_box)

    def _assess(self, label: str, last_us: WallUs) -> tuple[int, tuple[RiskFactor, ...]]:
        before = self._seen_before.get(label)
        started = self.event.started_us
        circumstances = Circumstances(
            label=label,
            number=self._most[label],
            local_start=self._local_start,
            dwell_s=seconds_between(started, last_us),
            quiet_us=None if before is None else max(0, started - before),
        )
        return assess(circumstances, self._settings)

    def _sentence(self, label: str, last_us: WallUs, place: str, passages: Passages, *, is_over: bool) -> str:
        lasted_s = seconds_between(self.event.started_us, last_us)
        crossed = [crossing.name for crossing in passages.crossings]
        return sentence([label], place, lasted_s, is_over=is_over, crossed=crossed)

    def _is_due(self, at: WallUs) -> bool:
        return self._written is None or seconds_between(self._written_us, at) >= self._settings.write_every_s

    def _is_best(self, track: Track, at: WallUs) -> bool:
        """Return whether the frame at hand is to be the picture, and remember its box if so."""
        worth = quality(track)
        is_better = worth >= self._best_quality * self._settings.best_moment_gain_ratio
        if self._written is not None and not (is_better and worth > 0 and self._is_due(at)):
            return False
        self._best_quality = worth
        self.event = replace(self.event, box=track.unit_box)
        return True

    def _change(self, at: WallUs, *, is_best: bool) -> EventSaved | None:
        previous, event = self._written, self.event
        if previous is not None:
            matters = _essence(event) != _essence(previous)
            if not matters and (event == previous or not self._is_due(at)):
                return None
        self._written, self._written_us = event, at
        return EventSaved(event, previous, self._chain_id, best_moment=is_best)


def _essence(event: Event) -> tuple[object, ...]:
    """Return what is written at once when it changes; everything else may wait."""
    passages = event.passages
    done = (tuple(stay.is_over for stay in passages.stays), len(passages.crossings))
    return (event.severity, event.label, event.zones, event.summary, event.state, done)
