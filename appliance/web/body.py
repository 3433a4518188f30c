"""What clients send, read strictly: JSON bodies and queries become the types that the route declares."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiMapping

from appliance.errors import LoginNeeded, Refused
from appliance.web.access import EVERYBODY, Permission, Principal, principal_of
from appliance.web.access import Kind as Who
from appliance.web.problems import Kind, Rejected
from appliance.web.settings import WebSettings

T = TypeVar("T", bound=msgspec.Struct)

JSON = "application/json"

_EXPECTED_GOT = re.compile(r"^Expected (?P<expected>.+?)(?:, got (?P<got>.+?))?$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.*)`$", re.DOTALL)
_INVALID = re.compile(r"^Invalid (?P<what>.+?) (?P<got>'.*'|-?\d+)$", re.DOTALL)
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a JSON object",
}
SECRET_FIELDS = frozenset(
    {"address", "live_address", "host", "user", "password", "secret", "token", "topic", "current", "new"}
)
"""What is neither repeated in an answer nor written down; ``current`` and ``new`` are passwords."""

BODY = web.RequestKey("body", bytes)
"""The body of a request that has been read."""

BODY_S: web.AppKey[float] = web.AppKey("body_s")
"""By which an application knows how long a body may take, also where none is needed."""

WHO: web.RequestKey[Callable[[web.Request], Awaitable[Principal]]] = web.RequestKey("who")
"""By which a request can find out anew who it is by."""

NEEDED: web.RequestKey[frozenset[Permission]] = web.RequestKey("needed")
"""What its route asks of whoever calls it."""

OF_ANYBODY = 8 * 1024
"""Bytes of a body where no login is needed: name, password and token are less, however they are written."""
EMPTY = (b"", b"{}")

_AT = re.compile(r"^(?P<message>.*) - at `\$\.?(?P<field>[^`]*)`$", re.DOTALL)


async def body(request: web.Request, form: type[T], settings: WebSettings) -> T:
    """Return the request's JSON body as that type.

    Raises:
        Rejected: 415 for another media type, 408 for a body that takes too long, 400 for what is no JSON, and
            422 for JSON that does not fit the type, with what was expected and what came.
        Refused: whoever asks may not any more what that one might when the request began.
    """
    if request.content_type != JSON:
        raise Rejected(
            Kind.WRONG_MEDIA,
            "the body must be JSON",
            field="Content-Type",
            expected=JSON,
            got=request.headers.get("Content-Type", "none"),
        )
    most = settings.body_limit_bytes
    raw = await _read(request, min(most, OF_ANYBODY) if _is_open(request) else most)
    request[BODY] = raw
    try:
        return msgspec.json.decode(raw, type=form)
    except msgspec.ValidationError as err:
        raise rejection(str(err), form, _loosely(raw)) from err
    except (msgspec.DecodeError, UnicodeError) as err:
        raise Rejected(Kind.MALFORMED, f"the body is not JSON: {err}", expected="a JSON object") from err


async def no_body(request: web.Request) -> None:
    """Make sure that a request which needs no body has none.

    Raises:
        Rejected: 415, it has one that is not an empty JSON object; 408, one that takes too long.
        Refused: whoever asks may not any more what that one might when the request began.
    """
    if request.body_exists and not await _is_empty(request):
        raise Rejected(
            Kind.WRONG_MEDIA,
            "this takes no body",
            expected="no body",
            got=request.headers.get("Content-Type", "a body"),
        )


async def _is_empty(request: web.Request) -> bool:
    if request.content_type != JSON:
        return False
    try:
        return await _read(request, max(map(len, EMPTY))) in EMPTY
    except web.HTTPRequestEntityTooLarge:
        return False


async def _read(request: web.Request, most: int) -> bytes:
    """Return the body, in bounded time and size, of somebody who still is who asked.

    A client may hold back its last byte until its rights have gone, which were looked at with the headers.
    """
    limit_s, raw = request.app[BODY_S], bytearray()
    try:
        async with asyncio.timeout(limit_s):
            async for part in request.content.iter_any():
                raw += part
                if len(raw) > most:
                    raise web.HTTPRequestEntityTooLarge(most)
    except TimeoutError as err:
        raise Rejected(Kind.TIMEOUT, f"the body did not arrive within {limit_s:g} s") from err
    if not _is_open(request):
        await _expect_same(request)
    return bytes(raw)


def _is_open(request: web.Request) -> bool:
    """Return whether everybody may ask this: then there is no right that could have gone."""
    return request[NEEDED] <= EVERYBODY


async def _expect_same(request: web.Request) -> None:
    now = await request[WHO](request)
    if now == principal_of(request):
        return
    if now.kind is Who.NOBODY:
        raise LoginNeeded("this needs a login, and the one that this request began with has ended")
    raise Refused("what you may has changed since this request began; nothing was done, so ask again")


def query(values: MultiMapping[str], form: type[T]) -> T:
    """Return a URL's query as that type; a list's values come as the same name several times.

    Raises:
        Rejected: 422, a name is unknown or given twice, or a value does not fit.
    """
    lists = {
        f.encode_name for f in msgspec.structs.fields(form) if f.default_factory is not msgspec.NODEFAULT
    }
    fields: dict[str, object] = {}
    for name in values:
        given = values.getall(name)
        if name not in lists and len(given) > 1:
            raise Rejected(
                Kind.INVALID,
                f"{name} is given {len(given)} times",
                field=name,
                expected="one value",
                got=f"{len(given)} values",
            )
        fields[name] = given if name in lists else given[0]
    try:
        return msgspec.convert(fields, form, strict=False)
    except msgspec.ValidationError as err:
        raise rejection(str(err), form, fields) from err


def rejection(message: str, form: type[msgspec.Struct], given: object) -> Rejected:
    """Return msgspec's words about a body or query that does not fit, taken apart.

    What came is shown, but never of a field that may hold a secret.
    """
    located = _AT.match(message)
    field = located["field"] if located else None
    text = located["message"] if located else message
    if unknown := _UNKNOWN.match(text):
        known, name = ", ".join(_known(form, field)), unknown["name"][:80]
        return Rejected(
            Kind.INVALID,
            f"the field {name!r} is not known here",
            field=name if field is None else f"{field}.{name}",
            expected=f"some of {known}",
            got=unknown["name"][:80],
        )
    if missing := _MISSING.match(text):
        return Rejected(
            Kind.INVALID,
            f"the field {missing['name']!r} is missing",
            field=missing["name"],
            expected=f"the field {missing['name']}",
            got="nothing",
        )
    plain = text.replace("`", "")
    if fits := _EXPECTED_GOT.match(plain):
        # A pattern says little to a person: the field's description stands for it.
        expected = (" matching regex " in plain and _described(form, field)) or _worded(fits["expected"])
        got = _shown(given, field) or (fits["got"] and _worded(fits["got"]))
        sentence = f"expected {expected}" + (f", got {got}" if got else "")
        return Rejected(Kind.INVALID, _at(field, sentence), field=field, expected=expected, got=got)
    if invalid := _INVALID.match(plain):
        choices = _choices(form, field)
        return Rejected(Kind.INVALID, _at(field, plain), field=field, expected=choices, got=invalid["got"])
    return Rejected(Kind.INVALID, _at(field, plain), field=field)


def _loosely(raw: bytes) -> object:
    """Return what a body holds, for the words of an error; ``None`` where it cannot be read whole."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _worded(types: str) -> str:
    """Return msgspec's names of types in words."""
    return re.sub(r"\b[a-z]+\b", lambda m: _WORDS.get(m[0], m[0]), types).replace(" | ", " or ")


