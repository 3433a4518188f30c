"""What is done to a model before TensorRT sees it; TensorRT itself needs a GPU."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.models import sha256_of
from detectors.decode import cells
from detectors.errors import ModelFileError
from detectors.export import pin
from detectors.registry import Spec, make
from tests.support.random_weights import write_weights
from tests.support.source import ROOT
from tests.support.tiny_onnx import write_model

pytest.importorskip("onnx", reason="the package onnx is not installed: an engine needs it")
AS_ONNX = """
import sys
from pathlib import Path
from detectors import quiet
quiet.silence()
from detectors.export import as_onnx, copied
as_onnx(copied(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]), 4, 320)
"""


def tiny(file: Path, any_batch: bool) -> Path:
    """Write a model of 64 × 64."""
    return write_model(file, np.zeros((1, cells(64, 64), 85), np.float32), any_batch=any_batch)


@pytest.mark.parametrize(("any_batch", "batch"), [(True, None), (False, 1)])
def test_the_batch_of_a_file_is_known(any_batch: bool, batch: int | None, tmp_path: Path) -> None:
    """An engine of a file with one picture at once takes one at once."""
    pinned = pin(tiny(tmp_path / "a.onnx", any_batch), 0)
    assert (pinned.width, pinned.height, pinned.batch) == (64, 64, batch)


def test_a_size_that_the_file_has_not_is_refused(tmp_path: Path) -> None:
    """Its own is named."""
    with pytest.raises(ModelFileError, match="its own size 64×64, which is fixed, got 320"):
        pin(tiny(tmp_path / "a.onnx", any_batch=True), 320)


def test_ultralytics_weights_become_a_file_of_the_wanted_size(tmp_path: Path) -> None:
    """With fixed sides, any batch, and the names in it; ONNX Runtime runs it."""
    pytest.importorskip("torch", reason="the extra gpu is not installed")
    pytest.importorskip("ultralytics", reason="the extra gpu is not installed")
    weights = write_weights(tmp_path / "yolo26n.pt")
    folder = tmp_path / "made"
    folder.mkdir()
    command = [sys.executable, "-c", AS_ONNX, str(weights), str(folder), sha256_of(weights)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)
    file = folder / "yolo26n.onnx"
    pinned = pin(file, 320)
    assert (pinned.width, pinned.height, pinned.batch) == (320, 320, None)
    assert "names" in pinned.metadata
    size = make(Spec(str(file), back_end="onnxruntime")).input
    assert size is not None
    assert (size.width, size.height) == (320, 320)
