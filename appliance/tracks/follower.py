"""One followed object from its first sight to its end, as the tracker keeps it."""

import numpy as np

from appliance.domain.detection import MOTION_LABEL, Detections
from appliance.domain.ids import TrackId
from appliance.domain.time import US_PER_S, WallUs
from appliance.domain.track import Box, Track, TrackState
from appliance.tracks.candidates import Candidates
from appliance.tracks.geometry import Boxes, areas
from appliance.tracks.kalman import BoxFilter
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


class Follower:
    """A track in the making. All of its times are the camera's wall time.

    Attributes:
        missed: analysed frames in which it was looked for in vain since its last sight.
        missed_s: how long it was looked for in vain; a long pause between two looks counts as a short one.
        unit_box: the detector's box at the last sight, float64, shape (4,), xyxy in unit coordinates.
        filter: where it is believed to be.
    """

    def __init__(
        self, number: TrackId, found: Candidates, index: int, at: WallUs, settings: Settings
    ) -> None:
        self.number = number
        self.is_confirmed = False
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
        self._count(found, index, at, self.unit_box)

    def predict(self, seconds: float) -> None:
        """Move on to the next frame."""
        if self.missed_s > COAST_S:
            self.filter.halt()
        self.filter.predict(seconds)

    def hit(self, found: Candidates, index: int, at: WallUs) -> None:
        """Take in the box in which it was found."""
        box = self._whole(found, index)
        self.filter.update(box)
        self._count(found, index, at, box)

    def miss(self, seconds: float) -> None:
        """Count a look in vain, ``seconds`` after the last look."""
        self.missed += 1
        self.missed_s += seconds

    @property
    def is_lost_for_good(self) -> bool:
        """It was looked for in vain long enough to have left."""
        if not self.is_confirmed:
            return self.missed_s >= self._settings.tentative_lost_s
        return self.missed_s >= self._settings.lost_s and self.missed >= self._settings.lost_frames

    @property
    def is_mere_motion(self) -> bool:
        """Nothing is known of it but that it moves."""
        return self.votes.winner == MOTION_LABEL

    @property
    def deserves_confirmation(self) -> bool:
        """It was hit often enough, and if nothing but its motion is known, it also got somewhere."""
        settings = self._settings
        if self.hits < settings.confirm_hits:
            return False
        if not self.is_mere_motion:
            return True
        sides = self.unit_box[2:] - self.unit_box[:2]
        sizes = self._travel / np.maximum(sides, 1e-6)
        return bool(
            self.last_seen_us - self.first_us >= settings.motion_min_s * US_PER_S
            and self._travel.max() >= settings.motion_min_travel_ratio
            and sizes.max() >= settings.motion_min_travel_sizes
            and sides.prod() >= settings.motion_min_area_ratio
        )

    def snapshot(self, detections: Detections, *, has_ended: bool) -> Track:
        """Return what is known of it after an analysed frame."""
        left, top, right, bottom = self.unit_box.tolist()
        width, height = detections.width, detections.height
        pixels: Box = (left * width, top * height, right * width, bottom * height)
        label = self.votes.winner
        speed_x, speed_y = self.filter.speed.tolist()[:2]
        return Track(
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
        )

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
        is_part = bool(areas(box[None])[0] < PART_RATIO * areas(self.unit_box[None])[0])
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
        self._last_hit = (found.labels[index], float(found.scores[index]))
        self.votes.add(*self._last_hit, is_cut_off=bool(found.is_cut_off[index]))
        self._travel = np.maximum(self._travel, np.abs(_middle(self.unit_box) - self._first_middle))


def _middle(box: Boxes) -> Boxes:
    return np.asarray((box[:2] + box[2:]) / 2, np.float64)
