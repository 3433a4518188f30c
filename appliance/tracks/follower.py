"""One followed object from its first sight to its end, as the tracker keeps it."""

import numpy as np

from appliance.domain.detection import MOTION_LABEL, Detections
from appliance.domain.ids import TrackId
from appliance.domain.look import SAME_BITS, difference
from appliance.domain.making import maker
from appliance.domain.time import US_PER_S, WallUs, seconds_between
from appliance.domain.track import Box, Confirmation, Origin, Remover, Rest, Track, TrackState
from appliance.tracks.belief import Belief, confirm_score, end_score
from appliance.tracks.candidates import Candidates
from appliance.tracks.geometry import Boxes, area_of, iou_of
from appliance.tracks.held import Held
from appliance.tracks.kalman import BoxFilter
from appliance.tracks.resting import NOT_CARRIED, PERSON, Resting
from appliance.tracks.settings import Settings
from appliance.tracks.votes import Votes

COAST_S = 0.6
"""An unseen object goes on at its last speed for that long, then it is believed to stand."""
PART_RATIO = 0.5
"""A box that much smaller than the object before it shows a part of it."""
MOST_PARTS = 4
"""Parts in a row that are not believed."""
STATIONARY_SPEED = 0.1
"""Own lengths in a second below which something stands."""
STANDING_IOU = 0.5
"""A box that agrees that well with the one before it came to rest is at the same place."""
SETTLED_IOU = 0.75
"""The box that is kept as a resting place agrees that well with it."""
RETURN_S = 30.0
"""So long it may turn out that an object never left its place."""
STANDS_S = 2.0
"""What stood for that long is not missed by a detector that overlooks it, while it looks the same."""
MOST_STRAYS = 3
"""Boxes in a row that lie elsewhere, from which on an object is believed to have moved: a person who stands
bends and turns, and a detector loses the legs for a frame."""

_track = maker(Track)


