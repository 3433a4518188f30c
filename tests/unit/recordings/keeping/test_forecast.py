"""What of the footage goes next, and when."""

from appliance.domain.footage import KeepClass, Place
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.keeping.forecast import NextToGo, Room, Why, next_to_go
from appliance.recordings.keeping.retention import Scope, rules_of
from appliance.recordings.settings import Settings
from appliance.store.footage import KeepLimit, Kept
from tests.support.footage_rows import FRONT, HOT
from tests.support.rows import NOON_US

YARD = CameraId("yard")
DAY_S = 86_400.0
DAY_US = 86_400_000_000
NOW = WallUs(NOON_US)
RULES = rules_of(Settings(), {})


def kept(
    keep_class: KeepClass | None, days: float, camera_id: CameraId = FRONT, volume_id: VolumeId = HOT
) -> Kept:
    """Return a segment of 100 bytes that was recorded so many days ago."""
    at = WallUs(NOON_US - round(days * DAY_US))
    place = Place(volume_id, "file")
    return Kept(SegmentId("s"), camera_id, place, at, None if keep_class is None else at, 100, keep_class)


def told(*offered: Kept, room_s: float | None = None, can_move: bool = False) -> NextToGo | None:
    """Return what goes first of these, where there is room for so long above the disk's reserve."""
    rooms = [] if room_s is None else [Room(Scope(volume_id=HOT), room_s, can_move)]
    return next_to_go(offered, RULES, NOW, rooms).get(HOT)


def test_what_is_over_first_goes_first() -> None:
    """Continuous footage is kept for 7 days, motion for 14: the younger one may go before the older."""
    found = told(kept(KeepClass.MOTION, 8, YARD), kept(KeepClass.CONTINUOUS, 6))
    assert found == NextToGo(
        *(FRONT, WallUs(NOON_US - 6 * DAY_US), KeepClass.CONTINUOUS, Why.AGE, WallUs(NOON_US + DAY_US)),
        is_moved=False,
    )


def test_room_that_ends_before_that_takes_what_has_used_up_most_of_its_time() -> None:
    """Half a day is left: then the same footage makes room, or is moved where there is a cold disk."""
    offered = kept(KeepClass.MOTION, 8, YARD), kept(KeepClass.CONTINUOUS, 6)
    found = told(*offered, room_s=DAY_S / 2)
    assert found is not None
    assert (found.why, found.camera_id, found.at_us) == (Why.ROOM, FRONT, NOON_US + DAY_US // 2)
    moved = told(*offered, room_s=DAY_S / 2, can_move=True)
    assert moved is not None
    assert moved.is_moved


def test_what_is_over_by_its_age_is_deleted_even_where_there_is_a_cold_disk() -> None:
    """Moving makes room; it makes nothing younger."""
    found = told(kept(KeepClass.CONTINUOUS, 6), room_s=9 * DAY_S, can_move=True)
    assert found is not None
    assert (found.why, found.is_moved) == (Why.AGE, False)


def test_what_is_too_new_to_be_told_goes_only_for_room() -> None:
    """And where the pace is not known nobody knows when."""
    assert told(kept(None, 0.01)) is None
    found = told(kept(None, 0.01), room_s=60.0)
    assert found is not None
    assert (found.keep_class, found.why) == (None, Why.ROOM)


def test_a_cameras_own_time_counts() -> None:
    """Its owner wants two days of it."""
    rules = rules_of(Settings(), {FRONT: KeepLimit(2.0, None)})
    offered = [kept(KeepClass.CONTINUOUS, 1), kept(KeepClass.CONTINUOUS, 3, YARD)]
    found = next_to_go(offered, rules, NOW, [])[HOT]
    assert (found.camera_id, found.at_us) == (FRONT, NOON_US + DAY_US)


def test_what_is_over_already_goes_now() -> None:
    """Not in the past: the keeper is about to come."""
    found = told(kept(KeepClass.CONTINUOUS, 9))
    assert found is not None
    assert found.at_us == NOW


def test_of_nothing_nothing_goes() -> None:
    """An empty disk, or one whose footage is all protected."""
    assert told(room_s=60.0) is None


def test_for_a_limit_goes_what_is_counted_for_it() -> None:
    """The oldest of the yard where the yard is full, on whichever disk that lies."""
    cold = VolumeId("cold")
    offered = [kept(KeepClass.LOW, 9), kept(KeepClass.LOW, 2, YARD, cold), kept(KeepClass.LOW, 1, YARD)]
    found = next_to_go(offered, RULES, NOW, [Room(Scope(camera_id=YARD), 60.0)])
    assert (found[cold].why, found[cold].at_us) == (Why.ROOM, NOON_US + 60_000_000)
    assert found[HOT].why == Why.AGE


def test_a_limit_of_all_footage_takes_the_oldest_of_all_disks() -> None:
    """The other disks keep what they have."""
    cold = VolumeId("cold")
    offered = [kept(KeepClass.LOW, 9, volume_id=cold), kept(KeepClass.LOW, 2)]
    found = next_to_go(offered, RULES, NOW, [Room(Scope(), 60.0)])
    assert (found[cold].why, found[HOT].why) == (Why.ROOM, Why.AGE)
