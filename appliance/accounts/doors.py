"""Whom to tell that somebody's rights have changed, once the change is committed."""

from typing import Protocol


class Doors(Protocol):
    """What is open of those who were let in: it is closed when they may it no longer."""

    def changed(self, *, user_id: str = "", session_id: str = "", token_id: str = "") -> None:
        """Close what is open of a user with all tokens and sessions, of one session, or of one token."""
        ...

    def claimed(self) -> None:
        """Close what is open of those who came in without a login: from now on it takes one."""
        ...
