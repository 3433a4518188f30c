"""People found in a large picture with close looks, of those that are there; the floor is without them.

The shared clip of people is laid small into a picture of 1920 × 1080 with a ground and noise, at several
scales. What is there is what the model finds, with a score of half and more, in the clip at its own size. The
product's motion detector and what was found in the frame before say where to look closely; the model is the
shared YOLOX-Nano. A box that shows the same person by half of the union counts; a second box on one person is
a double, and one that lies on nobody is told of as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.motion.detector import MotionDetector
from bench.report import median, progress, result
from detectors.boxes import Boxes, areas, shared_areas
from detectors.contract import Detections, Detector, Picture
from detectors.regions import choose, merge
from detectors.registry import Spec, make
from tests.support.rtsp import shared_folder

SIZE = (1920, 1080)
LEFT_TOP = (1050, 320)
SCALES = (0.7, 0.5, 0.42, 0.35, 0.3)
EVERY = 6
"""Of the clip's ten pictures a second, one in so many."""
AT_MOST = 4
SURE = 0.5
SAME_IOU = 0.5
PERSON = 0
NOBODY: Boxes = np.empty((0, 4), np.float32)

Bgr = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Seen:
    """What was found at one scale.

    Attributes:
        heights_px: of the people who were there, in the large picture.
        far: how many of them were found without close looks.
        close: and with them.
        doubles: boxes beyond the first on one person.
        strays: boxes with close looks that lie on nobody, less those without.
        crops: that were looked at.
        looks: frames.
    """

    heights_px: list[float] = field(default_factory=list)
    far: int = 0
    close: int = 0
    doubles: int = 0
    strays: int = 0
    crops: int = 0
    looks: int = 0

    def add(self, there: Boxes, far: Boxes, close: Boxes) -> None:
        """Count a frame."""
        far_same, close_same = _iou(there, far), _iou(there, close)
        self.heights_px += (there[:, 3] - there[:, 1]).tolist()
        self.far += int((far_same >= SAME_IOU).any(axis=1).sum())
        self.close += int((close_same >= SAME_IOU).any(axis=1).sum())
        self.doubles += int(np.maximum((close_same > 0.3).sum(axis=1) - 1, 0).sum())
        self.strays += int((close_same <= 0.1).all(axis=0).sum() - (far_same <= 0.1).all(axis=0).sum())

    def figures(self) -> dict[str, object]:
        """Return it for the last line."""
        people = len(self.heights_px)
        return {
            "height_px": round(median(self.heights_px)),
            "people": people,
            "found_without": round(self.far / people, 3),
            "found_with": round(self.close / people, 3),
            "doubles": self.doubles,
            "strays_more": self.strays,
            "crops_per_frame": round(self.crops / self.looks, 2),
        }


def _iou(some: Boxes, others: Boxes) -> npt.NDArray[np.float32]:
    shared = shared_areas(some, others)
    union = areas(some)[:, None] + areas(others)[None, :] - shared
    return np.asarray(shared / np.maximum(union, np.float32(1e-6)), np.float32)


class Ground:
    """A large picture in which nothing moves but noise, and the clip."""

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        coarse = random.integers(80, 150, (SIZE[1] // 60, SIZE[0] // 60, 3)).astype(np.uint8)
        self._ground = cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC)
        self._noise = [random.normal(0, 2, (SIZE[1], SIZE[0], 1)).astype(np.int16) for _ in range(3)]
        self._laid = 0

    def with_inset(self, picture: Bgr, scale: float) -> npt.NDArray[np.uint8]:
        """Return it with that picture in it, as I420."""
        large = self._ground.copy()
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        (left, top), (height, width) = LEFT_TOP, small.shape[:2]
        large[top : top + height, left : left + width] = small
        self._laid += 1
        noisy = large.astype(np.int16) + self._noise[self._laid % len(self._noise)]
        return _i420(np.clip(noisy, 0, 255).astype(np.uint8))


def _i420(bgr: Bgr) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)


def pictures(clip: Path) -> Iterator[tuple[float, Bgr]]:
    """Return some pictures of a clip and their times in seconds."""
    with av.open(clip) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % EVERY == 0:
                yield float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def watch(clip: Path, detector: Detector, there: list[Boxes], scale: float) -> Seen:
    """Look at the clip, laid into the ground at that scale."""
    ground, motion, seen = Ground(), MotionDetector(), Seen()
    followed = NOBODY
    for (at_s, picture), people in zip(pictures(clip), there, strict=True):
        i420 = ground.with_inset(picture, scale)
        media = MediaTime(round(at_s * 1000), Fraction(1, 1000))
        frame = Frame(CameraId("clip"), i420, media, WallUs(0), MonotonicNs(0))
        places = np.concatenate([motion.step(frame).boxes, followed])
        if not len(places) and not len(people):
            continue
        whole = _look(detector, i420)
        assert detector.input is not None
        crops = choose(SIZE, places, detector.input, AT_MOST, seen.looks)
        joined = merge(
            SIZE, detector.input, whole, [(crop, _look(detector, crop.cut(i420))) for crop in crops]
        )
        followed = _people(joined)
        seen.looks += 1
        seen.crops += len(crops)
        seen.add(people * np.float32(scale) + np.array(LEFT_TOP * 2, np.float32), _people(whole), followed)
    return seen


def _look(detector: Detector, i420: npt.NDArray[np.uint8]) -> Detections:
    return detector.detect([Picture(i420, NOBODY)])[0]


def _people(found: Detections, least: float = 0.0) -> Boxes:
    counts: npt.NDArray[np.bool_] = (found.class_ids == PERSON) & (found.scores >= least)
    people: Boxes = found.xyxy[counts]
    return people


def main() -> None:
    """Measure every scale."""
    clip = shared_folder() / "media" / "one-by-one-person.mp4"
    model = shared_folder() / "models" / "yolox_nano.onnx"
    absent = [str(path) for path in (clip, model) if not path.is_file()]
    if absent:
        progress(f"left out: absent (NIGHTJAR_SHARED names the folder): {', '.join(absent)}")
        result("regions", 0.0, "people found", 0.0, 0.0, {"absent": absent})
        return
    detector = make(Spec(str(model)))
    there = [_people(_look(detector, _i420(picture)), SURE) for _, picture in pictures(clip)]
    by_scale: dict[float, Seen] = {}
    for scale in SCALES:
        by_scale[scale] = watch(clip, detector, there, scale)
        progress(f"at {scale} of its size: {by_scale[scale].figures()}")
    close, far = sum(one.close for one in by_scale.values()), sum(one.far for one in by_scale.values())
    figures: dict[str, object] = {str(scale): one.figures() for scale, one in by_scale.items()}
    result("regions", close, "people found with close looks", far, close / max(1, far), figures)


if __name__ == "__main__":
    main()
