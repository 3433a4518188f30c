"""What every detector promises, asked of each."""

import functools
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from detectors.builtin import Builtin
from detectors.contract import Detections, Detector, Picture
from detectors.decode import cells
from tests.support.back_ends import ONNX, yolo
from tests.support.fake_detector import FakeDetector
from tests.support.pictures import boxes, i420, picture
from tests.support.rtsp import shared_folder
from tests.support.tiny_onnx import write_model

REAL = ("yolox_nano", "yolo11n_int8")


def real(name: str, back_end: str) -> Detector:
    """Return a detector with real weights, or skip."""
    file = shared_folder() / "models" / f"{name}.onnx"
    if not file.is_file():
        pytest.skip(f"no real weights: {file} is absent (NIGHTJAR_SHARED names its folder)")
    return yolo(file, back_end)


def tiny(folder: Path, back_end: str) -> Detector:
    """Return a model that sees a person in every picture."""
    output = np.zeros((1, cells(64, 64), 85), np.float32)
    output[0, 36, :6] = (0, 0, 1, 1, 1, 0.9)
    return yolo(write_model(folder / "tiny.onnx", output), back_end)


MAKERS: dict[str, Callable[[Path], Detector]] = {
    "built-in": lambda _: Builtin(),
    "fake": lambda _: FakeDetector(),
    **{f"tiny on {name}": functools.partial(tiny, back_end=name) for name in ONNX},
    **{
        f"{model} on {name}": lambda _, model=model, name=name: real(model, name)  # type: ignore[misc]
        for model, name in itertools.product(REAL, ONNX)
    },
}


@pytest.fixture(scope="module", params=MAKERS)
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """Return each detector in turn."""
    return MAKERS[request.param](tmp_path_factory.mktemp("models"))


def noise(width: int, height: int, seed: int = 1) -> Picture:
    """Return a picture of nothing, with motion all over it."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height * 3 // 2, width), dtype=np.uint8)
    return Picture(pixels, boxes((0, 0, width, height), (1, 1, width / 2, height / 2)))


def check(detector: Detector, shown: Picture, found: Detections) -> None:
    """Assert what holds for the detections in any picture; their types are checked where they are made."""
    assert (found.xyxy[:, :2] <= found.xyxy[:, 2:]).all()
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= np.array([shown.width, shown.height] * 2)).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert all(0 <= class_id < len(detector.labels) for class_id in found.class_ids)


def test_it_says_what_it_is(detector: Detector) -> None:
    """A person can read what looks at their pictures, on what, and for what."""
    assert detector.name
    assert detector.accelerator
    assert "person" in detector.labels
    assert len(set(detector.labels)) == len(detector.labels)


def test_no_picture_gives_no_detections(detector: Detector) -> None:
    """An empty batch is a batch."""
    assert detector.detect([]) == []


@pytest.mark.parametrize("size", [(640, 360), (2, 2), (360, 640), (1920, 2)])
def test_what_it_finds_lies_in_the_picture(detector: Detector, size: tuple[int, int]) -> None:
    """Whatever the picture's shape, boxes are in its pixels, and scores and classes are in range."""
    shown = noise(*size)
    check(detector, shown, detector.detect([shown])[0])


def test_each_picture_has_its_own_answer_in_the_given_order(detector: Detector) -> None:
    """A batch of different sizes gives what each gives alone."""
    pictures = [
        noise(640, 360),
        picture(128, 96, white=(20, 20, 60, 80)),
        noise(320, 480, seed=2),
        noise(2, 2),
    ]
    alone = [detector.detect([one])[0] for one in pictures]
    together = detector.detect(pictures)
    assert len(together) == len(pictures)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.xyxy, other.xyxy, atol=0.01)
        np.testing.assert_array_equal(one.class_ids, other.class_ids)


def test_a_picture_without_motion_is_a_picture(detector: Detector) -> None:
    """No box to search is no error."""
    shown = picture(640, 360)
    check(detector, shown, detector.detect([shown])[0])


def test_pictures_are_left_as_they_are(detector: Detector) -> None:
    """A detector works on memory that it shares with others; read-only memory must do."""
    pixels = i420(640, 360, white=(100, 100, 200, 300))
    before = pixels.copy()
    pixels.flags.writeable = False
    moved: npt.NDArray[np.float32] = boxes((90, 90, 210, 310))
    moved.flags.writeable = False
    detector.detect([Picture(pixels, moved, moved)])
    np.testing.assert_array_equal(pixels, before)


def test_asked_twice_it_says_the_same(detector: Detector) -> None:
    """Nothing is remembered from one picture to the next."""
    shown = noise(640, 360)
    first, second = detector.detect([shown])[0], detector.detect([shown])[0]
    np.testing.assert_allclose(first.xyxy, second.xyxy, atol=0.01)
    np.testing.assert_allclose(first.scores, second.scores, atol=1e-4)


def test_a_picture_of_its_own_size_is_looked_at_as_it_is(detector: Detector) -> None:
    """Whoever has fitted a picture in gets boxes in the pixels of what was fitted in."""
    wanted = detector.input
    if wanted is None:
        assert detector.back_end == ""
        return
    shown = noise(wanted.width, wanted.height)
    check(detector, shown, detector.detect([shown])[0])
    assert (wanted.width % 2, wanted.height % 2) == (0, 0)
    assert detector.lanes >= 1
