"""What came of an attempt, in words that name neither address nor secret."""

import http
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

TroubleKind = Literal["dns", "refused", "timeout", "tls", "unreachable", "protocol", "status"]


class Verdict(StrEnum):
    """What is to be done next."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        verdict: delivered; refused for good; or failed, and worth another try.
        kind: tells the troubles apart; ``None`` where it was delivered.
        status: of the answer; ``None`` where none came.
        reason: a phrase for a person; empty where it was delivered.
    """

    verdict: Verdict
    kind: TroubleKind | None = None
    status: int | None = None
    reason: str = ""


DELIVERED = Outcome(Verdict.DELIVERED)
RETRIED = frozenset({408, 429})
"""Of the client's errors those that say "later", not "never"."""


def of_status(status: int) -> Outcome:
    """Return what an answer's status means. A redirect is not followed: it is an answer like others."""
    if 200 <= status < 300:
        return Outcome(Verdict.DELIVERED, None, status)
    is_final = 400 <= status < 500 and status not in RETRIED
    verdict = Verdict.REFUSED if is_final else Verdict.FAILED
    if 300 <= status < 400:
        return Outcome(
            verdict, "status", status, f"it answered with a redirect ({status}), which is not followed"
        )
    return Outcome(verdict, "status", status, f"it answered with status {_named(status)}")


def trouble(kind: TroubleKind, reason: str) -> Outcome:
    """Return what it means that no answer came."""
    return Outcome(Verdict.FAILED, kind, None, reason)


def _named(status: int) -> str:
    try:
        return f"{status} ({http.HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
