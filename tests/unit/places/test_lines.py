"""When somebody has crossed a line: once for each time that it got over it."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.ids import TrackId
from appliance.domain.passage import Direction, Passages
from appliance.domain.scene import CountedDirection, Line, LineId, Point, Scene
from appliance.places.places import Places
from tests.support.paths import HEIGHT, WIDTH, along, ended, gone, standing, times
from tests.support.sightings import seconds, wall

GATE = Line(LineId("gate"), "Gate", (0.5, 0.9), (0.5, 0.3))
"""Upwards through the middle: forward is from left to right."""
SCENE = Scene(lines=(GATE,))
FORWARD, BACKWARD = Direction.FORWARD, Direction.BACKWARD
FRAME_S = 0.2


def crossed(scene: Scene, *feet: Point, step_s: float = FRAME_S, label: str = "person") -> Passages:
    """Return what somebody did that stood at these places, one a frame, and was not seen again."""
    places, last = Places(scene), standing(0.0, feet[0], label=label)
    for n, foot in enumerate(feet):
        last = standing(n * step_s, foot, label=label)
        places.step([last], wall(n * step_s))
    return ended(places, last, len(feet) * step_s + 3.0)


def told(passages: Passages) -> list[tuple[float, Direction]]:
    """Return the crossings as seconds and directions."""
    return [(round(seconds(c.at_us), 3), c.direction) for c in passages.crossings]


def row(*xs: float, y: float = 0.6) -> list[Point]:
    """Return places side by side."""
    return [(x, y) for x in xs]


def test_the_time_lies_between_the_frames() -> None:
    """Where the straight way from sight to sight meets the line."""
    assert told(crossed(SCENE, *row(0.3, 0.4, 0.48, 0.56, 0.6))) == [(0.45, FORWARD)]


def test_there_and_back_are_two_crossings() -> None:
    """Each in its direction."""
    assert told(crossed(SCENE, *row(0.4, 0.6, 0.62, 0.4, 0.38))) == [(0.1, FORWARD), (0.509, BACKWARD)]


@pytest.mark.parametrize(
    ("line", "directions"),
    [
        (replace(GATE, counts=CountedDirection.FORWARD), [FORWARD]),
        (replace(GATE, counts=CountedDirection.BACKWARD), [BACKWARD]),
        (replace(GATE, a=GATE.b, b=GATE.a), [BACKWARD, FORWARD]),
        (replace(GATE, labels=frozenset({"person"})), [FORWARD, BACKWARD]),
        (replace(GATE, labels=frozenset({"car"})), []),
        (replace(GATE, min_score=0.95), []),
    ],
)
def test_a_line_counts_what_it_is_for(line: Line, directions: list[Direction]) -> None:
    """By direction, label and score."""
    passages = crossed(Scene(lines=(line,)), *row(0.4, 0.6, 0.62, 0.4, 0.38))
    assert [c.direction for c in passages.crossings] == directions


def test_who_goes_around_the_end_has_not_crossed() -> None:
    """Neither above nor below; a foot point exactly on the end goes through."""
    assert told(crossed(SCENE, *row(0.4, 0.6, 0.62, y=0.25))) == []
    assert told(crossed(SCENE, *row(0.4, 0.6, 0.62, y=0.95))) == []
    assert told(crossed(SCENE, *row(0.4, 0.6, 0.62, y=0.3))) == [(0.1, FORWARD)]


def test_who_went_around_and_comes_back_through_has_crossed_once() -> None:
    """The side is kept track of outside of the line's ends too."""
    around = [*row(0.4, 0.6, 0.62, y=0.2), *row(0.6, 0.4, 0.38)]
    assert [c.direction for c in crossed(SCENE, *around).crossings] == [BACKWARD]


def test_who_turns_back_on_the_line_has_not_crossed() -> None:
    """It was on the other side for a step, not clear of the line."""
    assert told(crossed(SCENE, *row(0.4, 0.48, 0.504, 0.48, 0.4, 0.38))) == []


def test_a_single_wrong_box_behind_the_line_is_no_crossing() -> None:
    """Nobody is over there and back within two frames."""
    assert told(crossed(SCENE, *row(0.4, 0.41, 0.56, 0.43, 0.44, 0.42))) == []


