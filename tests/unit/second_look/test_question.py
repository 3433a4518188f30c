"""What is asked: the event's facts in the owner's time, and its picture where it is wanted."""

import base64
import json
import zoneinfo
from typing import Any

import msgspec

from appliance.second_look.question import PROMPT, Facts, body_of
from appliance.second_look.settings import Settings

SETTINGS = Settings(address="http://192.0.2.7:11434/v1", model="qwen2.5vl")
FACTS: dict[str, Any] = {
    "id": "e1",
    "camera_id": "front",
    "label": "person",
    "started_at": "2026-11-27T22:30:00.000Z",
    "last_seen_at": "2026-11-27T22:30:42.000Z",
    "passages": [
        {"kind": "zone", "id": "drive", "name": "Drive"},
        {"kind": "line", "id": "gate", "name": "Gate"},
        {"kind": "zone", "id": "drive", "name": "Drive"},
    ],
    "risk_score": 55,
    "risk_factors": [
        {"name": "label", "points": 25, "detail": "person"},
        {"name": "second_look", "points": 15, "detail": "the model x finds it suspicious"},
    ],
    "second_look": None,
}


def asked(jpeg: bytes | None = None, *, as_json: bool = True) -> Any:
    """Return the question as a server reads it."""
    facts = msgspec.convert(FACTS, Facts)
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    return json.loads(body_of(facts, "Front door", jpeg, zone, SETTINGS, as_json=as_json))


def test_it_tells_the_facts() -> None:
    """In words, by the owner's clock, and without what a model said before."""
    question = asked()
    system, user = question["messages"]
    assert (system["role"], system["content"], user["role"]) == ("system", PROMPT, "user")
    assert question["model"] == "qwen2.5vl"
    assert user["content"].splitlines() == [
        "What was detected: person",
        "Camera: Front door",
        "Local time: Friday 2026-11-27 23:30",
        "Seen for: 42 s",
        "Zones it was in: Drive",
        "Lines it crossed: Gate",
        "Risk so far: 55 of 100",
        "- person (+25)",
    ]


def test_the_picture_is_part_of_it() -> None:
    """As a data URL: the server fetches nothing. One that is too large is left out."""
    text, picture = asked(b"jpeg")["messages"][1]["content"]
    assert text["text"].startswith("What was detected")
    assert picture["image_url"]["url"] == "data:image/jpeg;base64," + base64.b64encode(b"jpeg").decode()
    assert isinstance(asked(bytes(5_000_001))["messages"][1]["content"], str)


def test_the_form_of_the_answer_is_asked_for_where_it_can_be() -> None:
    """Servers that do not know it are asked without."""
    assert asked()["response_format"] == {"type": "json_object"}
    assert "response_format" not in asked(as_json=False)
