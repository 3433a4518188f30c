"""Lines crossed in the simulated yard: how many of the true crossings the decisions tell, and what else."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from appliance.decisions.decider import Decider
from appliance.decisions.setup import Setup
from appliance.decisions.start import Start
from appliance.domain.detection import Detections, Probes
from appliance.domain.event import Event
from appliance.domain.passage import Direction
from appliance.domain.scene import Line, LineId, Point, Scene, Zone, ZoneId
from appliance.events.changes import EventSaved
from tests.support.sightings import CAMERA, Sighting, detections, seconds, wall
from tests.support.simulated.noise import Detector, NoiseModel
from tests.support.simulated.yard import CAR, PERSON, Body, Walk, seen

LINES = (
    Line(LineId("across"), "Across", seen(-4.5, 11.0, 0.0), seen(4.5, 11.0, 0.0)),
    Line(LineId("along"), "Along", seen(0.0, 6.5, 0.0), seen(0.0, 22.0, 0.0)),
    Line(LineId("askew"), "Askew", seen(-2.5, 7.5, 0.0), seen(4.0, 16.0, 0.0)),
)
"""Over the ground, well inside of the picture."""
PLAZA = Zone(
    ZoneId("plaza"),
    "Plaza",
    (seen(-2.5, 8.0, 0.0), seen(-2.5, 14.0, 0.0), seen(2.5, 14.0, 0.0), seen(2.5, 8.0, 0.0)),
)
PASSER, EMPTY = np.uint64(0x5555_5555_5555_5555), np.uint64(0xAAAA_AAAA_AAAA_AAAA)
"""How a place looks with somebody in it, and without."""
LATE_S = 0.5
"""How far from the truth a crossing may lie, beside a frame: who crosses at a flat angle is on the line for
long, with a trembling foot."""
END_RATIO = 0.04
"""So near to a line's end, in lengths of the line, a crossing may be told or not: a foot is no point."""


@dataclass(frozen=True, slots=True)
class Told:
    """A crossing: which line, when, and which way.

    Attributes:
        is_certain: it is far enough from the line's ends to be asked for.
    """

    line_id: LineId
    at_s: float
    direction: Direction
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Score:
    """How crossings that were told compare with the true ones."""

    true: int
    told: int
    matched: int

    @property
    def recall(self) -> float:
        """The part of the true crossings that was told."""
        return self.matched / self.true

    @property
    def precision(self) -> float:
        """The part of what was told that was true."""
        return self.matched / self.told


def walks(
    body: Body, speed_mps: float, count: int, dice: random.Random, *, in_pairs: bool = True
) -> list[Walk]:
    """Return walkers who come one after the other, every third of them with another one beside."""
    made, begin_s = list[Walk](), 1.0
    for n in range(count):
        begin, end = _ways(body, dice)
        made.append(Walk(body, begin, end, speed_mps, begin_s))
        if in_pairs and n % 3 == 0:
            made.append(Walk(body, *_beside(body, begin, end), speed_mps, begin_s))
        begin_s = made[-1].end_s + 6.0
    return made


def _beside(body: Body, begin: Point, end: Point) -> tuple[Point, Point]:
    """Return a way beside another one: an arm's length away, or a lane.

    One close behind the other at more than half that distance from look to look is not asked for: at three
    looks a second two runners, 1.7 m apart in line, cannot be told from two who hardly move.
    """
    aside_m = 1.0 + body.width_m
    across, ahead, length = end[0] - begin[0], end[1] - begin[1], math.dist(begin, end)
    right, further = -ahead / length * aside_m, across / length * aside_m
    return (begin[0] + right, begin[1] + further), (end[0] + right, end[1] + further)


def _ways(body: Body, dice: random.Random) -> tuple[Point, Point]:
    """Return from where to where: across, towards the camera or away from it, or askew."""
    side = dice.choice((-1, 1))
    kind = dice.choice(("across", "ahead", "askew") if body is PERSON else ("across", "askew"))
    if kind == "across":
        ahead = dice.uniform(8.0, 16.0)
        return (-16.0 * side, ahead), (16.0 * side, ahead)
    if kind == "ahead":
        right = dice.uniform(-3.0, 3.0)
        near, far = (right, 4.0), (right, 24.0)
        return (near, far) if side > 0 else (far, near)
    return (-14.0 * side, dice.uniform(7.0, 9.0)), (16.0 * side, dice.uniform(15.0, 20.0))


def played(
    scene: Scene, passers: Sequence[Walk], noise: NoiseModel, fps: float, dice: random.Random
) -> list[Event]:
    """Return the events of passers, looked at so often by a detector that errs, as they were left."""
    decider = Decider(Setup(CAMERA, "Yard", scene), Start(wall(0.0), "seed"))
    labels = {CAR: "car", PERSON: "person"}
    detectors = [Detector(noise, labels[walk.body], dice) for walk in passers]
    events: dict[str, Event] = {}
    for at_s in moments(passers, fps):
        boxes = [(detector, walk.box(at_s)) for detector, walk in zip(detectors, passers, strict=True)]
        looks = [detector.look(box) for detector, box in boxes if box is not None]
        found = _looked_at(at_s, [look for look in looks if look is not None], decider.resting)
        for change in decider.frame(found).changes:
            if isinstance(change, EventSaved):
                events[change.event.id] = change.event
    return list(events.values())


