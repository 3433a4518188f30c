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

    busy_timeout_s: float = 5.0
    checkpoint_pages: int = 1000
    journal_limit_bytes: int = 16 * 1024 * 1024
    readers: int = 4
