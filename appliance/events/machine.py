"""The event machine of one camera: what its tracks make of events and batches."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, tzinfo

from appliance.domain.camera import Camera
from appliance.domain.detection import MOTION_LABEL
from appliance.domain.event import Event, EventState
from appliance.domain.ids import EventId, IdSource, TrackId, VisitId
from appliance.domain.time import NS_PER_S, MonotonicNs, WallUs, seconds_between
from appliance.domain.track import Track, TrackState
from appliance.events.batches import BatchBook
from appliance.events.changes import BatchSaved, Change, EventSaved
from appliance.events.recovery import Interrupted, Recovered
from appliance.events.settings import Settings
from appliance.events.visit import Scene, Visit


class EventMachine:
    """Opens, updates and closes the events of one camera; used from one thread, reads no clock.

    Wall times come with the tracks and go into the rows; everything that lasts (silence, rest, the pace of
    writing) is measured on the monotonic time handed in, so that a step of the clock ends nothing.

    Args:
        new_id: names events and batches.
        zone: the owner's time zone, for what is night.
    """

    def __init__(
        self, camera: Camera, settings: Settings | None = None, *, new_id: IdSource, zone: tzinfo = UTC
    ) -> None:
        self._camera = camera
        self._settings = settings or Settings()
        self._new_id = new_id
        self._zone = zone
        self._batches = BatchBook(camera.id, self._settings, new_id)
        self._visits: dict[TrackId, Visit] = {}
        self._label_seen: dict[str, WallUs] = {}
        self._cut: list[Interrupted] = []
        self._heard_ns: MonotonicNs | None = None
        self._resumed_ns = MonotonicNs(0)
        self._awaits_return = False
        # Tracks whose events were cut off: each may open one more, of what is seen of it from then on.
        self._outlived: set[TrackId] = set()

    def resume(self, recovered: Recovered, at: WallUs, now: MonotonicNs) -> None:
        """Go on where the last run was cut off; before the first step."""
        self._cut = list(recovered.interrupted)
        self._resumed_ns = now
        self._label_seen = dict(recovered.label_last_seen)
        if recovered.batch is not None:
            self._batches.resume(recovered.batch, recovered.batch_events, at, now)

    def rename(self, camera: Camera) -> None:
        """Use the camera's new name from the next sentence on."""
        self._camera = camera

    @property
    def open_events(self) -> tuple[Event, ...]:
        """The newest state of every open event, written or not."""
        return tuple(visit.event for visit in self._visits.values())

    def step(self, tracks: Sequence[Track], at: WallUs, now: MonotonicNs) -> tuple[Change, ...]:
        """Take in the tracks of an analysed frame and return what is to be written, batches before events.

        Args:
            tracks: every confirmed or lost track, and those that ended with this frame.
            at: the instant that the frame shows.
            now: when it came, or any later monotonic time; never earlier than at the last call.
        """
        changes = list(self.tick(now))
        if self._awaits_return:
            self._resumed_ns, self._awaits_return = now, False
        self._heard_ns = now
        present = {track.id for track in tracks}
        self._outlived &= present
        changes += self._cut_off([number for number in self._visits if number not in present], now)
        together = Counter(t.label for t in tracks if t.state is not TrackState.ENDED)
        scene = Scene(self._camera.name, together, now)
        seen_before = dict(self._label_seen)
        for track in tracks:
            changes += self._follow(track, scene, seen_before)
            self._label_seen[track.label] = max(track.last_seen_us, self._label_seen.get(track.label, at))
        return tuple(changes)

    def tick(self, now: MonotonicNs) -> tuple[Change, ...]:
        """Do what is due without a frame: about once a second, also while the camera is offline."""
        changes: list[Change] = []
        if self._heard_ns is not None and now - self._heard_ns >= self._settings.silence_s * NS_PER_S:
            changes += self._go_silent(now)
        return (*changes, *self._batches.tick(self._camera.name, now))

    def close(self, now: MonotonicNs) -> tuple[Change, ...]:
        """Interrupt what is open and complete the batch: the camera is removed, disabled, or its file ended.

        When the service stops, leave it: the next start interrupts and continues.
        """
        return (*self._go_silent(now), *self._batches.close(self._camera.name))

    def _go_silent(self, now: MonotonicNs) -> list[Change]:
        self._heard_ns = None
        # Only what was cut off now may return: a camera without anything to analyse is silent too, and who
        # comes after that is a visitor of its own.
        self._awaits_return = bool(self._visits)
        return self._cut_off(list(self._visits), now)

    def _cut_off(self, numbers: Sequence[TrackId], now: MonotonicNs) -> list[Change]:
        changes: list[Change] = []
        for number in numbers:
            visit = self._visits.pop(number)
            saved = visit.cut_off(self._camera.name, now)
            self._cut.append(visit.as_interrupted)
            self._outlived.add(number)
            self._resumed_ns = now
            changes += self._with_batch(visit.event, saved, now)
        return changes

    def _follow(self, track: Track, scene: Scene, seen_before: dict[str, WallUs]) -> list[Change]:
        visit = self._visits.get(track.id)
        if visit is None:
            if track.state is not TrackState.CONFIRMED:
                return []
            visit = self._visits[track.id] = self._open(track, seen_before, scene.now)
        saved = visit.see(track, scene)
        if track.state is TrackState.ENDED:
            del self._visits[track.id]
        return self._with_batch(visit.event, saved, scene.now)

    def _with_batch(self, event: Event, saved: EventSaved | None, now: MonotonicNs) -> list[Change]:
        place = self._camera.name
        batches: list[BatchSaved] = self._batches.record(event, place, now, is_written=saved is not None)
        return [*batches, *([] if saved is None else [saved])]

    def _open(self, track: Track, seen_before: dict[str, WallUs], now: MonotonicNs) -> Visit:
        started_us = track.last_seen_us if track.id in self._outlived else track.first_us
        origin = self._origin(track, started_us, now)
        batch_id, chain_id = self._batches.open_for(started_us, now)
        event_id = EventId(self._new_id(started_us))
        event = Event(
            id=event_id,
            visit_id=VisitId(event_id) if origin is None else origin.visit_id,
            batch_id=batch_id,
            camera_id=self._camera.id,
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
        return Visit(event, chain_id, seen_before, self._zone, self._settings)

    def _origin(self, track: Track, started_us: WallUs, now: MonotonicNs) -> Event | None:
        """Return the interrupted event whose object this is, and let no other continue it."""
        if now - self._resumed_ns > self._settings.continue_within_s * NS_PER_S:
            self._cut = []
        for cut in self._cut:
            gap_s = seconds_between(cut.event.last_seen_us, started_us)
            is_same = cut.event.label == track.label or MOTION_LABEL in (cut.event.label, track.label)
            if is_same and 0 <= gap_s <= self._settings.continue_gap_s and cut.is_at(track.unit_box):
                self._cut.remove(cut)
                return cut.event
        return None
