"""The OpenAPI 3.1 document, made of the route table and the types that it names."""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from appliance.web.access import EVERYBODY
from appliance.web.answers import CURSOR
from appliance.web.doorkeeper import COOKIE, SECURE_COOKIE
from appliance.web.problems import MEDIA_TYPE, Problem
from appliance.web.route import Route

EVERY_ROUTE = (400, 401, 403, 421, 503)
"""The statuses of the problems that any request may meet: an address that is too long, no login, a foreign
``Origin``, a foreign ``Host``, more connections than may be."""

SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "an API token, nj_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SECURE_COOKIE,
        "description": f"set by a login; without TLS its name is {COOKIE}",
    },
}
"""How one shows who one is; a box that is not claimed and that only its own machine reaches asks nothing."""

Document = dict[str, Any]
"""JSON whose form the OpenAPI specification lays down."""


def document(routes: Iterable[Route], version: str) -> bytes:
    """Return the document as JSON."""
    table = tuple(routes)
    named = [t for route in table for t in (route.answer, route.body, route.query) if t is not None]
    schemas, components = msgspec.json.schema_components(
        [*named, Problem], ref_template="#/components/schemas/{name}"
    )
    by_type = dict(zip([*map(str, named), str(Problem)], schemas, strict=True))
    paths: Document = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type, components)
    for query in {route.query.__name__ for route in table if route.query is not None}:
        components.pop(query, None)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Nightjar",
                "version": version,
                "description": "Cameras, events and alerts of one box. Live messages: /api/v1/ws.",
                "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            },
            "paths": paths,
            "components": {"schemas": components, "securitySchemes": SECURITY},
            "security": [{name: []} for name in SECURITY],
        }
    )


def _operation(route: Route, schemas: Document, components: Document) -> Document:
    summary, _, description = (inspect.getdoc(route.handler) or route.name).partition("\n\n")
    operation: Document = {
        "operationId": _operation_id(route),
        "summary": summary.rstrip("."),
        "parameters": [*_path_parameters(route), *_query_parameters(route, components)],
        "responses": _responses(route, schemas),
        "x-sees": None if route.sees is None else route.sees.value,
        "x-permission": route.permission.value if route.permission is not None else None,
    }
    if route.permission in EVERYBODY:
        operation["security"] = []
    if description and "Raises:" not in description:
        operation["description"] = description
    if route.body is not None:
        content = {"application/json": {"schema": schemas[str(route.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _operation_id(route: Route) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", route.path.replace("/api/v1", "").lower()).split()
    if route.media == "text/html" and words:
        words = ["page", *words]  # the screens are named like what they show
    return "_".join([route.method.lower(), *words]) if words else f"{route.method.lower()}_page"


def _path_parameters(route: Route) -> list[Document]:
    names = re.findall(r"{(\w+)}", route.path)
    return [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]


def _query_parameters(route: Route, components: Document) -> list[Document]:
    if route.query is None:
        return []
    properties = components[route.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]


def _responses(route: Route, schemas: Document) -> Document:
    good: Document = {"description": HTTPStatus(route.status).phrase}
    if route.answer is not None:
        good["content"] = {"application/json": {"schema": schemas[str(route.answer)]}}
    elif route.media is not None:
        good["content"] = {route.media: {}}
    if route.has_cursor:
        schema = {"type": "integer", "minimum": 0}
        text = "the answer holds what every message up to this cursor said"
        good["headers"] = {CURSOR: {"description": text, "schema": schema}}
    problem = {MEDIA_TYPE: {"schema": schemas[str(Problem)]}}
    # What is no HTTP, or an address without end, is answered before there is a request to look at.
    unread = {"text/plain": {"schema": {"type": "string"}}}
    return {str(route.status): good} | {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": problem | unread if status == HTTPStatus.BAD_REQUEST else problem,
        }
        for status in sorted(_problem_statuses(route))
    }


def _problem_statuses(route: Route) -> set[int]:
    statuses = {*EVERY_ROUTE, *route.problems}
    if route.body is not None:
        statuses |= {400, 408, 413, 415, 422, 503}
    if 415 in statuses:
        statuses.add(408)  # also a body that is not taken may be waited for
    if route.query is not None:
        statuses.add(422)
    return statuses
