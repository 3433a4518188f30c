"""Somebody whom a session or a token has shown to be a user."""

from dataclasses import dataclass

from appliance.domain.access import Role, Scope, Sight
from appliance.domain.ids import SessionId, TokenId, UserId


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who has logged in, or a program with a token of that user.

    Attributes:
        id: of the session or of the token.
        name: of the user; that of a token comes before its owner's: ``backup (Ann)``.
        role: the user's, as it is now.
        scope: the token's; ``None`` for a session.
        sight: the cameras that may be known of: the user's, and of these a token's.
    """

    id: SessionId | TokenId
    user_id: UserId
    name: str
    role: Role
    scope: Scope | None
    sight: Sight
