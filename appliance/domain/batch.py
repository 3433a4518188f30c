"""A batch: what goes on at a camera for a while, grouped for review."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import BatchId, CameraId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs


class BatchState(StrEnum):
    """Open while events come in."""

    OPEN = "open"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Batch:
    """The whole state of a batch, as it is or will be in its row.

    Attributes:
        chain_id: the first batch of an unbroken chain (each next one opened because ten minutes were full).
        started_us: the first sight of its first event.
        ended_us: the last sight of its last event, once completed.
        severity: the highest of its events.
    """

    id: BatchId
    chain_id: BatchId
    camera_id: CameraId
    state: BatchState
    started_us: WallUs
    ended_us: WallUs | None
    severity: Severity
    event_count: int
    summary: str
