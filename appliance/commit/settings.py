"""What can be tuned in the writer and the publisher."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommitSettings:
    """How changes are gathered and kept while the database cannot be written.

    Attributes:
        group_units: units in one transaction at most.
        relaxed_wait_s: how long a group of detections alone may wait for company.
        queue_units: events, reviews and the like that wait at most; one more is refused.
        queue_relaxed_units: analysed frames that wait at most; the oldest are dropped and counted.
        request_s: how long a change that a client asks for may wait for the database; then it is withdrawn
            and answered with 503.
        retry_first_s: first pause before a group that failed for want of disk is tried again.
        retry_longest_s: longest such pause.
        look_every_s: how often the publisher looks into the outbox without being told of a commit.
        publish_rows: outbox rows read at once.
    """

    group_units: int = 256
    relaxed_wait_s: float = 0.25
    queue_units: int = 10_000
    queue_relaxed_units: int = 2_000
    request_s: float = 5.0
    retry_first_s: float = 0.2
    retry_longest_s: float = 5.0
    look_every_s: float = 0.5
    publish_rows: int = 500
