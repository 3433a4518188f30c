"""The clip of six visits with fewer frames than it has: what is missing makes no event more and none less."""

import json
from collections.abc import Mapping

import pytest

from appliance.detections.settings import Settings
from detectors.registry import Spec, make
from tests.support.clip_decided import Thinned, watch
from tests.support.rtsp import shared_folder

# The detector looks at each frame once, for everybody: about a minute for each model.
pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CLIP = "one-by-one-person"
EVERY_FIFTH = frozenset({0, 2, 4, 6, 8})
"""Of the tenths of a second, those of five frames a second."""
APART_S = 1.5


@pytest.fixture(scope="module", params=["yolox_nano", "yolo11n_int8"])
def watchers(request: pytest.FixtureRequest) -> Mapping[str, Thinned]:
    """What was decided on the clip at several paces."""
    model = shared_folder() / "models" / f"{request.param}.onnx"
    clip = shared_folder() / "media" / f"{CLIP}.mp4"
    if not (model.is_file() and clip.is_file()):
        pytest.skip(f"{model} or {clip} is absent (NIGHTJAR_SHARED names their folder)")
    everybody = {
        "10 fps": Thinned(frozenset(range(10))),
        "5 fps": Thinned(EVERY_FIFTH),
        "5 fps, every fifth missing": Thinned(EVERY_FIFTH, skips=5),
        "2 fps": Thinned(frozenset({0, 5})),
    }
    watch(clip, make(Spec(str(model), Settings().min_score)), everybody)
    return everybody


@pytest.mark.parametrize("pace", ["10 fps", "5 fps", "5 fps, every fifth missing", "2 fps"])
def test_six_visits_are_six_events(watchers: Mapping[str, Thinned], pace: str) -> None:
    """Each of a person, ended, and within 1.5 s of the truth."""
    spans = watchers[pace].spans()
    truth = json.loads((shared_folder() / f"media/{CLIP}.truth.json").read_text(encoding="utf-8"))
    assert [(label, state) for label, state, _, _ in spans] == [("person", "ended")] * 6, spans
    for (_, _, first_s, last_s), visit in zip(spans, truth["visits"], strict=True):
        assert abs(first_s - visit["t_first"]) <= APART_S
        assert abs(last_s - visit["t_last"]) <= APART_S
