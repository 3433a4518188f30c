"""Who the caller is and what it may; to claim the box, to log in and out, and to choose another password."""

from typing import Literal

from aiohttp import hdrs, web

from appliance.accounts.logins import From, Login, WrongPassword
from appliance.accounts.password import BadPassword
from appliance.domain.ids import SessionId, UserId
from appliance.errors import Conflict
from appliance.web import answers
from appliance.web.access import Kind, Principal, principal_for, principal_of
from appliance.web.auditor import note
from appliance.web.body import body, no_body
from appliance.web.doorkeeper import SECURE_COOKIE, cookie_name
from appliance.web.front import client_address
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind as Problem
from appliance.web.problems import Rejected
from appliance.web.settings import WebSettings
from appliance.web.wire import Access, Claim, NewLogin, PasswordChange


class LoginHandlers:
    """The handlers of what comes before all others."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def access(self, request: web.Request) -> web.Response:
        """Say who asks, what that one may, and how to log in."""
        return answers.of_struct(self._form(principal_of(request)))

    async def claim(self, request: web.Request) -> web.Response:
        """Make the first user, an admin, and log in; afterwards there is no such path any more."""
        if self._with.accounts.is_claimed:
            raise web.HTTPNotFound
        form = await body(request, Claim, self._settings)
        note(request, what="claim")
        is_local = principal_of(request).kind is Kind.LOCAL
        token = None if is_local else form.token or ""
        name = form.name.strip()
        try:
            begun = await self._with.logins.claim(name, form.password, token, _origin(request))
        except BadPassword as err:
            raise password_rejected("password", err) from err
        note(request, what="claim", who=begun.caller.name, kind=Kind.USER, subject=begun.caller.name)
        return self._let_in(request, begun, status=201)

    async def login(self, request: web.Request) -> web.Response:
        """Log in; a session that the browser had until now ends."""
        form = await body(request, NewLogin, self._settings)
        note(request, what="login")
        try:
            begun = await self._with.logins.login(form.name, form.password, _origin(request))
        except WrongPassword as err:
            # A name that nobody has is not kept: it may be a password in the wrong field.
            note(request, what="login", who=err.name, kind=Kind.NOBODY, subject=err.name)
            raise
        note(request, what="login", who=begun.caller.name, kind=Kind.USER, subject=begun.caller.name)
        return self._let_in(request, begun, status=200)

    async def logout(self, request: web.Request) -> web.Response:
        """End this session; whoever has none is out already."""
        await no_body(request)
        principal = principal_of(request)
        if principal.kind is Kind.USER:
            note(request, what="logout", who=principal.name, kind=Kind.USER, subject=principal.name)
            await self._with.logins.logout(SessionId(principal.id))
        response = web.Response(status=204)
        name = cookie_name(request)
        response.del_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="Strict")
        return response

    async def change_password(self, request: web.Request) -> web.Response:
        """Choose another password; all other sessions of this user end."""
        form = await body(request, PasswordChange, self._settings)
        principal = principal_of(request)
        note(request, what="password", who=principal.name, kind=principal.kind, subject=principal.name)
        if principal.kind is not Kind.USER:
            raise Conflict("nobody has claimed this box, so that there is no password yet; claim it first")
        session_id, user_id = SessionId(principal.id), UserId(principal.user_id)
        try:
            await self._with.logins.change_password(session_id, user_id, form.current, form.new)
        except WrongPassword as err:
            # Not a 401: the session is a good one, and goes on.
            raise Rejected(Problem.INVALID, "current: this is not your password", field="current") from err
        except BadPassword as err:
            raise password_rejected("new", err) from err
        return web.Response(status=204)

    def _let_in(self, request: web.Request, begun: Login, status: int) -> web.Response:
        response = answers.of_struct(self._form(principal_for(begun.caller)), status)
        name = cookie_name(request)
        response.set_cookie(
            name,
            begun.secret,
            max_age=int(begun.lasts_s),
            path="/",
            secure=name == SECURE_COOKIE,
            httponly=True,
            samesite="Strict",
        )
        return response

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


def password_rejected(field: str, err: BadPassword) -> Rejected:
    """Return why a password that was chosen is none; it is not repeated."""
    return Rejected(Problem.INVALID, f"{field}: {err}", field=field)


def _origin(request: web.Request) -> From:
    agent = "".join(c for c in request.headers.get(hdrs.USER_AGENT, "") if c.isprintable())
    return From(client_address(request), agent, request.cookies.get(cookie_name(request), ""))
