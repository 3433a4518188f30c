"""Boxes are packed and come back as they were."""

from fractions import Fraction

import numpy as np
import pytest

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.store.boxes import BOX, pack, wire_boxes


def tracked(labels: tuple[str, ...], track_ids: list[int]) -> TrackedDetections:
    """Return a frame with a box of its own for each label."""
    n = len(labels)
    xyxy = np.arange(n * 4, dtype=np.float32).reshape(n, 4) + np.float32(0.25)
    scores = np.linspace(0.5, 0.875, n, dtype=np.float32)
    found = Detections(
        *(CameraId("front"), WallUs(0), MediaTime(0, Fraction(1)), MonotonicNs(0), 640, 360),
        xyxy,
        scores,
        labels,
        searched=None,
    )
    return TrackedDetections(found, np.array(track_ids, np.int64))


@pytest.mark.parametrize(
    ("labels", "track_ids"),
    [((), []), (("person",), [0]), (("person", "car", "person"), [7, 0, 2**40])],
    ids=["nothing", "one", "several"],
)
def test_what_is_packed_comes_back(labels: tuple[str, ...], track_ids: list[int]) -> None:
    """Labels, places and tracks, also of an empty frame; a track of 0 is none."""
    packed = pack(tracked(labels, track_ids))
    assert len(packed.boxes) == len(labels) * BOX.itemsize == len(labels) * 32
    boxes = wire_boxes(packed.labels, packed.boxes)
    assert [box.label for box in boxes] == list(labels)
    assert [box.track_id for box in boxes] == [number or None for number in track_ids]
    assert [box.box[0] for box in boxes] == pytest.approx([4 * i + 0.2 for i in range(len(labels))])


@pytest.mark.parametrize(
    ("labels", "boxes", "said"),
    [
        ('["person"]', b"x" * 31, "multiple of 32"),
        ("[]", pack(tracked(("person",), [1])).boxes, "label indices below 0"),
        ('["person"]', np.full(1, -1, np.int64).tobytes() * 4, "label indices"),
    ],
    ids=["torn", "no labels", "negative label"],
)
def test_what_nobody_packed_is_refused(labels: str, boxes: bytes, said: str) -> None:
    """The message says what was expected and what came."""
    with pytest.raises(ValueError, match=said):
        wire_boxes(labels, boxes)
