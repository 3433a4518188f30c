"""A backup is one file that holds everything but the footage, or there is none."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.backup import Asked, make_backup
from appliance.backup.manifest import CONFIGURATION, LONGEST_CONTENT_BYTES, Disk
from appliance.backup.snapshot import Snapshot
from appliance.errors import BackupFailed, Conflict, NotFound, StoreCorrupt
from appliance.store.data_folder import DATABASE
from tests.support.clock import SimulatedClock
from tests.support.data_folder import KEY, PICTURE, backed_up, make_data, tamper
from tests.support.source import ROOT

MOST_BYTES_BLOCKS = 64
"""Of 512 bytes: what a file may have in a process whose disk is as good as full."""


def test_a_backup_holds_database_pictures_configuration_and_keys(tmp_path: Path) -> None:
    """And of the footage where it lies, and how much."""
    data, config = make_data(tmp_path / "data"), tmp_path / "box.toml"
    config.write_text("[server]\nport = 1\n")
    done = backed_up(data, tmp_path / "b.tar", config)
    with ArchiveReader(tmp_path / "b.tar") as archive:
        parts = {part.name: part for part in archive.manifest.parts}
        keys = {"keys/credentials.key", "keys/seal.key"}
        assert set(parts) == {DATABASE, CONFIGURATION, f"pictures/{PICTURE}", *keys}
        assert archive.content(parts["keys/credentials.key"]) == KEY
        assert archive.content(parts[CONFIGURATION]) == config.read_bytes()
        assert archive.manifest.footage == [Disk("hot", "/nowhere", 2, 2000)]
        assert archive.manifest == done.manifest
    assert (done.pictures, done.missing) == (1, 0)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """It holds every password of the box; a file of that name that others may read does not stay so."""
    data, file = make_data(tmp_path / "data"), tmp_path / "b.tar"
    file.touch(mode=0o644)
    backed_up(data, file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    """Neither the copy of the database nor what a killed attempt has left."""
    data, target = make_data(tmp_path / "data"), tmp_path / "to"
    target.mkdir()
    for suffix in (".partial", ".partial-db"):
        (target / f".b.tar{suffix}").write_bytes(b"left by one that was killed" * 1000)
    backed_up(data, target / "b.tar")
    assert [path.name for path in target.iterdir()] == ["b.tar"]


@pytest.mark.parametrize("blocks", [0, 1, 8, MOST_BYTES_BLOCKS])
def test_a_full_disk_leaves_no_half_file_and_the_last_backup_as_it_was(tmp_path: Path, blocks: int) -> None:
    """Whichever file runs into it: that of the database's copy, or the backup itself."""
    data, target = make_data(tmp_path / "data", pictures=100), tmp_path / "to"
    target.mkdir()
    (target / "b.tar").write_bytes(b"the last one")
    before = {path.name: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()}
    command = f'ulimit -f {blocks} && exec "$0" -m appliance backup "$1" --data "$2"'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(target / "b.tar"), str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert [path.name for path in target.iterdir()] == ["b.tar"]
    assert (target / "b.tar").read_bytes() == b"the last one"
    after = {path.name: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()}
    assert {name: after[name] for name in before if "-shm" not in name} == before


