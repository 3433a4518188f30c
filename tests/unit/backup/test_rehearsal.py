"""A restore is rehearsed: all of it is done in a folder that is removed again, and its result is noted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.backup import command
from appliance.backup.record import Rehearsed, note_rehearsal, read_record
from appliance.backup.rehearsal import FOLDER, rehearse
from appliance.cli import main
from appliance.errors import BackupFailed, Conflict, NotFound
from appliance.store.data_folder import DATABASE
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.data_folder import PICTURE, backed_up, make_data, tamper


def state_of(data: Path) -> dict[Path, bytes]:
    """Return every file in a folder; a reader may have made the index of a database's log anew."""
    return {
        path: path.read_bytes() for path in data.rglob("*") if path.is_file() and path.suffix != ".db-shm"
    }


def verified(file: Path, data: Path) -> tuple[bool, str]:
    """Rehearse as the command does."""
    return command.verify(file, data, SimulatedClock(), lambda _done: None)


def test_a_good_backup_is_told_in_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    """The data are as they were, but for the note; the disk that is not there is named."""
    data = make_data(tmp_path / "data")
    backed_up(data, tmp_path / "b.tar")
    before = {name for name in state_of(data) if "-wal" not in name.name and "-shm" not in name.name}
    is_well, line = verified(tmp_path / "b.tar", data)
    assert is_well
    assert "no difference found" in line
    assert "the disk of 2 files of footage is not at /nowhere" in line
    after = {name for name in state_of(data) if "-wal" not in name.name and "-shm" not in name.name}
    assert after - before == {data / "backup.json"}
    rehearsed = read_record(data).rehearsed
    assert rehearsed is not None
    assert (rehearsed.file, rehearsed.trouble) == (str(tmp_path / "b.tar"), "")


def damage(file: Path) -> None:
    """Spoil one byte of a picture."""
    file.write_bytes(file.read_bytes().replace(b"a person at the door", b"a person at the d00r", 1))


def cut(file: Path) -> None:
    """Leave the end of a backup out."""
    file.write_bytes(file.read_bytes()[:-2000])


@pytest.mark.parametrize(("spoil", "words"), [(damage, PICTURE), (cut, "no backup")])
def test_a_bad_backup_is_told_with_the_reason_and_noted(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    """The service tells its owner, before the day on which it is needed."""
    data, file = make_data(tmp_path / "data"), tmp_path / "b.tar"
    backed_up(data, file)
    spoil(file)
    is_well, line = verified(file, data)
    assert not is_well
    assert "cannot be restored" in line
    rehearsed = read_record(data).rehearsed
    assert rehearsed is not None
    assert words in rehearsed.trouble
    assert not (data / FOLDER).exists()


def test_what_the_check_finds_in_a_restored_database_is_trouble(tmp_path: Path) -> None:
    """Not only what a hash can tell: rows that do not fit together are no good backup either."""
    data = make_data(tmp_path / "data")
    tamper(data, "DELETE FROM outbox WHERE cursor = 2")
    backed_up(data, tmp_path / "b.tar")
    is_well, line = verified(tmp_path / "b.tar", data)
    assert not is_well
    assert "S3 outbox" in line


def test_a_backup_of_a_newer_program_is_trouble(tmp_path: Path) -> None:
    """After a roll-back the last backup may be of no use."""
    data = make_data(tmp_path / "data")
    backed_up(data, tmp_path / "b.tar")
    tamper(data, "UPDATE alembic_version SET version_num = '9999'")
    backed_up(data, tmp_path / "newer.tar")
    is_well, line = verified(tmp_path / "newer.tar", data)
    assert not is_well
    assert "newer Nightjar" in line


def test_what_a_killed_rehearsal_left_is_gone_after_the_next(tmp_path: Path) -> None:
    """And two at once do not meet."""
    data = make_data(tmp_path / "data")
    backed_up(data, tmp_path / "b.tar")
    (data / FOLDER / "pictures").mkdir(parents=True)
    (data / FOLDER / DATABASE).write_bytes(b"half")

    def again(_done: float) -> None:
        with pytest.raises(Conflict, match="another rehearsal"):
            rehearse(tmp_path / "b.tar", data, SimulatedClock())

    assert rehearse(tmp_path / "b.tar", data, SimulatedClock(), again).trouble == ""
    assert not (data / FOLDER).exists()


def test_a_file_that_is_not_there_is_no_bad_backup(tmp_path: Path) -> None:
    """A slip of the hand is not noted as trouble."""
    data = make_data(tmp_path / "data")
    with pytest.raises(NotFound):
        verified(tmp_path / "none.tar", data)
    assert read_record(data).rehearsed is None


def test_the_commands_say_one_line_and_their_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Backup, rehearsal, restore; and the same for a file that is damaged."""
    data, file = make_data(tmp_path / "data"), tmp_path / "b.tar"
    where = ["--data", str(data)]
    for arguments in (["backup", str(file)], ["restore", str(file), "--verify"], ["restore", str(file)]):
        assert main([*arguments, *where]) == 0
        said = capsys.readouterr()
        assert (said.out.count("\n"), said.err) == (1, "")
        assert said.out.startswith(f"{file}: ")
    damage(file)
    assert main(["restore", str(file), "--verify", *where]) == 1
    assert capsys.readouterr().out.count("\n") == 1
    assert main(["restore", str(file), *where]) == 1
    assert capsys.readouterr().err == f"nightjar: b.tar: pictures/{PICTURE} is not what was written into it\n"


@pytest.mark.parametrize("spoil", [lambda key: key.unlink(), lambda key: key.write_bytes(b"x" * 32)])
def test_a_backup_whose_secrets_cannot_be_opened_is_trouble(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """Cameras without their passwords would be found on the day on which it is needed."""
    data = make_data(tmp_path / "data")
    with Store(data, SimulatedClock(), StoreSettings()):
        pass  # which seals them
    spoil(data / "keys/seal.key")
    backed_up(data, tmp_path / "b.tar")
    is_well, line = verified(tmp_path / "b.tar", data)
    assert not is_well
    assert "2 of 2 secrets cannot be opened" in line


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """What it leads to would be emptied."""
    data, other = make_data(tmp_path / "data"), tmp_path / "other"
    backed_up(data, tmp_path / "b.tar")
    other.mkdir()
    (other / "kept").write_text("kept")
    (data / FOLDER).symlink_to(other)
    with pytest.raises(BackupFailed, match="expected a folder"):
        rehearse(tmp_path / "b.tar", data, SimulatedClock())
    assert (other / "kept").read_text() == "kept"


def test_the_note_is_written_through_no_link(tmp_path: Path) -> None:
    """Whatever lies at its unfinished name gives way."""
    data, other = make_data(tmp_path / "data"), tmp_path / "other"
    other.write_text("kept")
    (data / "backup.json.new").symlink_to(other)
    note_rehearsal(data, Rehearsed("2026-11-27T12:00:00Z", "b.tar"))
    assert other.read_text() == "kept"
    assert read_record(data).rehearsed is not None
