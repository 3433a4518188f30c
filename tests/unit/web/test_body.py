"""Queries and bodies that do not fit."""

import pytest
from multidict import MultiDict

from appliance.web.body import query, rejection
from appliance.web.problems import Rejected
from appliance.web.wire import EventQuery, NewCamera


def test_a_query_becomes_its_type() -> None:
    """Numbers, truth values and lists are read from text; a list is the same name several times."""
    given = MultiDict([("camera", "a"), ("camera", "b"), ("reviewed", "true"), ("limit", "7"), ("from", "x")])
    asked = query(given, EventQuery)
    assert (asked.camera, asked.reviewed, asked.limit, asked.from_) == (["a", "b"], True, 7, "x")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("limit", "0", "a whole number >= 1"),
        ("limit", "501", "a whole number <= 500"),
        ("limit", "many", "a whole number"),
        ("severity", "grave", "one of critical, high, low, medium"),
        ("state", "closed", "one of ended, interrupted, open"),
        ("reviewed", "perhaps", "true or false or null"),
        ("camera", "UPPER", "1 to 64 of a-z, 0-9, - and _, other than stats and new"),
        (
            "colour",
            "red",
            "some of limit, page, from, to, camera, label, severity, state, zone, batch, reviewed",
        ),
    ],
)
def test_a_query_that_does_not_fit_says_what_was_expected(name: str, value: str, expected: str) -> None:
    """The answer is enough to put it right."""
    with pytest.raises(Rejected) as refused:
        query(MultiDict({name: value}), EventQuery)
    assert refused.value.expected == expected
    assert (refused.value.field or "").startswith(name)


def test_a_value_given_twice_is_refused() -> None:
    """Which of the two was meant is not guessed."""
    with pytest.raises(Rejected) as refused:
        query(MultiDict([("limit", "1"), ("limit", "2")]), EventQuery)
    assert refused.value.expected == "one value"


def test_what_came_is_shown_but_never_an_address() -> None:
    """An address may hold a password."""
    wrong = rejection(
        "Expected `str`, got `array` - at `$.address`", NewCamera, {"address": ["rtsp://u:canary@cam"]}
    )
    assert "canary" not in f"{wrong} {wrong.got}"
    shown = rejection("Expected `float` <= 30.0 - at `$.detect_fps`", NewCamera, {"detect_fps": 31})
    assert (shown.field, shown.expected, shown.got) == ("detect_fps", "a number <= 30.0", "31")
