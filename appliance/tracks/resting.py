"""What an object at rest is held by: its place, how that looks, and how long it was looked for in vain."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import MOTION_LABEL, Detections
from appliance.domain.look import SAME_BITS, difference
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.track import Rest
from appliance.tracks.geometry import Boxes, areas, iou, overlaps

PLACE_IOU = 0.5
"""A box that covers a resting place that well is what rests there, whatever the model calls it."""
INSIDE_RATIO = 0.7
"""A box of a like label that lies in a resting place with that part of it is a part of what rests there."""
PROBE_REACH = 1e-3
"""A probe belongs to a place whose sides lie that close, in widths of the picture: storing rounds it."""
RELEARN_HITS = 3
"""So many sights, well on a place that goes on looking different, say that only the light has changed."""

PERSON = "person"
VEHICLES = frozenset({"car", "truck", "bus", "van", "train", "motorcycle"})
ANIMALS = frozenset({"cat", "dog", "bird", "horse", "sheep", "cow", "bear"})
BAGS = frozenset({"backpack", "handbag", "suitcase"})
FAMILIES = (VEHICLES, ANIMALS, BAGS)
"""Labels that models take for one another from frame to frame."""
NOT_CARRIED = (VEHICLES - {"motorcycle"}) | ANIMALS | {PERSON}
"""What is nobody's to leave behind or to carry off."""


@dataclass(slots=True)
class Resting:
    """A resting follower's own state, plain data.

    Attributes:
        rest: its place, and how that looks with it.
        recent: how the place looked when ``rest.look`` was renewed last.
        renewed_us: when that was.
        probe: how the place looks in the frame at hand; ``None`` where nobody looked.
        former: how the place looked in another light, 0 for none: a lamp goes on and off again.
        changed_hits: sights in a row, well on the place, while it looks different.
        changed_us: when the first of them was.
        gone_s: how long it was looked for in vain at a place that looks different.
        hidden_s: how long of that a known object stood before it.
        is_beside_person: a person is at the place in the frame in which it was looked for in vain.
        is_doubtful: taken over from a former run, and not seen since.
    """

    rest: Rest
    recent: int
    renewed_us: WallUs
    probe: int | None = None
    former: int = 0
    changed_hits: int = 0
    changed_us: WallUs | None = None
    gone_s: float = 0.0
    hidden_s: float = 0.0
    is_beside_person: bool = False
    is_doubtful: bool = False

    @property
    def box(self) -> Boxes:
        """Its place: float64, shape (4,), xyxy in unit coordinates."""
        return np.array(self.rest.unit_box)

    @property
    def has_changed(self) -> bool:
        """The place looks different now."""
        return self.probe is not None and self._differs(self.probe)

    @property
    def is_still_there(self) -> bool:
        """The place looks as it did with it."""
        return self.probe is not None and self.rest.look != 0 and not self._differs(self.probe)

    def see(self, at: WallUs, renew_s: float, *, is_on_it: bool) -> None:
        """Take in a frame that shows it, and learn slowly how its place looks now.

        The new look is what two of the last three looks agree on, bit by bit: noise in one frame leaves no
        trace, and what lasts is learnt after two rounds. A look that is all new is learnt when it lasts and
        the detector goes on finding the object.

        Args:
            at: when that was.
            renew_s: how often to learn.
            is_on_it: the detector found it, and exactly there.
        """
        self.gone_s, self.hidden_s, self.is_beside_person, self.is_doubtful = 0.0, 0.0, False, False
        if self.probe is None:
            return
        if self.rest.look == 0:
            self._learn(self.probe, at)
        elif difference(self.rest.look, self.probe) > SAME_BITS:
            self._doubt(self.probe, at, renew_s, is_on_it=is_on_it)
        else:
            self.changed_hits = 0
            if abs(seconds_between(self.renewed_us, at)) >= renew_s:
                before, newest = self.recent, self.probe
                self._learn((self.rest.look & before) | (self.rest.look & newest) | (before & newest), at)

    def miss(self, seconds: float, hidden_longest_s: float, *, is_hidden: bool) -> None:
        """Count a look in vain at a place that looks different."""
        if is_hidden and self.hidden_s < hidden_longest_s:
            self.hidden_s += seconds
        else:
            self.gone_s += seconds

    def _doubt(self, look: int, at: WallUs, renew_s: float, *, is_on_it: bool) -> None:
        if not is_on_it:
            return
        if self.changed_hits == 0 or self.changed_us is None:
            self.changed_us = at
        self.changed_hits += 1
        is_lasting = abs(seconds_between(self.changed_us, at)) >= renew_s
        if self.changed_hits >= RELEARN_HITS and is_lasting:
            self.former = self.rest.look
            self._learn(look, at)

    def _learn(self, look: int, at: WallUs) -> None:
        self.rest = replace(self.rest, look=look)
        self.recent = look if self.probe is None else self.probe
        self.renewed_us, self.changed_hits = at, 0

    def _differs(self, look: int) -> bool:
        known = [one for one in (self.rest.look, self.former) if one]
        return bool(known) and all(difference(one, look) > SAME_BITS for one in known)


def is_like(label: str, labels: Iterable[str]) -> bool:
    """Return whether a box of that label may be an object that was called by those: models mix up kin."""
    known = set(labels)
    if label == MOTION_LABEL or label in known or known <= {MOTION_LABEL}:
        return True
    return any(label in family and not family.isdisjoint(known) for family in FAMILIES)


def probes(detections: Detections, places: Boxes) -> list[int | None]:
    """Return how each place (xyxy in unit coordinates) looks in a frame; ``None`` where nobody looked."""
    if len(detections.probes) == 0 or len(places) == 0:
        return [None] * len(places)
    size = np.array([detections.width, detections.height] * 2, np.float64)
    probed = detections.probes.xyxy.astype(np.float64) / size
    away = np.abs(places[:, None] - probed[None]).max(axis=2)
    nearest = away.argmin(axis=1)
    return [
        int(detections.probes.looks[j]) if away[i, j] <= PROBE_REACH else None for i, j in enumerate(nearest)
    ]


def at_place(places: Boxes, boxes: Boxes, is_like_it: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return how well each box lies on each place, shape (places, boxes); from ``PLACE_IOU`` on it does.

    Args:
        places: xyxy in unit coordinates.
        boxes: likewise.
        is_like_it: shape (places, boxes): the box may be what rests there, or a part of it.
    """
    alike = iou(places, boxes)
    inside = overlaps(places, boxes) / np.maximum(areas(boxes), 1e-9)
    return np.where(is_like_it & (inside >= INSIDE_RATIO), np.maximum(alike, PLACE_IOU), alike)
