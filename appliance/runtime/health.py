"""Health: what each part says of itself, held in one place for the page, the probes and the bus."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a part is doing."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part's state and, unless it is ok, the reason and the next step for a person."""

    part: str
    level: Level
    reason: str = ""


class Health:
    """Collects what parts report, from any thread; tells listeners of changes only."""

    def __init__(self) -> None:
        self._parts: dict[str, PartHealth] = {}
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def report(self, part: str, level: Level, reason: str = "") -> None:
        """Set the state of a part; the same state again tells nobody."""
        new = PartHealth(part, level, reason)
        with self._lock:
            if self._parts.get(part) == new:
                return
            self._parts[part] = new
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def forget(self, part: str) -> None:
        """Remove a part that is no more, such as a deleted camera."""
        with self._lock:
            gone = self._parts.pop(part, None)
            listeners = tuple(self._listeners)
        if gone is not None:
            for listener in listeners:
                listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, on the thread that reported it."""
        with self._lock:
            self._listeners.append(listener)

    def parts(self) -> tuple[PartHealth, ...]:
        """Return every part's state, sorted by name."""
        with self._lock:
            return tuple(self._parts[name] for name in sorted(self._parts))

    def level(self) -> Level:
        """Return the worst level of all parts; ok when nobody has reported."""
        levels = {p.level for p in self.parts()}
        for level in (Level.FAILED, Level.DEGRADED):
            if level in levels:
                return level
        return Level.OK
