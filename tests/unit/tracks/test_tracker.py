"""One object stays one track, and what was not looked for is not missed."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.detection import Detections
from appliance.domain.track import Box, Track, TrackState
from appliance.tracks.tracker import Tracker, TrackerStep
from tests.support.sightings import STANDING, Sighting, detections, moved, person, seconds

ENTERING: Box = (0.0, 0.3, 0.1, 0.8)


def run(tracker: Tracker, frames: Sequence[Detections]) -> list[TrackerStep]:
    """Return the steps that the frames make."""
    return [tracker.step(frame) for frame in frames]


def standing(*times: float) -> list[Detections]:
    """Return frames that show somebody standing."""
    return [detections(at, person()) for at in times]


def empty(*times: float) -> list[Detections]:
    """Return frames that show nobody."""
    return [detections(at) for at in times]


def ids_of(steps: Sequence[TrackerStep]) -> set[int]:
    """Return the numbers of all tracks that were ever told of."""
    return {track.id for step in steps for track in step.tracks}


def last(steps: Sequence[TrackerStep]) -> Track:
    """Return the only track of the last step."""
    (track,) = steps[-1].tracks
    return track


def test_a_track_is_confirmed_with_its_third_hit_and_began_with_its_first() -> None:
    """Two sights are not yet an object; the third tells when it was first seen."""
    steps = run(Tracker(), standing(0, 0.2, 0.4))
    assert [len(step.tracks) for step in steps] == [0, 0, 1]
    assert [step.tracked.track_ids.tolist() for step in steps] == [[0], [0], [last(steps).id]]
    track = last(steps)
    assert (track.state, track.hits, track.missed) == (TrackState.CONFIRMED, 3, 0)
    assert (seconds(track.first_us), seconds(track.last_seen_us)) == (0, 0.4)
    assert track.unit_box == pytest.approx(STANDING, abs=1e-6)
    assert track.box == pytest.approx((256, 108, 320, 288), abs=1e-3)
    assert track.is_stationary


@pytest.mark.parametrize(
    "times",
    [
        [0.2 * i for i in range(40)],
        [0, 0.2, 0.4] + [float(i) for i in range(1, 30)],
        [0, 0.2, 0.4, 1.4, 1.6, 1.8, 2.8, 3.0, 4.0],
    ],
)
def test_who_stands_still_stays_one_track_at_any_pace(times: list[float]) -> None:
    """Five frames a second or one: nobody is lost by standing."""
    assert len(ids_of(run(Tracker(), standing(*times)))) == 1


@pytest.mark.parametrize("fps", [4, 5, 10])
def test_a_runner_stays_one_track(fps: int) -> None:
    """A whole own width from frame to frame is not too quick."""
    frames = [detections(i / fps, person(moved(ENTERING, i * 0.4 / fps))) for i in range(2 * fps)]
    steps = run(Tracker(), frames)
    assert len(ids_of(steps)) == 1
    assert not last(steps).is_stationary


def test_two_people_who_cross_stay_two_tracks() -> None:
    """Each keeps its number past the meeting, since each goes on as it went."""
    left, right = (0.1, 0.3, 0.2, 0.8), (0.8, 0.32, 0.9, 0.85)
    frames = [
        detections(i * 0.2, person(moved(left, i * 0.035)), person(moved(right, -i * 0.035)))
        for i in range(21)
    ]
    steps = run(Tracker(), frames)
    assert len(ids_of(steps)) == 2
    first, final = steps[2].tracked.track_ids, steps[-1].tracked.track_ids
    assert first.tolist() == final.tolist()


def test_an_unsure_box_prolongs_a_track_but_begins_none() -> None:
    """Half hidden, a known person is still followed; a faint box alone is nobody."""
    faint = [detections(0.6 + i * 0.2, person(score=0.15)) for i in range(5)]
    assert last(run(Tracker(), [*standing(0, 0.2, 0.4), *faint])).missed == 0
    assert ids_of(run(Tracker(), faint)) == set()


def test_a_box_below_the_lowest_score_is_no_sight() -> None:
    """What the detector hardly believes does not keep anybody in the picture."""
    steps = run(Tracker(), [*standing(0, 0.2, 0.4), detections(0.6, person(score=0.05))])
    assert last(steps).missed == 1


@pytest.mark.parametrize(
    ("times", "ended_at"),
    [
        ([0.6, 1.0, 2.0, 2.8, 2.9, 3.0], 2.9),
        ([1.4, 2.4, 3.4, 4.4], 3.4),
        ([1.0, 20.0, 20.2, 20.4, 20.6], 20.4),
        ([20.0, 20.2, 20.4, 21.4], 21.4),
    ],
)
def test_a_track_ends_when_it_was_looked_for_long_enough(times: list[float], ended_at: float) -> None:
    """2.5 s and two frames after the last sight; a pause counts no more than the 1.5 s of one long step."""
    tracker = Tracker()
    run(tracker, standing(0, 0.2, 0.4))
    for frame in empty(*times):
        step = tracker.step(frame)
        if step.tracks and step.tracks[0].state is TrackState.ENDED:
            break
    track = last([step])
    assert (track.state, seconds(step.tracked.detections.wall_us)) == (TrackState.ENDED, ended_at)
    assert seconds(track.last_seen_us) == 0.4
    assert tracker.step(detections(ended_at + 0.2)).tracks == ()


def test_what_was_not_looked_for_is_not_missed() -> None:
    """Frames searched elsewhere pass by a track however many they are; one searched at its place does not."""
    tracker = Tracker()
    run(tracker, standing(0, 0.2, 0.4))
    elsewhere = [detections(0.6 + 0.2 * i, searched=[(0.7, 0, 1, 1)]) for i in range(40)]
    assert last(run(tracker, elsewhere)).missed == 0
    assert last(run(tracker, [detections(9, searched=[(0.7, 0, 1, 1), (0.38, 0.2, 0.52, 0.9)])])).missed == 1


def test_a_frame_in_which_nothing_was_searched_misses_nobody() -> None:
    """An empty list of regions is not the whole picture."""
    tracker = Tracker()
    run(tracker, standing(0, 0.2, 0.4))
    assert last(run(tracker, [detections(1 + i, searched=[]) for i in range(9)])).missed == 0


@pytest.mark.parametrize("shift", [0.0, 0.05, -0.08, 0.2])
def test_who_is_found_again_within_the_time_is_the_same_track(shift: float) -> None:
    """At about the same place 2.4 s later the same person is meant."""
    frames = [*standing(0, 0.2, 0.4), *empty(1.0, 2.0), detections(2.8, person(moved(STANDING, shift)))]
    steps = run(Tracker(), frames)
    assert len(ids_of(steps)) == 1
    assert (last(steps).state, last(steps).missed) == (TrackState.CONFIRMED, 0)


def test_who_stopped_out_of_sight_is_found_where_that_must_have_been() -> None:
    """A walker behind a tree goes on for a moment and is then believed to stand, not to fly on."""
    walking = [detections(i * 0.2, person(moved(ENTERING, 0.06 * i))) for i in range(6)]
    hidden = empty(*(1.2 + 0.2 * i for i in range(10)))
    steps = run(Tracker(), [*walking, *hidden, detections(3.2, person(moved(ENTERING, 0.6)))])
    assert len(ids_of(steps)) == 1
    assert last(steps).missed == 0


def test_who_comes_after_the_time_is_somebody_else() -> None:
    """The next person at the same place, 2.9 s after the last one, is a track of its own."""
    frames = [*standing(0, 0.2, 0.4), *empty(1.4, 2.4), *standing(3.3, 3.5, 3.7)]
    assert len(ids_of(run(Tracker(), frames))) == 2


def test_who_comes_in_elsewhere_is_somebody_else() -> None:
    """A lost object is looked for at its own place only."""
    away = moved(STANDING, 0.4)
    frames = [*standing(0, 0.2, 0.4), *(detections(1 + i * 0.2, person(away)) for i in range(3))]
    assert len(ids_of(run(Tracker(), frames))) == 2


def test_labels_do_not_matter_for_following() -> None:
    """A person called dog and cat at the picture's edge is one track, and a person in the end."""
    names = ("dog", "cat", "person", "person", "person", "dog", "person")
    growing = [detections(i * 0.2, (name, 0.5, moved(ENTERING, 0.04 * i))) for i, name in enumerate(names)]
    steps = run(Tracker(), growing)
    assert len(ids_of(steps)) == 1
    assert last(steps).label == "person"
    assert last(steps).hit_label == "person"
    assert dict(last(steps).votes).keys() == {"dog", "cat", "person"}


