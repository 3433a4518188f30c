"""The door of each route."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from appliance.errors import LoginNeeded, Refused
from appliance.web.access import NOBODY, PRINCIPAL, Permission, Principal
from appliance.web.route import Route, guarded

VIEWER = Principal("viewer", frozenset({Permission.EVENTS_VIEW}))


def asked(method: str, principal: Principal) -> web.Request:
    """Return a request by somebody."""
    request = make_mocked_request(method, "/x")
    request[PRINCIPAL] = principal
    return request


async def answer(_request: web.Request) -> web.Response:
    """Answer."""
    return web.Response(text="here")


def test_a_route_without_a_permission_is_not_served() -> None:
    """Forgetting the permission ends the start, not the safety."""
    with pytest.raises(ValueError, match="GET /x: expected a permission"):
        guarded(Route("GET", "/x", answer, None))


async def test_who_lacks_the_permission_does_not_reach_the_handler() -> None:
    """The declared permission is performed."""
    handler = guarded(Route("DELETE", "/x", answer, Permission.EVENTS_DELETE))
    with pytest.raises(Refused, match=r"events\.delete"):
        await handler(asked("DELETE", VIEWER))


async def test_who_holds_the_permission_does() -> None:
    """Nothing else stands in the way."""
    handler = guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW))
    assert (await handler(asked("GET", VIEWER))).status == 200


async def test_a_route_may_ask_for_two_permissions() -> None:
    """Whoever lacks either does not reach the handler."""
    both = Route("GET", "/x", answer, Permission.EVENTS_VIEW, also=(Permission.FOOTAGE_VIEW,))
    with pytest.raises(Refused, match=r"footage\.view"):
        await guarded(both)(asked("GET", VIEWER))
    holder = Principal("holder", frozenset({Permission.EVENTS_VIEW, Permission.FOOTAGE_VIEW}))
    assert (await guarded(both)(asked("GET", holder))).status == 200


async def test_who_has_not_logged_in_is_told_to() -> None:
    """401 says that a login may help, 403 that it does not."""
    with pytest.raises(LoginNeeded):
        await guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW))(asked("GET", NOBODY))
