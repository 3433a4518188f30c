"""The packed boxes of one analysed frame: what a row of ``detections`` holds and what is sent of it.

A box takes 24 bytes, little-endian: xyxy as four uint16 in unit coordinates (65535 is the picture's right or
lower edge, so that a step is 0.06 px of 3840), the score as uint16 (65535 is 1), the index of its label in
the row's ``labels`` as uint16, the track's number as uint32 (0 for none), and its look as uint64. A *probe*,
the look of a resting object's place, is a box with the label index 0xFFFF; probes come last and are sent to
nobody. A region that was searched takes 8 bytes: its xyxy in the same steps.

What is packed again after it was unpacked gives the same bytes: decisions are made on the values as they come
out of here, so that they can be made again from the rows.

Rows without a ``model_id`` are from before: 32 bytes a box, with xyxy as four float32 in pixels of the frame,
the score as float32, the label's index as int32, and the track's number as int64.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from appliance.domain.detection import (
    NO_LOOKS,
    NO_PROBES,
    UNKNOWN_MODEL,
    Detections,
    DetectorModel,
    Probes,
    TrackedDetections,
)
from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.domain.track import Box

BOX = np.dtype(
    [("unit", "<u2", (4,)), ("score", "<u2"), ("label", "<u2"), ("track_id", "<u4"), ("look", "<u8")],
)
FORMER_BOX = np.dtype(
    [("xyxy", "<f4", (4,)), ("score", "<f4"), ("label", "<i4"), ("track_id", "<i8")],
)
REGION = np.dtype(("<u2", (4,)))
PROBE = 0xFFFF
"""The label index of a probe."""
STEPS = 65535
"""A side of the picture, or the distance from score 0 to 1, in steps of what is stored."""
STEPS_32 = np.float32(STEPS)
MICROSECONDS = Fraction(1, US_PER_S)
"""The time base of stored frames: their own PTS is not kept."""

NO_RECORDS = np.zeros(0, BOX)
NO_XYXY: npt.NDArray[np.float32] = np.zeros((0, 4), np.float32)
NO_SCORES: npt.NDArray[np.float32] = np.zeros(0, np.float32)
NO_XYXY.flags.writeable = NO_SCORES.flags.writeable = False

Units = npt.NDArray[np.float64]
"""Shape (n, 4), xyxy in unit coordinates."""


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
    """The columns that hold the boxes: the labels' names as JSON text, the records, what was searched."""

    labels: str
    boxes: bytes
    searched: bytes | None


class StoredFrame(NamedTuple):
    """A row of ``detections`` without its id."""

    camera_id: str
    at_us: int
    width: int
    height: int
    labels: str
    boxes: bytes
    model_id: int | None
    searched: bytes | None


def pack(tracked: TrackedDetections) -> PackedBoxes:
    """Return the boxes of an analysed frame, and its probes, as columns of its row."""
    found = tracked.detections
    n, size = len(found), _size(found.width, found.height)
    names = sorted(set(found.labels))
    index = {name: i for i, name in enumerate(names)}
    records = np.zeros(n + len(found.probes), BOX)
    boxes, probes = records[:n], records[n:]
    boxes["unit"] = _steps(found.xyxy / size)
    boxes["score"] = _steps(found.scores)
    boxes["label"] = [index[label] for label in found.labels]
    boxes["track_id"] = tracked.track_ids
    boxes["look"] = found.looks
    probes["unit"] = _steps(found.probes.xyxy / size)
    probes["label"] = PROBE
    probes["look"] = found.probes.looks
    searched = None if found.searched is None else _steps(found.searched / size).tobytes()
    return PackedBoxes(msgspec.json.encode(names).decode(), records.tobytes(), searched)


def unpack(frame: StoredFrame, model: DetectorModel = UNKNOWN_MODEL) -> TrackedDetections:
    """Return the analysed frame that a row holds.

    Args:
        frame: of today's form or of the former one.
        model: that of its ``model_id``.

    Raises:
        ValueError: it is no whole number of boxes, or names a label that is not there.
    """
    found, records = _found_in(frame, model)
    return TrackedDetections(found, records["track_id"].astype(np.int64))


def found_in(frame: StoredFrame, model: DetectorModel = UNKNOWN_MODEL) -> Detections:
    """Return the same without the numbers of its tracks: what decisions are made of."""
    return _found_in(frame, model)[0]


def _found_in(frame: StoredFrame, model: DetectorModel) -> tuple[Detections, npt.NDArray[np.void]]:
    """Return the analysed frame that a row holds, and the records of its boxes."""
    size = _pixel_size(frame.width, frame.height)
    names = _names(frame.labels)
    probes = NO_PROBES
    if not frame.boxes:
        records, labels, xyxy, scores, looks = NO_RECORDS, [], NO_XYXY, NO_SCORES, NO_LOOKS
    elif frame.model_id is None:
        records = _former_records(frame.boxes, len(names))
        labels = records["label"].tolist()
        xyxy, scores, looks = records["xyxy"], records["score"], NO_LOOKS
    else:
        records, labels, probed = _records(frame.boxes, len(names))
        if len(probed):
            probes = Probes(_pixels(probed["unit"], size), probed["look"].astype(np.uint64))
        xyxy, scores = _pixels(records["unit"], size), records["score"].astype(np.float32)
        scores /= STEPS_32
        looks = records["look"].astype(np.uint64)
    searched = frame.searched
    found = Detections(
        camera_id=CameraId(frame.camera_id),
        wall_us=WallUs(frame.at_us),
        media=MediaTime(frame.at_us, MICROSECONDS),
        arrived_ns=MonotonicNs(0),
        width=frame.width,
        height=frame.height,
        xyxy=xyxy,
        scores=scores,
        labels=tuple([names[i] for i in labels]),
        searched=None if searched is None else _pixels(np.frombuffer(searched, REGION), size),
        looks=looks,
        probes=probes,
        model=model,
    )
    return found, records


