"""The tracker of one camera: two-stage association of boxes with Kalman-filtered tracks."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import TrackId
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.track import Track
from appliance.tracks.assignment import assign
from appliance.tracks.candidates import EXPLAINED_RATIO, Candidates
from appliance.tracks.follower import Follower
from appliance.tracks.geometry import Boxes, buffered, covered_ratio, iou, shared_ratio
from appliance.tracks.settings import Settings


@dataclass(frozen=True, slots=True)
class Likeness:
    """When a box is taken for a track's.

    Attributes:
        buffer_ratio: how much both boxes are grown before their overlap is measured.
        least: intersection over union that they must reach.
        at_last_sight: the box may also lie where the object was seen last, not only where it should be now.
    """

    buffer_ratio: float
    least: float
    at_last_sight: bool = False


NEAR = Likeness(0.3, 0.15)
"""From one frame to the next: at 4 frames a second a runner leaves its own box, but not its surroundings."""
UNSURE = Likeness(0.0, 0.3)
"""An unsure box must lie well on a known track to prolong it."""
SAME_PLACE = Likeness(0.6, 0.12, at_last_sight=True)
"""A lost object that turns up at about the same place is the same one."""

SEARCHED_RATIO = 0.5
"""An object was looked for when that part of its last box was searched."""
DUPLICATE_IOU = 0.55
"""A newcomer that overlaps a track seen in the same frame that much is a part of it seen twice."""


@dataclass(frozen=True, slots=True)
class TrackerStep:
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

    @property
    def followed(self) -> npt.NDArray[np.float32]:
        """Where to look again, whether it moves or not: float32, shape (n, 4), pixels of the last frame."""
        size = np.array(self._size * 2, np.float32)
        boxes = np.array([f.unit_box for f in self._followers], np.float32).reshape(-1, 4)
        return np.asarray(boxes * size, np.float32)

    def step(self, detections: Detections) -> TrackerStep:
        """Take in the next analysed frame of the camera."""
        at = detections.wall_us
        self._predict(at)
        found = Candidates.of(detections)
        owners = self._associate(found, at)
        hit = {follower.number for follower in owners.values()}
        self._count_misses(detections, hit, at)
        self._confirm(hit)
        ended = [f for f in self._followers if f.is_lost_for_good]
        self._followers = [f for f in self._followers if not f.is_lost_for_good]
        self._looked_us = {f.number: self._looked_us[f.number] for f in self._followers}
        self._at, self._size = at, (detections.width, detections.height)
        tracked = self._tracked(detections, found, owners)
        return TrackerStep(tracked, self._snapshots(detections, ended), self._tentative(detections))

    def _predict(self, at: WallUs) -> None:
        if self._at is None:
            return
        gap = seconds_between(self._at, at)
        if gap > self._settings.forget_s:
            self._followers = []
        for follower in self._followers:
            follower.predict(min(max(gap, 0.0), self._settings.longest_step_s))

    def _associate(self, found: Candidates, at: WallUs) -> dict[int, Follower]:
        """Match boxes with followers, begin new ones, and return who owns which box."""
        known = [f for f in self._followers if f.is_confirmed and self._may_return(f, at)]
        tentative = [f for f in self._followers if not f.is_confirmed]
        sure, unsure = found.by_score(self._settings.high_score, self._settings.low_score)
        owners: dict[int, Follower] = {}
        rounds = (
            (known, sure, NEAR),
            (known, unsure, UNSURE),
            (tentative, sure, NEAR),
            (known, sure, SAME_PLACE),
        )
        for followers, allowed, likeness in rounds:
            taken = set(map(id, owners.values()))
            free = [f for f in followers if id(f) not in taken]
            boxes = [index for index in allowed if index not in owners]
            owners |= _match(free, found, boxes, likeness)
        for index, follower in owners.items():
            follower.hit(found, index, at)
        for index in [index for index in sure if index not in owners]:
            owners[index] = self._begin(found, index, at)
        for follower in owners.values():
            self._looked_us[follower.number] = at
        return owners

    def _begin(self, found: Candidates, index: int, at: WallUs) -> Follower:
        follower = Follower(TrackId(next(self._numbers)), found, index, at, self._settings)
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
        boxes = np.array([f.unit_box for f in unseen]).reshape(-1, 4)
        for follower, was_searched in zip(unseen, _were_searched(boxes, detections), strict=True):
            if was_searched:
                follower.miss(self._look_s(follower, at))
                self._looked_us[follower.number] = at

    def _confirm(self, hit: set[TrackId]) -> None:
        for follower in self._followers:
            if follower.number in hit and not follower.is_confirmed and follower.deserves_confirmation:
                follower.is_confirmed = not self._is_duplicate(follower)

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
        ids = np.zeros(len(detections), np.int64)
        for index, keeper in enumerate(found.keepers.tolist()):
            owner = owners.get(keeper)
            if owner is not None and owner.is_confirmed:
                ids[index] = owner.number
        return TrackedDetections(detections, ids)

    def _snapshots(self, detections: Detections, ended: Sequence[Follower]) -> tuple[Track, ...]:
        return tuple(
            follower.snapshot(detections, has_ended=has_ended)
            for followers, has_ended in ((ended, True), (self._followers, False))
            for follower in followers
            if follower.is_confirmed
        )

    def _tentative(self, detections: Detections) -> tuple[Track, ...]:
        return tuple(f.snapshot(detections, has_ended=False) for f in self._followers if not f.is_confirmed)


def _match(
    followers: Sequence[Follower], found: Candidates, indices: Sequence[int], likeness: Likeness
) -> dict[int, Follower]:
    """Return the follower of each box that belongs to one; nobody owns two."""
    if not followers or not indices:
        return {}
    chosen = list(indices)
    boxes, is_motion = found.boxes[chosen], found.is_motion[chosen]
    is_motion = np.array([f.is_mere_motion for f in followers])[:, None] | is_motion
    alike = _alike(np.array([f.filter.box for f in followers]), boxes, is_motion, likeness)
    if likeness.at_last_sight:
        last = np.array([f.unit_box for f in followers])
        alike = np.maximum(alike, _alike(last, boxes, is_motion, likeness))
    return {indices[column]: followers[row] for row, column in assign(1.0 - alike, 1.0 - likeness.least)}


def _alike(
    places: Boxes, boxes: Boxes, is_motion: npt.NDArray[np.bool_], likeness: Likeness
) -> npt.NDArray[np.float64]:
    alike = iou(buffered(places, likeness.buffer_ratio), buffered(boxes, likeness.buffer_ratio))
    if not is_motion.any():
        return alike
    # A person in its motion's box is the same object however little of the box it fills.
    return np.where(is_motion, np.maximum(alike, shared_ratio(places, boxes) / 2), alike)


def _were_searched(boxes: Boxes, detections: Detections) -> npt.NDArray[np.bool_]:
    """Return whether the frame was searched where each box lies, shape (n,)."""
    if detections.searched is None:
        return np.ones(len(boxes), np.bool_)
    size = np.array([detections.width, detections.height] * 2, np.float64)
    regions = detections.searched.astype(np.float64) / size
    return np.asarray(covered_ratio(boxes, regions) >= SEARCHED_RATIO, np.bool_)
