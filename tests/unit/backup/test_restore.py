"""A backup takes the place of the data, whole or not at all, and nothing of what was there is lost."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.manifest import Part
from appliance.backup.restore import Restored, restore
from appliance.backup.staging import stage
from appliance.domain.time import WallUs
from appliance.errors import BackupDamaged, BackupFailed, Conflict, InvalidInput, StoreUnavailable
from appliance.store.check import check
from appliance.store.data_folder import DATABASE, LOCK
from appliance.store.engine import Store, locked
from appliance.store.migrate import newest_revision
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.data_folder import JPEG, KEY, PICTURE, ask, backed_up, make_data, tamper
from tests.support.footage_rows import minute
from tests.support.old_database import EPOCH, make_0001
from tests.support.rows import NOON_US
from tests.support.source import ROOT

EPOCH_OF = "SELECT value FROM meta WHERE key = 'epoch'"


def restored(file: Path, data: Path, config: Path | None = None, after_s: float = 600.0) -> Restored:
    """Restore some time after noon."""
    clock = SimulatedClock(NOON_US + round(after_s * 1e6))
    return restore(file, data, config or data.parent / "absent.toml", clock)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of a folder that has changed since."""
    data = make_data(tmp_path / "data")
    backed_up(data, tmp_path / "b.tar")
    (data / "pictures" / PICTURE).write_bytes(b"another")
    (data / "pictures/later-1.jpg").write_bytes(b"of an event that came later")
    (data / "keys/credentials.key").write_bytes(b"another")
    tamper(data, "UPDATE cameras SET name = 'Changed since'")
    return tmp_path / "b.tar"


def test_the_data_are_as_they_were(tmp_path: Path, file: Path) -> None:
    """Rows, pictures and keys; the check finds no difference but the disk that was gone before."""
    restored(file, tmp_path / "data")
    assert ask(tmp_path / "data", "SELECT name FROM cameras") == [("Front door",)]
    assert ask(tmp_path / "data", "SELECT password FROM camera_credentials") == [("kanarienvogel",)]
    assert {path.name for path in (tmp_path / "data/pictures").iterdir()} == {PICTURE}
    assert (tmp_path / "data/pictures" / PICTURE).read_bytes() == JPEG
    assert (tmp_path / "data/keys/credentials.key").read_bytes() == KEY
    assert check(tmp_path / "data") == []


def test_what_was_there_is_moved_aside_and_never_deleted(tmp_path: Path, file: Path) -> None:
    """Who restores the wrong backup can go back."""
    done = restored(file, tmp_path / "data")
    aside = "before-restore-20260921T142320Z"
    assert done.former is not None
    assert done.former.name == f"{DATABASE}.{aside}"
    done.former.rename(tmp_path / DATABASE)
    assert ask(tmp_path, "SELECT name FROM cameras") == [("Changed since",)]
    pictures = tmp_path / f"data/pictures.{aside}"
    assert {path.name for path in pictures.iterdir()} == {PICTURE, "later-1.jpg"}
    assert (tmp_path / f"data/keys.{aside}/credentials.key").read_bytes() == b"another"


def test_it_is_another_history(tmp_path: Path, file: Path) -> None:
    """A client that has seen what is no more is told that its cursor means nothing."""
    (before,) = ask(tmp_path / "data", EPOCH_OF)
    restored(file, tmp_path / "data")
    (once,) = ask(tmp_path / "data", EPOCH_OF)
    restored(file, tmp_path / "data", after_s=700)
    (twice,) = ask(tmp_path / "data", EPOCH_OF)
    assert len({before, once, twice}) == 3


def test_it_is_restored_to_an_empty_box(tmp_path: Path, file: Path) -> None:
    """The disk of the old one is gone: the folder is made, and only its owner may look into it."""
    done = restored(file, tmp_path / "new/data")
    assert done.former is None
    assert done.absent[0].path == "/nowhere"
    assert check(tmp_path / "new/data") == []
    for path in (tmp_path / "new/data").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_running_service_is_left_alone(tmp_path: Path, file: Path) -> None:
    """In words, and nothing has changed."""
    before = sorted(path.name for path in (tmp_path / "data").iterdir())
    with locked(tmp_path / "data"), pytest.raises(Conflict, match="stop it"):
        restored(file, tmp_path / "data")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == before