class Follower:
    """A track in the making. All of its times are the camera's wall time.

    Attributes:
        missed: analysed frames in which it was looked for in vain since its last sight.
        missed_s: how long it was looked for in vain; a long pause between two looks counts as a short one.
        unit_box: the detector's box at the last sight, float64, shape (4,), xyxy in unit coordinates.
        filter: where it is believed to be.
        confirmation: by what it was confirmed; ``None`` before.
        belief: how far its sights are believed.
        still_us: since when it stands where it is.
        seen_box: the detector's own box at the last sight, and
        seen_look: how that looked then; 0 where nobody looked.
        probe: how it looks in the frame at hand, while it stands; ``None`` where nobody looked.
        began_beside_person: a person was beside it as it appeared.
        origin: how it came to the place where it rests, or rested last.
        removed_by: what made it leave that place.
        resting: its place, while it rests.
        left: the place that it has just left,
        left_us: and when.
    """

    def __init__(
        self, number: TrackId, found: Candidates, index: int, at: WallUs, settings: Settings
    ) -> None:
        self.number = number
        self.is_confirmed = False
        self.confirmation: Confirmation | None = None
        self.first_us = at
        self.last_seen_us = at
        self.hits = 0
        self.missed = 0
        self.missed_s = 0.0
        self.unit_box: Boxes = found.boxes[index]
        self.filter = BoxFilter(self.unit_box)
        self._parts = 0
        self.votes = Votes(settings.specific_min_hits, settings.specific_min_ratio)
        self._settings = settings
        self._first_middle = _middle(self.unit_box)
        self._travel = np.zeros(2)
        self._last_hit = (found.labels[index], 0.0)
        self.belief = Belief()
        self.still_us = at
        self.seen_box: Boxes = self.unit_box
        self.seen_look = int(found.looks[index])
        self.probe: int | None = None
        self._anchor: Boxes = self.unit_box
        self._strays = 0
        self.began_beside_person = False
        self.origin = Origin.ARRIVED
        self.removed_by: Remover | None = None
        self.resting: Resting | None = None
        self.left: Resting | None = None
        self.left_us = at
        self._count(found, index, at, self.unit_box)

    @classmethod
    def held(cls, held: Held, settings: Settings) -> "Follower":
        """Return one that rested when the last run ended, not seen yet in this one."""
        follower = cls(held.number, held.as_candidates(), 0, held.last_seen_us, settings)
        follower.is_confirmed = True
        follower.first_us, follower.still_us = held.first_us, held.rest.since_us
        follower.origin = held.origin
        follower.resting = Resting(held.rest, held.rest.look, held.last_seen_us, is_doubtful=True)
        return follower

    def predict(self, seconds: float) -> None:
        """Move on to the next frame; what rests stays."""
        if self.resting is not None:
            return
        if self.missed_s > COAST_S:
            self.filter.halt()
        self.filter.predict(seconds)

    def hit(self, found: Candidates, index: int, at: WallUs, seconds: float) -> None:
        """Take in the box in which it was found, ``seconds`` after the last look."""
        if self.resting is not None:
            agreement = iou_of(found.corners[index], self.unit_box.tolist())
            self.hits += 1
            self.stay(at, is_on_it=agreement >= SETTLED_IOU)
            return
        box = self._whole(found, index)
        self.filter.update(box)
        self.belief.fade(seconds)
        self.seen_box, self.seen_look = found.boxes[index], int(found.looks[index])
        self._count(found, index, at, box)
        self._settle(found, index, at)

    def reconsider(self, at: WallUs) -> None:
        """Be back at the place that it seemed to leave, if that looks as it did with it.

        Then it was not the object that was found beside its place, but a headlight's cone, or somebody who
        came out from behind it. After a while nothing is left to reconsider.
        """
        if self.left is None:
            return
        if self.left.is_still_there:
            self.resting, self.left, self.removed_by = self.left, None, None
            self.unit_box = self._anchor = self.resting.box
            self.filter = BoxFilter(self.unit_box)
            self._strays, self.still_us = 0, self.resting.rest.since_us
        elif abs(seconds_between(self.left_us, at)) > RETURN_S:
            self.left = None

    def miss(self, seconds: float) -> None:
        """Count a look in vain, ``seconds`` after the last look."""
        self.missed += 1
        self.missed_s += seconds
        self.belief.fade(seconds)

    def stay(self, at: WallUs, *, is_on_it: bool) -> None:
        """Take in a frame that shows it at its resting place, by a detector's box or by its look alone.

        What the detector calls it there no longer counts: that was decided as it came, and a parked car that
        is a dog in the light of each passing headlight is none.
        """
        if self.resting is not None:
            self.missed, self.missed_s = 0, 0.0
            self.last_seen_us = max(at, self.last_seen_us)
            self.resting.see(at, self._settings.rest_renew_s, is_on_it=is_on_it)

    def move_on(self, found: Candidates, index: int, at: WallUs) -> None:
        """Leave the place: it was found beside it, and the place looks different."""
        self.removed_by = self._remover
        self.left, self.resting, self.left_us = self.resting, None, at
        self.unit_box = self._anchor = found.boxes[index]
        self.filter = BoxFilter(self.unit_box)
        self.belief = Belief()
        self._parts, self._strays = 0, 0
        self.still_us = max(at, self.last_seen_us)
        self._count(found, index, at, self.unit_box)

    @property
    def is_lost_for_good(self) -> bool:
        """It was looked for in vain long enough to have left, or its sights are not believed any more."""
        if self.resting is not None:
            is_over = self.resting.gone_s >= self._settings.rest_gone_s
            return is_over and self.missed >= self._settings.lost_frames
        if not self.is_confirmed:
            return self.missed_s >= self._settings.tentative_lost_s
        if self.missed == 0 and not self.is_mere_motion:
            return self.belief.value < end_score(self._settings, self.votes.winner)
        return self.missed_s >= self._settings.lost_s and self.missed >= self._settings.lost_frames

    @property
    def is_mere_motion(self) -> bool:
        """Nothing is known of it but that it moves."""
        return self.votes.winner == MOTION_LABEL

    @property
    def deserves_confirmation(self) -> bool:
        """It was hit often enough and is believed, or, if only its motion is known, it got somewhere."""
        settings = self._settings
        if self.hits < settings.confirm_hits:
            return False
        sides = self.unit_box[2:] - self.unit_box[:2]
        if not self.is_mere_motion:
            return self.belief.value >= confirm_score(settings, self.votes.winner, float(sides.prod()))
        sizes = self._travel / np.maximum(sides, 1e-6)
        return bool(
            self.last_seen_us - self.first_us >= settings.motion_min_s * US_PER_S
            and self._travel.max() >= settings.motion_min_travel_ratio
            and sizes.max() >= settings.motion_min_travel_sizes
            and sides.prod() >= settings.motion_min_area_ratio
        )

    def confirm(self) -> None:
        """Be taken for an object from now on, and remember why."""
        self.is_confirmed, self.confirmation = True, self._standing

    @property
    def _standing(self) -> Confirmation:
        if self.is_mere_motion:
            return Confirmation(self.hits, 0.0, 0.0)
        sides = self.unit_box[2:] - self.unit_box[:2]
        limit = confirm_score(self._settings, self.votes.winner, float(sides.prod()))
        return Confirmation(self.hits, self.belief.value, limit)

    def snapshot(self, detections: Detections, *, has_ended: bool) -> Track:
        """Return what is known of it after an analysed frame."""
        left, top, right, bottom = self.unit_box.tolist()
        width, height = detections.width, detections.height
        pixels: Box = (left * width, top * height, right * width, bottom * height)
        label = self.votes.winner
        speed_x, speed_y = self.filter.drift
        return _track(
            id=self.number,
            camera_id=detections.camera_id,
            state=self._state(has_ended=has_ended),
            label=label,
            votes=self.votes.weights,
            score=self.votes.best_score(label),
            hit_label=self._last_hit[0],
            hit_score=self._last_hit[1],
            box=pixels,
            unit_box=(left, top, right, bottom),
            first_us=self.first_us,
            last_seen_us=self.last_seen_us,
            hits=self.hits,
            missed=self.missed,
            is_stationary=(
                abs(speed_x) < STATIONARY_SPEED * max(right - left, 1e-6)
                and abs(speed_y) < STATIONARY_SPEED * max(bottom - top, 1e-6)
            ),
            rest=None if self.resting is None else self.resting.rest,
            origin=self.origin,
            removed_by=self._remover if has_ended and self.resting is not None else self.removed_by,
            confirmation=self.confirmation if self.is_confirmed else self._standing,
        )

    @property
    def moved_sizes(self) -> float:
        """How far its middle is from where it was first, in its own lengths."""
        sides = np.maximum(self.unit_box[2:] - self.unit_box[:2], 1e-6)
        return float((np.abs(_middle(self.unit_box) - self._first_middle) / sides).max())

    @property
    def can_be_carried(self) -> bool:
        """It is a thing that somebody may leave behind or take."""
        return self.votes.winner not in NOT_CARRIED

    @property
    def is_person(self) -> bool:
        """It is a person, as far as is known."""
        return self.votes.winner == PERSON

    @property
    def _remover(self) -> Remover:
        is_taken = self.resting is not None and self.resting.is_beside_person and self.can_be_carried
        return Remover.PERSON if is_taken else Remover.ITSELF

    def _settle(self, found: Candidates, index: int, at: WallUs) -> None:
        """Notice that it stands, since when, and that it has come to rest."""
        if at < self.still_us:  # the camera's time was put back
            self.still_us = at
        agreement = iou_of(found.corners[index], self._anchor.tolist())
        if agreement < STANDING_IOU:
            self._strays += 1
            if self._strays >= MOST_STRAYS:
                self._anchor, self._strays, self.still_us = self.unit_box, 0, at
            return
        self._strays = 0
        is_long = at - self.still_us >= self._settings.rest_after_s * US_PER_S
        if self.is_confirmed and is_long and agreement >= SETTLED_IOU:
            self._rest(found, index, at)

    @property
    def stands(self) -> bool:
        """It has stood for a moment, and does not rest yet."""
        stood_us = self.last_seen_us - self.still_us
        return self.is_confirmed and self.resting is None and stood_us >= STANDS_S * US_PER_S

    @property
    def looks_unmoved(self) -> bool:
        """It looks as at its last sight: the detector missed what is still there."""
        if self.probe is None or self.seen_look == 0:
            return False
        return difference(self.probe, self.seen_look) <= SAME_BITS

    @property
    def place(self) -> Resting | None:
        """Where it rests, or what it has just left: of what it is worth to know how it looks."""
        return self.resting or self.left

    def _rest(self, found: Candidates, index: int, at: WallUs) -> None:
        left, top, right, bottom = (float(side) for side in found.boxes[index])
        look = int(found.looks[index])
        rest = Rest(WallUs(max(self.still_us, self.first_us)), (left, top, right, bottom), look)
        self.resting, self.left = Resting(rest, look, at), None
        self.unit_box, self.removed_by, self.origin = found.boxes[index], None, Origin.ARRIVED
        self.filter = BoxFilter(self.unit_box)

    def _state(self, *, has_ended: bool) -> TrackState:
        if has_ended:
            return TrackState.ENDED
        if not self.is_confirmed:
            return TrackState.TENTATIVE
        return TrackState.LOST if self.missed else TrackState.CONFIRMED

    def _whole(self, found: Candidates, index: int) -> Boxes:
        """Return the box to believe: an object does not shrink where only a part of it moves or is seen.

        Somebody who begins to walk moves a foot and a shoulder first, and a detector may see legs alone for
        a frame. The last box stays as large as it was, shifted no further than it takes to hold the part.
        What stays small is small: after a few parts in a row the box is believed.
        """
        box: Boxes = found.boxes[index]
        is_part = area_of(found.corners[index]) < PART_RATIO * area_of(self.unit_box.tolist())
        self._parts = self._parts + 1 if is_part and not self.is_mere_motion else 0
        if self._parts == 0 or (self._parts > MOST_PARTS and not found.is_motion[index]):
            return box
        forward = np.maximum(box[2:] - self.unit_box[2:], 0.0)
        backward = np.minimum(box[:2] - self.unit_box[:2], 0.0)
        return np.asarray(self.unit_box + np.tile(forward + backward, 2), np.float64)

    def _count(self, found: Candidates, index: int, at: WallUs, box: Boxes) -> None:
        self.hits += 1
        self.missed, self.missed_s = 0, 0.0
        # A camera's time may be put back when its run is anchored anew; a track's time never runs backwards.
        self.last_seen_us = max(at, self.last_seen_us)
        self.unit_box = box
        self._last_hit = (found.labels[index], found.scores[index])
        is_cut_off = found.is_cut_off[index]
        self.votes.add(*self._last_hit, is_cut_off=is_cut_off)
        if not found.is_motion[index]:  # that it moved says nothing for or against what it is
            self.belief.add(self._last_hit[1], is_cut_off=is_cut_off)
        if not self.is_confirmed:  # how far it got confirms mere motion, and is asked of nothing else
            self._travel_to(box)

    def _travel_to(self, box: Boxes) -> None:
        """Remember how far its middle got in each direction, in plain floats: arrays of two cost more."""
        left, top, right, bottom = box.tolist()
        (first_x, first_y), (far_x, far_y) = self._first_middle.tolist(), self._travel.tolist()
        in_x, in_y = abs((left + right) / 2 - first_x), abs((top + bottom) / 2 - first_y)
        if in_x > far_x or in_y > far_y:
            self._travel = np.array([max(in_x, far_x), max(in_y, far_y)])


def _middle(box: Boxes) -> Boxes:
    return np.asarray((box[:2] + box[2:]) / 2, np.float64)
