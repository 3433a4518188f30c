"""Footage in the database: segments grow and go, gaps merge, and questions find what overlaps."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from appliance.domain.footage import Cause, Export, ExportState, Gap, KeepClass, Place, SegmentState, Volume
from appliance.domain.ids import CameraId, ExportId, SegmentId, VolumeId
from appliance.domain.time import WallUs
from appliance.store import footage
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.tables import Batch, Camera, Event
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import FRONT, HOT, MINUTE_US, gap, minute, segment
from tests.support.rows import NOON_US

YARD = CameraId("yard")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on a new database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        yield made


def save(connection: Connection, *numbers: int) -> None:
    """Write the segments of these minutes."""
    footage.save_segments(connection, [segment(number) for number in numbers])


def add_event(connection: Connection, begin: float, end: float | None, severity: int) -> None:
    """Write an event from one minute to another, or an open one."""
    ended = None if end is None else minute(end)
    key = f"event-{begin}-{severity}"
    connection.execute(insert(Batch).values(id=key, chain_id=key, camera_id=FRONT, started_us=minute(begin)))
    connection.execute(
        insert(Event).values(
            id=key,
            visit_id=key,
            batch_id=key,
            camera_id=FRONT,
            label="person",
            state="open" if end is None else "ended",
            started_us=minute(begin),
            last_seen_us=minute(begin) if end is None else ended,
            ended_us=ended,
            severity=severity,
        )
    )


def by(now: float, roll_us: int = 0) -> footage.Settling:
    """Return by what it is settled at some minute what segments are kept for, a day after the last look."""
    return footage.Settling(minute(now), minute(now + 1440), roll_us, minute(now - 1440), minute(now))


def test_a_segment_comes_back_as_it_was_saved(connection: Connection) -> None:
    """All of it, by its id."""
    saved = segment(1, sha256=None, state=SegmentState.OPEN, has_motion=True)
    footage.save_segments(connection, [saved])
    assert footage.segment(connection, saved.id) == saved
    assert footage.open_segments(connection) == [saved]


def test_a_segment_grows_and_keeps_its_protection(connection: Connection) -> None:
    """The recorder does not know that the owner has protected it meanwhile."""
    first = segment(1, sha256=None, state=SegmentState.OPEN, size=10, has_motion=True)
    footage.save_segments(connection, [first])
    assert footage.protect(connection, FRONT, minute(1), minute(2), is_protected=True) == 1
    footage.save_segments(connection, [segment(1, size=20)])
    assert footage.segment(connection, first.id) == segment(1, size=20, has_motion=True, is_protected=True)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (1.0, 2.0, [1]),
        (1.5, 1.6, [1]),
        (1.5, 4.5, [1, 2, 4]),
        (3.0, 4.0, []),
        (0.0, 1.0, []),
        (-9.0, 99.0, [1, 2, 4]),
        (5.0, 6.0, []),
    ],
)
def test_what_overlaps_a_range_is_found(
    connection: Connection, begin: float, end: float, expected: list[int]
) -> None:
    """Ranges are half open; of another camera nothing is found."""
    save(connection, 4, 1, 2)
    footage.save_segments(connection, [segment(3, id=SegmentId("other"), camera_id=YARD)])
    found = footage.segments_in(connection, FRONT, minute(begin), minute(end))
    assert found == [segment(number) for number in expected]


def test_an_expired_segment_leaves_a_gap_and_then_no_row(connection: Connection) -> None:
    """From the first commit on nobody finds it, and its file is known until the second."""
    save(connection, 1, 2)
    marked = footage.mark_deleting(connection, [segment(1).id, segment(2).id])
    assert [found.id for found in marked] == [segment(1).id, segment(2).id]
    assert footage.segments_in(connection, FRONT, minute(0), minute(9)) == []
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == [gap(1, 3)]
    assert footage.deleting_segments(connection) == [
        replace(segment(number), state=SegmentState.DELETING) for number in (1, 2)
    ]
    footage.forget_segments(connection, [found.id for found in marked])
    assert footage.deleting_segments(connection) == []
    assert footage.known_segments(connection, [segment(1).id]) == set()


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [(0, 10, 2.5), (1.5, 10, 1.0), (1.5, 1.75, 0.25), (-5, 0, 0.0), (2, 4, 0.5), (9, 20, 0.0)],
)
def test_recorded_time_is_that_of_the_segments_cut_at_the_range(
    connection: Connection, begin: float, end: float, expected: float
) -> None:
    """One that is being deleted does not count, and what is missing in between neither."""
    segments = [segment(0), segment(1), segment(4, start_us=minute(3.5), end_us=minute(4)), segment(6)]
    footage.save_segments(connection, segments)
    footage.mark_deleting(connection, [segments[3].id])
    connection.execute(insert(Camera), [{"id": one, "name": one, "url": "demo:"} for one in (FRONT, YARD)])
    found = footage.recorded_us(connection, minute(begin), minute(end))
    assert found == {FRONT: round(expected * MINUTE_US), YARD: 0}


@pytest.mark.parametrize("changes", [{"is_protected": True}, {"state": SegmentState.OPEN}])
def test_what_is_protected_or_written_is_not_marked(
    connection: Connection, changes: dict[str, object]
) -> None:
    """Even when a plan that was made before says so."""
    footage.save_segments(connection, [segment(1, **changes)])
    assert footage.mark_deleting(connection, [segment(1).id]) == []
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == []


def test_a_segment_that_is_deleted_does_not_come_back(connection: Connection) -> None:
    """A late word of its writer changes nothing."""
    save(connection, 1)
    footage.mark_deleting(connection, [segment(1).id])
    save(connection, 1)
    assert footage.segment(connection, segment(1).id) is None


def test_a_lost_segment_is_a_gap_that_says_so(connection: Connection) -> None:
    """Its row is gone at once: there is no file to be removed."""
    save(connection, 1)
    footage.lose_segment(connection, segment(1).id)
    footage.lose_segment(connection, segment(1).id)
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == [gap(1, 2, Cause.LOST)]
    assert footage.known_segments(connection, [segment(1).id]) == set()


def test_a_move_remembers_the_former_place(connection: Connection) -> None:
    """So that a crash right after the commit leaves nothing behind; meanwhile it is not deleted."""
    save(connection, 1)
    cold = Place(VolumeId("cold"), "front/x.mp4")
    assert footage.move_segment(connection, segment(1).id, cold)
    moved = replace(segment(1), volume_id=cold.volume_id, path=cold.path)
    assert footage.moving_segments(connection) == [
        footage.Moving(moved, Place(segment(1).volume_id, segment(1).path))
    ]
    assert not footage.move_segment(connection, segment(1).id, cold)
    assert footage.mark_deleting(connection, [segment(1).id]) == []
    footage.forget_former(connection, segment(1).id)
    assert footage.moving_segments(connection) == []
    assert footage.segment(connection, segment(1).id) == moved


def test_newest_segments_and_accounted_times_are_told_for_each_camera(connection: Connection) -> None:
    """A camera of which only gaps are known has an accounted time, too."""
    save(connection, 1, 2)
    footage.save_segments(connection, [segment(5, id=SegmentId("yard-5"), camera_id=YARD)])
    footage.add_gaps(connection, [gap(2.9, 7, Cause.CAMERA_DOWN), gap(0, 3, camera_id=CameraId("gate"))])
    newest = footage.newest_segments(connection)
    assert {camera: found.start_us for camera, found in newest.items()} == {FRONT: minute(2), YARD: minute(5)}
    assert footage.accounted_until(connection) == {FRONT: minute(7), YARD: minute(6), "gate": minute(3)}


def test_an_empty_database_has_nothing_to_tell(connection: Connection) -> None:
    """No row is made up for it."""
    assert footage.newest_segments(connection) == {}
    assert footage.accounted_until(connection) == {}
    assert footage.totals(connection) == []
    assert footage.forget_gaps(connection, minute(9)) == 0


def test_a_storage_path_is_read_in_portions(connection: Connection) -> None:
    """Each begins after the last id of the one before."""
    save(connection, 1, 2, 3)
    first = footage.segments_of_volume(connection, HOT, limit=2)
    rest = footage.segments_of_volume(connection, HOT, after=first[-1].id, limit=2)
    assert [*first, *rest] == [segment(1), segment(2), segment(3)]
    assert footage.segments_of_volume(connection, VolumeId("cold")) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([gap(1, 2), gap(2, 3)], [gap(1, 3)]),
        ([gap(2, 3), gap(1, 2)], [gap(1, 3)]),
        ([gap(1, 2), gap(3, 4), gap(2, 3)], [gap(1, 4)]),
        ([gap(1, 2), gap(1, 5)], [gap(1, 5)]),
        ([gap(1, 5), gap(1, 2)], [gap(1, 5)]),
        ([gap(1, 2), gap(2, 3, Cause.LOST)], [gap(1, 2), gap(2, 3, Cause.LOST)]),
        ([gap(1, 2), gap(2.5, 3)], [gap(1, 2), gap(2.5, 3)]),
        ([gap(1, 1)], []),
    ],
)
def test_gaps_of_one_cause_merge(connection: Connection, given: list[Gap], expected: list[Gap]) -> None:
    """With either neighbour, and with themselves when they grow; other causes stay apart."""
    footage.add_gaps(connection, given)
    footage.add_gaps(connection, [gap(1, 5, Cause.OFF, YARD)])
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == expected


def test_footage_that_is_found_is_cut_out_of_the_gaps(connection: Connection) -> None:
    """What lies before and after stays missing."""
    footage.add_gaps(connection, [gap(0, 4, Cause.LOST), gap(4, 9, Cause.SERVICE_DOWN)])
    footage.cut_gaps(connection, FRONT, minute(3), minute(5))
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == [
        gap(0, 3, Cause.LOST),
        gap(5, 9, Cause.SERVICE_DOWN),
    ]


def test_footage_that_is_found_leaves_no_hole_before_or_after_it(connection: Connection) -> None:
    """The next run may have written its first gap before the file of the last one was gone through."""
    save(connection, 1)
    footage.add_gap(connection, gap(7, 8, Cause.CAMERA_DOWN))
    found = segment(4)
    footage.save_segments(connection, [found])
    footage.fill_around(connection, found, Cause.SERVICE_DOWN)
    footage.fill_around(connection, found, Cause.SERVICE_DOWN)
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == [
        gap(2, 4, Cause.SERVICE_DOWN),
        gap(5, 7, Cause.SERVICE_DOWN),
        gap(7, 8, Cause.CAMERA_DOWN),
    ]


def test_old_gaps_go_only_before_the_oldest_footage(connection: Connection) -> None:
    """So that from a camera's first moment on the ledger adds up."""
    footage.add_gaps(connection, [gap(0, 3), gap(4, 5, Cause.IDLE), gap(0, 8, Cause.OFF, YARD)])
    save(connection, 3, 5)
    assert footage.forget_gaps(connection, minute(6)) == 1
    assert footage.gaps_in(connection, FRONT, minute(0), minute(9)) == [gap(4, 5, Cause.IDLE)]
    assert footage.gaps_in(connection, YARD, minute(0), minute(9)) == [gap(0, 8, Cause.OFF, YARD)]


