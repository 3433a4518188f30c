"""The back ends that run models, each as a parameter of a test: skipped where it is not installed."""

import hashlib
from pathlib import Path

import pytest

from detectors.registry import BACK_ENDS, Spec, make
from detectors.yolo import Yolo

ONNX = ("onnxruntime", "openvino", "ultralytics")
"""Those that run an ONNX file on any machine; the others are tested where there is a GPU."""


def need(back_end: str) -> str:
    """Return the back end's name, or skip the test where it is not installed."""
    one = next(one for one in BACK_ENDS if one.name == back_end)
    if not one.is_there():
        pytest.skip(f"the back end {back_end} is not installed ({one.install})")
    return back_end


def yolo(model: object, back_end: str, min_score: float = 0.3) -> Yolo:
    """Return a YOLO model on a back end, or skip the test where that is not installed."""
    sha256 = hashlib.sha256(Path(str(model)).read_bytes()).hexdigest()
    made = make(Spec(str(model), min_score, back_end=need(back_end), sha256=sha256))
    assert isinstance(made, Yolo)
    return made
