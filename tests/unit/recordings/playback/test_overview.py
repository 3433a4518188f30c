"""A camera's time in buckets adds up exactly, and is what the timeline of single intervals says."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.footage import Cause, Gap, KeepClass
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.recordings.playback.overview import Overview, edges_of, overview
from appliance.recordings.playback.timeline import timeline
from appliance.store.footage import Recorded
from appliance.store.timeline_columns import CAUSES, EventColumns, GapColumns, SegmentColumns

FROM_US, TO_US = 1000, 2000

Segment = tuple[int, int, bool, bool]
Missing = tuple[int, int, Cause]
Begun = tuple[int, int]

LENGTHS = st.integers(1, 400)
STARTS = st.integers(700, 2200)
SEGMENTS = st.lists(st.tuples(STARTS, LENGTHS, st.booleans(), st.booleans()), max_size=9)
GAPS = st.lists(st.tuples(STARTS, LENGTHS, st.sampled_from(CAUSES)), max_size=9)
EVENTS = st.lists(st.tuples(STARTS, st.integers(0, 3)), max_size=9)


def seen(segments: list[Segment], gaps: list[Missing], events: list[Begun], buckets: int) -> Overview:
    """Return what is in each bucket; segments and gaps are told by begin and length."""

    def ints(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array(values, np.int64)

    starts, gap_starts = ints([s[0] for s in segments]), ints([g[0] for g in gaps])
    begun = sorted(events)
    return overview(
        SegmentColumns(
            starts,
            starts + ints([s[1] for s in segments]),
            np.array([s[2] for s in segments], np.bool_),
            np.array([s[3] for s in segments], np.bool_),
        ),
        GapColumns(
            gap_starts,
            gap_starts + ints([g[1] for g in gaps]),
            ints([CAUSES.index(g[2]) for g in gaps]),
        ),
        EventColumns(ints([e[0] for e in begun]), ints([e[1] for e in begun])),
        edges_of(FROM_US, TO_US, buckets),
    )


@given(SEGMENTS, GAPS, st.integers(1, 23))
def test_buckets_are_what_the_single_intervals_say(
    segments: list[Segment], gaps: list[Missing], buckets: int
) -> None:
    """Also where footage and gaps overlap: nothing counts twice, and what is unknown stays so."""
    if len({s[:2] for s in segments} | {g[:2] for g in gaps}) < len(segments) + len(gaps):
        return  # which of two that are alike is shown does not matter
    found = seen(segments, gaps, [], buckets)
    single = timeline(
        [Recorded(WallUs(b), WallUs(b + n), KeepClass.MOTION, m, p) for b, n, m, p in segments],
        [Gap(CameraId("front"), WallUs(b), WallUs(b + n), cause) for b, n, cause in gaps],
        WallUs(FROM_US),
        WallUs(TO_US),
    )
    edges = edges_of(FROM_US, TO_US, buckets).tolist()
    for number, (begin, end) in enumerate(itertools.pairwise(edges)):
        us: dict[str, int] = defaultdict(int)
        for interval in single:
            inside = max(0, min(end, interval.end_us) - max(begin, interval.start_us))
            look = interval.look
            us["recorded"] += inside * look.is_footage
            us["motion"] += inside * look.has_motion
            us["protected"] += inside * look.is_protected
            us["missing"] += inside * (look.cause is not None and not look.cause.is_deliberate)
            us["unknown"] += inside * (not look.is_footage and look.cause is None)
        assert found.recorded_us[number] == us["recorded"]
        assert found.motion_us[number] == us["motion"]
        assert found.missing_us[number] == us["missing"]
        assert found.is_protected[number] == (us["protected"] > 0)
        assert end - begin - found.known_us[number] == us["unknown"]


@given(EVENTS, st.integers(1, 23))
def test_an_event_counts_where_it_begins(events: list[Begun], buckets: int) -> None:
    """A border belongs to what follows, and what lies outside to none."""
    found = seen([], [], events, buckets)
    edges = edges_of(FROM_US, TO_US, buckets).tolist()
    for number, (begin, end) in enumerate(itertools.pairwise(edges)):
        inside = [severity for at, severity in events if begin <= at < end]
        assert found.events[number] == len(inside)
        assert found.severity[number] == max(inside, default=-1)


CAUSED = [
    pytest.param([], [-1, -1], id="no gap"),
    pytest.param([(1000, 1000, Cause.IDLE)], [Cause.IDLE, Cause.IDLE], id="one for both buckets"),
    pytest.param(
        [(1000, 100, Cause.LOST), (1100, 200, Cause.OFF), (1300, 150, Cause.LOST)],
        [Cause.OFF, -1],
        id="the longest one, not the sum of a cause",
    ),
    pytest.param(
        [(900, 290, Cause.LOST), (1300, 210, Cause.OFF)],
        [Cause.OFF, Cause.OFF],
        id="only what is inside counts",
    ),
    pytest.param(
        [(1000, 100, Cause.LOST), (1100, 100, Cause.OFF)],
        [Cause.LOST, -1],
        id="the first of two that are alike",
    ),
    pytest.param([(1500, 100, Cause.LOST)], [-1, Cause.LOST], id="a border belongs to what follows"),
]


@pytest.mark.parametrize(("gaps", "causes"), CAUSED)
def test_the_longest_gap_tells_the_cause(gaps: list[Missing], causes: list[Cause | int]) -> None:
    """Deliberate or not."""
    found = seen([], gaps, [], 2).cause.tolist()
    assert [CAUSES[cause] if cause >= 0 else -1 for cause in found] == causes
