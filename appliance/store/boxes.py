"""The packed boxes of one analysed frame: what a row of ``detections`` holds and what is sent of it.

A box takes 32 bytes, little-endian: xyxy as four float32 in pixels of the frame, the score as float32, the
index of its label in the row's ``labels`` as int32, and the track's number as int64 (0 for none).
"""

from dataclasses import dataclass

import msgspec
import numpy as np

from appliance.domain.detection import TrackedDetections

BOX = np.dtype(
    [("xyxy", "<f4", (4,)), ("score", "<f4"), ("label", "<i4"), ("track_id", "<i8")],
)


class WireBox(msgspec.Struct, frozen=True):
    """One box as it is sent: pixels of the frame, one decimal; the score with three."""

    box: tuple[float, float, float, float]
    label: str
    score: float
    track_id: int | None


class WireDetection(msgspec.Struct, frozen=True):
    """One analysed frame as it is sent."""

    id: int
    camera_id: str
    at: str
    width: int
    height: int
    boxes: list[WireBox]


@dataclass(frozen=True, slots=True)
class PackedBoxes:
    """The two columns that hold the boxes: the labels' names as JSON text, and the records."""

    labels: str
    boxes: bytes


def pack(tracked: TrackedDetections) -> PackedBoxes:
    """Return the boxes of an analysed frame as columns of its row."""
    found = tracked.detections
    names = sorted(set(found.labels))
    index = {name: i for i, name in enumerate(names)}
    records = np.zeros(len(found), BOX)
    records["xyxy"] = found.xyxy
    records["score"] = found.scores
    records["label"] = [index[label] for label in found.labels]
    records["track_id"] = tracked.track_ids
    return PackedBoxes(msgspec.json.encode(names).decode(), records.tobytes())


def label_names(labels: str) -> list[str]:
    """Return the names in a row's ``labels`` column.

    Raises:
        ValueError: the column does not hold a JSON list of strings.
    """
    return msgspec.json.decode(labels, type=list[str])


def wire_boxes(labels: str, boxes: bytes) -> list[WireBox]:
    """Return the boxes of a row as they are sent.

    Raises:
        ValueError: the blob is not a whole number of boxes, or names a label that is not there.
    """
    if len(boxes) % BOX.itemsize:
        raise ValueError(f"expected a multiple of {BOX.itemsize} bytes of boxes, got {len(boxes)}")
    names = label_names(labels)
    records = np.frombuffer(boxes, BOX)
    if len(records) and not 0 <= int(records["label"].min()) <= int(records["label"].max()) < len(names):
        raise ValueError(f"expected label indices below {len(names)}, got {int(records['label'].max())}")
    corners = np.round(records["xyxy"].astype(np.float64), 1).tolist()
    scores = np.round(records["score"].astype(np.float64), 3).tolist()
    return [
        WireBox(tuple(corner), names[label], score, track_id or None)
        for corner, score, label, track_id in zip(
            corners, scores, records["label"].tolist(), records["track_id"].tolist(), strict=True
        )
    ]
