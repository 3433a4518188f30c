"""What is told of a bounded queue: every one has a bound, a rule for when it is full, a count of drops."""

from dataclasses import dataclass
from enum import StrEnum


class QueueKind(StrEnum):
    """What is bounded."""

    QUEUE = "queue"
    COUNTER = "counter"
    """Nothing waits; only what was left out is counted."""
    CONNECTIONS = "connections"


@dataclass(frozen=True, slots=True)
class QueueState:
    """One of them at one moment; what does not apply, or is not counted, is ``None``.

    Attributes:
        key: names it for programs; does not change.
        name: what waits, and for what; for a person.
        unit: what ``length`` and ``capacity`` count: ``bytes``, or a plural noun.
        when_full: what becomes of one more; for a person.
        dropped: since the start of the service.
    """

    key: str
    name: str
    unit: str
    when_full: str
    length: int | None = None
    capacity: int | None = None
    dropped: int | None = None
    kind: QueueKind = QueueKind.QUEUE
