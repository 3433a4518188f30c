"""The answer: what a model said, read strictly. What is not exactly what was asked for is no answer."""

import unicodedata
from dataclasses import dataclass

import msgspec

from appliance.domain.second_look import LONGEST_SUMMARY, Opinion
from appliance.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said: plain text, without control characters."""

    opinion: Opinion
    summary: str


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Opinion
    summary: str


def answer_of(body: bytes) -> Answer:
    """Return what the body of a chat completion says.

    Raises:
        InvalidInput: it is none, or not what was asked for; the message repeats nothing of it.
    """
    try:
        choices = msgspec.json.decode(body, type=_Completion).choices
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("its answer is no chat completion") from None
    if not choices:
        raise InvalidInput("its answer is empty")
    try:
        said = msgspec.json.decode(choices[0].message.content, type=_Said)
    except (msgspec.DecodeError, UnicodeError):
        raise InvalidInput("the model did not answer in the form that was asked for") from None
    summary = plain(said.summary)
    if not 0 < len(summary) <= LONGEST_SUMMARY:
        raise InvalidInput(f"the model's sentence does not have 1 to {LONGEST_SUMMARY} characters")
    return Answer(said.verdict, summary)


def plain(text: str) -> str:
    """Return a text in one line, without characters that are not seen or turn others round."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if not unicodedata.category(char).startswith("C"))