def _shown(given: object, field: str | None) -> str | None:
    """Return the value of a field as JSON, cut; ``None`` where there is none, and for what may be secret."""
    steps = _steps(field)
    if not steps or steps[0] in SECRET_FIELDS:
        return None
    for step in steps:
        if isinstance(given, dict) and step in given:
            given = given[step]
        elif isinstance(given, list) and step.isdecimal() and int(step) < len(given):
            given = given[int(step)]
        else:
            return None
    return msgspec.json.encode(given).decode()[:80]


def _steps(field: str | None) -> list[str]:
    """Return the members and places that lead to a field: ``a.b[0].c`` is a, b, 0, c."""
    return re.findall(r"[^.\[\]]+", field or "")


def _at(field: str | None, text: str) -> str:
    sentence = text[0].lower() + text[1:]
    return f"{field}: {sentence}" if field else sentence


def _choices(form: type[msgspec.Struct], field: str | None) -> str | None:
    """Return the values that a field with a closed list of them may have."""
    for part in _schemas(form, field):
        if "enum" in part:
            return "one of " + ", ".join(str(value) for value in part["enum"])
    return None


def _described(form: type[msgspec.Struct], field: str | None) -> str | None:
    """Return what a field's type says of itself."""
    return next((str(part["description"]) for part in _schemas(form, field) if "description" in part), None)


def _schemas(form: type[msgspec.Struct], field: str | None) -> list[dict[str, Any]]:
    """Return the JSON schemas of a field: those of its items, its own, and those it may be."""
    whole = msgspec.json.schema(form)
    found = _alternatives(whole, whole)
    for step in _steps(field):
        inner = [
            part["items"] if step.isdecimal() and "items" in part else part.get("properties", {}).get(step)
            for part in found
        ]
        found = [one for part in inner if part is not None for one in _alternatives(part, whole)]
    items = [part["items"] for part in found if isinstance(part.get("items"), dict)]
    return [one for part in items for one in _alternatives(part, whole)] + found


def _alternatives(schema: dict[str, Any], whole: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a schema and what it may be instead, with what it only refers to."""
    if "$ref" in schema:
        return _alternatives(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    return [schema, *(one for part in schema.get("anyOf", ()) for one in _alternatives(part, whole))]


def _known(form: type[msgspec.Struct], field: str | None) -> list[str]:
    """Return the names of the members that a field has, or the form itself."""
    return [name for part in _schemas(form, field) for name in part.get("properties", {})]
