"""The story of an event: what its object did, in moments that can be shown one after the other.

In: where the object was seen, oldest first, and how the event ended. Out: moments, and the way it took. It is
told from the picture's point of view: left is the picture's left, and what becomes larger comes closer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from appliance.domain.event import EventState
from appliance.domain.passage import NO_PASSAGES, Direction, Passages
from appliance.domain.time import US_PER_S, WallUs
from appliance.events.words import duration

MomentKind = Literal[
    "appeared",
    "moved",
    "stood_still",
    "entered",
    "left_zone",
    "crossed",
    "left",
    "still_there",
    "cut_off",
    "away",
    "back",
    "tampered",
    "cleared",
]

MOST_POINTS = 200
"""Points of the way at most: enough to draw it, however long it took."""

MOST_MOMENTS = 24
"""Moments at most; of what was done in between the longest is told."""

STILL_S = 3.0
"""Who stays in a place for so long stands still."""

STILL_RATIO = 0.25
"""The share of a box's size by which it may wander meanwhile: boxes of what stands still tremble too."""

SAME_SIZE_RATIO = 0.12
"""The share by which a box may grow or shrink meanwhile: who comes straight on does not stand still."""

PAUSE_S = 2.0
"""Two stays in one place that are so close are one: between them the box was wrong, or a step was made."""

MOVED_RATIO = 0.12
"""The share of the picture's width from which on a move is worth a moment."""

TURN_RATIO = 0.12
"""So far back, as a share of the width, it was turned round."""

CLOSER, FURTHER = 1.35, 1 / 1.35
"""How much higher or lower a box becomes when who is in it comes closer, or goes away."""

AT_END_S = 1.0
"""A stay in a zone that ends so shortly before the event ended with it."""

WAYS = {Direction.FORWARD: "from A to B", Direction.BACKWARD: "from B to A"}
"""As the sides of a line are called where it is drawn."""

EDGE_RATIO = 0.02
"""A box that comes that close to the picture's edge touches it."""


