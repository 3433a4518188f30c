"""The gap ledger: every moment of a camera is recorded or has its cause, and none is both."""

from dataclasses import dataclass, field
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.footage import Cause, Gap, Segment
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.ledger import CameraLedger

CAMERA = CameraId("front")
DOWN, IDLE, OFF, SLOW, SERVICE = (
    Cause.CAMERA_DOWN,
    Cause.IDLE,
    Cause.OFF,
    Cause.DISK_SLOW,
    Cause.SERVICE_DOWN,
)
Told = tuple[int, int, str]


def segment(start: int, end: int, name: str = "") -> Segment:
    """Return a segment of that time."""
    return Segment(
        *(SegmentId(name or f"s{start}"), CAMERA, VolumeId("v"), "p", WallUs(start), WallUs(end)),
        *(1, None, "avc1", 160, 96),
    )


@dataclass
class Book:
    """A ledger, and the rows that it leaves in a database."""

    ledger: CameraLedger = field(default_factory=lambda: CameraLedger(CAMERA, WallUs(0)))
    gaps: list[Gap] = field(default_factory=list)
    segments: dict[str, Segment] = field(default_factory=dict)

    def record(self, start: int, end: int, name: str = "") -> "Book":
        """Let a segment be synced."""
        made = segment(start, end, name)
        self.segments[made.id] = made
        self.ledger.recorded(made)
        return self

    def tick(self, now: int, cause: Cause | None) -> "Book":
        """Let a second pass."""
        self.ledger.tick(WallUs(now), cause)
        return self

    def drop(self, start: int, end: int, cause: Cause = SLOW) -> "Book":
        """Let a disk drop something."""
        self.ledger.missing(WallUs(start), WallUs(end), cause)
        return self

    def write(self, is_pending: bool = False) -> "Book":
        """Write what has changed."""
        rewrite = self.ledger.rewrite(is_pending)
        if rewrite is not None:
            self.gaps = [gap for gap in self.gaps if gap.start_us < rewrite.from_us] + list(rewrite.gaps)
            self.ledger.written(rewrite)
        return self

    @property
    def told(self) -> list[Told]:
        """All that is told of the time, in order."""
        recorded = [(s.start_us, s.end_us, "recorded") for s in self.segments.values()]
        return sorted([*recorded, *((gap.start_us, gap.end_us, gap.cause.value) for gap in self.gaps)])

    def expect_no_hole(self) -> None:
        """Assert that each time told of begins where the one before ends."""
        told = self.told
        assert not told or told[0][0] == 0
        assert [(a, b) for a, b in pairwise(told) if a[1] != b[0]] == []
        assert all(start < end for start, end, _ in told)


def test_a_camera_that_is_not_there_is_down() -> None:
    """From the first moment on, and longer each second."""
    book = Book().tick(0, DOWN).tick(1, DOWN).write()
    assert book.told == [(0, 1, "camera_down")]
    assert book.tick(2, DOWN).write().told == [(0, 2, "camera_down")]


def test_a_recording_that_goes_on_has_no_gap() -> None:
    """What is on its way to the disk is not missing."""
    book = Book().tick(0, None).record(0, 4).tick(7, None).write()
    assert book.told == [(0, 4, "recorded")]


def test_a_lost_camera_is_a_gap_from_its_last_picture_to_its_first() -> None:
    """Its report comes a little later, and its first picture after it is back."""
    book = Book().tick(0, None).record(0, 10).tick(12, DOWN).tick(20, DOWN).write()
    assert book.told == [(0, 10, "recorded"), (10, 20, "camera_down")]
    book.tick(23, None).record(24, 30).write()
    assert book.told == [(0, 10, "recorded"), (10, 24, "camera_down"), (24, 30, "recorded")]


def test_footage_that_is_pending_is_not_called_missing() -> None:
    """The disk stalls while the camera is lost: what waits for it was recorded."""
    book = Book().tick(0, None).record(0, 10).tick(20, DOWN).tick(25, DOWN).write(is_pending=True)
    assert book.told == [(0, 10, "recorded")]
    book.record(0, 20).tick(26, DOWN).write()
    assert book.told == [(0, 20, "recorded"), (20, 26, "camera_down")]


def test_a_recording_takes_its_pre_roll_back_from_the_gap() -> None:
    """The time before the motion was idle until it was recorded after all."""
    book = Book().tick(0, IDLE).tick(20, IDLE).write()
    assert book.told == [(0, 20, "idle")]
    book.tick(21, None).record(14, 25).write()
    assert book.told == [(0, 14, "idle"), (14, 25, "recorded")]


def test_what_a_disk_drops_has_its_cause() -> None:
    """Whole GOPs in the midst of a recording."""
    book = Book().tick(0, None).record(0, 10).drop(10, 14).record(14, 20).tick(21, None).write()
    assert book.told == [(0, 10, "recorded"), (10, 14, "disk_slow"), (14, 20, "recorded")]


def test_a_segment_beats_a_drop() -> None:
    """What is there was recorded, whoever said that it would not be."""
    book = Book().tick(0, None).drop(0, 10).record(0, 6).tick(10, None).write()
    assert book.told == [(0, 6, "recorded"), (6, 10, "disk_slow")]