def test_a_box_under_two_labels_is_one_object_with_one_number() -> None:
    """Suppression works label by label, so that the same box may come twice; both carry the number."""
    frames = [detections(i * 0.2, ("dog", 0.4, STANDING), person()) for i in range(3)]
    steps = run(Tracker(), frames)
    assert steps[-1].tracked.track_ids.tolist() == [last(steps).id] * 2
    assert last(steps).label == "person"


def test_a_part_of_a_person_seen_besides_is_no_second_one() -> None:
    """What overlaps a followed object that much in the same frame is never confirmed."""
    upper = (0.4, 0.3, 0.5, 0.6)
    frames = [detections(i * 0.2, person(), person(upper, 0.6)) for i in range(15)]
    assert len(ids_of(run(Tracker(), frames))) == 1


def motion(box: Box) -> Sighting:
    """Return a motion box."""
    return ("motion", 0.6, box)


@pytest.mark.parametrize(
    ("boxes", "is_visit"),
    [
        ([moved(ENTERING, 0.04 * i) for i in range(10)], True),
        ([STANDING] * 30, False),
        ([moved(STANDING, 0.02 * (i % 2)) for i in range(30)], False),
        ([moved((0.1, 0.1, 0.6, 0.8), 0.12 * (i % 2)) for i in range(30)], False),
        ([moved(ENTERING, 0.04 * i) for i in range(2)], False),
        ([moved((0.0, 0.5, 0.02, 0.52), 0.02 * i) for i in range(20)], False),
    ],
)
def test_mere_motion_is_a_visit_only_when_it_gets_somewhere(boxes: list[Box], is_visit: bool) -> None:
    """A flickering lamp, a swaying branch, a flash and an insect are none; what crosses the picture is."""
    steps = run(Tracker(), [detections(i * 0.2, motion(box)) for i, box in enumerate(boxes)])
    assert len(ids_of(steps)) == int(is_visit)


