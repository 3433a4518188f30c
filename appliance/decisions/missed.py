"""What was followed and became no event, told once when it is gone, with the reason."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from appliance.domain.ids import CameraId, CandidateId, Naming, TrackId
from appliance.domain.scene import Requirement, Scene, Zone
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.trace import Candidate, Suppressed, TraceStep
from appliance.domain.track import Confirmation, Track, TrackState
from appliance.events.tracing import score_words
from appliance.places.nearness import outside_by

GOOD_HITS = 4
"""A track that was never believed is worth a word if it was found that often: two or three unsure boxes are
what a detector sees in any hedge."""
UNSURE_EVERY_S = 60.0
"""And at most once so often: a hedge in the wind would fill the list."""


@dataclass(slots=True)
class Unborn:
    """A track that is no event so far.

    Attributes:
        track: as it was seen last; its box is that of its best moment.
        best: the best score of a sight so far.
        zone: the required zone that it came closest to, and
        outside: how far from that it stayed, in parts of the picture; 0 inside.
    """

    track: Track
    best: float
    box: tuple[float, float, float, float]
    zone: Zone | None = None
    outside: float = 1.0


class MissedTracks:
    """Watches the tracks of one camera that are no event; plain state, reads no clock."""

    def __init__(self, camera_id: CameraId, name_of: Naming, scene: Scene) -> None:
        self._camera_id = camera_id
        self._name_of = name_of
        self._unborn: dict[TrackId, Unborn] = {}
        self._unsure_us: WallUs | None = None
        self._required: tuple[Zone, ...] = ()
        self.go_by(scene)

    def go_by(self, scene: Scene) -> None:
        """Use other zones from the next frame on."""
        self._required = tuple(zone for zone in scene.zones if zone.required_for is Requirement.EVENTS)

    def step(
        self, tentative: Iterable[Track], tracks: Sequence[Track], born: Collection[TrackId]
    ) -> tuple[Candidate, ...]:
        """Take in the tracks of an analysed frame; return those that are gone and never became an event.

        Args:
            tentative: those that are not confirmed yet.
            tracks: the others, those that ended with this frame among them.
            born: those that are, or with this frame were, events.
        """
        before, self._unborn = self._unborn, {}
        for track in (*tentative, *tracks):
            if track.id in born or (track.state is TrackState.CONFIRMED and not self._required):
                before.pop(track.id, None)
            elif track.state is not TrackState.ENDED:
                self._unborn[track.id] = self._seen(before.pop(track.id, None), track)
        return self._told(before.values()) if before else ()

    def close(self) -> tuple[Candidate, ...]:
        """Return what became no event, now that the camera is taken away."""
        gone, self._unborn = self._unborn, {}
        return self._told(gone.values())

    def _seen(self, known: Unborn | None, track: Track) -> Unborn:
        if known is None:
            known = Unborn(track, track.hit_score, track.unit_box)
        elif track.missed == 0 and track.hit_score > known.best:
            known.best, known.box = track.hit_score, track.unit_box
        known.track = track
        for zone in self._required if track.missed == 0 else ():
            outside = outside_by(zone.points, track.unit_box)
            if known.zone is None or outside < known.outside:
                known.zone, known.outside = zone, outside
        return known

    def _told(self, gone: Iterable[Unborn]) -> tuple[Candidate, ...]:
        told = (self._candidate(one) for one in gone)
        return tuple(candidate for candidate in told if candidate is not None)

    def _candidate(self, unborn: Unborn) -> Candidate | None:
        track, how = unborn.track, unborn.track.confirmation
        if track.state is TrackState.TENTATIVE:
            if not self._is_worth_a_word(track, how):
                return None
            self._unsure_us = track.last_seen_us
        steps = [] if how is None or how.limit <= 0 else [_score_step(how)]
        if track.state is not TrackState.TENTATIVE and unborn.zone is not None:
            steps.append(_zone_step(unborn, unborn.zone))
        reason = next((step.detail for step in steps if not step.passed), None)
        if reason is None:
            return None
        return Candidate(
            id=CandidateId(self._name_of("candidate", track.first_us, track.id)),
            what=Suppressed.EVENT,
            camera_id=self._camera_id,
            track_id=track.id,
            label=track.label,
            started_us=track.first_us,
            last_seen_us=track.last_seen_us,
            score=track.score,
            box=unborn.box,
            reason=reason,
            trace=tuple(steps),
        )

    def _is_worth_a_word(self, track: Track, how: Confirmation | None) -> bool:
        """Return whether a track that was never believed was found often, and is the first lately."""
        if how is None or how.limit <= how.score or track.hits < GOOD_HITS:
            return False
        last_us = self._unsure_us
        return last_us is None or abs(seconds_between(last_us, track.last_seen_us)) >= UNSURE_EVERY_S


def _score_step(how: Confirmation) -> TraceStep:
    return TraceStep("confirmed", how.score >= how.limit, score_words(how))


def _zone_step(unborn: Unborn, zone: Zone) -> TraceStep:
    """Return in words how it missed the zone that it came closest to."""
    label, score = unborn.track.label, unborn.track.score
    if unborn.outside > 0:
        words = f"outside zone {zone.name} by {max(0.01, unborn.outside):.0%}".replace("%", " %")
    elif zone.labels is not None and label not in zone.labels:
        words = f"zone {zone.name} is not for a {label}"
    elif score < zone.min_score:
        words = f"best score {score:.2f} < {zone.min_score:.2f} of zone {zone.name}"
    else:
        words = f"not long enough in zone {zone.name}, or not of its size"
    return TraceStep("required", passed=False, detail=words)
