"""Users, and the sessions and API tokens that they have: list, add, change, delete."""

from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from aiohttp import web

from appliance.accounts.password import BadPassword
from appliance.domain.access import Role, Scope, Sight
from appliance.domain.ids import CameraId, SessionId, TokenId, UserId
from appliance.errors import Conflict, Refused
from appliance.store.times import iso_of_us
from appliance.store.users import Asker, SessionRow, TokenRow, UserRow
from appliance.web import answers
from appliance.web.access import OF_SCOPE, Kind, Permission, Principal, principal_of
from appliance.web.auditor import note
from appliance.web.body import body, query
from appliance.web.events import set_columns
from appliance.web.logins import password_rejected
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.times import moment_of
from appliance.web.wire import (
    Items,
    MadeToken,
    NewToken,
    NewUser,
    OwnQuery,
    Session,
    Token,
    User,
    UserChange,
)

T = TypeVar("T")


class UserHandlers:
    """The handlers of users and of what they have."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, _request: web.Request) -> web.Response:
        """List every user, by name."""
        rows = await self._with.users.list()
        return answers.of_struct(Items([_user(row) for row in rows]))

    async def add(self, request: web.Request) -> web.Response:
        """Add a user; the first one must be an admin, and from then on everybody has to log in."""
        form = await body(request, NewUser, self._settings)
        name = form.name.strip()
        asker = _asker(principal_of(request))
        row = await _checked(self._with.users.add(name, form.password, Role(form.role), form.cameras, asker))
        note(request, subject=row.name)
        response = answers.of_struct(_user(row), status=201)
        response.headers["Location"] = f"{request.path}/{row.id}"
        return response

    async def change(self, request: web.Request) -> web.Response:
        """Change a user; it counts at once, on what is open as well."""
        values = set_columns(await body(request, UserChange, self._settings))
        password = values.pop("password", None)
        if "name" in values:
            values["name"] = values["name"].strip()
        asker = _asker(principal_of(request))
        row = await _checked(self._with.users.change(_user_id(request), values, password, asker))
        note(request, subject=row.name)
        return answers.of_struct(_user(row))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a user, with all sessions and tokens."""
        await self._with.users.delete(_user_id(request), _asker(principal_of(request)))
        return web.Response(status=204)

    async def sessions(self, request: web.Request) -> web.Response:
        """List your own sessions, or with ``all`` everybody's; the one that was used last comes first."""
        principal = principal_of(request)
        rows = await self._with.users.sessions(_whose(request, principal))
        return answers.of_struct(Items([_session(row, principal) for row in rows]))

    async def end_session(self, request: web.Request) -> web.Response:
        """End a session, one's own or, where users may be managed, anybody's."""
        session_id = SessionId(request.match_info["session_id"])
        await self._with.users.end_session(session_id, _owner(principal_of(request)))
        return web.Response(status=204)

    async def tokens(self, request: web.Request) -> web.Response:
        """List your own API tokens, or with ``all`` everybody's; the newest first."""
        principal = principal_of(request)
        rows = await self._with.users.tokens(_whose(request, principal))
        return answers.of_struct(Items([_token(row, principal.sight) for row in rows]))

    async def add_token(self, request: web.Request) -> web.Response:
        """Make an API token, which is shown this once."""
        form = await body(request, NewToken, self._settings)
        principal = principal_of(request)
        if principal.kind is not Kind.USER:
            raise Conflict("a token belongs to a user, and this box has none; claim it first")
        scope = Scope(form.scope)
        _expect_within(principal, scope)
        expires_us = None if form.expires_at is None else moment_of("expires_at", form.expires_at)
        made = await _checked(
            self._with.users.add_token(
                UserId(principal.user_id), form.name.strip(), scope, form.cameras, expires_us
            )
        )
        response = answers.of_struct(_made(made.row, principal.sight, made.secret), status=201)
        response.headers["Location"] = f"{request.path}/{made.row.id}"
        return response

    async def delete_token(self, request: web.Request) -> web.Response:
        """Delete an API token, one's own or, where users may be managed, anybody's."""
        token_id = TokenId(request.match_info["token_id"])
        await self._with.users.delete_token(token_id, _owner(principal_of(request)))
        return web.Response(status=204)


async def _checked(change: Awaitable[T]) -> T:
    """Return what a change gives, with the field named where the password is none."""
    try:
        return await change
    except BadPassword as err:
        raise password_rejected("password", err) from err


def _user_id(request: web.Request) -> UserId:
    return UserId(request.match_info["user_id"])


def _asker(principal: Principal) -> Asker:
    if principal.kind is Kind.TOKEN:
        return Asker(token_id=principal.id)
    return Asker(session_id=principal.id)


def _whose(request: web.Request, principal: Principal) -> UserId | None:
    """Return whose things are asked for; ``None`` is everybody's.

    Raises:
        Refused: everybody's, by somebody who may not manage users.
    """
    if not query(request.query, OwnQuery).all:
        return UserId(principal.user_id)
    if not principal.may(Permission.USERS_MANAGE):
        raise Refused(f"{principal.name} does not hold the permission {Permission.USERS_MANAGE.value}")
    return None


def _owner(principal: Principal) -> UserId | None:
    """Return whose things somebody may end; ``None`` is everybody's."""
    return None if principal.may(Permission.USERS_MANAGE) else UserId(principal.user_id)


def _expect_within(principal: Principal, scope: Scope) -> None:
    beyond = OF_SCOPE[scope] - principal.permissions
    if beyond:
        raise Refused(f"a token of scope {scope.value} would hold {min(beyond)}, which you do not")


def _user(row: UserRow) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=row.role.value,
        cameras=row.cameras,
        enabled=row.enabled,
        created_at=iso_of_us(row.created_us),
        seen_at=None if row.seen_us is None else iso_of_us(row.seen_us),
    )


def _session(row: SessionRow, principal: Principal) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        created_at=iso_of_us(row.created_us),
        seen_at=iso_of_us(row.seen_us),
        expires_at=iso_of_us(row.expires_us),
        address=row.address,
        agent=row.agent,
        is_this=row.id == principal.id,
    )


def _token(row: TokenRow, sight: Sight) -> Token:
    cameras = row.cameras
    if cameras is not None:
        # One that its user may not see any more is not there.
        cameras = [one for one in cameras if sight.sees(CameraId(one))]
    return Token(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scope=row.scope.value,
        cameras=cameras,
        created_at=iso_of_us(row.created_us),
        seen_at=None if row.seen_us is None else iso_of_us(row.seen_us),
        expires_at=None if row.expires_us is None else iso_of_us(row.expires_us),
    )


def _made(row: TokenRow, sight: Sight, secret: str) -> MadeToken:
    return MadeToken(**msgspec.structs.asdict(_token(row, sight)), secret=secret)
