"""Rows with sensible values, for tests that write them."""

from fractions import Fraction
from typing import Any

import numpy as np

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.store.boxes import pack
from appliance.store.tables import Alert, Batch, Camera, Candidate, Detection, Event, Model

NOON_US = 1_790_000_000_000_000


def camera_row(camera_id: str = "front", **changes: Any) -> Camera:
    """Return a camera."""
    values = {
        "name": "Front door",
        "url": "rtsp://192.0.2.1/stream",
        "status": "online",
        "created_us": NOON_US,
    }
    return Camera(**{"id": camera_id, **values, **changes})


def batch_row(batch_id: str = "batch-1", **changes: Any) -> Batch:
    """Return an open batch."""
    values = {"chain_id": batch_id, "camera_id": "front", "started_us": NOON_US}
    return Batch(**{"id": batch_id, **values, **changes})


def event_row(event_id: str = "event-1", **changes: Any) -> Event:
    """Return an open event of ``batch-1``."""
    values = {
        "visit_id": event_id,
        "batch_id": "batch-1",
        "camera_id": "front",
        "label": "person",
        "started_us": NOON_US,
        "last_seen_us": NOON_US,
        "risk_score": 35,
        "severity": 1,
    }
    return Event(**{"id": event_id, **values, **changes})


def alert_row(alert_id: str = "alert-1", **changes: Any) -> Alert:
    """Return an open alert for ``event-1``."""
    values = {
        "rule_id": "rule-1",
        "rule_name": "Night",
        "event_id": "event-1",
        "batch_id": "batch-1",
        "camera_id": "front",
        "visit_id": alert_id,
        "label": "person",
        "severity": 1,
        "created_us": NOON_US,
        "dedup_key": alert_id,
    }
    return Alert(**{"id": alert_id, **values, **changes})


def candidate_row(candidate_id: str = "candidate-1", **changes: Any) -> Candidate:
    """Return an object that became no event."""
    values = {
        "what": "event",
        "camera_id": "front",
        "track_id": 7,
        "label": "person",
        "started_us": NOON_US,
        "last_seen_us": NOON_US + 4_000_000,
        "score": 0.61,
        "box": [0.1, 0.2, 0.3, 0.9],
        "reason": "best score 0.61 < 0.70",
        "trace": [{"name": "score", "passed": False, "detail": "best score 0.61 < 0.70"}],
    }
    return Candidate(**{"id": candidate_id, **values, **changes})


def model_row(model_id: int = 1, **changes: Any) -> Model:
    """Return what ``detection_row`` says that it was found by."""
    return Model(**{"id": model_id, "sha256": f"{model_id:064x}", "name": "yolox_nano", **changes})


def detection_row(
    camera_id: str = "front", labels: tuple[str, ...] = ("person",), **changes: Any
) -> Detection:
    """Return one analysed frame with a box for each label."""
    n = len(labels)
    found = Detections(
        CameraId(camera_id),
        WallUs(NOON_US),
        MediaTime(0, Fraction(1)),
        MonotonicNs(0),
        640,
        360,
        np.tile(np.array([10, 20, 110.25, 220], np.float32), (n, 1)),
        np.full(n, 0.875, np.float32),
        labels,
    )
    packed = pack(TrackedDetections(found, np.arange(n, dtype=np.int64)))
    values: dict[str, Any] = {"at_us": NOON_US, "width": 640, "height": 360, "model_id": 1}
    values |= {"labels": packed.labels, "boxes": packed.boxes}
    return Detection(**{"camera_id": camera_id, **values, **changes})