@pytest.mark.parametrize("margin", [0.02, 0.15])
def test_a_walker_who_is_now_motion_now_person_is_one_person(margin: float) -> None:
    """The built-in detector knows a walker in some frames only, in a box that may be much smaller."""
    frames = []
    for i in range(12):
        box = moved((0.0, 0.2, 0.06 + 2 * margin, 0.8), 0.04 * i)
        tight = (box[0] + margin, box[1] + 2 * margin, box[2] - margin, box[3])
        frames.append(detections(i * 0.2, person(tight, 0.7) if i % 3 == 2 else motion(box)))
    steps = run(Tracker(), frames)
    assert len(ids_of(steps)) == 1
    assert last(steps).label == "person"


def test_who_stood_and_begins_to_walk_is_the_same_person() -> None:
    """A shoulder and a foot move first, then a detector sees legs alone: the person has not shrunk."""
    left, top, right, bottom = STANDING
    shoulder, legs = (left, top + 0.1, right, top + 0.2), (left, bottom - 0.2, right, bottom)
    frames = standing(0.0, 0.2, 0.4, 1.4)
    frames += [detections(at, motion(shoulder), motion(legs)) for at in (2.2, 2.4, 2.6)]
    frames.append(detections(2.8, person(legs, 0.7)))
    frames += [detections(3.0 + 0.2 * i, person(moved(STANDING, 0.03 * i))) for i in range(8)]
    steps = run(Tracker(), frames)
    assert len(ids_of(steps)) == 1
    assert last(steps).unit_box == pytest.approx(moved(STANDING, 0.21), abs=1e-6)


