"""Who asks: each request is looked at once, before anything else, and the answer stays with it."""

from aiohttp import HttpVersion11, hdrs, web

from appliance.errors import LoginNeeded, Refused
from appliance.web.access import LOCAL, NOBODY, PRINCIPAL, Principal, principal_for
from appliance.web.body import WHO
from appliance.web.front import is_secure
from appliance.web.ports import Collaborators
from appliance.web.problems import Handler

COOKIE = "nightjar"
SECURE_COOKIE = "__Host-nightjar"
"""Of this name browsers take a cookie only over TLS, from the host itself, and for all of it."""
SCHEME = "Bearer "
SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
PASSED_ON = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
"""What a proxy says of whom it asks for: that is nobody at this machine."""
PASSED_ON_AS = ("x-forwarded-", "x-original-")
"""How further words of proxies begin."""


class Doorkeeper:
    """Finds out who asks, by token, by cookie, or by nothing but where the request comes from."""

    def __init__(self, with_: Collaborators) -> None:
        self._accounts = with_.accounts
        self._is_local = with_.is_local

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the request pass with its principal; whether that one may is asked at the route.

        Raises:
            LoginNeeded: it shows a token that is none.
            Refused: it changes something by a cookie alone, which another website could have made it send.
        """
        request[PRINCIPAL] = await self.who(request)
        request[WHO] = self.who
        return await handler(request)

    async def who(self, request: web.Request) -> Principal:
        """Return who a request is by, as the accounts are now.

        Raises:
            LoginNeeded: it shows a token that is none.
            Refused: it changes something by a cookie alone.
        """
        shown = request.headers.getall(hdrs.AUTHORIZATION, [])
        if shown:
            return await self._by_token(shown)
        cookie = request.cookies.get(cookie_name(request))
        if cookie is not None:
            caller = await self._accounts.by_session(cookie)
            if caller is not None:
                _expect_own_page(request)
                return principal_for(caller)
        is_open = self._is_local and not self._accounts.is_claimed
        return LOCAL if is_open and not _was_passed_on(request) else NOBODY

    async def _by_token(self, shown: list[str]) -> Principal:
        caller = None
        if len(shown) == 1 and shown[0].startswith(SCHEME):
            caller = await self._accounts.by_token(shown[0].removeprefix(SCHEME).strip())
        if caller is None:
            raise LoginNeeded("the Authorization header shows no token that is known here")
        return principal_for(caller)


def cookie_name(request: web.Request) -> str:
    """Return the name of the session's cookie on the way that the request has come."""
    return SECURE_COOKIE if is_secure(request) else COOKIE


def _was_passed_on(request: web.Request) -> bool:
    """Return whether a proxy is known to have sent it: by its words, or by a version that no browser speaks.

    nginx says nothing of itself unless it is told to, but asks in HTTP/1.0 unless it is told otherwise.
    """
    if request.version < HttpVersion11:
        return True
    names = [name.lower() for name in request.headers]
    return any(name in PASSED_ON or name.startswith(PASSED_ON_AS) for name in names)


def _expect_own_page(request: web.Request) -> None:
    if request.method not in SAFE_METHODS and not (
        hdrs.ORIGIN in request.headers or "Sec-Fetch-Site" in request.headers
    ):
        raise Refused("a change by cookie needs the Origin or Sec-Fetch-Site that a browser sends")
