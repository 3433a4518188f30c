"""What somebody does is written down: who, from where, to what, and what became of it; never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs, web

from appliance.domain.time import NS_PER_S
from appliance.errors import NightjarError, Overloaded, Throttled
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
FETCH_NS = 3600 * NS_PER_S
"""For so long whoever fetches the same export again from the same address has one row."""
MOST_FETCHED = 1024


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


class Fetched:
    """What was fetched in the last hour, by whom and from where.

    Players fetch a file in many parts, of which any may be the first: no ``Range`` says that it is one.
    """

    def __init__(self) -> None:
        self._since: dict[tuple[str, ...], int] = {}

    def is_first(self, entry: Entry, now_ns: int) -> bool:
        """Return whether this is none of the last hour's, and remember it."""
        for key, since_ns in tuple(self._since.items()):
            # The oldest come first. What is forgotten too early is written down once more.
            if now_ns - since_ns < FETCH_NS and len(self._since) < MOST_FETCHED:
                break
            del self._since[key]
        key = (entry.kind, entry.who, entry.address, entry.what, entry.subject, entry.outcome)
        if key in self._since:
            return False
        self._since[key] = now_ns
        return True


class Auditor:
    """Writes down each change that somebody asks for, each login, and each download of an export."""

    def __init__(self, with_: Collaborators, routes: Iterable[Route]) -> None:
        self._log = with_.audit
        self._clock = with_.clock
        self._routes = {(route.method, route.path): route for route in routes}
        self._fetched = Fetched()

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write the request down once it is known what became of it."""
        route = self._route(request)
        if route is None:
            return await handler(request)
        status, made, is_kept = int(HTTPStatus.INTERNAL_SERVER_ERROR), "", True
        try:
            response = await handler(request)
            status = response.status
            made = response.headers.get(hdrs.LOCATION, "").rpartition("/")[2]
            return response
        except NightjarError as err:
            status = problem_of(err).status
            # Without a login anybody can have as many of these as they like; they are counted, no more.
            is_kept = not (_is_nobody(request) and isinstance(err, Throttled | Overloaded))
            raise
        except web.HTTPException as err:
            status = err.status
            raise
        finally:
            if is_kept and (NOTE in request or not _is_nobody(request)):
                await self._keep(self._entry(request, route, status, made))

    async def _keep(self, entry: Entry) -> None:
        """Write it down, unless it is one more part of a download that the log has already."""
        if entry.what in DOWNLOADS.values() and not self._fetched.is_first(entry, self._clock.monotonic_ns()):
            return
        await self._log.note(entry)

    def _route(self, request: web.Request) -> Route | None:
        resource = request.match_info.route.resource
        path = "" if resource is None else resource.canonical
        if request.method in SAFE_METHODS and path not in DOWNLOADS:
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


def _is_nobody(request: web.Request) -> bool:
    return principal_of(request).kind is Kind.NOBODY


def _sent(request: web.Request, route: Route) -> dict[str, Any]:
    """Return what was sent, without secrets; nothing of a login, nor of what is not as the route expects it.

    A password under a name that nobody knows would be kept readable.
    """
    raw = request.get(BODY)
    if raw is None or route.body is None or route.permission is Permission.LOGIN:
        return {}
    try:
        msgspec.json.decode(raw, type=route.body)
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
