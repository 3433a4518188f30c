"""Who may do what: the one authorisation layer that every route and every message passes."""

from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

from appliance.accounts.caller import Caller
from appliance.domain.access import ALL_CAMERAS, NO_CAMERA, Role, Scope, Sight


class Permission(StrEnum):
    """What a route asks of whoever calls it."""

    PROBE = "probe"
    PAGE = "page"
    LOGIN = "login"
    CAMERAS_VIEW = "cameras.view"
    CAMERAS_MANAGE = "cameras.manage"
    EVENTS_VIEW = "events.view"
    EVENTS_REVIEW = "events.review"
    EVENTS_DELETE = "events.delete"
    ALERTS_VIEW = "alerts.view"
    ALERTS_HANDLE = "alerts.handle"
    RULES_VIEW = "rules.view"
    RULES_MANAGE = "rules.manage"
    ARM_VIEW = "arm.view"
    ARM_SET = "arm.set"
    SETTINGS_TRY = "settings.try"
    TARGETS_VIEW = "targets.view"
    TARGETS_MANAGE = "targets.manage"
    FOOTAGE_VIEW = "footage.view"
    FOOTAGE_EXPORT = "footage.export"
    FOOTAGE_MANAGE = "footage.manage"
    SYSTEM_VIEW = "system.view"
    SYSTEM_MANAGE = "system.manage"
    METRICS_VIEW = "metrics.view"
    MESSAGES = "messages"
    API_READ = "api.read"
    ACCOUNT_OWN = "account.own"
    USERS_MANAGE = "users.manage"
    AUDIT_VIEW = "audit.view"


EVERYBODY = frozenset({Permission.PROBE, Permission.PAGE, Permission.LOGIN})
"""What needs no login: whether the service lives, the page's own files, and to log in."""

_VIEWER = EVERYBODY | {
    Permission.CAMERAS_VIEW,
    Permission.EVENTS_VIEW,
    Permission.ALERTS_VIEW,
    Permission.ARM_VIEW,
    Permission.FOOTAGE_VIEW,
    Permission.MESSAGES,
    Permission.API_READ,
    Permission.ACCOUNT_OWN,
}
_OPERATOR = _VIEWER | {
    Permission.EVENTS_REVIEW,
    Permission.ALERTS_HANDLE,
    Permission.RULES_VIEW,
    Permission.ARM_SET,
    Permission.FOOTAGE_EXPORT,
    Permission.SYSTEM_VIEW,
    Permission.METRICS_VIEW,
}

OF_ROLE = {Role.VIEWER: _VIEWER, Role.OPERATOR: _OPERATOR, Role.ADMIN: frozenset(Permission)}
"""What each role may."""

OF_SCOPE = {
    Scope.METRICS: EVERYBODY | {Permission.METRICS_VIEW},
    Scope.READ: _VIEWER - {Permission.ACCOUNT_OWN},
    Scope.OPERATE: _OPERATOR - {Permission.ACCOUNT_OWN},
    Scope.ADMIN: frozenset(Permission) - {Permission.ACCOUNT_OWN},
}
"""What a token of each scope may at most; it never may what its owner may not."""


class Kind(StrEnum):
    """By what somebody is known."""

    NOBODY = "nobody"
    LOCAL = "local"
    USER = "user"
    TOKEN = "token"  # noqa: S105  a kind of caller, no secret


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that calls, what it may do, and which cameras it may know of.

    Attributes:
        name: of the user, or of the token with its owner's; for the audit log and for people.
        id: of the session or the token, so that what is open of it can be ended; empty for the others.
        user_id: of the user; empty for nobody and for whoever sits at the box.
        role: the user's, or that of a token's owner.
    """

    name: str
    permissions: frozenset[Permission]
    sight: Sight = field(default=ALL_CAMERAS)
    kind: Kind = Kind.LOCAL
    id: str = ""
    user_id: str = ""
    role: Role | None = None

    def may(self, permission: Permission) -> bool:
        """Return whether this principal holds the permission."""
        return permission in self.permissions


LOCAL = Principal("local", frozenset(Permission))
"""Whoever sits at a box that nobody has claimed and that listens on loopback only: this one may all."""

NOBODY = Principal("nobody", EVERYBODY, NO_CAMERA, Kind.NOBODY)
"""Whoever has not logged in."""

PRINCIPAL = web.RequestKey("principal", Principal)
"""By which a request knows who asks."""


def principal_of(request: web.Request) -> Principal:
    """Return who asks; the door has found that out before any handler is reached."""
    return request[PRINCIPAL]


def sight_of(request: web.Request) -> Sight:
    """Return which cameras whoever asks may know of."""
    return principal_of(request).sight


def principal_for(caller: Caller) -> Principal:
    """Return what a user or a token may: a token never what its owner may not."""
    may = OF_ROLE[caller.role]
    kind = Kind.USER
    if caller.scope is not None:
        may, kind = may & OF_SCOPE[caller.scope], Kind.TOKEN
    return Principal(caller.name, may, caller.sight, kind, caller.id, caller.user_id, caller.role)