def test_who_begins_or_ends_on_the_line_has_not_crossed() -> None:
    """Only who was clear of it on both sides has."""
    assert told(crossed(SCENE, *row(0.4, 0.45, 0.504))) == []
    assert told(crossed(SCENE, *row(0.496, 0.55, 0.6, 0.65))) == []
    assert told(crossed(SCENE, *row(0.5, 0.55, 0.6, 0.65))) == []


def test_who_is_over_at_its_last_sight_has_crossed() -> None:
    """A runner leaves the picture one frame behind a line: its end makes it certain."""
    assert told(crossed(SCENE, *row(0.3, 0.4, 0.6))) == [(0.3, FORWARD)]


def test_who_is_hidden_on_the_line_crosses_in_between() -> None:
    """The way while nobody saw it was straight."""
    places = Places(SCENE)
    last = standing(0.0, (0.4, 0.6))
    places.step([last], wall(0.0))
    for n in range(1, 5):
        places.step([replace(last, missed=n)], wall(n * FRAME_S))
    places.step([standing(1.0, (0.6, 0.6))], wall(1.0))
    last = standing(1.2, (0.64, 0.6))
    assert told(places.step([last], wall(1.2))[TrackId(1)]) == [(0.5, FORWARD)]


def test_what_was_not_looked_at_for_long_went_in_the_end() -> None:
    """A car that was parked all night crossed when it set out, not on the way of a night."""
    passages = crossed(SCENE, *row(0.4, 0.6, 0.7), step_s=3600.0)
    assert told(passages) == [(3600.0 - 1.25, FORWARD)]


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=5, max_size=60),
    st.floats(0.0, math.pi),
)
def test_who_dithers_on_a_line_crosses_it_once(jitter: list[Point], angle: float) -> None:
    """However long it trembles about the line: coming and going on, it got over it a single time."""
    across = (math.cos(angle), math.sin(angle))
    line = Line(
        LineId("gate"),
        "Gate",
        (0.5 - 0.3 * across[1], 0.6 + 0.3 * across[0]),
        (0.5 + 0.3 * across[1], 0.6 - 0.3 * across[0]),
    )
    trembling = [(0.5 + 0.049 * WIDTH * x, 0.6 + 0.049 * HEIGHT * y) for x, y in jitter]
    coming = [(0.5 + n * across[0] * 0.05, 0.6 + n * across[1] * 0.05) for n in (-4, -3, -2)]
    going = [(0.5 + n * across[0] * 0.05, 0.6 + n * across[1] * 0.05) for n in (2, 3, 4)]
    assert len(crossed(Scene(lines=(line,)), *coming, *trembling, *going).crossings) == 1
    assert len(crossed(Scene(lines=(line,)), *coming, *trembling, *coming[::-1]).crossings) == 0


@settings(max_examples=80)
@given(st.floats(0.1, 0.9), st.floats(0.35, 0.85), st.floats(0.05, 0.4), st.floats(0.0, 0.3))
def test_any_rate_tells_the_same_crossings(start_y: float, end_y: float, speed: float, phase: float) -> None:
    """At 3, 5 and 10 frames a second, at times within a frame of each other."""
    path = along(((0.1, 0.5), (0.8, start_y), (0.2, end_y), (0.9, 0.6)), speed)
    every = [told(gone(SCENE, path, times(3.0 / speed, fps, phase / fps))) for fps in (3.0, 5.0, 10.0, 30.0)]
    for some in every[:-1]:
        assert [direction for _, direction in some] == [direction for _, direction in every[-1]]
        for (one_s, _), (other_s, _) in zip(some, every[-1], strict=True):
            assert abs(one_s - other_s) <= 1 / 3


def test_a_line_that_is_moved_begins_anew() -> None:
    """Nobody crosses a line because it was drawn elsewhere; what was crossed before remains."""
    places = Places(SCENE)
    for n, x in enumerate((0.3, 0.4, 0.6, 0.62)):
        places.step([standing(n * FRAME_S, (x, 0.6))], wall(n * FRAME_S))
    places.configure(Scene(lines=(replace(GATE, a=(0.8, 0.9), b=(0.8, 0.3)),)))
    passages = places.step([standing(0.8, (0.63, 0.6))], wall(0.8))[TrackId(1)]
    assert [direction for _, direction in told(passages)] == [FORWARD]
