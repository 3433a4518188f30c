"""The web application: every route behind the same checks, in the same order."""

import functools
from collections.abc import Awaitable, Callable

from aiohttp import web

from appliance.runtime.metrics import Metrics
from appliance.web import openapi, routes
from appliance.web.access import Permission
from appliance.web.auditor import Auditor
from appliance.web.body import BODY_S
from appliance.web.doorkeeper import Doorkeeper
from appliance.web.guard import ConnectionGuard
from appliance.web.ports import Collaborators
from appliance.web.problems import Handler, answer_with_problems, replace_defect
from appliance.web.route import Route, guarded
from appliance.web.security import add_headers, refuse_foreign_requests
from appliance.web.sees import Sees, SightCheck
from appliance.web.settings import WebSettings
from appliance.web.websocket.handler import WebSocketHandler

OPENAPI = f"{routes.API}/openapi.json"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_table(with_: Collaborators, settings: WebSettings, websocket: Handler) -> tuple[Route, ...]:
    """Return every route, with that of the OpenAPI document which describes them all."""
    others = routes.table(with_, settings, websocket)

    @functools.cache
    def text() -> bytes:
        return openapi.document((*others, own), with_.about.version)

    async def describe(_request: web.Request) -> web.Response:
        """Read this document."""
        return web.Response(body=text(), content_type="application/json")

    own = Route("GET", OPENAPI, describe, Permission.API_READ, sees=Sees.NOTHING)
    return (*others, own)


def build(
    with_: Collaborators, settings: WebSettings, websocket: WebSocketHandler, guard: ConnectionGuard
) -> web.Application:
    """Return the application; ``websocket`` serves ``/api/v1/ws``.

    Raises:
        ValueError: a route declares no permission, or not what it shows of cameras.
    """
    table = route_table(with_, settings, websocket.handle)
    known = (Doorkeeper(with_).admit, Auditor(with_, table).watch)
    app = web.Application(
        client_max_size=settings.body_limit_bytes,
        middlewares=[answer_with_problems, guard.admit, refuse_foreign_requests, *known, guard.admit_user],
    )
    app[BODY_S] = settings.body_s
    sights = SightCheck(with_.reader)
    for route in table:
        _add(app, route, sights)
    app.on_shutdown.append(lambda _: websocket.close())
    app.on_shutdown.append(lambda _: with_.live.close())
    app.on_response_prepare.append(replace_defect)
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(guard.part)
    app.on_response_prepare.append(_counter(with_.metrics))
    return app


def _add(app: web.Application, route: Route, sights: SightCheck) -> None:
    handler = guarded(route, sights)
    app.router.add_route(route.method, route.path, handler)
    if route.method == "GET" and route.media is not None:
        app.router.add_route("HEAD", route.path, handler)


def _counter(metrics: Metrics) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    answered = metrics.counter(
        "nightjar_http_responses_total", "Answers to HTTP requests.", "method", "route", "status"
    )

    async def count(request: web.Request, response: web.StreamResponse) -> None:
        resource = request.match_info.route.resource
        # Only what the table names becomes a label: what a client makes up would fill the memory.
        path = "none" if resource is None else resource.canonical
        method = request.method if request.method in METHODS else "other"
        answered.add(1, method, path, str(response.status))

    return count
