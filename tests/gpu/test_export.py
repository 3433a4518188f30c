"""Building a TensorRT engine on an NVIDIA GPU, and running it."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.calibrator import Calibrator
from appliance.detections.exporter import Exporter
from appliance.detections.measurements import Measurements
from appliance.detections.models import ModelFolder, Recipe, sha256_of
from appliance.detections.settings import Settings
from appliance.runtime.clock import SystemClock
from detectors.contract import Picture
from detectors.registry import Spec, make
from tests.support.random_weights import write_weights

SIDE = 320
NEEDED = ("torch", "ultralytics", "tensorrt", "onnx")


@functools.cache
def why_not() -> str:
    """Return why no engine can be built here; empty where one can."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    import torch  # noqa: PLC0415 - an extra

    return "" if torch.cuda.is_available() else "torch sees no GPU"


pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(why_not()), reason=why_not())]


@pytest.mark.timeout(900)
async def test_an_engine_is_built_recorded_and_runs(tmp_path: Path) -> None:
    """From weights to boxes, with any number of pictures; it fits this very machine."""
    folder, clock = ModelFolder(tmp_path / "models"), SystemClock()
    folder.copy_in(write_weights(tmp_path / "yolo26n.pt"))
    calibrator = Calibrator(Measurements(folder.folder), clock, Settings())
    path = await Exporter(folder, clock, calibrator.surroundings).export("yolo26n", Recipe(4, SIDE, "fp16"))
    machine = (await calibrator.surroundings()).machine
    (engine,) = folder.find("yolo26n").engines
    assert engine.fits(machine, folder.find("yolo26n").sha256)
    assert machine.gpu
    detector = make(Spec(str(path), sha256=sha256_of(path)))
    assert detector.input is not None
    assert (detector.input.width, detector.input.height) == (SIDE, SIDE)
    noise = np.random.default_rng(1)
    for count in (1, 3, 4, 6):
        pictures = [
            Picture(
                noise.integers(0, 256, (SIDE * 3 // 2, SIDE), dtype=np.uint8), np.empty((0, 4), np.float32)
            )
            for _ in range(count)
        ]
        assert len(detector.detect(pictures)) == count
