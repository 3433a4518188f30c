"""Requests by somebody whom a test or a benchmark chooses, without accounts."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from appliance.web.access import PRINCIPAL, Principal


def as_somebody(principal: Principal) -> Middleware:
    """Return what takes every request for one by that principal."""

    @web.middleware
    async def take(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        request[PRINCIPAL] = principal
        return await handler(request)

    return take
