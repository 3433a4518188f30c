import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from detectors.contract import Detections, ModelInput
from detectors.decode import Raw, cells
from detectors.engine import Tile
from detectors.errors import BackEndMissing, DeviceFull, DeviceLost, ModelFileError
from detectors.family import Family, Layout
from detectors.labels import COCO
from detectors.registry import BACK_ENDS, Spec, available, make
from detectors.yolo import Yolo
from tests.support.back_ends import ONNX, yolo
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


@pytest.fixture(params=ONNX)
def back_end(request: pytest.FixtureRequest) -> str:
    """Return the name of each back end in turn."""
    return str(request.param)


@pytest.mark.parametrize("family", Family)
def test_each_family_gives_the_box_in_the_pictures_own_pixels(
    family: Family, back_end: str, tmp_path: Path
) -> None:
    """An animal in the middle of the input is the same animal, twice as large, in a picture twice as wide."""
    detector = yolo(write(tmp_path / "tiny.onnx", family), back_end)
    assert (detector.family, detector.back_end) == (family, back_end)
    assert detector.input == ModelInput(SIDE, SIDE, centred=family is not Family.YOLOX)
    found = detector.detect([picture(128, 128)])[0]
    np.testing.assert_allclose(found.xyxy, boxes((48, 32, 80, 96)), atol=0.01)
    assert [detector.labels[i] for i in found.class_ids] == ["dog" if family is Family.YOLOX else "fox"]
    np.testing.assert_allclose(found.scores, [0.9], rtol=1e-5)


@pytest.mark.parametrize("family", Family)
def test_a_box_below_the_least_score_is_left_out(family: Family, back_end: str, tmp_path: Path) -> None:
    """What the model is not sure of is not reported."""
    detector = yolo(write(tmp_path / "tiny.onnx", family, score=0.29), back_end)
    assert len(detector.detect([picture()])[0]) == 0


@pytest.mark.parametrize(
    ("family", "mean"), [(Family.YOLOX, 255.0), (Family.ULTRALYTICS, 1.0), (Family.NMS_FREE, 1.0)]
)
def test_each_family_is_fed_as_it_was_trained(
    family: Family, mean: float, back_end: str, tmp_path: Path
) -> None:
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
    file = write_model(tmp_path / "mean.onnx", output, slope=slope, metadata=metadata)
    detector = yolo(file, back_end, min_score=0.01)
    score = float(detector.detect([picture(64, 64)])[0].scores[0])
    as_rgb = (GREY - 16) * 255 / 219  # BT.601, limited range
    assert score == pytest.approx(as_rgb / 255, abs=0.01)


@pytest.mark.parametrize("any_batch", [False, True])
def test_a_batch_gives_what_each_picture_gives_alone(any_batch: bool, back_end: str, tmp_path: Path) -> None:
    """A model with a fixed batch of one is asked in turn; the answers keep the order of the pictures."""
    file = write_model(tmp_path / "tiny.onnx", ultralytics_output(), metadata=NAMES, any_batch=any_batch)
    detector = yolo(file, back_end)
    wide, high = detector.detect([picture(128, 64), picture(64, 128)])
    np.testing.assert_allclose(wide.xyxy, boxes((48, 0, 80, 64)), atol=0.01)
    np.testing.assert_allclose(high.xyxy, boxes((16, 32, 48, 96)), atol=0.01)
    assert detector.detect([]) == []


def test_a_class_without_a_name_and_a_box_without_an_area_are_left_out(back_end: str, tmp_path: Path) -> None:
    """Nonsense from a model ends at the detector."""
    output = nms_free_output()
    output[0, 1] = (1, 1, 9, 9, 0.9, 7)
    output[0, 2] = (9, 9, 9, 12, 0.9, 0)
    output[0, 3] = (np.nan, 9, 10, 12, 0.9, 0)
    output[0, 4] = (1, 1, np.inf, 12, 0.9, -1)
    detector = yolo(write_model(tmp_path / "odd.onnx", output, metadata=NAMES), back_end)
    assert len(detector.detect([picture()])[0]) == 1


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(ModelFileError, match=r"gone\.onnx: expected a model file, found none"):
        make(Spec(str(tmp_path / "gone.onnx")))


