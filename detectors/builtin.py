"""The detector of a box without a model: what moves is ``motion``, an upright person in it ``person``."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detectors.boxes import Boxes, areas, covered_ratio, shared_areas
from detectors.contract import Detections, Picture
from detectors.nms import suppress
from detectors.people import PeopleFinder

LABELS = ("person", "motion")
PERSON, MOTION = 0, 1

MOTION_SCORE = 0.6
"""Of a motion box: it surely moved, but a person is better; the least sure person has 0.7."""
EXPLAINED_RATIO = 0.5
"""A motion box is only the person in it when the person covers at least that part of it."""
MAX_IOU = 0.4
"""Two people who overlap by more are one."""
MIN_HEIGHT_PX = 56.0
"""Smaller boxes hold too few pixels for the gradients of a body; magnified twice, much looks like one."""
SAME_RATIO = 0.6
"""A person belongs to the box they were looked for in when either covers that part of the other."""
HEIGHTS = (1.0, 1.5)
"""A person's expected height in heights of the box; the second for when only a part of the person moved."""
PIXELS_PER_PICTURE = 400_000
"""The work for one picture: what is left over when that many scaled pixels were looked at stays motion.

About 30 ms on one core of the machine it was measured on; a person in a motion box takes 22 thousand.
"""
MAX_BOXES = 100


class Builtin:
    """Motion boxes, and the people that HOG sees in them. Needs no file."""

    def __init__(self) -> None:
        self._people = PeopleFinder()

    @property
    def name(self) -> str:
        """What a person should read."""
        return "built-in (motion and HOG)"

    @property
    def accelerator(self) -> str:
        """OpenCV runs on the CPU."""
        return "CPU"

    @property
    def labels(self) -> tuple[str, ...]:
        """``person`` and ``motion``."""
        return LABELS

    @property
    def searches_whole_picture(self) -> bool:
        """Never: only where something moved or is followed."""
        return False

    @property
    def back_end(self) -> str:
        """None: OpenCV is always there."""
        return ""

    @property
    def input(self) -> None:
        """It wants the picture as it is: small people are magnified."""

    @property
    def lanes(self) -> int:
        """One: there is no accelerator to keep busy."""
        return 1

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return the people, and the motion boxes that no person explains, of each picture."""
        return [self._detect(picture) for picture in pictures]

    def _detect(self, picture: Picture) -> Detections:
        people, scores = self._find_people(picture)
        motion = _clipped(picture.motion, picture)
        motion = motion[covered_ratio(motion, people) < EXPLAINED_RATIO]
        motion = motion[np.argsort(-areas(motion), kind="stable")][: MAX_BOXES - len(people)]
        return Detections(
            np.concatenate([people, motion]),
            np.concatenate([scores, np.full(len(motion), MOTION_SCORE, np.float32)]),
            np.concatenate([np.full(len(people), PERSON, np.int64), np.full(len(motion), MOTION, np.int64)]),
        )

    def _find_people(self, picture: Picture) -> tuple[Boxes, npt.NDArray[np.float32]]:
        luma = picture.i420[: picture.height]
        found = [(np.empty((0, 4), np.float32), np.empty(0, np.float32))]
        left_px = PIXELS_PER_PICTURE
        for box in _places(picture):
            for times in HEIGHTS:
                height_px = float(box[3] - box[1]) * times
                cost_px = self._people.cost_px(box, height_px)
                if cost_px > left_px:
                    break
                left_px -= cost_px
                boxes, scores = self._people.find(luma, box, height_px)
                belonging = _belonging(boxes, box)
                if belonging.any():
                    found.append((boxes[belonging], scores[belonging]))
                    break
        boxes = _clipped(np.concatenate([boxes for boxes, _ in found]), picture)
        scores = np.concatenate([scores for _, scores in found])
        kept = suppress(boxes, scores, np.zeros(len(scores), np.int64), MAX_IOU, MAX_BOXES)
        kept = kept[areas(boxes[kept]) > 0]
        return boxes[kept], scores[kept]


def _places(picture: Picture) -> Boxes:
    """Return where to look for people: first what is followed, then the motion, the largest first."""
    motion = _clipped(picture.motion, picture)
    motion = motion[np.argsort(-areas(motion), kind="stable")]
    still = _clipped(picture.followed, picture)
    still = still[covered_ratio(still, motion) < EXPLAINED_RATIO]
    places = np.concatenate([still, motion])
    return np.asarray(places[places[:, 3] - places[:, 1] >= MIN_HEIGHT_PX], np.float32)


def _belonging(people: Boxes, box: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Return which people are what moved in the box, not something beside it: bool (n,)."""
    shared = shared_areas(people, box[None])[:, 0]
    smaller = np.minimum(areas(people), areas(box[None]))
    return np.asarray(shared >= SAME_RATIO * smaller, np.bool_)


def _clipped(boxes: Boxes, picture: Picture) -> Boxes:
    """Return the boxes that have a part in the picture, cut to it."""
    limit = np.array([picture.width, picture.height] * 2, np.float32)
    return np.asarray(np.clip(boxes, np.float32(0), limit), np.float32)
