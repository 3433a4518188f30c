"""When somebody entered a zone and when it has left, and who is not in it at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.ids import TrackId
from appliance.domain.passage import Passages, ZoneStay
from appliance.domain.scene import Point, Scene, Zone, ZoneId
from appliance.domain.track import Rest, TrackState
from appliance.places.places import Places
from tests.support.paths import along, ended, gone, standing, times
from tests.support.sightings import seconds, wall

DRIVE = Zone(ZoneId("drive"), "Drive", ((0.3, 0.4), (0.7, 0.4), (0.7, 0.9), (0.3, 0.9)))
SCENE = Scene(zones=(DRIVE,))
INSIDE, OUTSIDE = (0.5, 0.6), (0.1, 0.6)
FRAME_S = 0.2


def seen(scene: Scene, *feet: Point | None, step_s: float = FRAME_S) -> Passages:
    """Return what somebody did that stood at these places, one a frame; ``None`` where nobody saw it."""
    places, last, passages = Places(scene), standing(0.0, feet[0] or INSIDE), Passages()
    for n, foot in enumerate(feet):
        at_s = n * step_s
        last = replace(last, missed=last.missed + 1) if foot is None else standing(at_s, foot)
        passages = places.step([last], wall(at_s))[last.id]
    return passages


def spans(passages: Passages) -> list[tuple[float, float, bool]]:
    """Return the stays as seconds."""
    return [
        (round(seconds(s.entered_us), 3), round(seconds(s.seen_us), 3), s.is_over) for s in passages.stays
    ]


def test_a_stay_begins_with_its_first_frame() -> None:
    """Not with the one that made it certain."""
    assert spans(seen(SCENE, OUTSIDE, INSIDE, INSIDE)) == []
    assert spans(seen(SCENE, OUTSIDE, INSIDE, INSIDE, INSIDE)) == [(0.2, 0.6, False)]


def test_who_is_there_for_a_moment_did_not_enter() -> None:
    """A break begins the time anew."""
    assert spans(seen(SCENE, *[INSIDE, INSIDE, OUTSIDE] * 5)) == []


def test_who_is_away_for_a_moment_has_not_left() -> None:
    """The stay goes on, and ends where it was seen last when the time is over."""
    away = seen(SCENE, *[INSIDE] * 3, *[OUTSIDE] * 5, INSIDE)
    assert spans(away) == [(0.0, 1.6, False)]
    left = seen(SCENE, *[INSIDE] * 3, *[OUTSIDE] * 6)
    assert spans(left) == [(0.0, 0.4, True)]


def test_dwell_begins_anew_after_leaving() -> None:
    """A second stay is another one."""
    again = seen(SCENE, *[INSIDE] * 4, *[OUTSIDE] * 7, *[INSIDE] * 4)
    assert spans(again) == [(0.0, 0.6, True), (2.2, 2.8, False)]


def test_a_single_frame_decides_nothing_at_a_low_rate() -> None:
    """What stands by a zone's side is looked at once a second: one trembling box ends no stay."""
    assert spans(seen(SCENE, *[INSIDE] * 3, OUTSIDE, *[INSIDE] * 2, step_s=1.0)) == [(0.0, 5.0, False)]


def test_who_is_hidden_goes_straight_on() -> None:
    """Frames in which it was not seen count as on the way between the sights around them."""
    hidden = seen(SCENE, *[INSIDE] * 3, None, None, None, INSIDE)
    assert spans(hidden) == [(0.0, 1.2, False)]
    through = seen(SCENE, (0.2, 0.6), (0.24, 0.6), *[None] * 7, (0.65, 0.6), INSIDE)
    assert spans(through) == [(0.6, 2.0, False)]


def test_who_is_not_seen_again_was_in_the_zone_until_its_last_sight() -> None:
    """The end of a track ends its stays, without inventing time."""
    places = Places(SCENE)
    for n in range(4):
        places.step([standing(n * FRAME_S, INSIDE)], wall(n * FRAME_S))
    last = replace(standing(0.6, INSIDE), missed=5)
    places.step([last], wall(1.6))
    assert spans(ended(places, last, 3.2)) == [(0.0, 0.6, True)]


@pytest.mark.parametrize(
    ("zone", "is_in"),
    [
        (replace(DRIVE, labels=frozenset({"person"})), True),
        (replace(DRIVE, labels=frozenset({"car", "truck"})), False),
        (replace(DRIVE, min_score=0.9), True),
        (replace(DRIVE, min_score=0.91), False),
        (replace(DRIVE, min_area_ratio=0.011), True),
        (replace(DRIVE, min_area_ratio=0.013), False),
        (replace(DRIVE, max_area_ratio=0.013), True),
        (replace(DRIVE, max_area_ratio=0.011), False),
    ],
)
def test_filters_decide_who_is_in_a_zone(zone: Zone, is_in: bool) -> None:
    """By label, score and size: a box of 0.06 × 0.2 covers 0.012 of the picture."""
    assert bool(seen(Scene(zones=(zone,)), *[INSIDE] * 4).stays) is is_in


def test_a_label_that_comes_late_counts_from_the_first_sight() -> None:
    """Motion that turns out to be a person was in the zone as a person all along."""
    zone = replace(DRIVE, labels=frozenset({"person"}))
    places, passages = Places(Scene(zones=(zone,))), Passages()
    for n, label in enumerate(["motion"] * 4 + ["person"]):
        passages = places.step([standing(n * FRAME_S, INSIDE, label=label)], wall(n * FRAME_S))[TrackId(1)]
        assert bool(passages.stays) is (label == "person")
    assert spans(passages) == [(0.0, 0.8, False)]


