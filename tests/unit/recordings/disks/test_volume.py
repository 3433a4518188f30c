"""A volume is the disk that it was, or nothing is written to it."""

import errno
import threading
from pathlib import Path

import pytest

from appliance.domain import footage
from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.identity import NAME, Identity, read_identity, write_identity
from appliance.recordings.disks.volume import PROBE_NAME, REPLACEMENT_NAME, Condition, Register, Volume
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.health import Health, Level
from tests.support.clock import SimulatedClock
from tests.support.footage_disk import FootageDisk

PATH = Path("/media/footage")
GB = 1 << 30


class Rig:
    """A volume on a disk in memory, and what it told."""

    def __init__(self, *known: footage.Volume, disk: FootageDisk | None = None, path: Path = PATH) -> None:
        self.disk = disk or FootageDisk()
        self.clock = SimulatedClock()
        self.health = Health()
        self.enrolled: list[footage.Volume] = []
        self.needed: list[tuple[VolumeId, int]] = []
        self.register = Register(known, self.enrolled.append)
        self.volume = self.at(path)

    def at(self, path: Path) -> Volume:
        """Return the volume of a storage path."""
        return Volume(
            *(StoragePath(path), self.register, self.disk, self.clock, self.health, Settings()),
            lambda id_, missing: self.needed.append((id_, missing)),
        )

    def expect(self, condition: Condition, words: str = "") -> None:
        """Look at the volume, and assert what is found and said."""
        assert self.volume.check() is condition.is_usable
        assert self.volume.state.condition is condition
        assert words in self.volume.state.reason
        (part,) = self.health.parts()
        assert part.part == f"storage {PATH}"
        assert part.level is (Level.OK if condition is Condition.OK else Level.FAILED)


def known(id_: str, path: Path = PATH) -> footage.Volume:
    """Return what the database remembers of a volume."""
    return footage.Volume(VolumeId(id_), str(path), WallUs(1))


def test_a_path_that_nobody_knows_is_enrolled_once() -> None:
    """Its folder and identity are made, the database is told, and the next start finds the same."""
    rig = Rig()
    rig.expect(Condition.OK)
    rig.expect(Condition.OK)
    (row,) = rig.enrolled
    assert row == footage.Volume(rig.volume.known_id, str(PATH), rig.clock.wall_us())
    again = Rig(row, disk=rig.disk)
    again.expect(Condition.OK)
    assert again.volume.id == row.id
    assert again.enrolled == []


def test_a_disk_of_a_lost_database_is_taken_as_it_is() -> None:
    """Its footage is still in it."""
    rig = Rig()
    write_identity(rig.disk, PATH, Identity(VolumeId("old"), WallUs(1)))
    rig.expect(Condition.OK)
    assert rig.enrolled == [known("old")]


def test_a_disk_that_is_mounted_elsewhere_now_is_the_same() -> None:
    """The database learns its new place."""
    rig = Rig(known("old", Path("/elsewhere")))
    write_identity(rig.disk, PATH, Identity(VolumeId("old"), WallUs(1)))
    rig.expect(Condition.OK)
    assert rig.enrolled == [known("old")]


@pytest.mark.parametrize("is_folder_there", [True, False])
def test_nothing_is_written_where_the_disk_is_not_mounted(is_folder_there: bool) -> None:
    """F15: not one byte and no name in the file system beneath; once it is mounted it is used again."""
    rig = Rig(known("mine"))
    if is_folder_there:
        rig.disk.make_folder(PATH)
    before = len(rig.disk.steps)
    rig.expect(Condition.UNMOUNTED, "mount it")
    with pytest.raises(OSError, match=r"another file system|No such file"):
        rig.volume.expect_same()
    assert len(rig.disk.steps) == before
    write_identity(rig.disk, PATH, Identity(VolumeId("mine"), WallUs(1)))
    rig.expect(Condition.OK)


def test_another_disk_is_refused_by_name() -> None:
    """Swapped disks would mix two archives."""
    rig = Rig(known("mine"))
    write_identity(rig.disk, PATH, Identity(VolumeId("other"), WallUs(1)))
    rig.expect(Condition.WRONG_DISK, "expected the volume mine, found other")
    assert rig.enrolled == []


def test_a_disk_that_goes_while_the_service_runs_is_refused_until_it_is_back() -> None:
    """Also when the path was enrolled by this very run."""
    rig = Rig()
    rig.expect(Condition.OK)
    identity = read_identity(rig.disk, PATH)
    rig.disk.remove(PATH / NAME)
    rig.disk.number = 8
    rig.expect(Condition.UNMOUNTED)
    with pytest.raises(OSError, match="another file system"):
        rig.volume.expect_on_it(PATH)
    assert identity is not None
    write_identity(rig.disk, PATH, identity)
    rig.expect(Condition.UNMOUNTED, "mounted anew")
    rig.expect(Condition.OK)