def test_a_backup_of_a_newer_schema_is_refused_in_words(tmp_path: Path) -> None:
    """And the data stay as they are."""
    data = make_data(tmp_path / "data")
    tamper(data, "UPDATE alembic_version SET version_num = '9999'")
    backed_up(data, tmp_path / "b.tar", version="9.0.0")
    other = make_data(tmp_path / "other")
    before = (other / DATABASE).read_bytes()
    words = rf"expected a schema up to {newest_revision()}, got 9999.*newer Nightjar \(9\.0\.0\)"
    with pytest.raises(InvalidInput, match=words):
        restored(tmp_path / "b.tar", other)
    assert (other / DATABASE).read_bytes() == before
    assert not list(other.glob("restore*"))


def test_a_backup_of_an_older_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    """That of the first schema, too."""
    make_0001(tmp_path / "old")
    backed_up(tmp_path / "old", tmp_path / "b.tar")
    restored(tmp_path / "b.tar", tmp_path / "data")
    assert ask(tmp_path / "data", "SELECT version_num FROM alembic_version") == [(newest_revision(),)]
    assert ask(tmp_path / "data", EPOCH_OF) != [(EPOCH,)]
    assert ask(tmp_path / "data", "SELECT id, decode FROM cameras") == [("front", "auto")]
    assert check(tmp_path / "data") == []
    assert not [*(tmp_path / "data").glob("*before*"), *(tmp_path / "data").glob("restore*")]


def test_a_damaged_backup_changes_nothing(tmp_path: Path, file: Path) -> None:
    """Not even for a moment: all of it is looked at first."""
    content = file.read_bytes()
    file.write_bytes(content.replace(b"a person at the door", b"a person at the d00r", 1))
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    with pytest.raises(BackupDamaged):
        restored(file, tmp_path / "data")
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()} == before


def test_the_time_since_the_backup_is_said_to_be_lost_until_it_is_found(tmp_path: Path, file: Path) -> None:
    """Nobody knows why nothing is there; that the service was down would be made up."""
    restored(file, tmp_path / "data", after_s=600)
    gaps = ask(tmp_path / "data", "SELECT start_us, end_us, cause FROM gaps ORDER BY start_us")
    assert gaps == [(minute(2), minute(5), "expired"), (minute(5), minute(10), "lost")]


def test_what_is_said_of_files_is_looked_at_anew_by_the_next_start(tmp_path: Path) -> None:
    """A copy that had begun is not completed: it would remove what the file has become since."""
    data = make_data(tmp_path / "data")
    tamper(
        data,
        "INSERT INTO meta VALUES ('looked through hot', '7'), ('moving to hot', 'front/2026/x.mp4')",
    )
    backed_up(data, tmp_path / "b.tar")
    restored(tmp_path / "b.tar", data)
    keys = {row[0] for row in ask(data, "SELECT key FROM meta")}
    assert "doubted hot" in keys
    assert not keys & {"looked through hot", "moving to hot"}


def test_exports_that_came_later_go_aside_and_those_that_are_gone_have_failed(tmp_path: Path) -> None:
    """A start removes files that no row names: somebody asked for these."""
    data = make_data(tmp_path / "data")
    tamper(
        data,
        *(
            "INSERT INTO exports (id, camera_id, start_us, end_us, is_exact, state, size, gaps, created_us) "
            f"VALUES ('{name}', 'front', 0, 1, 0, 'done', 5, '[]', 1)"
            for name in ("kept", "gone")
        ),
    )
    backed_up(data, tmp_path / "b.tar")
    (data / "exports").mkdir()
    for name in ("kept", "later"):
        (data / f"exports/{name}.mp4").write_bytes(b"video")
    restored(tmp_path / "b.tar", data)
    assert [path.name for path in (data / "exports").iterdir()] == ["kept.mp4"]
    assert [path.name for path in data.glob("exports.before-restore-*/*")] == ["later.mp4"]
    assert ask(data, "SELECT id, state FROM exports ORDER BY id") == [("gone", "failed"), ("kept", "done")]


def test_a_picture_that_was_missing_leaves_no_row_that_names_it(tmp_path: Path) -> None:
    """It is said how many there are, and the check has nothing to say."""
    data = make_data(tmp_path / "data")
    (data / "pictures" / PICTURE).unlink()
    backed_up(data, tmp_path / "b.tar")
    assert restored(tmp_path / "b.tar", data).missing == 1
    assert check(data) == []


