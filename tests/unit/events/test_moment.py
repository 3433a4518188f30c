"""Which moment makes the better picture."""

import pytest

from appliance.domain.track import Box, Track
from appliance.events.moment import quality
from tests.support.sightings import track

LARGE: Box = (0.3, 0.2, 0.6, 0.9)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (track(unit_box=LARGE), track()),
        (track(hit_score=0.9), track(hit_score=0.5)),
        (track(unit_box=LARGE), track(unit_box=(0.7, 0.2, 1.0, 0.9))),
        (track(unit_box=LARGE), track(unit_box=LARGE, hit_label="dog")),
    ],
)
def test_the_better_moment(better: Track, worse: Track) -> None:
    """Larger, surer, whole, and seen as what it is."""
    assert quality(better) > quality(worse)


def test_filling_the_picture_is_no_merit() -> None:
    """Beyond a third of the picture size does not count."""
    assert quality(track(unit_box=(0.03, 0.03, 0.97, 0.97))) == quality(track(unit_box=(0.1, 0.1, 0.7, 0.7)))


def test_a_box_without_area_is_worth_nothing() -> None:
    """Nothing to be seen is no moment."""
    assert quality(track(unit_box=(0.5, 0.5, 0.5, 0.5))) == 0
