"""Users who log in without the slow hash, and doors that note what they are told."""

import hashlib
from dataclasses import dataclass, field


@dataclass
class QuickWork:
    """A hash that takes no time. Attributes: ``looked_at`` the kept hashes that were compared."""

    looked_at: list[str] = field(default_factory=list)

    def hash(self, password: bytes) -> str:
        """Return a text by which the password is known again."""
        return f"quick {hashlib.sha256(password).hexdigest()}"

    def fits(self, password: bytes, kept: str) -> bool:
        """Return whether that is the one."""
        self.looked_at.append(kept)
        return self.hash(password) == kept


@dataclass
class RecordingDoors:
    """Notes whose rights have changed."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def changed(self, *, user_id: str = "", session_id: str = "", token_id: str = "") -> None:
        """Note it."""
        for kind, one in (("user", user_id), ("session", session_id), ("token", token_id)):
            if one:
                self.told.append((kind, one))

    def claimed(self) -> None:
        """Note it."""
        self.told.append(("claimed", ""))
