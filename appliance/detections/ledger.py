"""What became of the frames of one camera."""

from dataclasses import dataclass


@dataclass(slots=True)
class Ledger:
    """Every frame that was offered is in exactly one of the other numbers.

    Attributes:
        offered: frames that the reader brought.
        gated_out: nothing moved in them and no look was due, or they were damaged.
        done: looked at, and reported.
        dropped: a newer frame came before the worker had time for them.
        lost: the worker ended while it looked at them, its accelerator had no memory even for one alone, or
            what was found could not be delivered.
        waiting: offered, and none of these yet.
    """

    offered: int = 0
    gated_out: int = 0
    done: int = 0
    dropped: int = 0
    lost: int = 0

    @property
    def waiting(self) -> int:
        """Frames that wait for the worker or are with it."""
        return self.offered - self.gated_out - self.done - self.dropped - self.lost
