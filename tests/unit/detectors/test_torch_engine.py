from pathlib import Path

import cv2
import numpy as np
import pytest

from detectors.contract import ModelInput
from detectors.errors import BackEndMissing, ModelFileError
from detectors.family import Family
from tests.support.back_ends import need, yolo
from tests.support.pictures import picture
from tests.support.random_weights import write_weights


@pytest.mark.parametrize("size", [(64, 48), (2, 2), (416, 416)])
def test_colours_are_made_as_opencv_makes_them(size: tuple[int, int]) -> None:
    """The network sees what it sees on the processor; a level or two of 256 is rounding."""
    need("ultralytics")
    import torch  # noqa: PLC0415 - an extra

    from detectors.torch_engine import rgb  # noqa: PLC0415 - imports it

    width, height = size
    tiles = np.random.default_rng(3).integers(0, 256, (2, height * 3 // 2, width), dtype=np.uint8)
    found = rgb(torch.from_numpy(tiles)).numpy()
    assert (found.shape, found.dtype) == ((2, 3, height, width), np.float32)
    for one, tile in zip(found, tiles, strict=True):
        expected = cv2.cvtColor(tile, cv2.COLOR_YUV2RGB_I420).transpose(2, 0, 1)
        assert np.abs(one - expected).max() <= 2


@pytest.mark.parametrize(
    ("network", "family"), [("yolo26n", Family.NMS_FREE), ("yolo11n", Family.ULTRALYTICS)]
)
def test_weights_are_a_detector(network: str, family: Family, tmp_path: Path) -> None:
    """A ``.pt`` is used at 640 where it says nothing of its training, without suppression if it can."""
    need("ultralytics")
    detector = yolo(write_weights(tmp_path / "own.pt", network), "ultralytics")
    assert (detector.name, detector.family) == ("own (Ultralytics)", family)
    assert detector.input == ModelInput(640, 640, centred=True)
    assert len(detector.labels) == 80
    assert [len(one) for one in detector.detect([picture(64, 48), picture(1280, 720)])] == [0, 0]


@pytest.mark.parametrize("suffix", [".pt", ".engine"])
def test_a_damaged_file_is_refused_in_a_sentence(suffix: str, tmp_path: Path) -> None:
    """Or what it needs is said, where there is no GPU for it; no other program is asked to mend it."""
    need("ultralytics")
    file = tmp_path / f"bad{suffix}"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" * 1000)
    with pytest.raises((ModelFileError, BackEndMissing), match=f"bad{suffix}: ") as refused:
        yolo(file, "ultralytics")
    assert "\n" not in str(refused.value)