@pytest.mark.parametrize("content", ["empty", "foreign", "truncated", "another kind", "no picture"])
def test_a_file_that_is_no_model_is_refused(content: str, back_end: str, tmp_path: Path) -> None:
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
    with pytest.raises(ModelFileError, match=r"bad\.onnx: expected ") as refused:
        yolo(file, back_end)
    assert "\n" not in str(refused.value)


def test_the_first_back_end_that_is_there_runs_a_file() -> None:
    """ONNX Runtime comes with the program; a name that nobody has and a file that nobody runs are refused."""
    assert available("any.onnx")[0] == "onnxruntime"
    assert available("any.txt") == available("builtin") == ()
    with pytest.raises(ModelFileError, match=r"any\.txt: expected 'builtin' or one of \.engine, \.onnx"):
        make(Spec("any.txt"))
    with pytest.raises(BackEndMissing, match="expected one of ultralytics to run it, got 'openvino'"):
        make(Spec("any.pt", back_end="openvino"))


def test_a_back_end_that_is_not_installed_is_told_with_how_to_have_it(tmp_path: Path) -> None:
    """Whoever named it reads what to do."""
    missing = [one for one in BACK_ENDS if not one.is_there()]
    for one in missing:
        file = tmp_path / f"any{min(one.suffixes)}"
        with pytest.raises(BackEndMissing, match=f"{one.name} is to run it, .* not installed: {one.install}"):
            make(Spec(str(file), back_end=one.name))
    assert "onnxruntime" not in [one.name for one in missing]


class Faulty:
    """An engine that finds nothing, or raises what it is given."""

    runtime, accelerator, size, lanes = "none", "GPU", (SIDE, SIDE), 2
    layout = Layout(Family.NMS_FREE, ("person",))

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault

    def infer(self, tiles: Sequence[Tile], min_score: float) -> list[Raw]:
        """Raise, or find nothing."""
        if self._fault is not None:
            raise self._fault
        nothing = Raw(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))
        return [nothing for _ in tiles]


@pytest.mark.parametrize("kind", [DeviceFull, DeviceLost])
def test_what_an_engine_says_of_its_device_comes_through(kind: type[Exception]) -> None:
    """Whoever asked decides: fewer pictures, or another process."""
    with pytest.raises(kind, match="so it is"):
        Yolo(Path("x.onnx"), Faulty(kind("so it is")), "stub", 0.3).detect([picture()])


def test_a_detector_is_what_its_engine_is() -> None:
    """Where nothing is found there are no boxes, and what it says of itself is the engine's."""
    detector = Yolo(Path("x.onnx"), Faulty(), "stub", 0.3)
    assert (detector.name, detector.accelerator, detector.lanes) == ("x (none)", "GPU", 2)
    found = detector.detect([picture(), picture(4, 2)])
    assert [len(one) for one in found] == [0, 0]
    assert all(isinstance(one, Detections) for one in found)


@pytest.mark.parametrize("suffix", [".onnx", ".pt", ".engine"])
def test_no_bytes_but_those_that_are_meant_are_loaded(suffix: str, tmp_path: Path) -> None:
    """Whoever exchanged the file since it was recorded is told, whatever would run it."""
    file = write(tmp_path / "tiny.onnx", Family.YOLOX).rename(tmp_path / f"tiny{suffix}")
    if not available(str(file)):
        pytest.skip(f"nothing that runs {suffix} is installed (make back-ends)")
    with pytest.raises(ModelFileError, match=r"expected the recorded bytes \(SHA-256 0000"):
        make(Spec(str(file), sha256="0" * 64))
    if suffix == ".onnx":
        assert make(Spec(str(file), sha256=hashlib.sha256(file.read_bytes()).hexdigest())).labels
        return
    with pytest.raises(ModelFileError, match="runs code when it is loaded: expected one whose SHA-256"):
        make(Spec(str(file)))