def _looked_at(at_s: float, sightings: Sequence[Sighting], resting: npt.NDArray[np.float32]) -> Detections:
    """Return a frame in which every passer looks alike, and the empty yard otherwise."""
    found = detections(at_s, *sightings)
    probes = [PASSER if _is_covered(place, found.xyxy) else EMPTY for place in resting]
    looks = np.full(len(found), PASSER, np.uint64)
    return replace(found, looks=looks, probes=Probes(resting, np.array(probes, np.uint64)))


def _is_covered(place: npt.NDArray[np.float32], boxes: npt.NDArray[np.float32]) -> bool:
    """Return whether one of the boxes covers most of a place: a look is of all of it."""
    sides = np.minimum(boxes[:, 2:], place[2:]) - np.maximum(boxes[:, :2], place[:2])
    area = float(np.prod(place[2:] - place[:2]))
    return bool((np.prod(np.maximum(sides, 0.0), axis=1) >= 0.8 * area).any())


def moments(passers: Sequence[Walk], fps: float) -> list[float]:
    """Return when the yard is looked at."""
    last_s = max(walk.end_s for walk in passers) + 5.0
    return [n / fps for n in range(int(last_s * fps))]


def told(events: Iterable[Event]) -> list[Told]:
    """Return the crossings of all events."""
    return [
        Told(one.line_id, seconds(one.at_us), one.direction)
        for event in events
        for one in event.passages.crossings
    ]


def truth(passers: Iterable[Walk], lines: Iterable[Line]) -> list[Told]:
    """Return the true crossings of foot points that are in the picture."""
    found = []
    for walk in passers:
        for line in lines:
            found += _met(walk, line)
    return found


def _met(walk: Walk, line: Line) -> list[Told]:
    """Return when a walk meets a line: on straight ways at most once; looked for to the millisecond."""
    steps = int((walk.end_s - walk.begin_s) * 1000)
    before = None
    for n in range(steps + 1):
        at_s = walk.begin_s + n / 1000
        x, y = walk.foot(at_s)
        (ax, ay), (bx, by) = line.a, line.b
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
        if before is not None and side is not before:
            along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
            is_near = abs(along - 0.5) <= 0.5 + END_RATIO and walk.box(at_s) is not None
            direction = Direction.FORWARD if side else Direction.BACKWARD
            is_certain = abs(along - 0.5) <= 0.5 - END_RATIO
            return [Told(line.id, at_s, direction, is_certain)] if is_near else []
        before = side
    return []


def compared(true: Sequence[Told], told_of: Sequence[Told], fps: float) -> Score:
    """Return the score: each true crossing matches at most one that was told, of its line, way and time."""
    free, matched = list(told_of), 0
    for crossing in sorted(true, key=lambda one: not one.is_certain):
        fits = [
            one
            for one in free
            if (one.line_id, one.direction) == (crossing.line_id, crossing.direction)
            and abs(one.at_s - crossing.at_s) <= 1 / fps + LATE_S
        ]
        if fits:
            free.remove(min(fits, key=lambda one: abs(one.at_s - crossing.at_s)))
            matched += crossing.is_certain
    certain = sum(crossing.is_certain for crossing in true)
    return Score(certain, matched + len(free), matched)


def dwellers(speed_mps: float, count: int, dice: random.Random) -> list[Walk]:
    """Return people who come one after the other, stand on the plaza for a while and go on."""
    made, begin_s = list[Walk](), 1.0
    for _ in range(count):
        side, ahead = dice.choice((-1, 1)), dice.uniform(9.5, 12.5)
        way = (-14.0 * side, ahead), (14.0 * side, ahead + dice.uniform(-1.0, 1.0))
        made.append(Walk(PERSON, *way, speed_mps, begin_s, pause_s=dice.uniform(2.0, 30.0)))
        begin_s = made[-1].end_s + 6.0
    return made


def dwelt(walk: Walk, moments: Iterable[float]) -> tuple[float, float]:
    """Return the first and the last of these moments in which it truly is on the plaza."""
    inside = [at_s for at_s in moments if is_on_plaza(walk.foot(at_s))]
    return inside[0], inside[-1]


def is_on_plaza(foot: Point) -> bool:
    """Return whether a foot point is on the plaza, which has four corners that all turn the same way."""
    corners = PLAZA.points
    turns = [
        (bx - ax) * (foot[1] - ay) - (by - ay) * (foot[0] - ax)
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    return all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)
