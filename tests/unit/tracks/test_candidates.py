"""One box for each object of a frame."""

import pytest

from appliance.tracks.candidates import Candidates
from tests.support.sightings import STANDING, Sighting, detections, moved, person

BIG = (0.3, 0.25, 0.55, 0.85)


@pytest.mark.parametrize(
    ("sightings", "keepers"),
    [
        ([], []),
        ([person()], [0]),
        ([("dog", 0.5, STANDING), person(score=0.6)], [1, 1]),
        ([("dog", 0.5, STANDING), person(score=0.6), ("cat", 0.7, moved(STANDING, 0.005))], [2, 2, 2]),
        ([person(), person(moved(STANDING, 0.2))], [0, 1]),
        ([("motion", 0.9, BIG), person(score=0.4)], [0, 1]),
        ([("motion", 0.9, STANDING), person(score=0.4)], [1, 1]),
        ([("motion", 0.9, (0.42, 0.5, 0.48, 0.8)), person(score=0.4)], [1, 1]),
        ([("motion", 0.9, moved(STANDING, 0.3)), person()], [0, 1]),
    ],
)
def test_which_box_stands_for_an_object(sightings: list[Sighting], keepers: list[int]) -> None:
    """Of boxes that agree the surest stands, motion only where nothing known explains it."""
    assert Candidates.of(detections(0, *sightings)).keepers == keepers


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (STANDING, False),
        ((0.0, 0.3, 0.1, 0.8), True),
        ((0.4, 0.5, 0.5, 1.0), True),
        ((0.4, 0.0, 0.5, 0.5), True),
        ((0.9, 0.3, 0.995, 0.8), True),
        ((0.02, 0.02, 0.98, 0.98), False),
    ],
)
def test_a_box_at_the_edge_is_cut_off(box: tuple[float, float, float, float], expected: bool) -> None:
    """All four edges count."""
    assert Candidates.of(detections(0, person(box))).is_cut_off == [expected]
