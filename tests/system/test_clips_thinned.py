"""The clip of six visits with fewer frames than it has: what is missing makes no event more and none less."""

import copy
import json
from collections.abc import Mapping

import pytest

from appliance.detections.settings import Settings
from tests.support.back_ends import yolo
from tests.support.clip_decided import Thinned, watch
from tests.support.rtsp import shared_folder

# The detector looks at each frame once, for everybody: about a minute for each model.
pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CLIP = "one-by-one-person"
EVERY_FIFTH = frozenset({0, 2, 4, 6, 8})
"""Of the tenths of a second, those of five frames a second."""
APART_S = 1.5


MODELS = ("yolox_nano", "yolo11n_int8")
PACES = {
    "10 fps": Thinned(frozenset(range(10))),
    "5 fps": Thinned(EVERY_FIFTH),
    "5 fps, every fifth missing": Thinned(EVERY_FIFTH, skips=5),
    "2 fps": Thinned(frozenset({0, 5})),
}


def watch_with(model: str, back_end: str, everybody: Mapping[str, Thinned]) -> None:
    """Have a model on a back end look for everybody, or skip."""
    file = shared_folder() / "models" / f"{model}.onnx"
    clip = shared_folder() / "media" / f"{CLIP}.mp4"
    if not (file.is_file() and clip.is_file()):
        pytest.skip(f"{file} or {clip} is absent (NIGHTJAR_SHARED names their folder)")
    watch(clip, yolo(file, back_end, Settings().min_score), everybody)


def six_visits(watcher: Thinned) -> None:
    """Assert that each is an event of a person, ended, and within 1.5 s of the truth."""
    spans = watcher.spans()
    truth = json.loads((shared_folder() / f"media/{CLIP}.truth.json").read_text(encoding="utf-8"))
    assert [(label, state) for label, state, _, _ in spans] == [("person", "ended")] * 6, spans
    for (_, _, first_s, last_s), visit in zip(spans, truth["visits"], strict=True):
        assert abs(first_s - visit["t_first"]) <= APART_S
        assert abs(last_s - visit["t_last"]) <= APART_S


@pytest.fixture(scope="module", params=MODELS)
def watchers(request: pytest.FixtureRequest) -> Mapping[str, Thinned]:
    """What was decided on the clip at several paces."""
    everybody = copy.deepcopy(PACES)
    watch_with(request.param, "onnxruntime", everybody)
    return everybody


@pytest.mark.parametrize("pace", PACES)
def test_six_visits_are_six_events(watchers: Mapping[str, Thinned], pace: str) -> None:
    """At any pace, with frames missing too."""
    six_visits(watchers[pace])


@pytest.mark.timeout(600)  # beside other work Ultralytics' threads, which spin, lose most of their time
@pytest.mark.parametrize("back_end", ["openvino", "ultralytics"])
@pytest.mark.parametrize("model", MODELS)
def test_every_other_back_end_sees_the_same_six(model: str, back_end: str) -> None:
    """What runs the model does not show in the events."""
    watcher = Thinned(EVERY_FIFTH)
    watch_with(model, back_end, {"5 fps": watcher})
    six_visits(watcher)
