"""One model is one model, whatever runs it: the same boxes on pictures and clips of the real world."""

import functools
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detectors.boxes import areas, shared_areas
from detectors.contract import Detections, Picture
from tests.support.back_ends import yolo
from tests.support.rtsp import shared_folder

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

REFERENCE = "onnxruntime"
OTHERS = ("openvino", "ultralytics")
CLIPS = ("one-by-one-person", "car-detection")
EVERY_S = 3.0
LEAST = 0.3


@dataclass(frozen=True, slots=True)
class Bounds:
    """How alike two runtimes' boxes are.

    Attributes:
        sure: the least score of a box that the other one must have, too.
        iou: the least overlap of the two.
        score: as far as their scores are apart at most.
    """

    sure: float
    iou: float
    score: float


BOUNDS = {
    "yolox_nano": Bounds(sure=LEAST + 0.02, iou=0.95, score=0.02),
    # Its weights and what flows through it are rounded to 8 bits, by each runtime in its own way.
    "yolo11n_int8": Bounds(sure=0.5, iou=0.85, score=0.1),
}


def assets() -> Path:
    """Return the folder of the pictures that the package ``ultralytics`` carries, or skip."""
    found = importlib.util.find_spec("ultralytics")
    if found is None or found.origin is None:
        pytest.skip("ultralytics is not installed: it carries the pictures (make back-ends)")
    return Path(found.origin).parent / "assets"


def still(file: Path) -> Picture:
    """Return a picture from a file, its last odd row and column left out."""
    bgr = cv2.imread(str(file))
    assert bgr is not None
    height, width = (side // 2 * 2 for side in bgr.shape[:2])
    return _picture(np.asarray(cv2.cvtColor(bgr[:height, :width], cv2.COLOR_BGR2YUV_I420), np.uint8))


def frames(clip: str) -> Iterator[Picture]:
    """Give a frame of a shared clip every few seconds, or skip."""
    file = shared_folder() / "media" / f"{clip}.mp4"
    if not file.is_file():
        pytest.skip(f"{file} is absent (NIGHTJAR_SHARED names its folder)")
    next_s = 0.0
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= next_s:
                next_s += EVERY_S
                yield _picture(np.asarray(frame.reformat(format="yuv420p").to_ndarray(), np.uint8))


def _picture(i420: npt.NDArray[np.uint8]) -> Picture:
    return Picture(i420, np.empty((0, 4), np.float32))


@functools.cache
def found(model: str, back_end: str, clip: str) -> Sequence[Detections]:
    """Return what a model finds in the pictures, or in a clip's frames."""
    file = shared_folder() / "models" / f"{model}.onnx"
    if not file.is_file():
        pytest.skip(f"no real weights: {file} is absent (NIGHTJAR_SHARED names its folder)")
    detector = yolo(file, back_end, LEAST)
    shown = [still(assets() / name) for name in ("bus.jpg", "zidane.jpg")] if not clip else frames(clip)
    return [detector.detect([picture])[0] for picture in shown]


def counted(model: str, back_end: str) -> list[dict[str, int]]:
    """Return how many of each label were found in the two pictures."""
    detector = yolo(shared_folder() / "models" / f"{model}.onnx", back_end, LEAST)
    names = [[detector.labels[i] for i in one.class_ids] for one in found(model, back_end, "")]
    return [{name: one.count(name) for name in one} for one in names]


@pytest.mark.parametrize("back_end", [REFERENCE, *OTHERS])
@pytest.mark.parametrize("model", BOUNDS)
def test_a_bus_and_people_are_found(model: str, back_end: str) -> None:
    """One bus and at least three people in the one picture, two people in the other."""
    bus, zidane = counted(model, back_end)
    assert bus["bus"] == 1
    assert bus["person"] >= 3
    assert zidane["person"] == 2


@pytest.mark.parametrize("clip", ["", *CLIPS], ids=["pictures", *CLIPS])
@pytest.mark.parametrize("back_end", OTHERS)
@pytest.mark.parametrize("model", BOUNDS)
def test_every_back_end_finds_the_same_boxes(model: str, back_end: str, clip: str) -> None:
    """Each box that one is sure of, the other one has, as large and as sure."""
    ours, theirs = found(model, REFERENCE, clip), found(model, back_end, clip)
    assert len(ours) == len(theirs)
    assert sum(len(one) for one in ours) >= 5
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        for a, b in ((one, other), (other, one)):
            missing = unmatched(a, b, BOUNDS[model])
            assert not missing, f"picture {at}: {missing}"


def unmatched(one: Detections, other: Detections, bounds: Bounds) -> list[str]:
    """Return the boxes that the one is sure of and the other one does not have."""
    shared = shared_areas(one.xyxy, other.xyxy)
    iou = shared / (areas(one.xyxy)[:, None] + areas(other.xyxy)[None] - shared)
    alike = (
        (iou >= bounds.iou)
        & (np.abs(one.scores[:, None] - other.scores[None]) <= bounds.score)
        & (one.class_ids[:, None] == other.class_ids[None])
    )
    lonely = np.flatnonzero((one.scores >= bounds.sure) & ~alike.any(axis=1))
    return [f"{one.xyxy[i].round(1)} class {one.class_ids[i]} {one.scores[i]:.3f}" for i in lonely]
