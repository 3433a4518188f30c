"""The event machine of one camera: what its tracks make of events and batches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from types import MappingProxyType

from appliance.domain.arming import ArmState
from appliance.domain.detection import MOTION_LABEL
from appliance.domain.event import Event, EventKind, EventState
from appliance.domain.ids import BatchId, CameraId, EventId, Naming, TrackId, VisitId
from appliance.domain.passage import NO_PASSAGES, Passages
from appliance.domain.scene import ZoneId
from appliance.domain.second_look import SecondLook
from appliance.domain.tampering import Tampering
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.domain.track import Track, TrackState
from appliance.events.absence import Absence
from appliance.events.affair import Looked
from appliance.events.baseline import Baseline
from appliance.events.batches import BatchBook
from appliance.events.changes import Change, EventSaved
from appliance.events.recovery import Interrupted, Recovered
from appliance.events.settings import Settings
from appliance.events.tampered import Tampered
from appliance.events.visit import Scene, Visit, looked_at

NOWHERE: Mapping[TrackId, Passages] = MappingProxyType({})
"""Of a camera without zones and lines."""
MOST_OVER = 32
"""So many events that are over may still get a second look; more of them come only while nobody answers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An event's newest state.

    Attributes:
        chain_id: of its batch.
        at: since when it is so: the time of the frame at hand, or at which it was cut off.
        before: of one that was over already, as it was before it was looked at again; else ``None``.
    """

    event: Event
    chain_id: BatchId
    at: WallUs
    before: Event | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """An event that is over, for as long as somebody may still say something of it."""

    event: Event
    chain_id: BatchId


class EventMachine:
    """Opens, updates and closes the events of one camera; used from one thread, reads no clock.

    All of its times are the camera's own: those of its frames, and between them what has passed since. What
    is due without a frame (silence, a batch's rest) is done as of the time at which it was due, however late
    somebody asks: how often ``tick`` is called changes nothing.

    Args:
        name: the camera's, for sentences.
        name_of: names events and batches.
        zone: the owner's time zone, for what is night.
    """

    def __init__(
        self,
        camera_id: CameraId,
        name: str,
        settings: Settings | None = None,
        *,
        name_of: Naming,
        zone: tzinfo = UTC,
    ) -> None:
        self._camera_id = camera_id
        self._name = name
        self._settings = settings or Settings()
        self._name_of = name_of
        self._zone = zone
        self._batches = BatchBook(camera_id, self._settings, name_of)
        self._visits: dict[TrackId, Visit] = {}
        self._label_seen: dict[str, WallUs] = {}
        self._cut: list[Interrupted] = []
        self._heard_us: WallUs | None = None
        self._resumed_us = WallUs(0)
        self._awaits_return = False
        # Tracks whose events were cut off: each may open one more, of what is seen of it from then on.
        self._outlived: set[TrackId] = set()
        self._judged: list[Judged] = []
        # The newest last; a second look may still come.
        self._over: dict[EventId, Over] = {}
        self._required: frozenset[ZoneId] = frozenset()
        self._wanted: frozenset[ZoneId] = frozenset()
        self._baseline = Baseline(self._settings.baseline_half_life_days)
        self._absence = Absence(camera_id, self._settings, name_of, zone)
        self._tampered = Tampered(camera_id, self._settings, name_of, zone)

    def require(self, zones: frozenset[ZoneId], wanted: frozenset[ZoneId] = frozenset()) -> None:
        """Let only tracks become events that were in one of these zones; any track where there are none.

        An event that is open goes on.

        Args:
            zones: of which one is required.
            wanted: those of which alerts require one: what was in them, too, is graver.
        """
        self._required, self._wanted = zones, zones | wanted

    def resume(self, recovered: Recovered, at: WallUs) -> None:
        """Go on where the last run was cut off; before the first step."""
        cut = recovered.interrupted
        self._cut = [one for one in cut if one.event.kind is EventKind.OBJECT]
        self._absence.resume(one.event for one in cut if one.event.kind is EventKind.OFFLINE)
        self._resumed_us = at
        self._label_seen = dict(recovered.label_last_seen)
        if recovered.baseline is not None:
            self._baseline = recovered.baseline
        if recovered.batch is not None:
            self._batches.resume(recovered.batch, recovered.batch_events, at)
        for stayed in recovered.stayed:
            chain_id = self._batches.take_over(stayed.batch, stayed.batch_events, at)
            visit = Visit.taken_over(stayed.event, chain_id, self._zone, self._settings)
            self._visits[stayed.event.track_id] = visit

    def rename(self, name: str) -> None:
        """Use the camera's new name from the next sentence on."""
        self._name = name

    @property
    def open_events(self) -> tuple[Event, ...]:
        """The newest state of every open event, written or not."""
        own = (affair.event for affair in (self._absence, self._tampered) if affair.event is not None)
        return (*(visit.event for visit in self._visits.values()), *own)

    @property
    def visiting(self) -> Collection[TrackId]:
        """The tracks that have an open event."""
        return self._visits.keys()

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every event that the last call looked at, written or not, as it left it."""
        return tuple(self._judged)

    @property
    def living(self) -> frozenset[str]:
        """The visits that may go on and the chains of batches that are not over."""
        visits = {visit.event.visit_id for visit in self._visits.values()}
        over = {over.event.visit_id for over in self._over.values()}
        cut = {cut.event.visit_id for cut in self._cut}
        own = self._absence.visits | self._tampered.visits
        return frozenset({*visits, *over, *cut, *own, *self._batches.chains})

    def step(
        self,
        tracks: Sequence[Track],
        at: WallUs,
        passages: Mapping[TrackId, Passages] = NOWHERE,
        arm: ArmState = ArmState.HOME,
        *,
        is_ticked: bool = False,
    ) -> tuple[Change, ...]:
        """Take in the tracks of an analysed frame and return what is to be written, batches before events.

        Args:
            tracks: every confirmed or lost track, and those that ended with this frame.
            at: the instant that the frame shows; never earlier than that of the frame before.
            passages: what tracks did at zones and lines so far; a track without any may be left out.
            arm: the state of the house at that instant.
            is_ticked: what was due by then has been done already.
        """
        self._judged = []
        changes = [] if is_ticked else list(self.tick(at))
        if self._awaits_return:
            self._resumed_us, self._awaits_return = at, False
        self._heard_us = at
        present = {track.id for track in tracks}
        self._outlived &= present
        gone = [number for number in self._visits if number not in present]
        if gone or self._cut:
            changes += self._cut_off(gone, at)
        together: dict[str, int] = {}
        for track in tracks:
            # What is parked there all day does not make more of who comes.
            if track.state is not TrackState.ENDED and track.rest is None:
                together[track.label] = together.get(track.label, 0) + 1
        scene = Scene(self._name, together, at, arm, self._baseline, self._required, self._wanted)
        seen_before = dict(self._label_seen)
        for track in tracks:
            changes += self._follow(track, scene, seen_before, passages.get(track.id, NO_PASSAGES))
            if track.rest is None:  # what is parked there does not make the next car a usual one
                last_us = self._label_seen.get(track.label, at)
                self._label_seen[track.label] = max(track.last_seen_us, last_us)
        return tuple(changes)

    def tick(self, at: WallUs) -> tuple[Change, ...]:
        """Do what was due by then without a frame; nothing before ``due_us``."""
        self._judged = []
        changes: list[Change] = []
        while (due := self.due_us) is not None and due <= at:
            if due == self._silent_us:
                changes += self._go_silent(due)
            for affair in (self._absence, self._tampered):
                changes += self._noted(affair.tick(self._batches, self._name, due))
            changes += self._batches.tick(self._name, due)
        return tuple(changes)

    def reached(self, at: WallUs, arm: ArmState, *, is_reached: bool) -> tuple[Change, ...]:
        """Hear that the camera is reached again, or is not any more; what was due is done before.

        Args:
            at: when, in the camera's own time.
            arm: the state of the house then.
            is_reached: whether it is reached from now on.
        """
        changes = list(self.tick(at))
        if is_reached:
            changes += self._noted(self._absence.end(self._batches, self._name, at))
        else:
            self._absence.go(at, arm)
        return tuple(changes)

    def tampered(self, at: WallUs, arm: ArmState, how: Tampering | None) -> tuple[Change, ...]:
        """Hear what is done to the camera from now on; what was due is done before.

        Args:
            at: when, in the camera's own time.
            arm: the state of the house then.
            how: is done to it; ``None`` where it sees as usual again.
        """
        changes = list(self.tick(at))
        if how is self._tampered.how:
            return tuple(changes)
        changes += self._noted(self._tampered.end(self._batches, self._name, at))
        if how is not None:
            changes += self._noted(self._tampered.begin(self._batches, self._name, at, arm, how))
        return tuple(changes)

    def _noted(self, looked: Looked | None) -> list[Change]:
        """Let alerts be judged by what became of an event of the camera itself."""
        if looked is None:
            return []
        self._judged.append(Judged(looked.event, looked.chain_id, looked.at))
        return looked.changes

    def close(self, at: WallUs) -> tuple[Change, ...]:
        """Interrupt what is open and complete the batch: the camera is removed, disabled, or its file ended.

        When the service stops, leave it: the next start interrupts and continues.
        """
        changes = [*self.tick(at), *self._go_silent(at), *self._cut_off(list(self._visits), at)]
        for affair in (self._absence, self._tampered):
            changes += self._noted(affair.close(self._batches, self._name, at))
        return (*changes, *self._batches.close(self._name))

    def second_look(self, event_id: EventId, look: SecondLook, at: WallUs) -> tuple[Change, ...]:
        """Take in what a model said of an event, open or lately over; nothing where it is neither.

        What was due before then is to be done before.
        """
        self._judged = []
        for visit in self._visits.values():
            if visit.event.id == event_id:
                return tuple(self._with_batch(visit, visit.look_again(look, at), at))
        over = self._over.get(event_id)
        if over is None:
            return ()
        event = looked_at(over.event, look)
        self._over[event_id] = Over(event, over.chain_id)
        self._judged.append(Judged(event, over.chain_id, at, over.event))
        batches = self._batches.record(event, self._name, at)
        return (*batches, EventSaved(event, over.event, over.chain_id))

    @property
    def _silent_us(self) -> WallUs | None:
        """When the camera counts as silent, unless a frame comes before."""
        return None if self._heard_us is None else wall_after(self._heard_us, self._settings.silence_s)

    @property
    def due_us(self) -> WallUs | None:
        """When something has to be done without a frame, unless one comes before; ``None`` for never."""
        due_us = self._absence.due_us
        for other_us in (self._tampered.due_us, self._silent_us, self._batches.due_us):
            if other_us is not None and (due_us is None or other_us < due_us):
                due_us = other_us
        return due_us

    def _go_silent(self, at: WallUs) -> list[Change]:
        self._heard_us = None
        # Only what was cut off now may return: a camera without anything to analyse is silent too, and who
        # comes after that is a visitor of its own.
        # What rests is not cut off: it is where it was, and will be looked for when there is a picture again.
        moving = [number for number, visit in self._visits.items() if visit.event.rest is None]
        self._awaits_return = bool(moving)
        return self._cut_off(moving, at)

    def _cut_off(self, numbers: Sequence[TrackId], at: WallUs) -> list[Change]:
        changes: list[Change] = []
        longest_s = self._settings.continue_gap_s
        self._cut = [cut for cut in self._cut if seconds_between(cut.event.last_seen_us, at) <= longest_s]
        for number in numbers:
            visit = self._visits.pop(number)
            self._learn(visit)
            saved = visit.cut_off(self._name, at)
            self._cut.append(visit.as_interrupted)
            self._outlived.add(number)
            self._resumed_us = at
            changes += self._with_batch(visit, saved, at)
        return changes

    def _follow(
        self, track: Track, scene: Scene, seen_before: dict[str, WallUs], passages: Passages
    ) -> list[Change]:
        visit = self._visits.get(track.id)
        if visit is None:
            if track.state is not TrackState.CONFIRMED or not self._is_wanted(passages):
                return []
            visit = self._visits[track.id] = self._open(track, seen_before, scene.at)
        saved = visit.see(track, scene, passages)
        if track.state is TrackState.ENDED:
            del self._visits[track.id]
            self._learn(visit)
        return self._with_batch(visit, saved, scene.at)

    def _keep_over(self, visit: Visit) -> None:
        self._over[visit.event.id] = Over(visit.event, visit.chain_id)
        if len(self._over) > MOST_OVER:
            del self._over[next(iter(self._over))]

    def _learn(self, visit: Visit) -> None:
        """Count an event that is over into what is usual."""
        self._baseline = self._baseline.learn(visit.event.label, visit.local_start)

    def _is_wanted(self, passages: Passages) -> bool:
        """Return whether a track that did this may become an event."""
        return not self._required or any(stay.zone_id in self._required for stay in passages.stays)

    def _with_batch(self, visit: Visit, saved: EventSaved | None, at: WallUs) -> list[Change]:
        self._judged.append(Judged(visit.event, visit.chain_id, at))
        if visit.event.state is not EventState.OPEN:
            self._keep_over(visit)
        changes: list[Change] = [
            *self._batches.record(visit.event, self._name, at, is_written=saved is not None)
        ]
        if saved is not None:
            changes.append(saved)
        return changes

    def _open(self, track: Track, seen_before: dict[str, WallUs], at: WallUs) -> Visit:
        started_us = track.last_seen_us if track.id in self._outlived else track.first_us
        origin = self._origin(track, started_us, at)
        batch_id, chain_id = self._batches.open_for(started_us, track.id, at)
        event_id = EventId(self._name_of("event", started_us, track.id))
        event = Event(
            id=event_id,
            visit_id=VisitId(event_id) if origin is None else origin.visit_id,
            batch_id=batch_id,
            camera_id=self._camera_id,
            track_id=track.id,
            state=EventState.OPEN,
            label=track.label,
            started_us=started_us,
            last_seen_us=track.last_seen_us,
            ended_us=None,
            score=track.score,
            box=track.unit_box,
            risk_score=0,
            risk_factors=(),
            summary="",
            continues=None if origin is None else origin.id,
        )
        continued_us = None if origin is None else origin.last_seen_us
        return Visit(event, chain_id, seen_before, self._zone, self._settings, continued_us)

    def _origin(self, track: Track, started_us: WallUs, at: WallUs) -> Event | None:
        """Return the interrupted event whose object this is, and let no other continue it."""
        if seconds_between(self._resumed_us, at) > self._settings.continue_within_s:
            self._cut = []
        for cut in self._cut:
            gap_s = seconds_between(cut.event.last_seen_us, started_us)
            is_same = cut.event.label == track.label or MOTION_LABEL in (cut.event.label, track.label)
            if is_same and 0 <= gap_s <= self._settings.continue_gap_s and cut.is_at(track.unit_box):
                self._cut.remove(cut)
                return cut.event
        return None
