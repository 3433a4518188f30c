"""Jittered exponential back-off: how long to wait before trying again."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubles from ``first_s`` to ``longest_s``; each wait is drawn from the upper half of its step.

    The jitter keeps 32 cameras behind one switch from coming back in the same second
    ("equal jitter" in M. Brooker, Exponential Backoff And Jitter, 2015).
    """

    first_s: float = 1.0
    longest_s: float = 30.0
    rng: random.Random = field(default_factory=random.Random)
    _failures: int = 0

    def next_s(self) -> float:
        """Count one more failure and return the seconds to wait after it."""
        self._failures += 1
        return self.after_s(self._failures)

    def after_s(self, failures: int) -> float:
        """Return the seconds to wait after so many failures, for whoever counts them elsewhere."""
        step = min(self.first_s * 2.0 ** min(failures - 1, 30), self.longest_s)
        return step / 2 + self.rng.random() * step / 2

    def reset(self) -> None:
        """Forget the failures: something worked."""
        self._failures = 0
