"""One followed object from its first sight to its end, as the tracker keeps it."""

import numpy as np

from appliance.domain.detection import MOTION_LABEL, Detections
from appliance.domain.ids import TrackId
from appliance.domain.time import US_PER_S, WallUs
from appliance.domain.track import Box, Track, TrackState
from appliance.tracks.candidates import Candidates
from appliance.tracks.geometry import Boxes
from appliance.tracks.kalman import BoxFilter
from appliance.tracks.settings import Settings
from appliance.tracks.votes import Votes

COAST_S = 0.6
"""An unseen object goes on at its last speed for that long, then it is believed to stand."""
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
        self.votes = Votes(settings.specific_min_hits, settings.specific_min_ratio)
        self._settings = settings
        self._first_middle = _middle(self.unit_box)
        self._travel = np.zeros(2)
        self._last_hit = (found.labels[index], 0.0)
        self._count(found, index, at)

    def predict(self, seconds: float) -> None:
        """Move on to the next frame."""
        if self.missed_s > COAST_S:
            self.filter.halt()
        self.filter.predict(seconds)

    def hit(self, found: Candidates, index: int, at: WallUs) -> None:
        """Take in the box in which it was found."""
        self.filter.update(found.boxes[index])
        self._count(found, index, at)

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
        left, top, right, bottom = (float(side) for side in self.unit_box)
        width, height = detections.width, detections.height
        pixels: Box = (left * width, top * height, right * width, bottom * height)
        label = self.votes.winner
        sides = np.maximum(np.tile(self.unit_box[2:] - self.unit_box[:2], 2), 1e-6)
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
            is_stationary=bool((np.abs(self.filter.speed / sides)[:2] < STATIONARY_SPEED).all()),
        )

    def _state(self, *, has_ended: bool) -> TrackState:
        if has_ended:
            return TrackState.ENDED
        if not self.is_confirmed:
            return TrackState.TENTATIVE
        return TrackState.LOST if self.missed else TrackState.CONFIRMED

    def _count(self, found: Candidates, index: int, at: WallUs) -> None:
        self.hits += 1
        self.missed, self.missed_s = 0, 0.0
        # A camera's time may be put back when its run is anchored anew; a track's time never runs backwards.
        self.last_seen_us = max(at, self.last_seen_us)
        self.unit_box = found.boxes[index]
        self._last_hit = (found.labels[index], float(found.scores[index]))
        self.votes.add(*self._last_hit, is_cut_off=bool(found.is_cut_off[index]))
        self._travel = np.maximum(self._travel, np.abs(_middle(self.unit_box) - self._first_middle))


def _middle(box: Boxes) -> Boxes:
    return np.asarray((box[:2] + box[2:]) / 2, np.float64)
