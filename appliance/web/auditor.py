"""What somebody does is written down: who, from where, to what, and what became of it; never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs, web

from appliance.errors import NightjarError
from appliance.runtime.log import redact
from appliance.store.audit import Entry, OutcomeWord
from appliance.web.access import Kind, Permission, principal_of
from appliance.web.body import BODY, SECRET_FIELDS
from appliance.web.doorkeeper import SAFE_METHODS
from appliance.web.front import client_address
from appliance.web.ports import Collaborators
from appliance.web.problems import Handler, problem_of
from appliance.web.route import Route

HIDDEN = "•••"
MOST_BYTES = 4096
"""Of what was sent; of a longer body only the names of its members are kept."""
LONGEST_TEXT = 200
DOWNLOADS = {"/api/v1/exports/{export_id}/file": "export.download"}
"""What is written down although it changes nothing: footage leaves the box."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a handler knows better than the request does; what is empty, the request says."""

    what: str = ""
    who: str = ""
    kind: Kind | None = None
    subject: str = ""


NOTE = web.RequestKey("note", Note)


def note(
    request: web.Request, *, what: str = "", who: str = "", kind: Kind | None = None, subject: str = ""
) -> None:
    """Say for the audit log what a request does, or to whom."""
    request[NOTE] = Note(what, who, kind, subject)


class Auditor:
    """Writes down each change that somebody asks for, each login, and each download of an export."""

    def __init__(self, with_: Collaborators, routes: Iterable[Route]) -> None:
        self._log = with_.audit
        self._clock = with_.clock
        self._routes = {(route.method, route.path): route for route in routes}

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write the request down once it is known what became of it."""
        route = self._route(request)
        if route is None:
            return await handler(request)
        status, made = int(HTTPStatus.INTERNAL_SERVER_ERROR), ""
        try:
            response = await handler(request)
            status = response.status
            made = response.headers.get(hdrs.LOCATION, "").rpartition("/")[2]
            return response
        except NightjarError as err:
            status = problem_of(err).status
            raise
        except web.HTTPException as err:
            status = err.status
            raise
        finally:
            if principal_of(request).kind is not Kind.NOBODY or NOTE in request:
                await self._log.note(self._entry(request, route, status, made))

    def _route(self, request: web.Request) -> Route | None:
        resource = request.match_info.route.resource
        path = "" if resource is None else resource.canonical
        if request.method in SAFE_METHODS and not (path in DOWNLOADS and _is_first_part(request)):
            return None
        return self._routes.get((request.method, path))

    def _entry(self, request: web.Request, route: Route, status: int, made: str) -> Entry:
        said, principal = request.get(NOTE, Note()), principal_of(request)
        what = said.what or DOWNLOADS.get(route.path, "")
        if not what and route.permission is not None:
            what = route.permission.value
        subject = said.subject or made or " ".join(request.match_info.values())
        kind: Kind = principal.kind if said.kind is None else said.kind
        who = said.who if said.kind is not None else principal.name
        detail = {"method": route.method, "path": route.path, "status": status, **_sent(request, route)}
        return Entry(
            self._clock.wall_us(),
            who,
            kind.value,
            client_address(request),
            what,
            subject[:LONGEST_TEXT],
            _outcome(status),
            detail,
        )


def _outcome(status: int) -> OutcomeWord:
    if status < HTTPStatus.BAD_REQUEST:
        return "done"
    return "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"


def _is_first_part(request: web.Request) -> bool:
    """Return whether it asks for the beginning of a file: players ask for the rest in many requests."""
    return request.headers.get(hdrs.RANGE, "bytes=0-").startswith("bytes=0-")


def _sent(request: web.Request, route: Route) -> dict[str, Any]:
    """Return what was sent, without secrets; nothing of a login."""
    raw = request.get(BODY)
    if raw is None or route.permission is Permission.LOGIN:
        return {}
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    hidden = _without_secrets(given)
    if isinstance(given, dict) and len(msgspec.json.encode(hidden)) > MOST_BYTES:
        return {"fields": sorted(str(name)[:LONGEST_TEXT] for name in given)[:100]}
    return {"body": hidden}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in SECRET_FIELDS and one is not None else _without_secrets(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(one) for one in value]
    return redact(value)[:LONGEST_TEXT] if isinstance(value, str) else value