def test_drops_that_follow_each_other_are_one_gap() -> None:
    """An hour without a disk is one row."""
    book = Book().tick(0, None)
    for second in range(3600):
        book.drop(second, second + 1, Cause.DISK_UNAVAILABLE)
    assert book.write().told == [(0, 3600, "disk_unavailable")]


def test_a_hole_between_segments_that_nobody_explains_is_the_camera_s() -> None:
    """It sent nothing for a while, and was not lost."""
    book = Book().tick(0, None).record(0, 10).record(13, 20).tick(21, None).write()
    assert book.told == [(0, 10, "recorded"), (10, 13, "camera_down"), (13, 20, "recorded")]


def test_the_time_of_a_stop_is_the_service_s() -> None:
    """And what follows until the camera is there, the camera's."""
    book = Book(CameraLedger(CAMERA, WallUs(0))).drop(0, 50, SERVICE)
    book.tick(50, DOWN).tick(53, None).record(53, 60).tick(61, None).write()
    assert book.told == [(0, 50, "service_down"), (50, 53, "camera_down"), (53, 60, "recorded")]


@pytest.mark.parametrize("now", [-100, 5, 9])
def test_a_clock_that_goes_back_changes_nothing(now: int) -> None:
    """The past stays as it was told."""
    book = Book().tick(0, DOWN).tick(10, DOWN).write().tick(now, OFF).write()
    assert book.told == [(0, 10, "camera_down")]
    assert book.tick(12, OFF).write().told == [(0, 10, "camera_down"), (10, 12, "off")]


def test_overlapping_segments_are_told_once() -> None:
    """No gap lies in what either shows."""
    book = Book().tick(0, None).record(0, 10).record(9, 20).tick(25, OFF).tick(26, OFF).write()
    assert [(gap.start_us, gap.end_us) for gap in book.gaps] == [(20, 26)]


def test_nothing_is_written_when_nothing_has_changed() -> None:
    """A quiet recording costs no row each second."""
    book = Book().tick(0, None).record(0, 10).tick(10, None).write()
    assert book.tick(11, None).ledger.rewrite() is None


def test_what_is_kept_in_memory_is_bounded() -> None:
    """A month of a camera that comes and goes is no more than a day of it."""
    book = Book()
    for hour in range(500):
        book.tick(hour * 10, None).record(hour * 10, hour * 10 + 6).tick(hour * 10 + 7, DOWN).write()
    book.expect_no_hole()
    assert len(book.ledger._segments) <= 10
    assert len(book.ledger._causes) <= 20
    book = Book()
    for hour in range(700):
        book.tick(hour * 10, DOWN).tick(hour * 10 + 5, OFF).write()
    book.expect_no_hole()
    assert len(book.ledger._causes) <= 300
    assert len(book.gaps) > 1000


def test_what_is_kept_of_a_recording_without_a_gap_is_bounded() -> None:
    """Months of it: nothing changes in the gaps, and what was recorded is settled all the same."""
    book = Book().tick(0, None)
    for minute in range(100):
        book.record(minute * 60, minute * 60 + 60).tick(minute * 60 + 60, None).write()
    assert len(book.ledger._segments) <= 10
    book.tick(6060, DOWN).tick(6070, DOWN).write().expect_no_hole()
    assert book.told[-1] == (6000, 6070, "camera_down")


def test_what_waits_for_a_database_is_bounded() -> None:
    """It is locked for hours, and a camera and a disk come and go each second: it adds up all the same."""
    book = Book()
    for second in range(0, 12_000, 3):
        book.tick(second, DOWN).drop(second + 1, second + 2).tick(second + 2, OFF)
    assert len(book.ledger._missing) + len(book.ledger._causes) <= 4096
    book.write().expect_no_hole()
    assert book.told[-1][1] == book.ledger.now_us


STEP = st.one_of(
    st.tuples(st.just("tick"), st.integers(-3, 20), st.sampled_from([None, DOWN, IDLE, OFF])),
    st.tuples(st.just("grow"), st.integers(1, 10), st.none()),
    st.tuples(st.just("begin"), st.integers(-8, 10), st.none()),
    st.tuples(st.just("drop"), st.integers(1, 10), st.sampled_from([SLOW, Cause.DISK_FULL])),
    st.tuples(st.just("write"), st.booleans(), st.none()),
)


@given(st.lists(STEP, max_size=60))
def test_whatever_happens_in_whatever_order_it_adds_up(steps: list[tuple[str, int, Cause | None]]) -> None:
    """Segments and gaps follow each other without hole or overlap.

    Segments follow each other as a recorder makes them: they may begin before now, as a pre-roll does, and
    never before the last one ended.
    """
    book, now, end, names = Book(), 0, 0, count()
    name = ""
    for what, number, cause in steps:
        if what == "tick":
            now += number
            book.tick(now, cause)
        elif what == "begin":
            start = max(end, now + number)
            name, end = f"n{next(names)}", start + 5
            book.record(start, end, name)
        elif what == "grow" and name:
            end += number
            book.record(book.segments[name].start_us, end, name)
        elif what == "drop":
            book.drop(end, end + number, cause or SLOW)
            end, name = end + number, ""
        elif what == "write":
            book.write(bool(number))
            book.expect_no_hole()
    book.tick(max(now, end) + 1, OFF).tick(max(now, end) + 30, OFF).write()
    book.expect_no_hole()
    assert book.told[-1][1] == book.ledger.now_us
