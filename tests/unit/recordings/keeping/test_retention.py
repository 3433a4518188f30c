"""What goes and in which order, told from figures alone."""

from pathlib import Path

import pytest

from appliance.domain.footage import KeepClass, Place
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.keeping.retention import (
    DAY_S,
    Excess,
    Rules,
    Scope,
    cannot,
    choose,
    due,
    excesses,
    limits,
    rules_of,
)
from appliance.recordings.settings import Settings, StoragePath
from appliance.store.footage import KeepLimit, Kept, Total
from tests.support.footage_rows import FRONT, HOT
from tests.support.rows import NOON_US

YARD = CameraId("yard")
COLD = VolumeId("cold")
DAY_US = 86_400_000_000


def rules(**cameras: KeepLimit) -> Rules:
    """Return the default rules, with these cameras' own."""
    return rules_of(Settings(), {CameraId(name): limit for name, limit in cameras.items()})


def kept(name: str, keep_class: KeepClass | None, days: float, camera_id: CameraId = FRONT) -> Kept:
    """Return a segment of 100 bytes that has aged so many days."""
    at = WallUs(NOON_US - round(days * DAY_US))
    return Kept(
        SegmentId(name), camera_id, Place(HOT, name), at, None if keep_class is None else at, 100, keep_class
    )


def total(keep_class: KeepClass | None, camera_id: CameraId, volume_id: VolumeId, size: int) -> Total:
    """Return a total of footage that is not protected."""
    return Total(keep_class, camera_id, volume_id, is_protected=False, files=1, size=size)


def test_each_class_is_over_after_its_own_time() -> None:
    """As the configuration says."""
    found = {over.scope: (NOON_US - over.before_us) / DAY_US for over in due(rules(), WallUs(NOON_US))}
    assert found == {
        Scope(KeepClass.CONTINUOUS): 7,
        Scope(KeepClass.MOTION): 14,
        Scope(KeepClass.LOW): 14,
        Scope(KeepClass.MEDIUM): 30,
        Scope(KeepClass.HIGH): 60,
        Scope(KeepClass.CRITICAL): 90,
    }


def test_a_cameras_own_time_shortens_and_never_lengthens() -> None:
    """Ten days: continuous footage goes after its seven all the same."""
    found = list(due(rules(front=KeepLimit(10.0, None)), WallUs(NOON_US)))[6:]
    assert {over.scope.keep_class for over in found} == set(KeepClass) - {KeepClass.CONTINUOUS}
    assert {over.before_us for over in found} == {NOON_US - 10 * DAY_US}
    assert {over.scope.camera_id for over in found} == {FRONT}


def test_what_has_used_up_most_of_its_time_goes_first() -> None:
    """Three of seven days are more than thirty of ninety; what is not told yet goes last."""
    offered = [
        kept("critical", KeepClass.CRITICAL, 30),
        kept("new", None, 0.01),
        kept("quiet", KeepClass.CONTINUOUS, 3),
        kept("yard", KeepClass.CRITICAL, 1, YARD),
        kept("moving", KeepClass.MOTION, 4),
    ]
    own = rules(yard=KeepLimit(1.5, None))
    order = [one.id for one in choose(offered, 10**9, own, WallUs(NOON_US))]
    assert order == ["yard", "quiet", "critical", "moving", "new"]


@pytest.mark.parametrize(("size", "expected"), [(0, 0), (1, 1), (100, 1), (101, 2), (999, 3)])
def test_no_more_goes_than_is_needed(size: int, expected: int) -> None:
    """And everything where even that is not enough."""
    offered = [kept(str(n), KeepClass.MOTION, n) for n in range(3)]
    assert len(choose(offered, size, rules(), WallUs(NOON_US))) == expected


def test_footage_from_the_future_is_the_youngest_of_all() -> None:
    """A clock that was set back makes nothing old."""
    offered = [kept("ahead", KeepClass.CONTINUOUS, -365), kept("now", KeepClass.CRITICAL, 0.001)]
    assert choose(offered, 1, rules(), WallUs(NOON_US))[0].id == "now"


def test_every_limit_is_counted_on_its_own() -> None:
    """A class, a camera, a storage path, and all of it; protected and new footage count as well."""
    settings = Settings(most_motion_bytes=50, most_bytes=1000)
    limited = rules_of(settings, {YARD: KeepLimit(None, 70)})
    totals = [
        total(KeepClass.MOTION, FRONT, HOT, 60),
        total(KeepClass.LOW, YARD, COLD, 75),
        Total(None, YARD, HOT, is_protected=True, files=1, size=5),
    ]
    paths = {
        COLD: StoragePath(Path("/mnt/b"), most_bytes=74),
        HOT: StoragePath(Path("/mnt/a"), most_bytes=65),
    }
    assert excesses(limits(limited, paths), totals) == [
        Excess(Scope(KeepClass.MOTION), 10, "motion footage"),
        Excess(Scope(camera_id=YARD), 10, "camera yard"),
        Excess(Scope(volume_id=COLD), 1, "the footage in /mnt/b"),
    ]


def test_without_a_limit_nothing_has_to_be_counted() -> None:
    """Which is the default."""
    assert limits(rules(front=KeepLimit(3.0, None)), {}) == []
    assert [limit.of for limit in limits(rules(front=KeepLimit(None, 3)), {})] == ["camera front"]
    assert limits(rules(), {HOT: StoragePath(Path("/mnt/a"), most_bytes=3)})
    assert limits(rules_of(Settings(most_high_bytes=1), {}), {})
    assert excesses([], [total(None, FRONT, HOT, 10**15)]) == []


def test_a_limit_that_cannot_be_kept_is_said_with_what_helps() -> None:
    """Protected footage can be let go of; a disk that others fill cannot be helped by that."""
    excess = Excess(Scope(volume_id=HOT), 2_500_000_000, "the reserve of /mnt/a")
    protected = Total(KeepClass.LOW, FRONT, HOT, is_protected=True, files=1, size=9)
    assert cannot(excess, [protected]) == (
        "the reserve of /mnt/a: 2.5 GB more than allowed, and all that is left is protected; let go of some "
        "of it, raise the limit or add a storage path"
    )
    assert cannot(excess, [protected._replace(volume_id=COLD)]) == (
        "the reserve of /mnt/a: 2.5 GB more than allowed, and there is no footage that could be deleted; "
        "something else needs the room"
    )


def test_the_longest_time_is_that_of_critical_events() -> None:
    """The defaults rise with what happened."""
    times = list(rules().keep_s.values())
    assert times == sorted(times)
    assert times[-1] == 90 * DAY_S
