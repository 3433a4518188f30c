"""What a route declares of itself, and the door that every request to it passes."""

from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from appliance.errors import LoginNeeded, Refused
from appliance.web.access import Kind as Who
from appliance.web.access import Permission, principal_of
from appliance.web.body import NEEDED
from appliance.web.problems import Handler, Kind, Rejected
from appliance.web.sees import Sees, SightCheck, expect_declared

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path.

    Attributes:
        permission: what the caller must hold; a route without one is not served at all.
        also: what else the caller must hold.
        answer: the type of the answer's body; ``None`` when it is no JSON.
        body: the type of the request's body, if it takes one.
        query: the type of its query, if it takes one.
        status: of the answer when all goes well.
        media: the media type of the answer.
        has_cursor: the answer carries the cursor of the snapshot it was read from.
        sees: what of cameras is in it; a route that does not say is not served at all.
        problems: the statuses of the problems that are its own, besides those which every route has.
    """

    method: str
    path: str
    handler: Handler
    permission: Permission | None
    answer: Any = None
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    status: int = 200
    media: str | None = JSON
    has_cursor: bool = False
    problems: tuple[int, ...] = ()
    also: tuple[Permission, ...] = ()
    sees: Sees | None = None

    @property
    def name(self) -> str:
        """Method and path, for people."""
        return f"{self.method} {self.path}"


def guarded(route: Route, sights: SightCheck) -> Handler:
    """Return the route's handler behind the checks of its permission and of what it shows of cameras.

    Whoever has not logged in is told to; whoever has, and may not, is refused.

    Raises:
        ValueError: it declares no permission, or not what it shows; the service must not start with it.
    """
    permission = route.permission
    if permission is None:
        raise ValueError(f"{route.name}: expected a permission, got none")
    all_needed = frozenset({permission, *route.also})
    sees = expect_declared(route.name, route.path, route.sees, is_page=permission is Permission.PAGE)

    async def handle(request: web.Request) -> web.StreamResponse:
        principal = principal_of(request)
        for needed in (permission, *route.also):
            if not principal.may(needed):
                if principal.kind is Who.NOBODY:
                    raise LoginNeeded("this needs a login")
                raise Refused(f"{principal.name} does not hold the permission {needed.value}")
        await sights.check(sees, request, principal)
        if route.query is None and route.media == JSON and request.query and route.method == "GET":
            raise _takes_no_query(request)
        request[NEEDED] = all_needed
        return await route.handler(request)

    return handle


def _takes_no_query(request: web.Request) -> Rejected:
    names = ", ".join(sorted(set(request.query)))[:80]
    return Rejected(Kind.INVALID, "this takes no query", field=names, expected="no query", got=names)
