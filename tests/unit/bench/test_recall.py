"""What is made of the visits that were seen: the ratio, the aims, and which clips there are."""

import itertools
import math
from dataclasses import replace

import numpy as np

from bench.recall import SAMPLE, Played, Quiet, group_figures, long_ones, specs, unmet
from tests.support.decoding import Look
from tests.support.recall import Sighting, Visit

NOTHING = np.empty((0, 4), np.float32)
CALM = Quiet("calm", "", 1000.0, 100.0, 0.05, 3, 3, 0.1)


def sighting(gated_s: float | None, full_s: float | None = 10.2, length_s: float = 2.0) -> Sighting:
    """Return a visit that came at 10 s to a sleeping camera, and when it was first seen."""
    gated = None if gated_s is None else Look(gated_s, 11.0, NOTHING)
    full = None if full_s is None else Look(full_s, full_s, NOTHING)
    visit = Visit("1", 10.0, 10.0 + length_s, np.empty((0, 5)))
    return Sighting(visit, gated, full, int(full is not None), True, True, woke=gated is not None)


def played(*seen: Sighting, first_sleep_s: float = 5.0) -> Played:
    """Return a clip in which those visits came."""
    return Played("a", "gop 2 s vbr", "", list(seen), first_sleep_s, 1.0, 100.0, 10, 100)


def test_the_ratio_is_of_what_is_seen_when_everything_is_decoded() -> None:
    """What nobody could see is not missed; what only the sleeper saw is told, and makes up for nothing."""
    figures = group_figures([sighting(10.2), sighting(None), sighting(None, None), sighting(10.4, None)])
    assert (figures["visits"], figures["found_full"], figures["found"]) == (4, 2, 1)
    assert figures["found_ratio"] == 0.5
    assert figures["found_by_gated_only"] == 1
    assert group_figures([])["found_ratio"] is None


def test_visits_before_the_first_sleep_count_only_where_a_camera_never_sleeps() -> None:
    """Short ones do not count for the aim at all."""
    before = replace(sighting(10.2), gone_to_sleep=False)
    after, short = sighting(10.2), sighting(10.2, length_s=0.4)
    assert [id(one) for one in long_ones([played(before, after, short)])] == [id(after)]
    assert [id(one) for one in long_ones([played(before, short, first_sleep_s=math.inf)])] == [id(before)]


def test_aims_are_those_of_cameras_that_sleep() -> None:
    """99 % found, no start lost, and less than a tenth of the quiet time awake."""
    awake = played(*[sighting(10.2)] * 1000, first_sleep_s=math.inf)
    assert unmet([played(*[sighting(10.2)] * 99, sighting(None))], [CALM]) == []
    assert len(unmet([played(*[sighting(10.2)] * 98, *[sighting(None)] * 2), awake], [CALM])) == 1
    assert len(unmet([played(sighting(10.4))], [CALM])) == 0
    assert len(unmet([played(sighting(10.6))], [CALM])) == 1
    assert len(unmet([], [CALM, replace(CALM, awake_share=0.1)])) == 1


def test_a_sample_has_each_kind_of_stream_and_no_clip_twice() -> None:
    """Two processes may not draw the same clip at once."""
    clips = specs(SAMPLE)
    assert {(clip.gop_s, clip.rate) for clip in clips} == set(itertools.product((1, 2, 4), ("vbr", "cbr")))
    assert len({clip.name for clip in clips}) == len(clips)
