"""What can be tuned in the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How the database is kept.

    Attributes:
        busy_timeout_s: how long a write waits for another program's lock before it is tried anew.
        checkpoint_pages: pages of 4 KiB in the write-ahead log after which it is moved into the database.
        journal_limit_bytes: what the write-ahead log is cut back to after a checkpoint.
        readers: read-only connections for the API.
    """

    busy_timeout_s: float = 0.5
    checkpoint_pages: int = 1000
    journal_limit_bytes: int = 16 * 1024 * 1024
    readers: int = 4


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long what was seen and said is kept.

    Attributes:
        outbox_hours: a client that was away for longer is told to fetch the state anew.
        detections_days: analysed frames with their boxes.
        events_days: events, their alerts and pictures, and their batches.
        deliveries_days: what became of each alert that was sent, unless the alert goes before.
        samples_days: how the box was doing, a row a minute, for its charts.
        every_s: how often it is looked for what is due.
        portion_rows: rows deleted in one transaction at most.
    """

    outbox_hours: float = 48.0
    detections_days: float = 30.0
    events_days: float = 365.0
    deliveries_days: float = 30.0
    samples_days: float = 31.0
    every_s: float = 600.0
    portion_rows: int = 500
