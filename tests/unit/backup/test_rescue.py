"""A start without a sound database: the newest good copy takes its place, else a new one is begun."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.backup.rescue import BackupRescuer
from appliance.store.check import check
from appliance.store.data_folder import DATABASE
from appliance.store.engine import Opening, Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.data_folder import JPEG, PICTURE, ask, backed_up, make_data, tamper
from tests.support.rows import NOON_US

LATER_US = NOON_US + 3_600_000_000
STAMP = LATER_US // 1_000_000


def overwrite_header(data: Path) -> None:
    """Leave nothing of the first page."""
    with (data / DATABASE).open("r+b") as file:
        file.write(os.urandom(4096))


def make_empty(data: Path) -> None:
    """Leave a file without a byte."""
    (data / DATABASE).write_bytes(b"")


def make_text(data: Path) -> None:
    """Put something else in its place."""
    (data / DATABASE).write_bytes(b"this is a letter, not a database\n" * 500)


def spoil_pages(data: Path) -> None:
    """Leave the first page, and spoil those behind it."""
    with (data / DATABASE).open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 30))


SPOILT = [overwrite_header, make_empty, make_text, spoil_pages]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data's folder that was backed up, and has changed since."""
    made = make_data(tmp_path / "data")
    (tmp_path / "backups").mkdir()
    backed_up(made, tmp_path / "backups/one.tar")
    tamper(made, "UPDATE cameras SET name = 'Changed since'")
    for suffix in ("-wal", "-shm"):
        (made / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    return made


def start(data: Path, backups: Path | None) -> Opening:
    """Start and stop."""
    clock = SimulatedClock(LATER_US)
    with Store(data, clock, StoreSettings(), BackupRescuer(backups, clock)) as store:
        return store.opening


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_last_good_backup_takes_the_place_of_a_database_of_no_use(
    data: Path, spoil: Callable[[Path], None]
) -> None:
    """Its file lies aside, cameras and events are there, and the check has nothing to say."""
    spoil(data)
    spoilt = (data / DATABASE).read_bytes()
    opening = start(data, data.parent / "backups")
    assert opening.restored_from == f"the backup {data.parent / 'backups/one.tar'}"
    assert opening.lost != ""
    assert opening.moved_aside == data / f"{DATABASE}.corrupt.{STAMP}"
    assert opening.moved_aside.read_bytes() == spoilt
    assert ask(data, "SELECT name FROM cameras") == [("Front door",)]
    assert (data / "pictures" / PICTURE).read_bytes() == JPEG
    assert check(data) == []
    again = start(data, data.parent / "backups")
    assert (again.lost, again.epoch) == ("", opening.epoch)


def test_the_log_of_a_database_of_no_use_goes_aside_with_it(data: Path) -> None:
    """It is never played into the one that comes, and can be looked at later."""
    make_empty(data)
    (data / f"{DATABASE}-wal").write_bytes(b"what was committed last")
    start(data, data.parent / "backups")
    assert (data / f"{DATABASE}.corrupt.{STAMP}-wal").read_bytes() == b"what was committed last"


def test_a_backup_that_is_no_good_is_passed_over(data: Path) -> None:
    """The newest first, but only one that is whole; and what is no backup at all."""
    backups = data.parent / "backups"
    shutil.copy(backups / "one.tar", backups / "two.tar")
    with (backups / "two.tar").open("r+b") as file:
        file.truncate(5000)
    (backups / "three.tar").write_bytes(b"")
    for number, name in enumerate(("one.tar", "two.tar", "three.tar")):
        os.utime(backups / name, (1_000 + number, 1_000 + number))
    make_text(data)
    assert start(data, backups).restored_from.endswith("one.tar")


def test_without_backups_the_copy_from_before_an_upgrade_is_better_than_nothing(data: Path) -> None:
    """The newest of them; the pictures beside it stay as far as it names them."""
    for number, name in enumerate(("before-0007", "before-0008", "before-restore-x")):
        shutil.copy(data / DATABASE, data / f"{DATABASE}.{name}")
        tamper(data, f"UPDATE cameras SET name = 'after {name}'")
        os.utime(data / f"{DATABASE}.{name}", (1_000 + number, 1_000 + number))
    make_text(data)
    opening = start(data, None)
    assert f"the copy {DATABASE}.before-0008" in opening.restored_from
    assert ask(data, "SELECT name FROM cameras") == [("after before-0007",)]
    assert check(data) == []
    assert (data / f"{DATABASE}.before-0008").exists()


@pytest.mark.parametrize("spoil", SPOILT)
def test_without_any_copy_a_new_database_is_begun(data: Path, spoil: Callable[[Path], None]) -> None:
    """What happens now must not wait for a repair."""
    spoil(data)
    opening = start(data, None)
    assert (opening.restored_from, opening.moved_aside) == ("", data / f"{DATABASE}.corrupt.{STAMP}")
    assert ask(data, "SELECT count(*) FROM cameras") == [(0,)]


def test_a_database_that_is_gone_comes_back_from_a_backup_alone(data: Path) -> None:
    """Who removes it to begin anew must not find an old copy in its place that nobody asked for."""
    shutil.copy(data / DATABASE, data / f"{DATABASE}.before-0008")
    (data / DATABASE).unlink()
    opening = start(data, data.parent / "backups")
    assert (opening.lost, opening.moved_aside) == ("it was gone", None)
    assert ask(data, "SELECT name FROM cameras") == [("Front door",)]
    (data / DATABASE).unlink()
    assert start(data, None).restored_from == ""
    assert ask(data, "SELECT count(*) FROM cameras") == [(0,)]


def test_the_first_start_of_a_new_box_restores_nothing(tmp_path: Path, data: Path) -> None:
    """Whatever lies in the folder of the backups: there was no database to be lost."""
    opening = start(tmp_path / "new", data.parent / "backups")
    assert (opening.lost, opening.restored_from) == ("", "")
    assert ask(tmp_path / "new", "SELECT count(*) FROM cameras") == [(0,)]


def test_a_folder_of_backups_that_is_not_there_keeps_no_start(data: Path) -> None:
    """Its disk may be the one that has failed."""
    make_text(data)
    assert start(data, data.parent / "absent").restored_from == ""


def test_a_backup_that_was_never_tried_is_passed_over(data: Path) -> None:
    """The nightly run was killed before it had restored it for a try."""
    backups = data.parent / "backups"
    (backups / "one.tar").rename(backups / "nightjar-1.backup.part")
    make_text(data)
    assert start(data, backups).restored_from == ""
