"""Real weights on a real clip: who is there is found, and nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from appliance.detections.settings import Settings
from detectors.contract import Picture
from detectors.registry import Spec, make
from tests.support.pictures import boxes
from tests.support.rtsp import shared_folder

pytestmark = pytest.mark.system

CLIP = "one-by-one-person"
FPS = 5.0


def shared(path: str) -> Path:
    """Return a file of the shared folder, or skip."""
    file = shared_folder() / path
    if not file.is_file():
        pytest.skip(f"{file} is absent (NIGHTJAR_SHARED names its folder)")
    return file


def sampled(clip: Path) -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
    """Yield the seconds and the picture (I420) of five frames a second."""
    next_s = 0.0
    with av.open(str(clip)) as container:
        for decoded in container.decode(video=0):
            if decoded.time is not None and decoded.time >= next_s - 1e-6:
                next_s += 1 / FPS
                yield decoded.time, np.asarray(decoded.to_ndarray(format="yuv420p"), np.uint8)


def visits() -> list[tuple[float, float]]:
    """Return when somebody is in view, by the clip's truth."""
    truth = json.loads(shared(f"media/{CLIP}.truth.json").read_text())
    return [(visit["t_first"], visit["t_last"]) for visit in truth["visits"]]


@pytest.mark.parametrize("name", ["yolox_nano", "yolo11n_int8"])
def test_people_are_found_while_they_are_there_and_at_no_other_time(name: str) -> None:
    """With the default threshold: in 94 % of the frames of the visits, and in none between them."""
    detector = make(Spec(str(shared(f"models/{name}.onnx")), Settings().min_score))
    inside: list[bool] = []
    outside: list[bool] = []
    spans = visits()
    for seconds, pixels in sampled(shared(f"media/{CLIP}.mp4")):
        found = detector.detect([Picture(pixels, boxes())])[0]
        is_person = "person" in {detector.labels[i] for i in found.class_ids}
        there = any(first <= seconds <= last for first, last in spans)
        (inside if there else outside).append(is_person)
    assert np.mean(inside) >= 0.94
    assert not any(outside)
