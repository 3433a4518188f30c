"""The models over HTTP: the list, and asking for one."""

from dataclasses import replace

from appliance.detections.model_library import KnownBackEnd, KnownModel, Shelf
from appliance.detections.models import Recipe
from appliance.errors import Conflict, FetchOff, NotFound
from tests.support.web import FakeModels, WebBox

MODELS = "/api/v1/system/models"
PULL = f"{MODELS}/yolox_nano/pull"
ABSENT = KnownModel(
    "yolox_nano", "https://makers.example/yolox_nano.onnx", "MIT", 9, *(False, False, True), 0.5, ""
)


def models_of(box: WebBox) -> FakeModels:
    """Return the models behind the server."""
    assert isinstance(box.with_.models, FakeModels)
    return box.with_.models


async def test_the_list_says_what_there_is_and_how_far_a_pull_is(box: WebBox) -> None:
    """With what is set about them, so that a page need not guess."""
    measured = (
        KnownBackEnd("openvino", 12.0, "", is_fastest=True),
        KnownBackEnd("ultralytics", None, "no torch", is_fastest=False),
    )
    models_of(box).now = Shelf((replace(ABSENT, back_ends=measured),), "auto", may_fetch=False)
    answer = (await box.get(MODELS)).json
    assert (answer["wanted"], answer["may_fetch"]) == ("auto", False)
    assert answer["items"] == [
        {
            "name": "yolox_nano",
            "source": "https://makers.example/yolox_nano.onnx",
            "licence": "MIT",
            "size_bytes": 9,
            "is_here": False,
            "is_at_work": False,
            "can_be_pulled": True,
            "progress": 0.5,
            "problem": "",
            "back_end": "",
            "back_ends": [
                {"name": "openvino", "picture_ms": 12.0, "problem": "", "is_fastest": True},
                {"name": "ultralytics", "picture_ms": None, "problem": "no torch", "is_fastest": False},
            ],
            "engine": "",
            "can_be_exported": False,
            "export_ratio": None,
            "export_note": "",
            "export_problem": "",
        }
    ]


async def test_a_pull_is_taken_up(box: WebBox) -> None:
    """It goes on in the background: the answer is the list."""
    answer = await box.ask("POST", PULL)
    assert (answer.status, answer.json["items"]) == (202, [])
    assert models_of(box).pulled == ["yolox_nano"]


async def test_each_refusal_has_its_own_code(box: WebBox) -> None:
    """Fetching switched off is told from a permission that is missing."""
    found = []
    for refusal in (FetchOff("fetch = false"), NotFound("no such model"), Conflict("one at a time")):
        models_of(box).refusal = refusal
        answer = await box.ask("POST", PULL)
        found.append((answer.status, answer.json["type"].rsplit(":", 1)[-1]))
    assert found == [(403, "fetch-off"), (404, "not-found"), (409, "conflict")]


async def test_a_model_is_removed_and_an_engine_is_built(box: WebBox) -> None:
    """Both answer with the list, as it is then."""
    answer = await box.ask("DELETE", f"{MODELS}/yolox_nano")
    assert (answer.status, answer.json["items"]) == (200, [])
    answer = await box.ask("POST", f"{MODELS}/yolox_nano/export", {"batch": 4})
    assert (answer.status, answer.json["items"]) == (202, [])
    models = models_of(box)
    assert (models.removed, models.exported) == (["yolox_nano"], [("yolox_nano", Recipe(4, 0, "fp16"))])


async def test_an_engine_that_makes_no_sense_is_refused(box: WebBox) -> None:
    """At the door, with the field's name."""
    for wrong in ({"batch": 0}, {"precision": "int4"}, {"size_px": -1}, {"speed": 9}):
        assert (await box.ask("POST", f"{MODELS}/yolox_nano/export", wrong)).status == 422
    assert models_of(box).exported == []
