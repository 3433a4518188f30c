"""What the tracker needs of an object that rested when the last run ended, to hold it on."""

from dataclasses import dataclass

import numpy as np

from appliance.domain.ids import TrackId
from appliance.domain.time import WallUs
from appliance.domain.track import Origin, Rest
from appliance.tracks.candidates import Candidates


@dataclass(frozen=True, slots=True)
class Held:
    """A resting object of a former run.

    Attributes:
        number: of its track; no other track of the camera may get it.
        label: what it is.
        score: the best confidence with which it was called that, 0 to 1.
        first_us: when its track began.
        last_seen_us: when it was known to be there last.
        rest: its place and how that looked.
        origin: how it came there.
    """

    number: TrackId
    label: str
    score: float
    first_us: WallUs
    last_seen_us: WallUs
    rest: Rest
    origin: Origin = Origin.ARRIVED

    def as_candidates(self) -> Candidates:
        """Return it as the one box of a frame."""
        return Candidates(
            boxes=np.array([self.rest.unit_box]),
            corners=[self.rest.unit_box],
            scores=[self.score],
            labels=(self.label,),
            is_motion=[False],
            is_cut_off=[False],
            looks=np.array([self.rest.look], np.uint64),
            keepers=[0],
        )
