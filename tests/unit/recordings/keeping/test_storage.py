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
from appliance.recordings.keeping.storage import AbsentFootage, absent_from, pace_of, report_of
from appliance.recordings.settings import Role, StoragePath
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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, None),
        (Written(1000, WallUs(NOON_US - 60_000_000)), None),
        (Written(1000, WallUs(NOON_US - 500_000_000)), 2.0),
        (Written(7200, WallUs(NOON_US - 3_600_000_000)), 2.0),
    ],
)
def test_the_pace_is_that_of_the_last_hour_as_far_as_it_is_known(
    written: Written | None, expected: float | None
) -> None:
    """Of one minute none is made up."""
    assert pace_of(written, WallUs(NOON_US)) == expected


def test_what_lies_in_a_path_is_summed_by_what_it_is_kept_for() -> None:
    """Over all cameras, of this path alone; protected footage is part of it."""
    totals = [
        total(KeepClass.LOW, 5),
        total(KeepClass.LOW, 6, camera_id=CameraId("yard"), is_protected=True),
        total(None, 7),
        total(KeepClass.HIGH, 8, VolumeId("cold")),
    ]
    report = report_of(FakeWatched(State(Condition.OK, space=Space(1000, 86_500))), totals, 2.0)
    assert report.sizes == {KeepClass.LOW: 11, None: 7}
    assert (report.protected_size, report.reserve, report.role) == (6, 100, Role.HOT)
    assert report.days_left == 0.5


def test_below_the_reserve_no_day_is_left() -> None:
    """Then footage makes room for new footage."""
    assert report_of(FakeWatched(State(Condition.OK, space=Space(1000, 50))), [], 2.0).days_left == 0


def test_of_a_disk_that_nobody_sees_nothing_is_made_up() -> None:
    """Neither its room nor how long that lasts."""
    report = report_of(FakeWatched(State(Condition.UNMOUNTED, "it is not mounted"), id=None), [], None)
    assert (report.reserve, report.days_left, report.bytes_s) == (None, None, None)


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