def test_motion_beside_a_known_object_is_that_object() -> None:
    """A door that a followed person moves is no visit of its own."""
    wide = (0.2, 0.3, 0.45, 0.8)
    walking = [moved(STANDING, 0.01 * i) for i in range(20)]
    frames = [
        detections(i * 0.2, person(box), motion(moved(wide, 0.012 * i))) for i, box in enumerate(walking)
    ]
    assert len(ids_of(run(Tracker(), frames))) == 1


def test_followed_boxes_are_those_of_all_live_tracks_in_pixels() -> None:
    """The gate is told to look again also at what is lost or not yet confirmed, and at nothing else."""
    tracker = Tracker()
    assert tracker.followed.shape == (0, 4)
    run(tracker, standing(0))
    assert tracker.followed.dtype == np.float32
    assert tracker.followed[0] == pytest.approx([256, 108, 320, 288], abs=0.01)
    run(tracker, [*standing(0.2, 0.4), *empty(1.4, 2.4)])
    assert len(tracker.followed) == 1
    run(tracker, empty(3.4))
    assert tracker.followed.shape == (0, 4)


def test_a_change_of_resolution_keeps_the_tracks() -> None:
    """The same place in a picture of another size is the same place."""
    tracker = Tracker()
    number = last(run(tracker, standing(0, 0.2, 0.4))).id
    frame = detections(0.6, person())
    doubled = replace(frame, width=frame.width * 2, height=frame.height * 2, xyxy=frame.xyxy * 2)
    track = last(run(tracker, [doubled]))
    assert (track.id, track.missed) == (number, 0)
    assert track.box == pytest.approx((512, 216, 640, 576), abs=0.01)


def test_after_a_long_silence_nothing_is_followed_any_more() -> None:
    """Who stands there a minute later is not known to be the same."""
    steps = run(Tracker(), [*standing(0, 0.2, 0.4), *standing(61, 61.2, 61.4)])
    assert len(ids_of(steps)) == 2


def test_time_put_back_ends_nothing_and_no_track_ends_before_it_began() -> None:
    """A camera's time anchored anew an hour earlier keeps the track and its times in order."""
    track = last(run(Tracker(), [*standing(0, 0.2, 0.4), *standing(-3600, -3599.8, -3599.6)]))
    assert track.hits == 6
    assert track.first_us <= track.last_seen_us


def test_numbers_go_on_in_the_next_tracker() -> None:
    """A camera that is set up anew does not use a number twice."""
    numbers = itertools.count(1)
    first = ids_of(run(Tracker(numbers=numbers), standing(0, 0.2, 0.4)))
    second = ids_of(run(Tracker(numbers=numbers), standing(0, 0.2, 0.4)))
    assert first.isdisjoint(second)


place = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8)).map(
    lambda at: (at[0], at[1], at[0] + 0.15, at[1] + 0.2)
)
sighting = st.tuples(st.sampled_from(["person", "dog", "motion"]), st.floats(0, 1), place)
pace = st.sampled_from([0.0, 0.1, 0.2, 1.0, 5.0])
frames_of_chance = st.lists(st.tuples(pace, st.lists(sighting, max_size=4)), max_size=25)


@given(frames_of_chance)
def test_whatever_is_seen_tracks_stay_in_order(frames: list[tuple[float, list[Sighting]]]) -> None:
    """Each track is told of once a frame, never after its end; its times are in order, its hits only grow."""
    tracker, at = Tracker(), 0.0
    known: dict[int, Track] = {}
    for pause, sightings in frames:
        at += pause
        step = tracker.step(detections(at, *sightings))
        numbers = [track.id for track in step.tracks]
        assert len(set(numbers)) == len(numbers)
        assert {int(i) for i in step.tracked.track_ids} - {0} <= set(numbers)
        for track in step.tracks:
            before = known.get(track.id)
            assert before is None or (before.state is not TrackState.ENDED and track.hits >= before.hits)
            assert track.hits >= 3
            assert track.first_us <= track.last_seen_us <= step.tracked.detections.wall_us
            assert (track.missed == 0) == (track.state is TrackState.CONFIRMED)
            known[track.id] = track
        told = {number for number, track in known.items() if track.state is not TrackState.ENDED}
        assert told <= set(numbers)
