"""A clip looked at once by a detector, and decided on by several cameras that miss frames of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from appliance.decisions.changes import Change
from appliance.decisions.decider import Decider
from appliance.domain.detection import DEFAULT_LABELS, Detections, Probes
from appliance.domain.event import Event
from appliance.domain.ids import EventId
from appliance.domain.look import looks
from appliance.events.changes import EventSaved
from detectors.contract import Detector, Picture
from tests.support.deciding import SETUP, START
from tests.support.pictures import boxes
from tests.support.sightings import CAMERA, media, monotonic, seconds, wall

FPS = 10
"""Of the clip's pictures that are looked at."""


@dataclass
class Thinned:
    """The decisions on some frames of a clip.

    Attributes:
        tenths: of each ten tenths of a second, those whose frame is seen.
        skips: of these, each one whose number is a multiple of that is missing; 0 for none.
        events: newest states.
        seen: frames seen or missing so far.
    """

    tenths: frozenset[int]
    skips: int = 0
    decider: Decider = field(default_factory=lambda: Decider(SETUP, START))
    events: dict[EventId, Event] = field(default_factory=dict)
    seen: int = 0

    def offer(self, number: int, found: Detections, luma: npt.NDArray[np.uint8]) -> None:
        """Take in the frame of that tenth of a second, unless it is one that is missing."""
        if number % FPS not in self.tenths:
            return
        self.seen += 1
        if self.skips and self.seen % self.skips == 0:
            return
        places = self.decider.resting
        decided = self.decider.frame(replace(found, probes=Probes(places, looks(luma, places))))
        self._keep(decided.changes)

    def end(self, at_s: float) -> None:
        """Let the camera's file end."""
        self._keep(self.decider.close(wall(at_s)))

    def spans(self) -> list[tuple[str, str, float, float]]:
        """Return label, state, first and last second of each event, in order of time."""
        events = sorted(self.events.values(), key=lambda event: event.started_us)
        return [(e.label, e.state.value, seconds(e.started_us), seconds(e.last_seen_us)) for e in events]

    def _keep(self, changes: Sequence[Change]) -> None:
        self.events |= {c.event.id: c.event for c in changes if isinstance(c, EventSaved)}


def watch(clip: Path, detector: Detector, watchers: Mapping[str, Thinned]) -> None:
    """Let everybody see the clip; a frame that is nobody's is not looked at."""
    at_s = 0.0
    wanted = frozenset[int]().union(*(watcher.tenths for watcher in watchers.values()))
    for number, pixels in _tenths(clip):
        at_s = number / FPS
        if number % FPS not in wanted:
            continue
        found, luma = _found(detector, number, pixels)
        for watcher in watchers.values():
            watcher.offer(number, found, luma)
    for watcher in watchers.values():
        watcher.end(at_s + 1)


def _tenths(clip: Path) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    number = 0
    with av.open(str(clip)) as container:
        for decoded in container.decode(video=0):
            if decoded.time is not None and Fraction(decoded.time).limit_denominator(1000) * FPS >= number:
                yield number, np.asarray(decoded.to_ndarray(format="yuv420p"), np.uint8)
                number += 1


def _found(
    detector: Detector, number: int, pixels: npt.NDArray[np.uint8]
) -> tuple[Detections, npt.NDArray[np.uint8]]:
    at_s, height = number / FPS, pixels.shape[0] * 2 // 3
    found = detector.detect([Picture(pixels, boxes())])[0]
    names = [detector.labels[i] for i in found.class_ids]
    counts = np.array([name in DEFAULT_LABELS for name in names], np.bool_)
    luma = pixels[:height]
    xyxy = found.xyxy[counts]
    return (
        Detections(
            *(CAMERA, wall(at_s), media(at_s), monotonic(at_s), pixels.shape[1], height, xyxy),
            found.scores[counts],
            tuple(name for name in names if name in DEFAULT_LABELS),
            looks=looks(luma, xyxy),
        ),
        luma,
    )
