"""The door of each route."""

import re
from dataclasses import replace
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from appliance.domain.access import Sight
from appliance.domain.ids import CameraId
from appliance.errors import LoginNeeded, Refused
from appliance.store.reader import Reader
from appliance.web.access import NOBODY, PRINCIPAL, Permission, Principal
from appliance.web.route import Route, guarded
from appliance.web.sees import Sees, SightCheck

VIEWER = Principal("viewer", frozenset({Permission.EVENTS_VIEW}))

SIGHTS = SightCheck(cast("Reader", None))
"""Of principals who see all cameras: nothing is looked up."""


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
        guarded(Route("GET", "/x", answer, None, sees=Sees.NOTHING), SIGHTS)


async def test_who_lacks_the_permission_does_not_reach_the_handler() -> None:
    """The declared permission is performed."""
    handler = guarded(Route("DELETE", "/x", answer, Permission.EVENTS_DELETE, sees=Sees.NOTHING), SIGHTS)
    with pytest.raises(Refused, match=r"events\.delete"):
        await handler(asked("DELETE", VIEWER))


async def test_who_holds_the_permission_does() -> None:
    """Nothing else stands in the way."""
    handler = guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW, sees=Sees.NOTHING), SIGHTS)
    assert (await handler(asked("GET", VIEWER))).status == 200


async def test_a_route_may_ask_for_two_permissions() -> None:
    """Whoever lacks either does not reach the handler."""
    both = Route(
        "GET", "/x", answer, Permission.EVENTS_VIEW, also=(Permission.FOOTAGE_VIEW,), sees=Sees.NOTHING
    )
    with pytest.raises(Refused, match=r"footage\.view"):
        await guarded(both, SIGHTS)(asked("GET", VIEWER))
    holder = Principal("holder", frozenset({Permission.EVENTS_VIEW, Permission.FOOTAGE_VIEW}))
    assert (await guarded(both, SIGHTS)(asked("GET", holder))).status == 200


async def test_who_has_not_logged_in_is_told_to() -> None:
    """401 says that a login may help, 403 that it does not."""
    with pytest.raises(LoginNeeded):
        await guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW, sees=Sees.NOTHING), SIGHTS)(
            asked("GET", NOBODY)
        )


PATHS = [
    ("/x", None, "declaration"),
    ("/cameras/{camera_id}", Sees.NOTHING, "declare"),
    ("/cameras/{camera_id}", Sees.FILTERED, "declare"),
    ("/cameras/{camera_id}", Sees.EVENT, "declare"),
    ("/events/{event_id}/clip", Sees.CAMERA, "declare"),
    ("/x", Sees.SEGMENT, "declare"),
]


@pytest.mark.parametrize(("path", "sees", "words"), PATHS)
def test_a_route_that_does_not_say_what_it_shows_is_not_served(
    path: str, sees: Sees | None, words: str
) -> None:
    """Nor one whose path names something of a camera, and that says it shows none, or leaves it to itself."""
    with pytest.raises(ValueError, match=f"GET {re.escape(path)}: expected.*{words}"):
        guarded(Route("GET", path, answer, Permission.EVENTS_VIEW, sees=sees), SIGHTS)


async def test_what_is_for_all_cameras_is_refused_to_who_sees_some() -> None:
    """Sums and settings that cannot be parted are not shown in part."""
    handler = guarded(Route("GET", "/x", answer, Permission.EVENTS_VIEW, sees=Sees.ALL), SIGHTS)
    with pytest.raises(Refused, match="all cameras"):
        await handler(asked("GET", replace(VIEWER, sight=Sight(frozenset({CameraId("front")})))))
