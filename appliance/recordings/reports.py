"""What the writers of footage say: what lies on the disk, and what was dropped; and who hears it."""

from dataclasses import dataclass
from typing import Protocol

from appliance.domain.footage import Cause, Segment
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs


@dataclass(frozen=True, slots=True)
class Dropped:
    """Packets that should have been written and were not, in whole GOPs or to a GOP's end."""

    camera_id: CameraId
    start_us: WallUs
    end_us: WallUs
    cause: Cause


class Listener(Protocol):
    """Hears of what becomes of fragments; called on a disk's thread, must not block."""

    def synced(self, segment: Segment) -> None:
        """Take note that so much of a segment is on the disk for good; closed ones for the last time."""
        ...

    def dropped(self, dropped: Dropped) -> None:
        """Take note that some time of a camera will be missing."""
        ...
