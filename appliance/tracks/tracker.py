"""The tracker of one camera: two-stage association of boxes with Kalman-filtered tracks."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import TrackId
from appliance.domain.time import US_PER_S, WallUs, seconds_between
from appliance.domain.track import Origin, Track
from appliance.tracks.assignment import assign, assign_rows
from appliance.tracks.candidates import EXPLAINED_RATIO, Candidates
from appliance.tracks.follower import Follower
from appliance.tracks.geometry import (
    FEW,
    Boxes,
    areas,
    buffered,
    covered_ratio,
    grown,
    iou,
    iou_of,
    overlaps,
    shared_ratio,
)
from appliance.tracks.held import Held
from appliance.tracks.resting import PLACE_IOU, at_place, is_like, probes
from appliance.tracks.settings import Settings


@dataclass(frozen=True, slots=True)
class Likeness:
    """When a box is taken for a track's.

    Attributes:
        buffer_ratio: how much both boxes are grown before their overlap is measured.
        least: intersection over union that they must reach.
        at_last_sight: the box may also lie where the object was seen last, not only where it should be now.
        at_place: the track rests: the box must lie on its place, or be a part of it.
        is_kin: the box must have a label and a size that the track may have.
    """

    buffer_ratio: float
    least: float
    at_last_sight: bool = False
    at_place: bool = False
    is_kin: bool = False


NEAR = Likeness(0.3, 0.15)
"""From one frame to the next: at 4 frames a second a runner leaves its own box, but not its surroundings."""
UNSURE = Likeness(0.0, 0.3)
"""An unsure box must lie well on a known track to prolong it."""
SAME_PLACE = Likeness(0.6, 0.12, at_last_sight=True)
"""A lost object that turns up at about the same place is the same one."""
LEAP = Likeness(0.9, 0.12, is_kin=True)
"""How fast somebody is who was seen once is not known: at 3 frames a second a runner is 1.3 m further on,
more than twice its own width."""
AT_PLACE = Likeness(0.0, PLACE_IOU, at_place=True)
"""What is found where something rests is what rests there."""
LEAVING = Likeness(0.3, 0.15, is_kin=True)
"""What turns up beside a resting place that looks different, and where nothing is found, has left it."""

SEARCHED_RATIO = 0.5
"""An object was looked for when that part of its last box was searched."""
DUPLICATE_IOU = 0.55
"""A newcomer that overlaps a track seen in the same frame that much is a part of it seen twice."""
BESIDE_RATIO = 0.3
"""A person is beside a thing when their boxes meet, grown by that part of their mean sides."""
AT_REST_RATIO = 0.5
"""A newcomer of whose box that part lies in a resting place may be a flicker there, until it gets away."""
AWAY_SIZES = 0.75
"""So many own lengths from where it was first: what flickers stays where it is."""
HIDDEN_RATIO = 0.3
"""A resting object is hidden while what is seen besides covers that part of its place."""
HIDING_S = 10.0
"""What hides an object came to its place at most that long before the object was seen last."""
SIZE_FACTOR = 3.0
"""What leaves its place is at most that many times as large or as small as it was there."""


Round: TypeAlias = tuple[list[Follower], list[int], Likeness]
"""Tracks, the boxes that may be theirs, and when one is."""


class TrackerStep(NamedTuple):
    """What one analysed frame made of the tracks.

    Attributes:
        tracked: the frame's boxes with the numbers of their confirmed tracks.
        tracks: every confirmed or lost track, and those that ended with this frame, each of them once.
        tentative: those not yet confirmed; one that is dropped is not told again.
    """

    tracked: TrackedDetections
    tracks: tuple[Track, ...]
    tentative: tuple[Track, ...] = ()


class Tracker:
    """Follows the objects of one camera; used from one thread, reads no clock.

    Association is ByteTrack's (Y. Zhang et al., ByteTrack: Multi-Object Tracking by Associating Every
    Detection Box, ECCV 2022): sure boxes first, then what is left of the tracks with the unsure ones, so that
    a person who is half hidden is not lost. Three things are ours: labels do not matter for matching (they
    are voted on), time is the frames' own (5 a second or one), and what was not looked for is not missed.

    Args:
        numbers: where tracks get their numbers from; hand the same one on to the next tracker of the camera.
    """

    def __init__(self, settings: Settings | None = None, numbers: Iterator[int] | None = None) -> None:
        self._settings = settings or Settings()
        self._numbers = numbers or itertools.count(1)
        self._followers: list[Follower] = []
        self._looked_us: dict[TrackId, WallUs] = {}
        self._at: WallUs | None = None
        self._size = (0, 0)

    def hold(self, held: Held) -> None:
        """Go on holding what rested when the last run ended; before the first step."""
        self._followers.append(Follower.held(held, self._settings))
        self._looked_us[held.number] = held.last_seen_us

    @property
    def followed(self) -> npt.NDArray[np.float32]:
        """Where to look again, whether it moves or not: float32, shape (n, 4), pixels of the last frame.

        A resting object is among them only while its place looks different.
        """
        return self._in_pixels(f.unit_box for f in self._followers if f.resting is None or f.missed)

    @property
    def resting(self) -> npt.NDArray[np.float32]:
        """The places of which each frame should say how they look: float32, shape (n, 4), pixels likewise."""
        probed = [f for f in self._followers if f.place is not None or f.stands]
        return self._in_pixels(_probed(probed))

    def _in_pixels(self, boxes: Iterable[Boxes]) -> npt.NDArray[np.float32]:
        size = np.array(self._size * 2, np.float32)
        return np.asarray(np.array(list(boxes), np.float32).reshape(-1, 4) * size, np.float32)

    def step(self, detections: Detections) -> TrackerStep:
        """Take in the next analysed frame of the camera."""
        at = detections.wall_us
        self._predict(at)
        found = Candidates.of(detections)
        self._probe(detections)
        owners = self._associate(found, at)
        hit = {follower.number for follower in owners.values()}
        self._count_misses(detections, hit, at)
        self._confirm(hit)
        self._tell_left_behind()
        ended = [f for f in self._followers if f.is_lost_for_good]
        if ended:
            self._followers = [f for f in self._followers if f not in ended]
        if len(self._looked_us) != len(self._followers):  # some are gone
            self._looked_us = {f.number: self._looked_us[f.number] for f in self._followers}
        self._at, self._size = at, (detections.width, detections.height)
        tracked = self._tracked(detections, found, owners)
        return TrackerStep(tracked, self._snapshots(detections, ended), self._tentative(detections))

    def _probe(self, detections: Detections) -> None:
        """Take in how the places look."""
        followers = self._followers
        if not followers:
            return
        is_probed = len(detections.probes) > 0
        seen = probes(detections, _probed(followers)) if is_probed else [None] * len(followers)
        for follower, look in zip(followers, seen, strict=True):
            follower.probe = look
            place = follower.place
            if place is not None:
                place.probe = look
                follower.reconsider(detections.wall_us)

    def _predict(self, at: WallUs) -> None:
        if self._at is None:
            return
        gap = seconds_between(self._at, at)
        if gap > self._settings.forget_s:
            self._followers = [f for f in self._followers if f.place is not None]
        seconds = min(max(gap, 0.0), self._settings.longest_step_s)
        for follower in self._followers:
            follower.predict(seconds)

    def _associate(self, found: Candidates, at: WallUs) -> dict[int, Follower]:
        """Match boxes with followers, begin new ones, and return who owns which box."""
        if not found.labels:
            return {}
        sure, unsure = found.by_score(self._settings.high_score, self._settings.low_score)
        owners: dict[int, Follower] = {}
        for followers, allowed, likeness in self._rounds(sure, unsure, at):
            if not followers or not allowed:
                continue
            if len(owners) == len(found.labels):
                break
            free, boxes = followers, allowed
            if owners:
                taken = set(map(id, owners.values()))
                free = [f for f in followers if id(f) not in taken]
                boxes = [index for index in allowed if index not in owners]
            matched = _match(free, found, boxes, likeness)
            for index, follower in matched.items():
                self._take_in(follower, found, index, at, has_left=likeness is LEAVING)
            owners |= matched
        new = [index for index in sure if index not in owners]
        for index in sorted(new, key=lambda i: tuple(found.corners[i])):
            owners[index] = self._begin(found, index, at)
        for follower in owners.values():
            self._looked_us[follower.number] = at
        return owners

    def _rounds(self, sure: list[int], unsure: list[int], at: WallUs) -> Iterator[Round]:
        """Yield what is matched with what, in order: most frames need no more than the first rounds."""
        known: list[Follower] = []
        tentative: list[Follower] = []
        changed: list[Follower] = []
        unchanged: list[Follower] = []
        for follower in self._followers:
            if follower.resting is not None:
                (changed if follower.resting.has_changed else unchanged).append(follower)
            elif not follower.is_confirmed:
                tentative.append(follower)
            elif self._may_return(follower, at):
                known.append(follower)
        yield unchanged, [*sure, *unsure], AT_PLACE
        yield known, sure, NEAR
        yield known, unsure, UNSURE
        yield tentative, sure, NEAR
        yield known, sure, SAME_PLACE
        yield changed, [*sure, *unsure], AT_PLACE
        yield changed, sure, LEAVING
        yield [f for f in tentative if f.hits == 1 and not f.is_mere_motion], sure, LEAP

    def _take_in(
        self, follower: Follower, found: Candidates, index: int, at: WallUs, *, has_left: bool
    ) -> None:
        if has_left:
            self._tell_taken(follower)
            follower.move_on(found, index, at)
        else:
            follower.hit(found, index, at, self._look_s(follower, at))

    def _begin(self, found: Candidates, index: int, at: WallUs) -> Follower:
        follower = Follower(TrackId(next(self._numbers)), found, index, at, self._settings)
        follower.began_beside_person = self._is_beside_person(follower.unit_box)
        self._followers.append(follower)
        return follower

    def _may_return(self, follower: Follower, at: WallUs) -> bool:
        """Return whether the frame at hand is still in time to find a lost object again."""
        return follower.missed_s + self._look_s(follower, at) <= self._settings.lost_s

    def _look_s(self, follower: Follower, at: WallUs) -> float:
        """Return what the time since the follower was looked for last counts."""
        gap = seconds_between(self._looked_us[follower.number], at)
        return min(max(gap, 0.0), self._settings.longest_step_s)

    def _count_misses(self, detections: Detections, hit: set[TrackId], at: WallUs) -> None:
        unseen = [f for f in self._followers if f.number not in hit]
        if not unseen:
            return
        for follower, was_searched in zip(unseen, _were_searched(unseen, detections), strict=True):
            if follower.resting is not None and follower.resting.is_still_there:
                follower.stay(at, is_on_it=False)
            elif was_searched and not (follower.stands and follower.looks_unmoved):
                seconds = self._look_s(follower, at)
                if follower.resting is not None:
                    self._tell_taken(follower)
                    longest_s, is_hidden = self._settings.rest_hidden_s, self._is_hidden(follower, hit)
                    follower.resting.miss(seconds, longest_s, is_hidden=is_hidden)
                follower.miss(seconds)
            elif not was_searched:
                continue
            self._looked_us[follower.number] = at

    def _is_hidden(self, resting: Follower, hit: set[TrackId]) -> bool:
        """Return whether something that is seen now stands before a resting object's place.

        What itself rests there since before hides nothing: it was seen beside it.
        """
        came_us = resting.last_seen_us - HIDING_S * US_PER_S
        before = [f for f in self._followers if f.resting is None or f.still_us >= came_us]
        seen = np.array([f.unit_box for f in before if f.number in hit]).reshape(-1, 4)
        place = resting.unit_box[None]
        return bool((overlaps(place, seen) >= HIDDEN_RATIO * areas(place)[0]).any())

    def _is_beside_person(self, box: Boxes) -> bool:
        people = np.array([f.unit_box for f in self._followers if f.is_person]).reshape(-1, 4)
        return bool((overlaps(buffered(box[None], BESIDE_RATIO), buffered(people, BESIDE_RATIO)) > 0).any())

    def _tell_taken(self, leaving: Follower) -> None:
        """Keep whether a person is at the place while its object is not to be seen there."""
        if leaving.resting is not None and self._is_beside_person(leaving.resting.box):
            leaving.resting.is_beside_person = True

    def _tell_left_behind(self) -> None:
        """Notice the things that came with a person, rest, and have nobody beside them any more."""
        for follower in self._followers:
            if follower.resting is None or not (follower.began_beside_person and follower.can_be_carried):
                continue
            if not self._is_beside_person(follower.unit_box):
                follower.origin = Origin.LEFT_BEHIND

    def _places(self) -> Boxes:
        boxes = [f.resting.box for f in self._followers if f.resting is not None]
        return np.array(boxes, np.float64).reshape(-1, 4)

    def _confirm(self, hit: set[TrackId]) -> None:
        for follower in self._followers:
            is_due = follower.number in hit and not follower.is_confirmed and follower.deserves_confirmation
            if is_due and not self._is_duplicate(follower) and not self._is_flicker(follower):
                follower.confirm()

    def _is_flicker(self, newcomer: Follower) -> bool:
        """Return whether it appeared where something rests and is there still: a reflection, a shadow."""
        if newcomer.moved_sizes >= AWAY_SIZES:
            return False
        box = newcomer.unit_box[None]
        return bool((overlaps(box, self._places()) >= AT_REST_RATIO * areas(box)[0]).any())

    def _is_duplicate(self, newcomer: Follower) -> bool:
        """Return whether what looks like a newcomer is a known object, or a part of one, seen twice."""
        known = [f for f in self._followers if f.is_confirmed]
        if not known:
            return False
        box, boxes = newcomer.unit_box[None], np.array([f.unit_box for f in known])
        is_seen = np.array([f.missed == 0 for f in known])
        if (is_seen & (iou(box, boxes)[0] >= DUPLICATE_IOU)).any():
            return True
        return newcomer.is_mere_motion and bool((shared_ratio(box, boxes) >= EXPLAINED_RATIO).any())

    def _tracked(
        self, detections: Detections, found: Candidates, owners: dict[int, Follower]
    ) -> TrackedDetections:
        ids = [0] * len(detections)
        for index, keeper in enumerate(found.keepers):
            owner = owners.get(keeper)
            if owner is not None and owner.is_confirmed:
                ids[index] = owner.number
        return TrackedDetections(detections, np.array(ids, np.int64))

    def _snapshots(self, detections: Detections, ended: Sequence[Follower]) -> tuple[Track, ...]:
        gone = [f.snapshot(detections, has_ended=True) for f in ended if f.is_confirmed]
        here = [f.snapshot(detections, has_ended=False) for f in self._followers if f.is_confirmed]
        return (*gone, *here)

    def _tentative(self, detections: Detections) -> tuple[Track, ...]:
        return tuple([f.snapshot(detections, has_ended=False) for f in self._followers if not f.is_confirmed])


def _probed(followers: Sequence[Follower]) -> Boxes:
    """Return for each where it should look as before."""
    boxes = [f.seen_box if f.place is None else f.place.box for f in followers]
    return np.array(boxes).reshape(-1, 4)


def _match(
    followers: Sequence[Follower], found: Candidates, indices: Sequence[int], likeness: Likeness
) -> dict[int, Follower]:
    """Return the follower of each box that belongs to one; nobody owns two."""
    if not followers or not indices:
        return {}
    if len(followers) * len(indices) <= FEW and _is_plain(followers, found, indices, likeness):
        # Of one box and one track numpy's calls cost 40 us, plain floats 6; the result is the same.
        pairs = assign_rows(_plain_costs(followers, found, indices, likeness), 1.0 - likeness.least)
        return {indices[column]: followers[row] for row, column in pairs}
    chosen = list(indices)
    boxes, is_motion = found.boxes[chosen], np.array([found.is_motion[index] for index in indices])
    is_motion = np.array([f.is_mere_motion for f in followers])[:, None] | is_motion
    places = np.array([f.filter.box for f in followers])
    if likeness.at_place:
        alike = at_place(places, boxes, _are_kin(followers, found, indices))
    else:
        alike = _alike(places, boxes, is_motion, likeness)
    if likeness.at_last_sight:
        last = np.array([f.unit_box for f in followers])
        alike = np.maximum(alike, _alike(last, boxes, is_motion, likeness))
    if likeness.is_kin:
        sizes = areas(boxes)[None] / np.maximum(areas(places), 1e-9)[:, None]
        is_size = is_motion | ((sizes <= SIZE_FACTOR) & (sizes >= 1 / SIZE_FACTOR))
        alike = np.where(is_size & _are_kin(followers, found, indices), alike, 0.0)
    doubtful = np.array([f.resting is not None and f.resting.is_doubtful for f in followers])
    if doubtful.any():
        alike = np.where(doubtful[:, None] & ~_are_kin(followers, found, indices), 0.0, alike)
    return {indices[column]: followers[row] for row, column in assign(1.0 - alike, 1.0 - likeness.least)}


def _is_plain(
    followers: Sequence[Follower], found: Candidates, indices: Sequence[int], likeness: Likeness
) -> bool:
    """Return whether overlap alone decides: nothing rests, and nothing is known by its motion only."""
    if likeness.at_place or likeness.is_kin:
        return False
    is_motion = True in found.is_motion and any(found.is_motion[index] for index in indices)
    return not is_motion and not any(f.is_mere_motion for f in followers)


def _plain_costs(
    followers: Sequence[Follower], found: Candidates, indices: Sequence[int], likeness: Likeness
) -> list[list[float]]:
    """Return what each box (the columns) differs from each track, where overlap alone decides."""
    ratio = likeness.buffer_ratio
    boxes = [grown(found.corners[index], ratio) for index in indices]
    costs = []
    for follower in followers:
        place = grown(follower.filter.corners, ratio)
        alike = [iou_of(place, box) for box in boxes]
        if likeness.at_last_sight:
            last = grown(follower.unit_box.tolist(), ratio)
            alike = [max(one, iou_of(last, box)) for one, box in zip(alike, boxes, strict=True)]
        costs.append([1.0 - one for one in alike])
    return costs


def _are_kin(
    followers: Sequence[Follower], found: Candidates, indices: Sequence[int]
) -> npt.NDArray[np.bool_]:
    """Return whether each box may be each track by its label, shape (followers, indices)."""
    known = [{label for label, _ in follower.votes.weights} for follower in followers]
    return np.array([[is_like(found.labels[i], labels) for i in indices] for labels in known], np.bool_)


def _alike(
    places: Boxes, boxes: Boxes, is_motion: npt.NDArray[np.bool_], likeness: Likeness
) -> npt.NDArray[np.float64]:
    alike = iou(buffered(places, likeness.buffer_ratio), buffered(boxes, likeness.buffer_ratio))
    if not is_motion.any():
        return alike
    # A person in its motion's box is the same object however little of the box it fills.
    return np.where(is_motion, np.maximum(alike, shared_ratio(places, boxes) / 2), alike)


def _were_searched(followers: Sequence[Follower], detections: Detections) -> list[bool]:
    """Return whether the frame was searched where each follower was last."""
    if detections.searched is None:
        return [True] * len(followers)
    boxes = np.array([f.unit_box for f in followers]).reshape(-1, 4)
    size = np.array([detections.width, detections.height] * 2, np.float64)
    regions = detections.searched.astype(np.float64) / size
    return [ratio >= SEARCHED_RATIO for ratio in covered_ratio(boxes, regions).tolist()]
