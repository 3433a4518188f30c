"""What there is of a camera's time."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.footage import Cause, Gap, KeepClass
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.recordings.playback.timeline import timeline
from appliance.store.footage import Recorded

CAMERA = CameraId("front")


def recorded(start: int, end: int, keep_class: KeepClass = KeepClass.CONTINUOUS) -> Recorded:
    """Return the time of a segment."""
    return Recorded(WallUs(start), WallUs(end), keep_class, False, False)


def gap(start: int, end: int, cause: Cause = Cause.CAMERA_DOWN) -> Gap:
    """Return a gap."""
    return Gap(CAMERA, WallUs(start), WallUs(end), cause)


def words(segments: Sequence[Recorded], gaps: Sequence[Gap], begin: int, end: int) -> list[str]:
    """Return a timeline in words: ``10-20 continuous``, ``20-30 camera_down``, ``30-40 -``."""
    return [
        f"{i.start_us}-{i.end_us} {i.look.keep_class or i.look.cause or '-'}"
        for i in timeline(segments, gaps, WallUs(begin), WallUs(end))
    ]


TABLE = [
    pytest.param([], [], ["0-100 -"], id="nothing is known"),
    pytest.param([recorded(0, 60), recorded(60, 100)], [], ["0-100 continuous"], id="neighbours are one"),
    pytest.param([recorded(-50, 150)], [], ["0-100 continuous"], id="the range cuts"),
    pytest.param(
        [recorded(0, 40), recorded(60, 100)],
        [gap(40, 60)],
        ["0-40 continuous", "40-60 camera_down", "60-100 continuous"],
        id="a gap has its cause",
    ),
    pytest.param(
        [recorded(0, 40), recorded(40, 100, KeepClass.MOTION)],
        [],
        ["0-40 continuous", "40-100 motion"],
        id="classes are told apart",
    ),
    pytest.param(
        [recorded(20, 40)],
        [gap(40, 60, Cause.OFF), gap(60, 70, Cause.SERVICE_DOWN)],
        ["0-20 -", "20-40 continuous", "40-60 off", "60-70 service_down", "70-100 -"],
        id="what nobody accounted for is unknown",
    ),
    pytest.param(
        [recorded(0, 60), recorded(50, 100, KeepClass.MOTION)],
        [],
        ["0-60 continuous", "60-100 motion"],
        id="where the clock stepped back the first is shown",
    ),
    pytest.param([recorded(100, 200)], [gap(-10, 0)], ["0-100 -"], id="what only touches is outside"),
]


@pytest.mark.parametrize(("segments", "gaps", "shown"), TABLE)
def test_intervals_tell_what_there_is(segments: list[Recorded], gaps: list[Gap], shown: list[str]) -> None:
    """Recorded, missing with its cause, or unknown."""
    assert words(segments, gaps, 0, 100) == shown


SPANS = st.lists(st.tuples(st.integers(-50, 150), st.integers(1, 60)), max_size=8)


@given(SPANS, SPANS)
def test_they_always_add_up_to_the_range(
    footage: list[tuple[int, int]], missing: list[tuple[int, int]]
) -> None:
    """Without hole or overlap, whatever the rows say."""
    segments = [recorded(start, start + length) for start, length in footage]
    gaps = [gap(start, start + length) for start, length in missing]
    found = timeline(segments, gaps, WallUs(0), WallUs(100))
    assert [found[0].start_us, *(i.end_us for i in found)] == [0, *(i.start_us for i in found[1:]), 100]
    assert all(i.start_us < i.end_us for i in found)
