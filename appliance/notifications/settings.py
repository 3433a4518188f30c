"""What can be tuned about telling people and other systems."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    """How alerts are sent, and for how long it is tried.

    Attributes:
        base_url: where whoever is told can open the page, such as ``https://nightjar.example``; links are
            made of it, and left out where it is empty.
        expire_hours: an alert that could not be delivered for so long is given up.
        timeout_s: of one attempt.
        at_once: attempts to one target at the same time; one while it fails.
        first_pause_s: before a delivery is tried the second time; each further pause is about twice as long.
        longest_pause_s: the longest such pause.
        picture_wait_s: how long an alert waits for its event's picture before it goes without.
        failing_after_s: a target that could not be reached for so long is shown as degraded.
    """

    base_url: str = ""
    expire_hours: float = 24.0
    timeout_s: float = 10.0
    at_once: int = 2
    first_pause_s: float = 1.0
    longest_pause_s: float = 600.0
    picture_wait_s: float = 4.0
    failing_after_s: float = 300.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if self.base_url and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError('base_url: expected an address such as "https://nightjar.example", or nothing')

    def link(self, path: str) -> str:
        """Return the address of a path of the page for whoever is told; empty where none is known."""
        return f"{self.base_url.rstrip('/')}{path}" if self.base_url else ""