def as_stored(found: Detections) -> Detections:
    """Return an analysed frame as it will come out of its row; only such a one is decided on."""
    packed = pack(TrackedDetections(found, np.zeros(len(found), np.int64)))
    row = StoredFrame(
        *(found.camera_id, found.wall_us, found.width, found.height),
        *(packed.labels, packed.boxes, 0, packed.searched),
    )
    stored = found_in(row, found.model)
    return replace(stored, media=found.media, arrived_ns=found.arrived_ns)


def label_names(labels: str) -> list[str]:
    """Return the names in a row's ``labels`` column.

    Raises:
        ValueError: the column does not hold a JSON list of strings.
    """
    return msgspec.json.decode(labels, type=list[str])


@lru_cache(maxsize=256)
def _names(labels: str) -> tuple[str, ...]:
    """Return the same, remembered: a camera's rows name the same few sets of labels all day."""
    return tuple(label_names(labels))


def wire_boxes(labels: str, boxes: bytes, model_id: int | None, width: int, height: int) -> list[WireBox]:
    """Return the boxes of a row as they are sent; probes are not.

    Raises:
        ValueError: the blob is not a whole number of boxes, or names a label that is not there.
    """
    names = label_names(labels)
    if model_id is None:
        records = _former_records(boxes, len(names))
        corners, scores = records["xyxy"].astype(np.float64), records["score"].astype(np.float64)
    else:
        records, _, _ = _records(boxes, len(names))
        corners, scores = records["unit"] / STEPS * _size(width, height), records["score"] / STEPS
    columns = (corners.round(1).tolist(), scores.round(3).tolist(), *_numbers(records))
    return [
        WireBox(tuple(corner), names[label], score, track_id or None)
        for corner, score, label, track_id in zip(*columns, strict=True)
    ]


def box_of_track(boxes: bytes, model_id: int | None, width: int, height: int, track_id: int) -> Box | None:
    """Return where a track's object was in a row's frame, in unit coordinates, or ``None``."""
    records = np.frombuffer(boxes, FORMER_BOX if model_id is None else BOX)
    own = records[records["track_id"] == track_id]
    if not track_id or not len(own):
        return None
    last = own[-1]
    unit = last["xyxy"] / _size(width, height) if model_id is None else last["unit"] / STEPS
    left, top, right, bottom = unit.tolist()
    return left, top, right, bottom


def _size(width: int, height: int) -> Units:
    return np.array((width, height, width, height), np.float64)


@lru_cache(maxsize=64)
def _pixel_size(width: int, height: int) -> npt.NDArray[np.float32]:
    size = _size(width, height).astype(np.float32)
    size.flags.writeable = False
    return size


def _steps(ratios: npt.NDArray[np.floating]) -> npt.NDArray[np.uint16]:
    return np.asarray(np.rint(np.clip(ratios, 0.0, 1.0) * STEPS), "<u2")


def _pixels(steps: npt.NDArray[np.uint16], size: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # In place: the boxes of a frame are few, and each new array costs as much as its sums.
    pixels = steps.astype(np.float32)
    pixels /= STEPS_32
    pixels *= size
    return pixels


def _numbers(records: npt.NDArray[np.void]) -> Sequence[list[int]]:
    return records["label"].tolist(), records["track_id"].tolist()


def _records(boxes: bytes, names: int) -> tuple[npt.NDArray[np.void], list[int], npt.NDArray[np.void]]:
    """Return the records of the boxes, the indices of their labels, and the records of the probes."""
    records = np.frombuffer(_whole(boxes, BOX), BOX)
    labels: list[int] = records["label"].tolist()
    if not labels or max(labels) < names:
        return records, labels, NO_RECORDS  # the usual row has no probe
    is_box = records["label"] != PROBE
    own = [label for label in labels if label != PROBE]
    if own and max(own) >= names:
        raise ValueError(f"expected label indices below {names}, got {max(own)}")
    return records[is_box], own, records[~is_box]


def _former_records(boxes: bytes, names: int) -> npt.NDArray[np.void]:
    records = np.frombuffer(_whole(boxes, FORMER_BOX), FORMER_BOX)
    if len(records) and not 0 <= int(records["label"].min()) <= int(records["label"].max()) < names:
        raise ValueError(f"expected label indices below {names}, got {int(records['label'].max())}")
    return records


def _whole(boxes: bytes, form: np.dtype[np.void]) -> bytes:
    if len(boxes) % form.itemsize:
        raise ValueError(f"expected a multiple of {form.itemsize} bytes of boxes, got {len(boxes)}")
    return boxes
