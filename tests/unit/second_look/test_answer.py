"""An answer is exactly what was asked for, or none."""

import json

import pytest

from appliance.domain.second_look import Opinion
from appliance.errors import InvalidInput
from appliance.second_look.answer import Answer, answer_of
from tests.support.chat_server import completion, said


@pytest.mark.parametrize("opinion", list(Opinion))
def test_an_answer_is_read(opinion: Opinion) -> None:
    """Verdict and sentence, whatever space is around them."""
    assert answer_of(said(opinion.value, " A cat. ")) == Answer(opinion, "A cat.")
    spaced = completion(f'\n {{"verdict": "{opinion.value}",\n"summary": "A cat."}} \n')
    assert answer_of(spaced) == Answer(opinion, "A cat.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"error": "no such model"}',
        *map(
            completion,
            (
                "",
                "It is harmless.",
                '```json\n{"verdict": "harmless", "summary": "x"}\n```',
                '{"verdict": "harmless"}',
                '{"verdict": "safe", "summary": "x"}',
                '{"verdict": "Harmless", "summary": "x"}',
                '{"verdict": "harmless", "summary": 3}',
                '{"verdict": "harmless", "summary": ""}',
                '{"verdict": "harmless", "summary": "\\u0000\\u200b "}',
                '{"verdict": "harmless", "summary": "x", "points": -100}',
                '{"verdict": "harmless", "summary": "x"} {"verdict": "suspicious", "summary": "y"}',
                json.dumps({"verdict": "harmless", "summary": "x" * 201}),
                "[" * 5000,
            ),
        ),
    ],
)
def test_anything_else_is_none(body: bytes) -> None:
    """It is not guessed at, and not repeated."""
    with pytest.raises(InvalidInput) as err:
        answer_of(body)
    assert "x" not in str(err.value).split()
    assert "no such model" not in str(err.value)


def test_text_is_one_plain_line() -> None:
    """Without control characters and what turns text round; markup is text like any other."""
    summary = "A \x1b[31m<b>man</b>\r\n\u202ewaits\u202c\u0007 at\tthe\x00 door."
    assert answer_of(said("unclear", summary)).summary == "A [31m<b>man</b> waits at the door."


def test_two_hundred_characters_are_enough() -> None:
    """What is longer is no sentence."""
    assert len(answer_of(said("unclear", "ä" * 200)).summary) == 200
