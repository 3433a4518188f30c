"""Who may do what: the one authorisation layer that every route passes."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks of whoever calls it."""

    PROBE = "probe"
    PAGE = "page"
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
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that calls, and what it may do."""

    name: str
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Return whether this principal holds the permission."""
        return permission in self.permissions


LOCAL = Principal("local", frozenset(Permission))
"""Whoever sits at the box: until users exist the server listens on loopback only, and this one may all."""