def test_a_writer_that_never_stops_cannot_keep_a_backup_from_its_end(tmp_path: Path) -> None:
    """It is of one moment, and sound, whoever commits meanwhile; and no commit waits for it."""
    data, stop = make_data(tmp_path / "data"), threading.Event()
    tamper(data, "CREATE TABLE load (number INTEGER, filler BLOB)")
    tamper(data, *["INSERT INTO load VALUES (0, randomblob(100000))"] * 200)
    commits = 0

    def write() -> None:
        nonlocal commits
        with closing(sqlite3.connect(data / DATABASE, isolation_level=None)) as connection:
            while not stop.is_set():
                connection.execute("UPDATE load SET number = number + 1")
                commits += 1

    writer = threading.Thread(target=write)
    writer.start()
    copied: list[int] = []
    try:
        while commits < 3:
            pass
        with Snapshot(data / DATABASE) as snapshot:
            before = commits
            snapshot.copy(tmp_path / "copy.db", copied.append)
            assert sum(copied) == snapshot.size() == (tmp_path / "copy.db").stat().st_size
            while commits < before + 3:
                pass
    finally:
        stop.set()
        writer.join()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT count(DISTINCT number), count(*) FROM load").fetchone() == (1, 200)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_picture_that_is_replaced_meanwhile_is_in_it_all_the_same(tmp_path: Path) -> None:
    """The database's moment is taken after the pictures were read: what it names besides is read then."""
    data = make_data(tmp_path / "data")
    newer = data / "pictures/event-1-2.jpg"

    def replaced(_done: float) -> None:
        if not newer.exists():
            newer.write_bytes(b"a better moment")
            tamper(data, "UPDATE events SET picture = 'event-1-2.jpg'")

    asked = Asked(data, tmp_path / "b.tar", None, "0.1.0")
    done = make_backup(asked, SimulatedClock(), replaced)
    names = {part.name for part in done.manifest.parts}
    assert {"pictures/event-1-1.jpg", "pictures/event-1-2.jpg"} <= names
    assert done.missing == 0


def test_a_picture_that_is_not_there_does_not_forbid_a_backup(tmp_path: Path) -> None:
    """It is counted, and named in the manifest."""
    data = make_data(tmp_path / "data")
    (data / "pictures" / PICTURE).unlink()
    done = backed_up(data, tmp_path / "b.tar")
    assert (done.missing, done.manifest.missing) == (1, [PICTURE])


def test_a_damaged_database_does_not_take_the_place_of_a_good_backup(tmp_path: Path) -> None:
    """Who backs up every night would have nothing but damaged copies by the time that he notices."""
    data, file = make_data(tmp_path / "data", pictures=300), tmp_path / "b.tar"
    backed_up(data, file)
    good = file.read_bytes()
    with (data / DATABASE).open("r+b") as database:
        database.seek(4096 * 20)
        database.write(os.urandom(4096 * 60))
    with pytest.raises((StoreCorrupt, BackupFailed)):
        backed_up(data, file)
    assert file.read_bytes() == good


def test_a_link_among_the_keys_is_not_followed(tmp_path: Path) -> None:
    """A backup holds what is in the folder, not what somebody points at from there."""
    data = make_data(tmp_path / "data")
    (tmp_path / "elsewhere").write_text("of somebody else")
    (data / "keys/link").symlink_to(tmp_path / "elsewhere")
    done = backed_up(data, tmp_path / "b.tar")
    assert not any("link" in part.name for part in done.manifest.parts)


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda data: (data / DATABASE).unlink(), NotFound),
        (lambda data: (data / DATABASE).write_bytes(b"x" * 9999), BackupFailed),
    ],
)
def test_without_a_database_there_is_no_backup(
    tmp_path: Path, prepare: Callable[[Path], None], error: type[Exception]
) -> None:
    """And no file that looks like one."""
    data = make_data(tmp_path / "data")
    prepare(data)
    with pytest.raises(error):
        backed_up(data, tmp_path / "b.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_two_backups_of_one_name_do_not_write_into_each_other(tmp_path: Path) -> None:
    """The second one is refused in words."""
    data, file = make_data(tmp_path / "data"), tmp_path / "b.tar"
    refused: list[str] = []

    def again(_done: float) -> None:
        if not refused:
            with pytest.raises(Conflict) as caught:
                backed_up(data, file)
            refused.append(str(caught.value))

    make_backup(Asked(data, file, None, "0.1.0"), SimulatedClock(), again)
    assert refused == [f"{file} is being written by another backup"]
    assert file.exists()


def test_a_configuration_that_no_restore_would_take_is_refused(tmp_path: Path) -> None:
    """It is said when the backup is made, not on the day on which it is needed."""
    data, config = make_data(tmp_path / "data"), tmp_path / "nightjar.toml"
    config.write_bytes(b"#" * (LONGEST_CONTENT_BYTES + 1))
    with pytest.raises(BackupFailed, match="expected at most"):
        backed_up(data, tmp_path / "b.tar", config)
    assert not (tmp_path / "b.tar").exists()
