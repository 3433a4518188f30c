"""What can be tuned of logins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountsSettings:
    """How long a login holds, and how many are tried at once.

    Attributes:
        idle_days: a session that is not used for so long ends.
        session_days: no session lasts longer, used or not.
        waiting: passwords that wait to be looked at, one after the other; one more is answered with 503.
    """

    idle_days: float = 7.0
    session_days: float = 30.0
    waiting: int = 8
