"""Who the caller is, and what it may: the first thing that the page asks."""

from typing import Literal

from aiohttp import web

from appliance.web import answers
from appliance.web.access import Kind, Principal, principal_of
from appliance.web.ports import Collaborators
from appliance.web.wire import Access


class AccessHandlers:
    """The handlers of what comes before all others."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def access(self, request: web.Request) -> web.Response:
        """Say who asks, what that one may, and how to log in."""
        return answers.of_struct(self._form(principal_of(request)))

    def _form(self, principal: Principal) -> Access:
        cameras = principal.sight.cameras
        return Access(
            login=self._way_in(principal),
            name=principal.name,
            role=None if principal.role is None else principal.role.value,
            kind=principal.kind.value,
            cameras=None if cameras is None else sorted(cameras),
            permissions=sorted(permission.value for permission in principal.permissions),
            fingerprint=None if self._with.certificate is None else self._with.certificate.fingerprint,
        )

    def _way_in(self, principal: Principal) -> Literal["none", "claim", "password"]:
        if self._with.accounts.is_claimed:
            return "password"
        return "none" if principal.kind is Kind.LOCAL else "claim"
