from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from detectors.decode import cells
from detectors.errors import ModelFileError
from detectors.family import Family
from detectors.labels import COCO
from detectors.onnx_yolo import OnnxYolo
from tests.support.pictures import GREY, boxes, picture
from tests.support.tiny_onnx import write_model

SIDE = 64
CELLS = cells(SIDE, SIDE)
NAMES = {"names": "{0: 'person', 1: 'fox'}", "imgsz": "[64, 64]"}


def yolox_output(score: float = 0.9) -> npt.NDArray[np.float32]:
    """Return an output with one dog of 16×32 pixels around the middle of the input."""
    output = np.zeros((1, CELLS, 85), np.float32)
    cell = 8 * 4 + 4  # of the finest grid: column 4, row 4, at (32, 32)
    output[0, cell, :5] = (0, 0, np.log(16 / 8), np.log(32 / 8), 1.0)
    output[0, cell, 5 + COCO.index("dog")] = score
    return output


def ultralytics_output(score: float = 0.9) -> npt.NDArray[np.float32]:
    """Return an output with one fox of 16×32 pixels around the middle of the input."""
    output = np.zeros((1, 6, CELLS), np.float32)
    output[0, :, 5] = (32, 32, 16, 32, 0.0, score)
    return output


def nms_free_output(score: float = 0.9) -> npt.NDArray[np.float32]:
    """Return an output with the same fox, finished."""
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 0] = (24, 16, 40, 48, score, 1)
    return output


def write(file: Path, family: Family, score: float = 0.9) -> Path:
    """Write the model of that family that sees one animal in the middle of every picture."""
    match family:
        case Family.YOLOX:
            return write_model(file, yolox_output(score))
        case Family.ULTRALYTICS:
            return write_model(file, ultralytics_output(score), metadata=NAMES)
        case Family.NMS_FREE:
            return write_model(file, nms_free_output(score), metadata=NAMES)


@pytest.mark.parametrize("family", Family)
def test_each_family_gives_the_box_in_the_pictures_own_pixels(family: Family, tmp_path: Path) -> None:
    """An animal in the middle of the input is the same animal, twice as large, in a picture twice as wide."""
    detector = OnnxYolo(write(tmp_path / "tiny.onnx", family), min_score=0.3)
    assert detector.family is family
    found = detector.detect([picture(128, 128)])[0]
    np.testing.assert_allclose(found.xyxy, boxes((48, 32, 80, 96)), atol=0.01)
    assert [detector.labels[i] for i in found.class_ids] == ["dog" if family is Family.YOLOX else "fox"]
    np.testing.assert_allclose(found.scores, [0.9], rtol=1e-5)


@pytest.mark.parametrize("family", Family)
def test_a_box_below_the_least_score_is_left_out(family: Family, tmp_path: Path) -> None:
    """What the model is not sure of is not reported."""
    detector = OnnxYolo(write(tmp_path / "tiny.onnx", family, score=0.29), min_score=0.3)
    assert len(detector.detect([picture()])[0]) == 0


@pytest.mark.parametrize(
    ("family", "mean"), [(Family.YOLOX, 255.0), (Family.ULTRALYTICS, 1.0), (Family.NMS_FREE, 1.0)]
)
def test_each_family_is_fed_as_it_was_trained(family: Family, mean: float, tmp_path: Path) -> None:
    """YOLOX sees 0 to 255, the others 0 to 1; the model reports the mean of what it is given as a score."""
    output = {Family.YOLOX: yolox_output(0), Family.ULTRALYTICS: ultralytics_output(0)}.get(
        family, nms_free_output(0)
    )
    slope = np.zeros_like(output)
    where = {
        Family.YOLOX: (0, 36, 5 + COCO.index("dog")),
        Family.ULTRALYTICS: (0, 5, 5),
        Family.NMS_FREE: (0, 0, 4),
    }[family]
    slope[where] = 1.0 / mean
    metadata = {} if family is Family.YOLOX else NAMES
    detector = OnnxYolo(write_model(tmp_path / "mean.onnx", output, slope=slope, metadata=metadata), 0.01)
    score = float(detector.detect([picture(64, 64)])[0].scores[0])
    as_rgb = (GREY - 16) * 255 / 219  # BT.601, limited range
    assert score == pytest.approx(as_rgb / 255, abs=0.01)


@pytest.mark.parametrize("any_batch", [False, True])
def test_a_batch_gives_what_each_picture_gives_alone(any_batch: bool, tmp_path: Path) -> None:
    """A model with a fixed batch of one is asked in turn; the answers keep the order of the pictures."""
    file = write_model(tmp_path / "tiny.onnx", ultralytics_output(), metadata=NAMES, any_batch=any_batch)
    detector = OnnxYolo(file, 0.3)
    wide, high = detector.detect([picture(128, 64), picture(64, 128)])
    np.testing.assert_allclose(wide.xyxy, boxes((48, 0, 80, 64)), atol=0.01)
    np.testing.assert_allclose(high.xyxy, boxes((16, 32, 48, 96)), atol=0.01)
    assert detector.detect([]) == []


def test_a_class_without_a_name_and_a_box_without_an_area_are_left_out(tmp_path: Path) -> None:
    """Nonsense from a model ends at the detector."""
    output = nms_free_output()
    output[0, 1] = (1, 1, 9, 9, 0.9, 7)
    output[0, 2] = (9, 9, 9, 12, 0.9, 0)
    output[0, 3] = (np.nan, 9, 10, 12, 0.9, 0)
    output[0, 4] = (1, 1, np.inf, 12, 0.9, -1)
    detector = OnnxYolo(write_model(tmp_path / "odd.onnx", output, metadata=NAMES), 0.3)
    assert len(detector.detect([picture()])[0]) == 1


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(ModelFileError, match=r"gone\.onnx: expected an ONNX model file, found none"):
        OnnxYolo(tmp_path / "gone.onnx", 0.3)


@pytest.mark.parametrize("content", ["empty", "foreign", "truncated", "another kind", "no picture"])
def test_a_file_that_is_no_model_is_refused(content: str, tmp_path: Path) -> None:
    """The message says what was expected and what came, and names the file."""
    file = tmp_path / "bad.onnx"
    match content:
        case "empty":
            file.write_bytes(b"")
        case "foreign":
            file.write_bytes(b"\x89PNG\r\n\x1a\n" * 1000)
        case "truncated":
            whole = write_model(file, yolox_output()).read_bytes()
            file.write_bytes(whole[: len(whole) // 2])
        case "another kind":
            write_model(file, np.zeros((1, 1, 1000), np.float32))
        case "no picture":
            write_model(file, yolox_output(), channels=1)
    with pytest.raises(ModelFileError, match=r"bad\.onnx: expected .* got ") as refused:
        OnnxYolo(file, 0.3)
    assert "\n" not in str(refused.value)