def test_a_segment_is_kept_for_the_gravest_event_in_its_time(connection: Connection) -> None:
    """With the rolls around the event; without one motion decides."""
    save(connection, 1, 2, 3, 5)
    footage.save_segments(connection, [segment(8, has_motion=True), segment(9)])
    add_event(connection, 1.5, 2.2, severity=1)
    add_event(connection, 1.6, 1.7, severity=0)
    add_event(connection, 6.05, 6.5, severity=3)
    assert footage.settle(connection, by(99, roll_us=MINUTE_US // 10)) == 6
    assert footage.settle(connection, by(99, roll_us=MINUTE_US // 10)) == 0
    classes = {
        keep_class: [found.start_us for found in footage.oldest_kept(connection, HOT, keep_class, 9)]
        for keep_class in KeepClass
    }
    assert classes == {
        KeepClass.CONTINUOUS: [minute(3), minute(9)],
        KeepClass.MOTION: [minute(8)],
        KeepClass.LOW: [],
        KeepClass.MEDIUM: [minute(1), minute(2)],
        KeepClass.HIGH: [],
        KeepClass.CRITICAL: [minute(5)],
    }


def test_a_segment_waits_for_its_open_event(connection: Connection) -> None:
    """The event's severity may rise until it ends; what is too new waits, too."""
    save(connection, 1, 5)
    add_event(connection, 1.5, None, severity=1)
    assert footage.settle(connection, by(6)) == 0
    connection.exec_driver_sql(
        "UPDATE events SET state = 'ended', severity = 2, last_seen_us = ?", (minute(1.9),)
    )
    assert footage.settle(connection, by(6)) == 1
    assert [found.id for found in footage.oldest_kept(connection, HOT, KeepClass.HIGH, 9)] == [segment(1).id]


def test_what_goes_first_is_limited_to_age_camera_and_path(connection: Connection) -> None:
    """Protected ones and those being moved are never offered."""
    save(connection, 1, 2, 3, 4)
    footage.protect(connection, FRONT, minute(1), minute(2), is_protected=True)
    footage.move_segment(connection, segment(2).id, Place(VolumeId("cold"), "x"))
    offered = footage.oldest_kept(connection, HOT, None, 9)
    assert [found.id for found in offered] == [segment(3).id, segment(4).id]
    assert footage.oldest_kept(connection, HOT, None, 9, before_us=minute(9)) == []
    assert footage.oldest_kept(connection, HOT, None, 9, camera_id=YARD) == []
    assert footage.oldest_kept(connection, VolumeId("cold"), None, 9) == []
    assert footage.oldest_kept(connection, HOT, None, 9, camera_id=FRONT) == offered
    assert footage.settle(connection, by(99)) == 4
    settled = footage.oldest_kept(connection, HOT, KeepClass.CONTINUOUS, 9)
    assert [found.kept_from_us for found in settled] == [minute(3), minute(4)]
    for camera in (None, FRONT):
        due = footage.oldest_kept(connection, HOT, KeepClass.CONTINUOUS, 9, minute(4), camera)
        assert [found.id for found in due] == [segment(3).id]


def test_totals_tell_files_and_bytes_of_each_kind(connection: Connection) -> None:
    """What is being deleted counts no more."""
    save(connection, 1, 2, 3)
    footage.protect(connection, FRONT, minute(1), minute(2), is_protected=True)
    footage.mark_deleting(connection, [segment(3).id])
    assert footage.totals(connection) == [
        footage.Total(None, FRONT, HOT, is_protected=False, files=1, size=1000),
        footage.Total(None, FRONT, HOT, is_protected=True, files=1, size=1000),
    ]
    assert footage.written_since(connection, minute(2)) == [
        footage.Written(None, FRONT, HOT, 2000, minute(2))
    ]


def test_a_storage_path_is_enrolled_once_and_found_elsewhere(connection: Connection) -> None:
    """The same disk may be mounted at another place."""
    footage.save_volume(connection, Volume(HOT, "/a", WallUs(NOON_US)))
    footage.save_volume(connection, Volume(HOT, "/b", WallUs(NOON_US + 1)))
    assert footage.volumes(connection) == [Volume(HOT, "/b", WallUs(NOON_US))]


def test_an_export_is_kept_up_to_date_and_deleted(connection: Connection) -> None:
    """Its range and kind stay as they were asked for."""
    asked = Export(ExportId("e1"), FRONT, minute(1), minute(2), is_exact=True, created_us=minute(3))
    footage.save_export(connection, asked)
    done = replace(asked, state=ExportState.DONE, size=99)
    footage.save_export(connection, done)
    assert footage.export(connection, asked.id) == done
    assert footage.exports(connection) == [done]
    assert footage.exports(connection, (ExportState.WAITING,)) == []
    assert footage.delete_export(connection, asked.id)
    assert not footage.delete_export(connection, asked.id)
    assert footage.export(connection, asked.id) is None


def test_a_camera_may_have_a_time_and_a_limit_of_its_own(connection: Connection) -> None:
    """As its owner set them; a camera without is left to the box's rules."""
    for camera_id, recording in (("front", {}), ("yard", {"keep_days": 2.5}), ("gate", {"most_bytes": 7})):
        connection.execute(
            insert(Camera).values(id=camera_id, name=camera_id, url="demo:", recording=recording)
        )
    assert footage.keep_limits(connection) == {
        YARD: footage.KeepLimit(2.5, None),
        CameraId("gate"): footage.KeepLimit(None, 7),
    }


def test_the_retention_clock_and_a_move_that_was_begun_are_remembered(connection: Connection) -> None:
    """Over a crash; a move that was committed is not remembered any more."""
    assert footage.retention_us(connection) is None
    footage.save_retention_us(connection, minute(1))
    footage.save_retention_us(connection, minute(2))
    assert footage.retention_us(connection) == minute(2)
    save(connection, 1)
    place = Place(VolumeId("cold"), "front/a file.mp4")
    footage.intend_move(connection, place)
    footage.intend_move(connection, Place(VolumeId("other"), "x"))
    assert footage.intended_moves(connection) == [place, Place(VolumeId("other"), "x")]
    footage.move_segment(connection, segment(1).id, place)
    footage.forget_intended_move(connection, VolumeId("other"))
    assert footage.intended_moves(connection) == []


def test_a_run_remembers_which_disks_it_went_through(connection: Connection) -> None:
    """Those of an earlier run have to be gone through again."""
    assert footage.recovery_run(connection) == 0
    footage.save_recovery_run(connection, 1)
    footage.save_looked_through(connection, VolumeId("a"), 1)
    footage.save_looked_through(connection, VolumeId("b"), 1)
    footage.save_looked_through(connection, VolumeId("a"), 2)
    assert footage.recovery_run(connection) == 1
    assert [footage.looked_through(connection, run) for run in (1, 2)] == [{"b"}, {"a"}]


def test_footage_that_a_wrong_clock_stamped_ages_from_when_it_was_seen(connection: Connection) -> None:
    """Else what was recorded in 1970 would go at once, and what was in 2099 never."""
    past = segment(1, id=SegmentId("past"), start_us=WallUs(0), end_us=WallUs(MINUTE_US))
    future = segment(2, id=SegmentId("future"), start_us=minute(10**7), end_us=minute(10**7 + 1))
    footage.save_segments(connection, [past, future, segment(3)])
    assert footage.settle(connection, by(5)) == 3
    kept = footage.oldest_kept(connection, HOT, KeepClass.CONTINUOUS, 9)
    assert [(found.id, found.kept_from_us) for found in kept] == [
        ("past", minute(5 - 1440)),
        (segment(3).id, minute(3)),
        ("future", minute(5)),
    ]


def test_footage_of_an_older_database_ages_by_its_stamps(connection: Connection) -> None:
    """It is seen for the first time and is old all the same; only a stamp that cannot be is not believed."""
    past = segment(1, id=SegmentId("past"), start_us=WallUs(0), end_us=WallUs(MINUTE_US))
    footage.adopt_segments(connection, [past, segment(2)])
    assert footage.settle(connection, by(9000)) == 2
    kept = footage.oldest_kept(connection, HOT, KeepClass.CONTINUOUS, 9)
    assert [found.kept_from_us for found in kept] == [minute(2), minute(9000 - 1440)]
