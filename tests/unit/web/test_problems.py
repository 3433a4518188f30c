"""Errors and what clients are told of them."""

import pytest

from appliance import errors
from appliance.errors import NightjarError, SourceFailure
from appliance.web.problems import Kind, Rejected, problem_of, problem_of_status, response_of


def everything_below(cls: type[NightjarError]) -> list[type[NightjarError]]:
    """Return a class and all below it that ``errors.py`` draws."""
    below = [each for sub in cls.__subclasses__() for each in everything_below(sub)]
    return [each for each in [cls, *below] if each.__module__ == errors.__name__]


STATUSES = {
    "InvalidInput": 422,
    "ConfigError": 422,
    "AddressError": 422,
    "NotFound": 404,
    "Conflict": 409,
    "Refused": 403,
    "FetchOff": 403,
    "LoginNeeded": 401,
    "TemporaryFailure": 503,
    "SourceFailure": 503,
    "StoreUnavailable": 503,
    "FootageUnavailable": 503,
    "Overloaded": 503,
    "BackupFailed": 503,
    "Throttled": 429,
    "WorkerLost": 503,
    "DeviceFull": 503,
    "PermanentFailure": 500,
    "ModelError": 500,
    "SealBroken": 500,
    "DeviceUnavailable": 500,
    "NotRecordable": 500,
    "BackupDamaged": 500,
    "StoreCorrupt": 500,
    "NightjarError": 500,
}


def made(cls: type[NightjarError]) -> NightjarError:
    """Return an error of that class with the message ``words``."""
    if issubclass(cls, SourceFailure):
        return cls("timeout", "words")
    return cls("words", 7) if issubclass(cls, errors.Throttled) else cls("words")


@pytest.mark.parametrize("cls", everything_below(NightjarError), ids=lambda cls: cls.__name__)
def test_every_error_has_its_status(cls: type[NightjarError]) -> None:
    """The tree's own drawing says which status each kind has."""
    error = made(cls)
    problem = problem_of(error)
    assert (problem.status, problem.detail) == (STATUSES[cls.__name__], "words")


def test_no_address_with_credentials_leaves_in_a_problem() -> None:
    """Whatever text an error carries, user and password are taken out of it."""
    error = Rejected(Kind.INVALID, "bad rtsp://u:canary@cam/s", got="rtsp://u:canary@cam/s")
    body = response_of(problem_of(error)).body
    assert isinstance(body, bytes)
    assert b"canary" not in body
    assert b"rtsp://" in body


def test_what_came_is_cut() -> None:
    """A huge value is not sent back whole."""
    problem = problem_of(Rejected(Kind.INVALID, "too long", got="x" * 5000))
    assert problem.got is not None
    assert len(problem.got) == 200


def test_a_client_is_told_when_to_come_back() -> None:
    """Whatever is temporary says after how long to try again."""
    answer = response_of(problem_of(errors.Overloaded("full")))
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 417, 431, 500])
def test_what_aiohttp_refuses_is_a_problem_too(status: int) -> None:
    """Every error has the same form, whoever noticed it."""
    problem = problem_of_status(status, "PUT", "/nowhere", frozenset({"GET"}))
    assert problem.status == status
    assert problem.type.startswith("urn:nightjar:problem:")
