"""What can be tuned about backups."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where backups are, and when one is missed.

    Attributes:
        folder: of this box's backups and no other's; a database that is lost is restored from the newest
            good one
            in it. ``None`` where none are kept within reach.
        stale_days: after so long without one it is said that a backup is missing.
    """

    folder: Path | None = None
    stale_days: float = 3.0
