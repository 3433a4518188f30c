"""How long a storage path's room lasts, and what lies in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.footage import KeepClass, Volume
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.retention import Scope, rules_of
from appliance.recordings.keeping.storage import (
    AbsentFootage,
    StoredFootage,
    absent_from,
    pace_of,
    report_of,
    rooms_of,
)
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.store.footage import Total, Written
from tests.support.footage_rows import FRONT, HOT
from tests.support.rows import NOON_US


@dataclass
class FakeWatched:
    """A storage path whose last look a test chooses."""

    state: State
    id: VolumeId | None = HOT
    place: StoragePath = StoragePath(Path("/mnt/a"))  # noqa: RUF009 - it is frozen

    def reserve(self, _space: Space) -> int:
        """Keep a hundred bytes free."""
        return 100


def total(keep_class: KeepClass | None, size: int, volume_id: VolumeId = HOT, **changes: object) -> Total:
    """Return a total of the front camera."""
    values: dict[str, Any] = changes
    return Total(keep_class, FRONT, volume_id, is_protected=False, files=1, size=size)._replace(**values)


def written(size: int, seconds: float, **changes: object) -> Written:
    """Return bytes that were recorded of the front camera since so long ago."""
    values: dict[str, Any] = changes
    since_us = WallUs(NOON_US - round(seconds * 1_000_000))
    return Written(None, FRONT, HOT, size, since_us)._replace(**values)


NOW = WallUs(NOON_US)
TWO_BYTES_S = [written(7200, 3600)]


def report(
    shelf: FakeWatched, *totals: Total, settings: Settings | None = None, beside: tuple[FakeWatched, ...] = ()
) -> StoredFootage:
    """Return the report on a path to which two bytes a second are recorded."""
    rules = rules_of(settings or Settings(), {})
    rooms = rooms_of([shelf, *beside], rules, totals, TWO_BYTES_S, NOW)
    return report_of(shelf, totals, TWO_BYTES_S, rooms, NOW)


def disk(free: int, most_bytes: int | None = None) -> FakeWatched:
    """Return a storage path with so much room."""
    place = StoragePath(Path("/mnt/a"), most_bytes=most_bytes)
    return FakeWatched(State(Condition.OK, space=Space(10**6, free)), place=place)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], None),
        ([written(1000, 60)], None),
        ([written(1000, 500)], 2.0),
        ([written(7200, 3600)], 2.0),
        ([written(600, 500), written(400, 100, keep_class=KeepClass.LOW)], 2.0),
        ([written(1000, 500), written(9, 500, volume_id=VolumeId("cold"))], 2.0),
    ],
)
def test_the_pace_is_that_of_the_last_hour_as_far_as_it_is_known(
    parts: list[Written], expected: float | None
) -> None:
    """Of one minute none is made up."""
    assert pace_of(parts, Scope(volume_id=HOT), NOW) == expected


def test_the_pace_of_a_class_is_that_of_the_whole_time() -> None:
    """One event in the last hour is no pace of events."""
    parts = [written(7000, 3600), written(720, 200, keep_class=KeepClass.HIGH)]
    assert pace_of(parts, Scope(KeepClass.HIGH), NOW) == 0.2
    assert not pace_of(parts, Scope(KeepClass.LOW), NOW)


def test_what_lies_in_a_path_is_summed_by_what_it_is_kept_for() -> None:
    """Over all cameras, of this path alone; protected footage is part of it."""
    totals = [
        total(KeepClass.LOW, 5),
        total(KeepClass.LOW, 6, camera_id=CameraId("yard"), is_protected=True),
        total(None, 7),
        total(KeepClass.HIGH, 8, VolumeId("cold")),
    ]
    found = report(disk(86_500), *totals)
    assert found.sizes == {KeepClass.LOW: 11, None: 7}
    assert (found.protected_size, found.reserve, found.role) == (6, 100, Role.HOT)
    assert found.days_left == 0.5


def test_below_the_reserve_no_day_is_left() -> None:
    """Then footage makes room for new footage."""
    assert report(disk(50)).days_left == 0


def test_a_limit_in_bytes_is_room_as_well() -> None:
    """That of the path, and that of all footage: a large disk is of no use above them."""
    lies = total(KeepClass.LOW, 43_200)
    assert report(disk(900_000), lies).days_left == pytest.approx(5.2, abs=0.1)
    assert report(disk(900_000, most_bytes=86_400), lies).days_left == 0.25
    assert report(disk(900_000), lies, settings=Settings(most_bytes=86_400)).days_left == 0.25
    assert report(disk(900_000), lies, settings=Settings(most_bytes=9)).days_left == 0


def test_a_limit_of_one_class_leaves_the_disk_its_room() -> None:
    """Only that class makes room for its own."""
    settings = Settings(most_low_bytes=9)
    assert report(disk(86_500), total(KeepClass.LOW, 43_200), settings=settings).days_left == 0.5


def test_what_lies_on_a_disk_that_is_not_there_is_not_counted_for_a_limit() -> None:
    """Nothing of it could be deleted, and the keeper does not count it either."""
    cold = FakeWatched(State(Condition.UNMOUNTED, "it is not mounted"), VolumeId("cold"))
    lies = total(KeepClass.LOW, 99_999, VolumeId("cold"))
    found = report(disk(900_000), lies, settings=Settings(most_bytes=43_200), beside=(cold,))
    assert found.days_left == 0.25


def test_of_a_disk_that_nobody_sees_nothing_is_made_up() -> None:
    """Neither its room nor how long that lasts."""
    found = report(FakeWatched(State(Condition.UNMOUNTED, "it is not mounted"), id=None))
    assert (found.reserve, found.days_left, found.bytes_s) == (None, None, None)


def test_what_lies_on_a_disk_that_is_not_there_is_said() -> None:
    """With its bytes; one on which nothing lies is nobody's concern."""
    gone = VolumeId("gone")
    totals = [
        total(KeepClass.LOW, 5),
        total(KeepClass.LOW, 7, gone),
        total(KeepClass.HIGH, 8, gone, is_protected=True),
    ]
    known = [Volume(id_, f"/mnt/{id_}", WallUs(0)) for id_ in (HOT, gone, VolumeId("empty"))]
    assert absent_from(totals, known, {HOT, None}) == [AbsentFootage(gone, "/mnt/gone", 15, 8)]