def test_one_disk_under_two_paths_is_used_once() -> None:
    """Its room would count twice, and its files would have two places."""
    rig = Rig()
    rig.expect(Condition.OK)
    again = Path("/media/again")
    write_identity(rig.disk, again, Identity(rig.volume.known_id, WallUs(1)))
    other = rig.at(again)
    assert not other.check()
    assert (other.state.condition, str(PATH) in other.state.reason) == (Condition.WRONG_DISK, True)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"id": 3}', b"\xff", b'{"id":"a","created_us":"x"}']
)
def test_an_identity_that_cannot_be_read_is_no_identity(text: bytes) -> None:
    """It is refused with what was found, and not written over."""
    rig = Rig(known("mine"))
    rig.disk.make_folder(PATH)
    rig.disk.open(PATH / NAME).append(text)
    rig.expect(Condition.WRONG_DISK, "expected an object with id and created_us")
    assert rig.disk.read(PATH / NAME, 0, 99) == text


def test_a_read_only_disk_is_told_and_is_well_again_by_itself() -> None:
    """Although nothing is written meanwhile."""
    rig = Rig()
    rig.expect(Condition.OK)
    rig.disk.is_read_only = True
    rig.expect(Condition.READ_ONLY, "errors")
    rig.disk.is_read_only = False
    rig.expect(Condition.OK)


def test_after_a_failure_a_disk_is_trusted_when_it_takes_a_byte() -> None:
    """It can be read long before it can be written again."""
    rig = Rig()
    rig.expect(Condition.OK)
    rig.volume.failed(OSError(errno.EIO, "Input/output error"))
    rig.disk.fault = lambda kind, _path: (
        OSError(errno.EIO, "Input/output error") if kind == "append" else None
    )
    rig.expect(Condition.FAILING, "Input/output error: look at the disk and its cable")
    rig.disk.fault = lambda _kind, _path: None
    rig.expect(Condition.OK)
    assert PROBE_NAME not in rig.disk.names(PATH)


def test_below_its_reserve_room_is_asked_for_and_below_the_least_nothing_is_written() -> None:
    """F14: room is made long before the disk is full; a full one is used again when there is some room."""
    rig = Rig()
    rig.disk.room = 100 * GB
    rig.expect(Condition.OK)
    assert rig.needed == []
    leave(rig.disk, 4 * GB)
    rig.expect(Condition.OK)
    assert rig.needed == [(rig.volume.known_id, GB)]
    leave(rig.disk, 60 << 20)
    rig.expect(Condition.FULL, "full")
    leave(rig.disk, 100 << 20)
    rig.expect(Condition.FULL, "full")
    leave(rig.disk, 130 << 20)
    rig.expect(Condition.OK)


def leave(disk: FootageDisk, free: int) -> None:
    """Say that so many bytes of 100 GB are free."""
    disk.space = lambda _path: Space(100 * GB, free)  # type: ignore[method-assign,assignment]


def test_the_reserve_grows_with_the_pace_of_writing() -> None:
    """Ten minutes of it are kept free, if that is more than the part of the disk, and up to a bound."""
    rig = Rig()
    space = Space(100 * GB, 100 * GB)
    assert rig.volume.reserve(space) == 5 * GB
    for _ in range(60):
        rig.volume.wrote(200 << 20)
        rig.clock.wait(threading.Event(), 10.0)
        rig.volume.reserve(space)
    assert rig.volume.reserve(space) == pytest.approx(600 * (20 << 20), rel=0.2)
    assert rig.volume.reserve(Space(GB, GB)) == round(0.2 * GB)


def test_a_path_that_may_not_be_written_says_whose_it_must_be() -> None:
    """Its disk and cable are well."""
    rig = Rig()
    rig.disk.fault = lambda kind, _path: PermissionError(13, "Permission denied") if kind == "open" else None
    rig.expect(Condition.FAILING, "Permission denied; the user that Nightjar runs as must own it")


def test_a_new_disk_takes_the_place_of_another_one_when_its_owner_says_so() -> None:
    """On the disk itself, so that no empty mount point is ever taken for it; it is another volume then."""
    rig = Rig(known("broken"))
    rig.disk.make_folder(PATH)
    rig.expect(Condition.UNMOUNTED, REPLACEMENT_NAME)
    rig.disk.open(PATH / REPLACEMENT_NAME)
    rig.expect(Condition.OK)
    (row,) = rig.enrolled
    assert row.id != VolumeId("broken")
    assert rig.disk.names(PATH) == [NAME]
    Rig(known("broken"), row, disk=rig.disk).expect(Condition.OK)
