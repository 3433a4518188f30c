"""An analysed frame: the boxes that a detector found in it, with labels, and later the tracks' numbers."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs

MOTION_LABEL = "motion"
"""The label of a box of which is known only that something moved there."""

DEFAULT_LABELS = frozenset(
    {"person", "bicycle", "car", "motorcycle", "bus", "truck", "cat", "dog", MOTION_LABEL}
)
"""The labels that count at a camera which names none."""

NO_LOOKS: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)
"""Looks that nobody took."""


@dataclass(frozen=True, slots=True)
class DetectorModel:
    """What found the boxes of a frame.

    Attributes:
        sha256: of the model's file, in hexadecimal digits; of a detector without a file its name and version.
        name: for a person.
    """

    sha256: str
    name: str


UNKNOWN_MODEL = DetectorModel("unknown", "unknown")
"""Of frames that did not come from a detector at work."""


@dataclass(frozen=True, slots=True)
class Probes:
    """How the places of resting objects look in a frame, whether or not a detector found something there.

    Attributes:
        xyxy: float32, shape (n, 4), pixels of the frame.
        looks: uint64, shape (n,): the 64 bits of ``domain.look``.
    """

    xyxy: npt.NDArray[np.float32]
    looks: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.looks)


NO_PROBES = Probes(np.zeros((0, 4), np.float32), NO_LOOKS)


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes found in one frame of one camera, already limited to the labels that count there.

    Attributes:
        wall_us: the instant that the frame shows.
        media: the frame's presentation time on its stream.
        arrived_ns: when the frame's packet was read (monotonic), for latency figures.
        width: of the frame, pixels.
        height: of the frame, pixels.
        xyxy: float32, shape (n, 4), pixels of the frame.
        scores: float32, shape (n,), 0 to 1.
        labels: n label names.
        searched: boxes (float32, shape (m, 4), xyxy pixels) of the parts that were looked at, or ``None``
            when the whole frame was. What lies outside was not looked for, hence is not missed.
        looks: uint64, shape (n,): how each box looks, the 64 bits of ``domain.look``; 0 where nobody looked,
            which is so everywhere when it is left out.
        probes: how the places of resting objects look; sent to nobody.
        model: what found the boxes.
    """

    camera_id: CameraId
    wall_us: WallUs
    media: MediaTime
    arrived_ns: MonotonicNs
    width: int
    height: int
    xyxy: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: tuple[str, ...]
    searched: npt.NDArray[np.float32] | None = None
    looks: npt.NDArray[np.uint64] = field(default_factory=lambda: NO_LOOKS)
    probes: Probes = NO_PROBES
    model: DetectorModel = UNKNOWN_MODEL

    def __post_init__(self) -> None:
        if self.looks is NO_LOOKS and self.labels:
            object.__setattr__(self, "looks", np.zeros(len(self.labels), np.uint64))

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, is_kept: npt.NDArray[np.bool_]) -> "Detections":
        """Return the same frame with some of its boxes alone; ``is_kept`` is of shape (n,)."""
        if is_kept.all():
            return self
        labels = tuple(label for label, kept in zip(self.labels, is_kept, strict=True) if kept)
        xyxy, scores, looks = self.xyxy[is_kept], self.scores[is_kept], self.looks[is_kept]
        return replace(self, xyxy=xyxy, scores=scores, labels=labels, looks=looks)


@dataclass(frozen=True, slots=True)
class TrackedDetections:
    """Detections with the number of the track that each box belongs to.

    Attributes:
        track_ids: int64, shape (n,); 0 for a box that belongs to no confirmed track (yet).
    """

    detections: Detections
    track_ids: npt.NDArray[np.int64]
