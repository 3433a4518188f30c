"""Errors as ``application/problem+json`` (RFC 9457), mapped from the exception tree in this one place."""

from collections.abc import Awaitable, Callable
from enum import Enum
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from appliance.errors import (
    AddressError,
    Conflict,
    FetchOff,
    InvalidInput,
    LoginNeeded,
    NightjarError,
    NotFound,
    Overloaded,
    PermanentFailure,
    Refused,
    SourceFailure,
    StoreUnavailable,
    TemporaryFailure,
    Throttled,
)
from appliance.runtime.log import redact

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Kind(Enum):
    """The kinds of problem: the word in its ``type``, its status and its title."""

    MALFORMED = ("malformed", HTTPStatus.BAD_REQUEST, "The request cannot be read")
    LOGIN_NEEDED = ("login-needed", HTTPStatus.UNAUTHORIZED, "Log in first")
    REFUSED = ("refused", HTTPStatus.FORBIDDEN, "This is not permitted")
    FETCH_OFF = ("fetch-off", HTTPStatus.FORBIDDEN, "This box fetches nothing from other machines")
    NOT_FOUND = ("not-found", HTTPStatus.NOT_FOUND, "There is no such thing")
    WRONG_METHOD = ("wrong-method", HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here")
    TIMEOUT = ("timeout", HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive")
    CONFLICT = ("conflict", HTTPStatus.CONFLICT, "The present state does not allow this")
    TOO_LARGE = ("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large")
    WRONG_MEDIA = (
        "wrong-media",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The body has another form than expected",
    )
    MISDIRECTED = ("misdirected", HTTPStatus.MISDIRECTED_REQUEST, "The request names another host")
    BEYOND = ("beyond-end", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The file has no such bytes")
    INVALID = ("invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "Something in the request is wrong")
    ADDRESS = ("camera-address", HTTPStatus.UNPROCESSABLE_ENTITY, "The camera's address cannot be used")
    THROTTLED = ("throttled", HTTPStatus.TOO_MANY_REQUESTS, "Too many tries")
    DEFECT = ("defect", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong inside Nightjar")
    FAILED = ("failed", HTTPStatus.INTERNAL_SERVER_ERROR, "This cannot work until somebody repairs it")
    CAMERA = ("camera-failure", HTTPStatus.SERVICE_UNAVAILABLE, "The camera could not be read")
    DATABASE = ("database-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be used")
    OVERLOADED = ("overloaded", HTTPStatus.SERVICE_UNAVAILABLE, "Too much is waiting already")
    UNAVAILABLE = ("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "This does not work at the moment")

    def __init__(self, word: str, status: HTTPStatus, title: str) -> None:
        self.word = word
        self.status = status
        self.title = title


class Problem(msgspec.Struct, omit_defaults=True):
    """What went wrong: ``expected`` and ``got`` say what would have been right and what came instead."""

    type: str
    title: str
    status: int
    detail: str = ""
    field: str | None = None
    expected: str | None = None
    got: str | None = None


class Rejected(InvalidInput):
    """The request itself is wrong.

    Args:
        kind: decides the status.
        detail: a sentence for a person.
        field: where in the body or the query, such as ``detect_fps``.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        field: str | None = None,
        expected: str | None = None,
        got: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.field = field
        self.expected = expected
        self.got = got


KINDS: tuple[tuple[type[NightjarError], Kind], ...] = (
    (AddressError, Kind.ADDRESS),
    (InvalidInput, Kind.INVALID),
    (NotFound, Kind.NOT_FOUND),
    (Conflict, Kind.CONFLICT),
    (FetchOff, Kind.FETCH_OFF),
    (LoginNeeded, Kind.LOGIN_NEEDED),
    (Refused, Kind.REFUSED),
    (SourceFailure, Kind.CAMERA),
    (StoreUnavailable, Kind.DATABASE),
    (Overloaded, Kind.OVERLOADED),
    (Throttled, Kind.THROTTLED),
    (TemporaryFailure, Kind.UNAVAILABLE),
    (PermanentFailure, Kind.FAILED),
)
"""The first class that fits decides; narrower ones come before wider ones."""

BY_STATUS = {
    HTTPStatus.BAD_REQUEST: Kind.MALFORMED,
    HTTPStatus.FORBIDDEN: Kind.REFUSED,
    HTTPStatus.NOT_FOUND: Kind.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Kind.WRONG_METHOD,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Kind.TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR: Kind.DEFECT,
}


def problem_of(error: NightjarError) -> Problem:
    """Return what a client is told of an error: never a secret, never a trace."""
    if isinstance(error, Rejected):
        return _problem(error.kind, str(error), error.field, error.expected, error.got)
    kind = next((kind for cls, kind in KINDS if isinstance(error, cls)), Kind.DEFECT)
    return _problem(kind, str(error))


def problem_of_status(status: int, method: str, path: str, allowed: frozenset[str] = frozenset()) -> Problem:
    """Return what a client is told when aiohttp itself refuses a request."""
    kind = BY_STATUS.get(HTTPStatus(status), Kind.MALFORMED)
    if kind is Kind.WRONG_METHOD:
        return _problem(kind, f"{path} takes other methods", None, " or ".join(sorted(allowed)), method)
    if kind is Kind.NOT_FOUND:
        return _problem(kind, f"there is nothing at {path}")
    return msgspec.structs.replace(_problem(kind, HTTPStatus(status).description or ""), status=status)


def response_of(problem: Problem) -> web.Response:
    """Return the answer that carries a problem."""
    response = web.Response(status=problem.status, body=msgspec.json.encode(problem), content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_S)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        # Of this scheme browsers know nothing: they open no window of their own that asks for a password.
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response


@web.middleware
async def answer_with_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error on the way to an answer into a problem."""
    try:
        return await handler(request)
    except Throttled as err:
        response = response_of(problem_of(err))
        response.headers[hdrs.RETRY_AFTER] = str(err.after_s)
        return response
    except NightjarError as err:
        return response_of(problem_of(err))
    except web.HTTPMethodNotAllowed as err:
        allowed = frozenset(err.allowed_methods)
        response = response_of(problem_of_status(err.status, request.method, request.path, allowed))
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response
    except web.HTTPError as err:
        return response_of(problem_of_status(err.status, request.method, request.path))


async def replace_defect(_request: web.Request, response: web.StreamResponse) -> None:
    """Give the answer that aiohttp makes of an unexpected exception the form of all others.

    aiohttp logs the exception; nothing of it reaches the client.
    """
    if (
        isinstance(response, web.Response)
        and response.status == HTTPStatus.INTERNAL_SERVER_ERROR
        and response.content_type != MEDIA_TYPE
    ):
        problem = _problem(Kind.DEFECT, "the log of the service says more")
        response.content_type = MEDIA_TYPE
        response.body = msgspec.json.encode(problem)
        response.headers["Content-Length"] = str(len(response.body))


def _problem(
    kind: Kind,
    detail: str,
    field: str | None = None,
    expected: str | None = None,
    got: str | None = None,
) -> Problem:
    return Problem(
        type=f"urn:nightjar:problem:{kind.word}",
        title=kind.title,
        status=kind.status,
        detail=redact(detail),
        field=field,
        expected=expected,
        got=None if got is None else redact(got)[:200],
    )