def test_what_is_cut_off_by_the_lower_edge_stands_on_it() -> None:
    """Its feet are below the picture: in a zone that reaches the edge, and in none that does not."""
    door = replace(DRIVE, points=((0.3, 0.7), (0.7, 0.7), (0.7, 0.99), (0.3, 0.99)))
    assert seen(Scene(zones=(door,)), *[(0.5, 0.995)] * 4).stays
    assert not seen(SCENE, *[(0.5, 0.995)] * 4).stays


def test_what_rests_stays_however_rarely_it_is_found() -> None:
    """A parked car's dwell grows with each frame that does not miss it."""
    places = Places(SCENE)
    parked = standing(0.0, INSIDE, label="car")
    places.step([parked], wall(0.0))
    resting = replace(parked, rest=Rest(wall(0.0), parked.unit_box, 0))
    passages = places.step([resting], wall(3600.0))[parked.id]
    assert spans(passages) == [(0.0, 3600.0, False)]
    missed = replace(resting, missed=1)
    assert spans(places.step([missed], wall(3601.0))[parked.id]) == [(0.0, 3600.0, False)]


def test_a_zone_that_is_removed_ends_its_stays_and_keeps_them() -> None:
    """What happened in a zone remains when the zone does not; a new zone begins with the next frame."""
    places = Places(SCENE)
    for n in range(4):
        places.step([standing(n * FRAME_S, INSIDE)], wall(n * FRAME_S))
    places.configure(Scene(zones=(replace(DRIVE, id=ZoneId("yard"), name="Yard", enter_s=0.0),)))
    passages = places.step([standing(0.8, INSIDE)], wall(0.8))[TrackId(1)]
    assert [(s.name, *span) for s, span in zip(passages.stays, spans(passages), strict=True)] == [
        ("Drive", 0.0, 0.6, True),
        ("Yard", 0.8, 0.8, False),
    ]


def test_a_stay_that_was_not_counted_does_not_appear_when_its_zone_is_removed() -> None:
    """A filter that kept it out goes on doing so."""
    places = Places(Scene(zones=(replace(DRIVE, labels=frozenset({"car"})),)))
    for n in range(4):
        places.step([standing(n * FRAME_S, INSIDE)], wall(n * FRAME_S))
    places.configure(Scene())
    assert places.step([standing(0.8, INSIDE)], wall(0.8))[TrackId(1)] == Passages()


def test_a_stay_goes_on_after_a_start() -> None:
    """What an event's row says of a stay is enough to go on with it."""
    before = Passages((ZoneStay(DRIVE.id, "Drive", wall(-60.0), wall(-1.0)),), speed_kmh=12.0)
    places = Places(SCENE)
    places.resume(TrackId(1), before)
    passages = places.step([standing(0.0, INSIDE)], wall(0.0))[TrackId(1)]
    assert spans(passages) == [(-60.0, 0.0, False)]
    assert passages.speed_kmh == 12.0


def test_a_stay_in_a_zone_that_went_before_a_start_is_over() -> None:
    """Where it was seen last: nobody can say any more whether it is still in it."""
    places = Places(Scene())
    places.resume(TrackId(1), Passages((ZoneStay(DRIVE.id, "Drive", wall(-60.0), wall(-1.0)),)))
    passages = places.step([standing(0.0, INSIDE)], wall(0.0))[TrackId(1)]
    assert spans(passages) == [(-60.0, -1.0, True)]


WAYS = st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.25, 0.95)), min_size=2, max_size=5, unique=True)


@settings(max_examples=60)
@given(WAYS, st.sampled_from([3.0, 5.0, 10.0]), st.floats(0.05, 0.3), st.floats(0.0, 0.3))
def test_stays_lie_within_a_frame_of_the_truth_at_any_rate(
    corners: list[Point], fps: float, speed: float, phase_s: float
) -> None:
    """Sampling a path as it is more finely only moves the ends of stays, by less than a frame each."""
    zone = replace(DRIVE, enter_s=0.0, leave_s=0.0)
    path = along(corners, speed)
    duration_s = 40.0
    truth = [t for t in times(duration_s, 400.0) if is_inside(path(t))]
    found = gone(Scene(zones=(zone,)), path, times(duration_s, fps, phase_s))
    for stay in found.stays:
        begin_s, end_s = seconds(stay.entered_us), seconds(stay.seen_us)
        assert is_inside(path(begin_s))
        assert is_inside(path(end_s))
        assert not is_inside(path(begin_s - 1 / fps), -EXACTNESS) or begin_s - phase_s < 1 / fps
        assert not is_inside(path(end_s + 1 / fps), -EXACTNESS)
    assert found.stays or longest_run(truth) <= 1 / fps + 0.01


EXACTNESS = 1e-5
"""Times of stays are whole microseconds; so far a foot may have come meanwhile."""


def is_inside(foot: Point | None, margin: float = EXACTNESS) -> bool:
    """Return whether somebody stands in the test's zone, grown by a margin."""
    if foot is None:
        return False
    return 0.3 - margin <= foot[0] <= 0.7 + margin and 0.4 - margin <= foot[1] <= 0.9 + margin


def longest_run(moments: list[float]) -> float:
    """Return the longest time without a break."""
    longest = begin = 0.0
    for n, moment in enumerate(moments):
        if n == 0 or moment - moments[n - 1] > 0.004:
            begin = moment
        longest = max(longest, moment - begin)
    return longest


def test_an_ended_track_is_forgotten() -> None:
    """So are tracks that the tracker has dropped without a word."""
    places = Places(SCENE)
    places.step([standing(0.0, INSIDE, 1), standing(0.0, INSIDE, 2)], wall(0.0))
    places.step([replace(standing(0.2, INSIDE, 1), state=TrackState.ENDED)], wall(0.2))
    assert places.memory.tracks == {}
