"""Detections and tracks written as a test thinks of them: seconds, unit boxes, labels."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import Detections, Probes
from appliance.domain.ids import CameraId, TrackId
from appliance.domain.time import NS_PER_S, US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.domain.track import Box, Track, TrackState

NOON_US = WallUs(1_789_992_000 * US_PER_S)
"""2026-09-21 12:00:00 UTC."""
CAMERA = CameraId("front")
WIDTH, HEIGHT = 640, 360
STANDING: Box = (0.4, 0.3, 0.5, 0.8)
"""A person in the middle of the picture."""

Boxes = npt.NDArray[np.float32]

Sighting = tuple[str, float, Box]
"""Label, score, unit box."""
TICKS = 90_000


def wall(seconds: float) -> WallUs:
    """Return the wall time that long after noon."""
    return WallUs(NOON_US + round(seconds * US_PER_S))


def monotonic(seconds: float) -> MonotonicNs:
    """Return the monotonic time that long after noon."""
    return MonotonicNs(round((1000 + seconds) * NS_PER_S))


def media(seconds: float) -> MediaTime:
    """Return that second on the stream's own clock."""
    return MediaTime(round(seconds * TICKS), Fraction(1, TICKS))


def seconds(at: WallUs) -> float:
    """Return how many seconds after noon that is."""
    return (at - NOON_US) / US_PER_S


def detections(at_s: float, *sightings: Sighting, searched: Iterable[Box] | None = None) -> Detections:
    """Return an analysed frame; ``searched`` in unit coordinates."""
    size = np.array([WIDTH, HEIGHT] * 2, np.float32)
    boxes = np.array([box for _, _, box in sightings], np.float32).reshape(-1, 4) * size
    regions = None
    if searched is not None:
        regions = np.array(list(searched), np.float32).reshape(-1, 4) * size
    return Detections(
        CAMERA,
        wall(at_s),
        media(at_s),
        monotonic(at_s),
        WIDTH,
        HEIGHT,
        boxes.astype(np.float32),
        np.array([score for _, score, _ in sightings], np.float32),
        tuple(label for label, _, _ in sightings),
        regions,
    )


def with_looks(found: Detections, look_of: Callable[[Box], int], places: Boxes) -> Detections:
    """Return an analysed frame as the detection stage gives it: with looks, and places (pixels) probed."""
    size = np.array([found.width, found.height] * 2, np.float32)

    def looks(boxes: Boxes) -> npt.NDArray[np.uint64]:
        units = [[float(side) for side in box / size] for box in boxes]
        return np.array([look_of((a, b, c, d)) for a, b, c, d in units], np.uint64)

    return replace(found, looks=looks(found.xyxy), probes=Probes(places, looks(places)))


def person(box: Box = STANDING, score: float = 0.8) -> Sighting:
    """Return a sighting of a person."""
    return ("person", score, box)


def moved(box: Box, dx: float = 0.0, dy: float = 0.0) -> Box:
    """Return the box moved, in unit coordinates."""
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def track(number: int = 1, at_s: float = 0.0, **changes: object) -> Track:
    """Return a confirmed track of a person, seen at that time for the first time and now."""
    box = STANDING
    made = Track(
        id=TrackId(number),
        camera_id=CAMERA,
        state=TrackState.CONFIRMED,
        label="person",
        votes=(("person", 2.4),),
        score=0.8,
        hit_label="person",
        hit_score=0.8,
        box=(box[0] * WIDTH, box[1] * HEIGHT, box[2] * WIDTH, box[3] * HEIGHT),
        unit_box=box,
        first_us=wall(at_s),
        last_seen_us=wall(at_s),
        hits=3,
        missed=0,
        is_stationary=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
