"""Segments and gaps with sensible values, told by minutes after noon, for tests that write them."""

from typing import Any

from appliance.domain.footage import Cause, Gap, Segment, SegmentState
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import WallUs
from tests.support.rows import NOON_US

MINUTE_US = 60_000_000
FRONT = CameraId("front")
HOT = VolumeId("hot")


def minute(number: float) -> WallUs:
    """Return the wall time so many minutes after noon."""
    return WallUs(NOON_US + round(number * MINUTE_US))


def segment(number: int, **changes: Any) -> Segment:
    """Return the front camera's closed segment of the given minute."""
    values: dict[str, Any] = {
        "id": SegmentId(f"segment-{number:06d}"),
        "camera_id": FRONT,
        "volume_id": HOT,
        "path": f"front/2026-09-21/{number:06d}.mp4",
        "start_us": minute(number),
        "end_us": minute(number + 1),
        "size": 1000,
        "sha256": "0" * 64,
        "codecs": "avc1.64001f",
        "width": 1920,
        "height": 1080,
        "state": SegmentState.CLOSED,
    }
    return Segment(**(values | changes))


def gap(begin: float, end: float, cause: Cause = Cause.EXPIRED, camera_id: CameraId = FRONT) -> Gap:
    """Return a gap between two minutes."""
    return Gap(camera_id, minute(begin), minute(end), cause)
