"""The story of an event, told of tracks that are drawn up here."""

import math
import random
from collections.abc import Callable

import pytest

from appliance.domain.event import EventState
from appliance.domain.passage import Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.time import US_PER_S, WallUs
from appliance.events.story import MOST_MOMENTS, MOST_POINTS, Box, Sight, Told, tell, tell_tampering, thinned

BEGIN_US = 1_790_000_000 * US_PER_S
FPS = 5

Place = tuple[float, float]


def walk(at: Callable[[float], Place], seconds: float, height: float = 0.4) -> list[Sight]:
    """Return the sights of somebody whose middle is at a place for each second; a third as wide as high."""
    return grow(lambda s: (*at(s), height), seconds)


def grow(at: Callable[[float], tuple[float, float, float]], seconds: float) -> list[Sight]:
    """Return the sights of somebody with a place and a height for each second."""
    found = []
    for i in range(round(seconds * FPS) + 1):
        x, y, height = at(i / FPS)
        box = Box(x - height / 6, y - height / 2, x + height / 6, y + height / 2)
        found.append(Sight(WallUs(BEGIN_US + i * US_PER_S // FPS), box))
    return found


def story(sights: list[Sight], state: EventState = EventState.ENDED) -> Told:
    """Return the story of sights, over where the last of them is."""
    last = sights[-1].at_us if sights else WallUs(BEGIN_US)
    return tell(sights, state, WallUs(BEGIN_US), last)


def lines(told: Told) -> list[str]:
    """Return the story's sentences."""
    return [moment.text for moment in told.moments]


def seconds(told: Told, kind: str) -> list[tuple[float, float]]:
    """Return from when until when the moments of a kind were, in seconds."""
    return [
        ((one.at_us - BEGIN_US) / US_PER_S, ((one.until_us or one.at_us) - BEGIN_US) / US_PER_S)
        for one in told.moments
        if one.kind == kind
    ]


def test_who_walks_through_appears_moves_and_leaves() -> None:
    """One walk is three lines."""
    told = story(walk(lambda s: (0.1 + 0.1 * s, 0.5), 8))
    assert lines(told) == ["Appeared on the left", "Moved to the right", "Was seen last on the right"]


def test_who_stops_on_the_way_stands_still_there() -> None:
    """The times of the stop are those of the stop, give or take a second."""
    told = story(walk(lambda s: (0.1 + 0.1 * min(s, 4) + 0.1 * max(0.0, s - 14), 0.5), 18))
    assert lines(told) == [
        "Appeared on the left",
        "Moved to the right",
        "Stood still in the middle for 11 s",
        "Moved to the right",
        "Was seen last on the right",
    ]
    ((begin_s, end_s),) = seconds(told, "stood_still")
    assert begin_s == pytest.approx(4, abs=1)
    assert end_s == pytest.approx(14, abs=1)


@pytest.mark.parametrize(("stop_s", "stays"), [(2.0, 0), (4.0, 1)])
def test_only_a_stop_of_some_seconds_counts(stop_s: float, stays: int) -> None:
    """Who hesitates does not stand still."""
    told = story(walk(lambda s: (0.1 + 0.2 * min(s, 2) + 0.2 * max(0.0, s - 2 - stop_s), 0.5), 4 + stop_s))
    assert len(seconds(told, "stood_still")) == stays


def test_a_box_that_trembles_stands_still() -> None:
    """Detectors' boxes are never quite the same; a single wrong one is no walk either."""
    dice = random.Random(1)
    sights = walk(lambda _s: (0.8 + dice.gauss(0, 0.005), 0.5 + dice.gauss(0, 0.005)), 60)
    box = sights[100].box
    sights[100] = sights[100]._replace(box=box._replace(x0=box.x0 - 0.2))
    told = story(sights)
    assert lines(told) == [
        "Appeared on the right",
        "Stood still on the right for 1 min",
        "Was seen last on the right",
    ]


def test_who_turns_round_went_there_and_back() -> None:
    """Each leg is a moment of its own."""
    told = story(walk(lambda s: (0.2 + 0.1 * min(s, 12 - s), 0.5), 12))
    assert lines(told)[1:-1] == ["Moved to the right", "Moved to the left"]
    assert seconds(told, "moved") == [(0, 6), (6, 12)]


@pytest.mark.parametrize(
    ("height", "words"),
    [
        (lambda s: 0.2 * 1.15**s, "Came closer"),
        (lambda s: 0.7 / 1.15**s, "Went further away"),
    ],
)
def test_who_becomes_larger_comes_closer(height: Callable[[float], float], words: str) -> None:
    """And who becomes smaller goes away; walking to a side as well."""
    toward = story(grow(lambda s: (0.5, 0.5, height(s)), 9))
    assert words in lines(toward)
    aside = story(grow(lambda s: (0.3 + 0.05 * s, 0.5, height(s)), 9))
    assert lines(aside)[1].startswith("Moved to the right and ")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ((0.05, 0.5), "Left on the left"),
        ((0.95, 0.5), "Left on the right"),
        ((0.5, 0.85), "Left at the bottom"),
        ((0.5, 0.5), "Was seen last in the middle"),
    ],
)
def test_it_says_where_somebody_left(end: Place, words: str) -> None:
    """At the edge that the last box touches; who vanished in the middle did not leave at an edge."""
    told = story(walk(lambda s: (0.5 + (end[0] - 0.5) * s / 4, 0.5 + (end[1] - 0.5) * s / 4), 4))
    assert told.moments[-1].kind == "left"
    assert told.moments[-1].text == words


@pytest.mark.parametrize(
    ("state", "kind"),
    [(EventState.OPEN, "still_there"), (EventState.INTERRUPTED, "cut_off"), (EventState.ENDED, "left")],
)
def test_only_who_was_seen_leaving_has_left(state: EventState, kind: str) -> None:
    """Nothing is invented: who is there is there, and of who was cut off nobody knows; without boxes too."""
    assert story(walk(lambda s: (0.1 * s, 0.5), 3), state).moments[-1].kind == kind
    told = story([], state)
    assert [moment.kind for moment in told.moments] == ["appeared", kind]
    assert told.path == ()


@pytest.mark.parametrize("count", [1, 2, MOST_POINTS, MOST_POINTS + 1, 5000])
def test_the_way_is_thinned_and_keeps_its_ends(count: int) -> None:
    """At most so many points, in order, none twice."""
    sights = [Sight(WallUs(BEGIN_US + i), Box(0, 0, 1, 1)) for i in range(count)]
    kept = thinned(sights, MOST_POINTS)
    assert len(kept) == min(count, MOST_POINTS)
    assert (kept[0], kept[-1]) == (sights[0], sights[-1])
    assert sorted(set(kept)) == list(kept)


def test_who_paces_up_and_down_for_long_has_a_story_that_can_be_read() -> None:
    """There are not too many moments, and they are in order."""
    told = story(walk(lambda s: (0.5 + 0.3 * math.sin(s / 2), 0.5), 600))
    assert len(told.moments) == MOST_MOMENTS
    times = [moment.at_us for moment in told.moments]
    assert times == sorted(times)
    assert all(moment.until_us is None or moment.until_us >= moment.at_us for moment in told.moments)


def test_one_sight_is_a_story_too() -> None:
    """Whoever was seen once appeared and was seen last."""
    told = story(walk(lambda _s: (0.5, 0.5), 0))
    assert lines(told) == ["Appeared in the middle", "Was seen last in the middle"]


def at(second: float) -> WallUs:
    """Return the time of that second of the story."""
    return WallUs(BEGIN_US + round(second * US_PER_S))


def test_zones_and_lines_are_moments_between_the_others() -> None:
    """Who leaves a zone by leaving the picture is not said to have left it first."""
    passages = Passages(
        (
            ZoneStay(ZoneId("drive"), "Drive", at(1), at(3), is_over=True),
            ZoneStay(ZoneId("door"), "Door", at(5), at(8), is_over=True),
        ),
        (Crossing(LineId("gate"), "Gate", at(2), Direction.FORWARD),),
    )
    sights = walk(lambda s: (0.1 + 0.1 * s, 0.5), 8)
    told = tell(sights, EventState.ENDED, at(0), at(8), passages)
    assert lines(told) == [
        "Appeared on the left",
        "Moved to the right",
        "Entered Drive",
        "Crossed Gate from A to B",
        "Left Drive after 2 s",
        "Entered Door",
        "Was seen last on the right",
    ]
    bare = tell([], EventState.ENDED, at(0), at(8), passages)
    assert [one.kind for one in bare.moments] == [
        *("appeared", "entered", "crossed", "left_zone", "entered", "left")
    ]


def test_nothing_happens_before_it_appeared() -> None:
    """The first sights of an object are of no track yet; a zone that was entered in them is not too early."""
    stays = (ZoneStay(ZoneId("drive"), "Drive", at(0), at(4), is_over=True),)
    told = tell(
        walk(lambda s: (0.1 + 0.05 * s, 0.5), 8)[1:], EventState.ENDED, at(0), at(8), Passages(stays, ())
    )
    assert [one.kind for one in told.moments][:2] == ["appeared", "entered"]
    assert [one.at_us for one in told.moments] == sorted(one.at_us for one in told.moments)


def test_zones_and_lines_go_before_what_is_seen_anyway() -> None:
    """A story has a length; of somebody who paces over a line it tells the line."""
    paced = tuple(Crossing(LineId("gate"), "Gate", at(n), Direction.FORWARD) for n in range(60))
    told = tell(
        walk(lambda s: (0.1 + 0.01 * s, 0.5), 60), EventState.ENDED, at(0), at(60), Passages((), paced)
    )
    assert len(told.moments) == MOST_MOMENTS
    assert {one.kind for one in told.moments} == {"appeared", "crossed", "left"}


@pytest.mark.parametrize(
    ("state", "kind", "text"),
    [
        (EventState.OPEN, "still_there", "Still does not see as usual"),
        (EventState.ENDED, "cleared", "Saw as usual again"),
        (EventState.INTERRUPTED, "cut_off", "Was not looked at any more"),
    ],
)
def test_a_camera_that_was_tampered_with_has_a_story_of_its_own(
    state: EventState, kind: str, text: str
) -> None:
    """What was done to it, and what became of that; there is no path."""
    told = tell_tampering(state, WallUs(1), WallUs(9), "was covered")
    assert [(m.at_us, m.kind, m.text) for m in told.moments] == [
        (1, "tampered", "Was covered"),
        (9, kind, text),
    ]
    assert told.path == ()
