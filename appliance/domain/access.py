"""Who there is, and how much each may: roles of people, scopes of programs, and the cameras they see."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId


class Role(StrEnum):
    """What a user is here for; each may all that the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a program that shows an API token may; ``METRICS`` is for monitoring alone."""

    METRICS = "metrics"
    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Sight:
    """The cameras that somebody may know of, by id; ``cameras`` is ``None`` for all there are and will be.

    An id stands for itself, not for a camera that exists: one that is deleted and added again is seen again.
    """

    cameras: frozenset[CameraId] | None = None

    def sees(self, camera_id: CameraId) -> bool:
        """Return whether that camera may be known of."""
        return self.cameras is None or camera_id in self.cameras

    def among(self, asked: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return which of the cameras that are asked for are seen; all that are seen where none is named.

        ``None`` is every camera there is, and an empty tuple none of them.
        """
        if self.cameras is None:
            return tuple(asked) or None
        return tuple(id_ for id_ in asked or sorted(self.cameras) if id_ in self.cameras)

    def and_also(self, other: "Sight") -> "Sight":
        """Return what both see."""
        if self.cameras is None:
            return other
        return self if other.cameras is None else Sight(self.cameras & other.cameras)


ALL_CAMERAS = Sight()
"""Sees every camera."""
NO_CAMERA = Sight(frozenset())
"""Sees none."""