class Box(NamedTuple):
    """xyxy from 0 to 1 of the picture's width and height."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def x(self) -> float:
        """The middle, from left to right."""
        return (self.x0 + self.x1) / 2

    @property
    def y(self) -> float:
        """The middle, from top to bottom."""
        return (self.y0 + self.y1) / 2

    @property
    def size(self) -> float:
        """The mean of width and height."""
        return (self.x1 - self.x0 + self.y1 - self.y0) / 2


class Sight(NamedTuple):
    """Where an object was at a moment."""

    at_us: WallUs
    box: Box


class Moment(NamedTuple):
    """What happened, from when until when; ``until_us`` is ``None`` for an instant."""

    at_us: WallUs
    until_us: WallUs | None
    kind: MomentKind
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """A story.

    Attributes:
        moments: in order of time.
        path: where the object was, oldest first; at most ``MOST_POINTS``.
    """

    moments: tuple[Moment, ...]
    path: tuple[Sight, ...]


class _Span(NamedTuple):
    """Sights from one index to another; the last one belongs to it."""

    first: int
    last: int


def tell(
    sights: Sequence[Sight],
    state: EventState,
    started_us: WallUs,
    last_seen_us: WallUs,
    passages: Passages = NO_PASSAGES,
) -> Told:
    """Return the story of an event.

    Args:
        sights: oldest first; empty where nothing of them is kept any more.
        state: of the event.
        started_us: when it began, for when there are no sights.
        last_seen_us: when its object was seen last.
        passages: what its object did at zones and lines, which goes before everything else.
    """
    passed = _told_passages(passages, last_seen_us)[: MOST_MOMENTS - 2]
    if not sights:
        begin = Moment(started_us, None, "appeared", "Appeared")
        return Told((begin, *passed, _end(None, state, last_seen_us)), ())
    stays = _stays(sights)
    between = [*_told_stays(sights, stays), *_told_moves(sights, stays)]
    longest_first = sorted(between, key=lambda one: one.at_us - (one.until_us or one.at_us))
    kept = sorted([*passed, *longest_first[: MOST_MOMENTS - 2 - len(passed)]], key=lambda one: one.at_us)
    # A zone may have been entered before the box was one of a track.
    appeared_us = min([sights[0].at_us, *(one.at_us for one in kept[:1])])
    begin = Moment(appeared_us, None, "appeared", f"Appeared {_where(sights[0].box)}")
    return Told((begin, *kept, _end(sights[-1].box, state, last_seen_us)), thinned(sights, MOST_POINTS))


def tell_absence(state: EventState, started_us: WallUs, last_seen_us: WallUs) -> Told:
    """Return the story of a camera that was not reached.

    Args:
        state: of the event.
        started_us: when the camera went.
        last_seen_us: when it was back, or until when it was away for all that is known.
    """
    begin = Moment(started_us, None, "away", "Was not reached")
    if state is EventState.OPEN:
        end = Moment(last_seen_us, None, "still_there", "Is still not reached")
    elif state is EventState.INTERRUPTED:
        end = Moment(last_seen_us, None, "cut_off", "Was not tried any more")
    else:
        end = Moment(last_seen_us, None, "back", "Was reached again")
    return Told((begin, end), ())


def tell_tampering(state: EventState, started_us: WallUs, last_seen_us: WallUs, done: str) -> Told:
    """Return the story of a camera that was tampered with.

    Args:
        state: of the event.
        started_us: when that was noticed.
        last_seen_us: when it saw as usual again, or until when it did not for all that is known.
        done: what was done to it, such as ``was covered``.
    """
    begin = Moment(started_us, None, "tampered", done[:1].upper() + done[1:])
    if state is EventState.OPEN:
        end = Moment(last_seen_us, None, "still_there", "Still does not see as usual")
    elif state is EventState.INTERRUPTED:
        end = Moment(last_seen_us, None, "cut_off", "Was not looked at any more")
    else:
        end = Moment(last_seen_us, None, "cleared", "Saw as usual again")
    return Told((begin, end), ())


def thinned(sights: Sequence[Sight], most: int) -> tuple[Sight, ...]:
    """Return at most so many of them, evenly spread, the first and the last among them."""
    if len(sights) <= most:
        return tuple(sights)
    step = (len(sights) - 1) / (most - 1)
    return tuple(sights[round(i * step)] for i in range(most))


def _where(box: Box) -> str:
    if box.x < 1 / 3:
        return "on the left"
    return "on the right" if box.x > 2 / 3 else "in the middle"


def _end(box: Box | None, state: EventState, last_seen_us: WallUs) -> Moment:
    if state is EventState.OPEN:
        return Moment(last_seen_us, None, "still_there", "Is still there")
    if state is EventState.INTERRUPTED:
        return Moment(last_seen_us, None, "cut_off", "Was lost from sight: a restart came in between")
    return Moment(last_seen_us, None, "left", "Left" if box is None else _left(box))


def _left(box: Box) -> str:
    if box.x0 < EDGE_RATIO and box.x < 0.5:
        return "Left on the left"
    if box.x1 > 1 - EDGE_RATIO and box.x > 0.5:
        return "Left on the right"
    if box.y1 > 1 - EDGE_RATIO:
        return "Left at the bottom"
    return f"Was seen last {_where(box)}"


def _stays(sights: Sequence[Sight]) -> list[_Span]:
    """Return where it stood still, in order: stretches in which the box stays near its mean place."""
    found: list[_Span] = []
    first = 0
    while first < len(sights):
        last = _stay_from(sights, first)
        if sights[last].at_us - sights[first].at_us < STILL_S * US_PER_S:
            first += 1
            continue
        before = found[-1] if found else None
        if before is not None and _are_one(sights, before, first):
            found[-1] = _Span(before.first, last)
        else:
            found.append(_Span(first, last))
        first = last + 1
    return found


def _stay_from(sights: Sequence[Sight], first: int) -> int:
    """Return the index of the last sight that is still near the mean of those from ``first`` on."""
    begin = sights[first].box
    sum_x, sum_y, sum_size = begin.x, begin.y, begin.size
    for i in range(first + 1, len(sights)):
        box, count = sights[i].box, i - first
        if not _is_near(box, sum_x / count, sum_y / count, sum_size / count):
            return i - 1
        sum_x, sum_y, sum_size = sum_x + box.x, sum_y + box.y, sum_size + box.size
    return len(sights) - 1


def _is_near(box: Box, x: float, y: float, size: float) -> bool:
    is_here = max(abs(box.x - x), abs(box.y - y)) <= STILL_RATIO * size
    return is_here and abs(box.size - size) <= SAME_SIZE_RATIO * size


def _are_one(sights: Sequence[Sight], before: _Span, first: int) -> bool:
    end, begin = sights[before.last], sights[first]
    paused_s = (begin.at_us - end.at_us) / US_PER_S
    here = end.box
    return paused_s <= PAUSE_S and _is_near(begin.box, here.x, here.y, here.size)


def _told_stays(sights: Sequence[Sight], stays: Sequence[_Span]) -> list[Moment]:
    moments = []
    for first, last in stays:
        begin, end = sights[first], sights[last]
        lasted = duration((end.at_us - begin.at_us) / US_PER_S, is_over=True)
        text = f"Stood still {_where(end.box)} for {lasted}"
        moments.append(Moment(begin.at_us, end.at_us, "stood_still", text))
    return moments


def _told_passages(passages: Passages, last_seen_us: WallUs) -> list[Moment]:
    """Return stays in zones and crossings, in order; a stay that lasts to the end is not left."""
    moments = []
    for stay in passages.stays:
        moments.append(Moment(stay.entered_us, None, "entered", f"Entered {stay.name}"))
        if stay.is_over and last_seen_us - stay.seen_us >= AT_END_S * US_PER_S:
            lasted = duration((stay.seen_us - stay.entered_us) / US_PER_S, is_over=True)
            moments.append(Moment(stay.seen_us, None, "left_zone", f"Left {stay.name} after {lasted}"))
    for crossing in passages.crossings:
        text = f"Crossed {crossing.name} {WAYS[crossing.direction]}"
        moments.append(Moment(crossing.at_us, None, "crossed", text))
    return sorted(moments, key=lambda one: one.at_us)


def _told_moves(sights: Sequence[Sight], stays: Sequence[_Span]) -> list[Moment]:
    """Return what was gone between the stays, one moment for each leg between two turns."""
    ends = [0, *(index for stay in stays for index in stay), len(sights) - 1]
    moments = []
    for first, last in zip(ends[::2], ends[1::2], strict=True):
        for leg in pairwise(_turns(sights, first, last)):
            begin, end = sights[leg[0]], sights[leg[1]]
            text = _way(begin.box, end.box)
            if text:
                moments.append(Moment(begin.at_us, end.at_us, "moved", text))
    return moments


def _turns(sights: Sequence[Sight], first: int, last: int) -> list[int]:
    """Return the indices at which it turned round from left to right or back, the ends included."""
    turns, furthest, direction = [first], first, 0
    for i in range(first, last + 1):
        gone = sights[i].box.x - sights[furthest].box.x
        if direction == 0:
            if abs(gone) > TURN_RATIO:
                direction, furthest = (1 if gone > 0 else -1), i
        elif gone * direction >= 0:
            furthest = i
        elif -gone * direction > TURN_RATIO:
            turns.append(furthest)
            direction, furthest = -direction, i
    return [*turns, last]


def _way(begin: Box, end: Box) -> str:
    """Return in words how somebody came from one place to another; empty where that is not worth it."""
    gone, grown = end.x - begin.x, (end.y1 - end.y0) / max(begin.y1 - begin.y0, 1e-6)
    aside = "" if abs(gone) < MOVED_RATIO else "to the right" if gone > 0 else "to the left"
    # What is cut off by the edge becomes higher by coming in.
    is_whole = all(one.y0 > EDGE_RATIO and one.y1 < 1 - EDGE_RATIO for one in (begin, end))
    if is_whole and grown > CLOSER:
        return f"Moved {aside} and came closer" if aside else "Came closer"
    if is_whole and grown < FURTHER:
        return f"Moved {aside} and away" if aside else "Went further away"
    return f"Moved {aside}" if aside else ""
