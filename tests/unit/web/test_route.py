"""The door of each route."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from appliance.errors import Refused
from appliance.web.access import Permission, Principal
from appliance.web.route import Route, guarded

VIEWER = Principal("viewer", frozenset({Permission.EVENTS_VIEW}))


async def answer(_request: web.Request) -> web.Response:
    """Answer."""
    return web.Response(text="here")


def test_a_route_without_a_permission_is_not_served() -> None:
    """Forgetting the permission ends the start, not the safety."""
    with pytest.raises(ValueError, match="GET /x: expected a permission"):
        guarded(Route("GET", "/x", answer, None), VIEWER)


async def test_who_lacks_the_permission_does_not_reach_the_handler() -> None:
    """The declared permission is performed."""
    handler = guarded(Route("DELETE", "/x", answer, Permission.EVENTS_DELETE), VIEWER)
    with pytest.raises(Refused, match=r"events\.delete"):
        await handler(make_mocked_request("DELETE", "/x"))


async def test_who_holds_the_permission_does() -> None:
    """Nothing else stands in the way."""
    handler = guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW), VIEWER)
    assert (await handler(make_mocked_request("GET", "/x"))).status == 200


async def test_a_route_may_ask_for_two_permissions() -> None:
    """Whoever lacks either does not reach the handler."""
    both = Route("GET", "/x", answer, Permission.EVENTS_VIEW, also=(Permission.FOOTAGE_VIEW,))
    with pytest.raises(Refused, match=r"footage\.view"):
        await guarded(both, VIEWER)(make_mocked_request("GET", "/x"))
    holder = Principal("holder", frozenset({Permission.EVENTS_VIEW, Permission.FOOTAGE_VIEW}))
    assert (await guarded(both, holder)(make_mocked_request("GET", "/x"))).status == 200
