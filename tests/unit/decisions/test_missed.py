"""What was followed and became no event says why, once."""

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from appliance.decisions.ids import Names
from appliance.decisions.missed import GOOD_HITS, UNSURE_EVERY_S, MissedTracks
from appliance.domain.ids import TrackId
from appliance.domain.scene import EMPTY_SCENE, Requirement, Scene, Zone, ZoneId
from appliance.domain.trace import Candidate, Suppressed
from appliance.domain.track import Box, Confirmation, Track, TrackState
from tests.support.sightings import CAMERA, track, wall

SURE, UNSURE = Confirmation(3, 0.8, 0.2), Confirmation(GOOD_HITS, 0.61, 0.7)
CORNERS = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
DRIVE = Zone(ZoneId("drive"), "Drive", CORNERS, required_for=Requirement.EVENTS)
INSIDE: Box = (0.35, 0.2, 0.45, 0.5)
BELOW: Box = (0.35, 0.3, 0.45, 0.63)
FAR: Box = (0.35, 0.3, 0.45, 0.9)


class Watch:
    """The watched tracks of a camera with one zone that events require, a step a second."""

    def __init__(self, scene: Scene = Scene(zones=(DRIVE,))) -> None:  # noqa: B008 - frozen
        self.missed = MissedTracks(CAMERA, Names("seed", CAMERA), scene)
        self.now_s = 0

    def see(
        self, *tracks: Track, tentative: tuple[Track, ...] = (), born: Collection[int] = ()
    ) -> list[Candidate]:
        """Return what is told of a frame."""
        self.now_s += 1
        return list(self.missed.step(tentative, tracks, frozenset(map(TrackId, born))))


def seen(box: Box = INSIDE, **changes: Any) -> Track:
    """Return a confirmed track that was seen in that box."""
    return replace(track(), unit_box=box, **{"confirmation": SURE, "missed": 0, **changes})


def ended(one: Track) -> Track:
    """Return the track as it is gone."""
    return replace(one, state=TrackState.ENDED, missed=9)


def maybe(at_s: float = 0, **changes: Any) -> Track:
    """Return a tentative track of four sights that is not believed."""
    made = seen(state=TrackState.TENTATIVE, confirmation=UNSURE, hits=GOOD_HITS, score=0.66)
    return replace(made, first_us=wall(at_s), last_seen_us=wall(at_s + 1), **changes)


def test_who_kept_out_of_a_required_zone_is_told_with_its_distance() -> None:
    """That of its closest approach, once, when it has gone."""
    watch = Watch()
    assert watch.see(seen(FAR)) == watch.see(seen(BELOW)) == watch.see(seen(FAR)) == []
    (candidate,) = watch.see(ended(seen(FAR)))
    assert candidate.reason == "outside zone Drive by 3 %"
    assert [(step.name, step.passed) for step in candidate.trace] == [
        ("confirmed", True),
        ("required", False),
    ]
    assert (candidate.what, candidate.event_id, candidate.rule_id) == (Suppressed.EVENT, None, None)
    assert watch.see() == []


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        ({"labels": frozenset({"car"})}, "zone Drive is not for a person"),
        ({"min_score": 0.95}, "best score 0.80 < 0.95 of zone Drive"),
        ({"enter_s": 10.0}, "not long enough in zone Drive, or not of its size"),
    ],
)
def test_who_was_inside_and_does_not_count_is_told_why(zone: dict[str, Any], reason: str) -> None:
    """Each zone has its own filters."""
    watch = Watch(Scene(zones=(replace(DRIVE, **zone),)))
    watch.see(seen(score=0.8))
    (candidate,) = watch.see(ended(seen(score=0.8)))
    assert candidate.reason == reason


def test_who_became_an_event_in_the_end_is_not_told() -> None:
    """Not while it goes, and not when it has gone."""
    watch = Watch()
    watch.see(seen(FAR))
    watch.see(seen(INSIDE), born=[1])
    assert watch.see(ended(seen(INSIDE))) == []


def test_its_box_is_that_of_its_best_moment() -> None:
    """The page shows where to look."""
    watch = Watch()
    watch.see(seen(FAR, hit_score=0.5))
    watch.see(seen(BELOW, hit_score=0.9))
    watch.see(seen(FAR, hit_score=0.7))
    (candidate,) = watch.see(ended(seen(FAR, hit_score=0.7)))
    assert candidate.box == BELOW


def test_who_was_never_believed_is_told_with_score_and_limit() -> None:
    """If it was found often; when it is dropped."""
    watch = Watch(EMPTY_SCENE)
    assert watch.see(tentative=(maybe(),)) == []
    (candidate,) = watch.see()
    assert candidate.reason == "running score 0.61 < 0.70 over 4 sights"


@pytest.mark.parametrize(
    "changes",
    [
        {"hits": GOOD_HITS - 1},
        {"confirmation": Confirmation(9, 0.8, 0.7)},
        {"confirmation": Confirmation(9, 0.0, 0.0)},
    ],
    ids=["seldom", "a part of another", "motion"],
)
def test_what_is_no_news_is_not_told(changes: dict[str, Any]) -> None:
    """A few boxes in a hedge, a part of a known object, a leaf in the wind."""
    watch = Watch(EMPTY_SCENE)
    watch.see(tentative=(replace(maybe(), **changes),))
    assert watch.see() == []


def test_of_unsure_ones_at_most_one_a_minute_is_told() -> None:
    """However many there are."""
    watch, told = Watch(EMPTY_SCENE), []
    for n in range(180):
        told += watch.see(tentative=(maybe(n, id=TrackId(n)),))
    assert len(told) == 3
    times = [candidate.last_seen_us for candidate in told]
    assert all(later - before >= UNSURE_EVERY_S * 1e6 for before, later in pairwise(times))


def test_when_the_camera_is_taken_away_all_is_told() -> None:
    """What a gap swallows is told as well."""
    watch = Watch()
    watch.see(seen(FAR))
    assert [candidate.reason for candidate in watch.missed.close()] == ["outside zone Drive by 30 %"]
    assert watch.missed.close() == ()


def test_the_same_frames_name_it_alike() -> None:
    """A replay writes no second row."""
    first, again = ([*watch.see(seen(FAR)), *watch.see()] for watch in (Watch(), Watch()))
    assert first == again
    assert len(first) == 1
