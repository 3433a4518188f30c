"""Decides which frames are looked at, and where in them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from appliance.domain.time import NS_PER_S, MonotonicNs

Boxes = npt.NDArray[np.float32]
"""float32, shape (n, 4), xyxy pixels of the frame."""

NO_BOXES: Boxes = np.empty((0, 4), np.float32)
NO_BOXES.flags.writeable = False

EARLY_S = 0.05
"""A look may be that much early: otherwise a frame that comes a few milliseconds before its time leaves the
look to the next one, and at five frames a second, once a second becomes once in 1.2 s."""


@dataclass(frozen=True, slots=True)
class GateState:
    """When a camera was last looked at; ``None`` is never.

    Attributes:
        whole_at: everywhere.
        followed_at: where something is followed.
    """

    whole_at: MonotonicNs | None = None
    followed_at: MonotonicNs | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look in a frame.

    Attributes:
        motion: where something moved.
        followed: where something is followed that is due to be looked at.
    """

    motion: Boxes
    followed: Boxes

    @property
    def places(self) -> Boxes:
        """All of it: what a detector searches that does not look everywhere."""
        return np.concatenate([self.motion, self.followed])

    def after(self, missed: "Look") -> "Look":
        """Return this look, with what was due in an earlier one that was never made."""
        return self if len(self.followed) else replace(self, followed=missed.followed)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a frame pass when something moved in it, or when a look is due though nothing did.

    A detector that sees everything is also asked every ``whole_every_s``, for what came without being
    noticed; one that searches only the boxes it is given would find nothing more, since motion was looked
    for everywhere.

    Args:
        whole_every_s: seconds.
        followed_every_s: seconds.
    """

    whole_every_s: float
    followed_every_s: float

    def step(
        self, state: GateState, motion: Boxes, followed: Boxes, at: MonotonicNs, sees_everything: bool
    ) -> tuple[GateState, Look | None]:
        """Return where to look in a frame, or ``None``, and the state for the next one.

        Args:
            state: what the step before returned; ``GateState()`` at first.
            motion: where something moved.
            followed: what the tracker follows at present.
            at: when the frame arrived.
            sees_everything: the detector looks at whole pictures.
        """
        due = followed if _is_due(state.followed_at, self.followed_every_s, at) else NO_BOXES
        if sees_everything:
            whole_due = _is_due(state.whole_at, self.whole_every_s, at)
            if not (len(motion) or len(due) or whole_due):
                return state, None
            return GateState(at, at), Look(motion, followed)
        if not (len(motion) or len(due)):
            return state, None
        return replace(state, followed_at=at) if len(due) else state, Look(motion, due)


def _is_due(last: MonotonicNs | None, every_s: float, at: MonotonicNs) -> bool:
    return last is None or at - last >= (every_s - EARLY_S) * NS_PER_S