@pytest.mark.parametrize(
    ("there", "words"),
    [(None, "was put back"), ("[server]\nport = 1\n", "is as it was"), ("", "was left as it is")],
)
def test_the_configuration_is_put_back_where_there_is_none(
    tmp_path: Path, there: str | None, words: str
) -> None:
    """One that its owner has changed is his; the backup's lies beside the data then."""
    data, config = make_data(tmp_path / "data"), tmp_path / "box.toml"
    config.write_text("[server]\nport = 1\n")
    backed_up(data, tmp_path / "b.tar", config)
    config.unlink()
    if there is not None:
        config.write_text(there)
    assert words in restored(tmp_path / "b.tar", data, config).configuration
    if there == "":
        config = data / "nightjar.toml.from-backup"
    assert config.read_text() == "[server]\nport = 1\n"


def test_sessions_that_were_ended_do_not_live_again(tmp_path: Path) -> None:
    """Who was thrown out since the backup stays out."""
    data = make_data(tmp_path / "data")
    tamper(data, "CREATE TABLE IF NOT EXISTS sessions (id TEXT)")
    backed_up(data, tmp_path / "b.tar")
    restored(tmp_path / "b.tar", data)
    assert ask(data, "SELECT count(*) FROM sessions") == [(0,)]


def test_no_room_is_said_before_anything_is_touched(tmp_path: Path, file: Path) -> None:
    """A restore that runs out of room half-way would help nobody."""
    with ArchiveReader(file) as archive:
        parts = [*archive.manifest.parts, Part("keys/large", 1 << 43, "0" * 64)]
        archive.manifest = msgspec.structs.replace(archive.manifest, parts=parts)
        with pytest.raises(BackupFailed, match="there is no room"):
            stage(archive, tmp_path, (), WallUs(NOON_US))


def test_a_restore_that_is_killed_anywhere_leaves_the_old_data_or_the_new(tmp_path: Path, file: Path) -> None:
    """At each change of the disk: the next start completes what was decided, or has never heard of it."""
    command = [sys.executable, "-m", "tests.support.killed_restores", str(file), str(tmp_path / "data")]
    done = subprocess.run(
        [*command, str(tmp_path / "runs")], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    *killed, last = done.stdout.split()
    assert last == "whole"
    assert set(killed) == {"killed"}
    found = set()
    for number in range(len(killed)):
        data = tmp_path / "runs" / str(number) / "data"
        with Store(data, SimulatedClock(), StoreSettings()) as store:
            assert store.opening.lost == ""
        name = ask(data, "SELECT name FROM cameras")[0][0]
        key = (data / "keys/credentials.key").read_bytes()
        found.add((name, key, (data / "pictures" / PICTURE).read_bytes()))
        assert not (data / "restore.ready").exists()
    assert found == {("Changed since", b"another", b"another"), ("Front door", KEY, JPEG)}


def test_a_service_refuses_a_newer_database_in_words(tmp_path: Path) -> None:
    """Also one that somebody put there by hand."""
    data = make_data(tmp_path / "data")
    tamper(data, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer"), Store(data, SimulatedClock(), StoreSettings()):
        pass


def test_a_plan_that_leads_elsewhere_is_refused(tmp_path: Path, file: Path) -> None:
    """Whoever may write into the folder must not have a restore move files of others."""
    data = tmp_path / "data"
    (data / "restore.ready/keys").mkdir(parents=True)
    (data / "keys.").mkdir()
    (data / "restore.ready/swap.json").write_text('{"aside": "/../../moved", "exports": []}')
    with pytest.raises(StoreUnavailable, match="aside"):
        restored(file, data)
    assert not (tmp_path / "moved").exists()
    assert (data / "keys").is_dir()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """A file would be made where it leads."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / LOCK).symlink_to(tmp_path / "made")
    with pytest.raises(StoreUnavailable, match="cannot be opened"), locked(tmp_path / "data"):
        pass
    assert not (tmp_path / "made").exists()


def test_a_configuration_that_is_put_back_can_be_read_by_the_service(tmp_path: Path) -> None:
    """Its group is that of the data, and the others read nothing."""
    config, data = tmp_path / "nightjar.toml", make_data(tmp_path / "data")
    config.write_text("")
    backed_up(data, tmp_path / "b.tar", config)
    config.unlink()
    group = 65534 if os.geteuid() == 0 else os.getegid()
    os.chown(data, -1, group)
    restored(tmp_path / "b.tar", data, config)
    state = config.stat()
    assert (state.st_mode & 0o777, state.st_gid) == (0o640, group)
