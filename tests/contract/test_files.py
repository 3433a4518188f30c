"""The disk in memory that tests use behaves as the machine's file system does."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.recordings.disks.files import Files
from appliance.recordings.disks.os_files import SystemFiles
from tests.support.footage_disk import FootageDisk


@pytest.fixture(params=["system", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """Each of the two, with the folder ``tmp_path``."""
    if request.param == "system":
        return SystemFiles()
    disk = FootageDisk()
    disk.make_folder(tmp_path)
    return disk


def written(files: Files, path: Path, *parts: bytes) -> None:
    """Write a file."""
    file = files.open(path)
    for part in parts:
        file.append(part)
    file.sync()
    file.close()


def test_what_is_appended_follows_what_is_there(files: Files, tmp_path: Path) -> None:
    """Also after the file was opened again, and after it was cut."""
    path = tmp_path / "a"
    written(files, path, b"abc", b"def")
    written(files, path, b"ghi")
    assert files.read(path, 0, 100) == b"abcdefghi"
    file = files.open(path)
    file.cut(4)
    file.append(b"!")
    file.close()
    assert files.read(path, 1, 3) == b"bcd"
    assert files.read(path, 3, 100) == b"d!"
    assert files.read(path, 9, 1) == b""
    assert files.size(path) == 5


def test_what_is_not_there_is_told(files: Files, tmp_path: Path) -> None:
    """A question is answered, a wish that needs it fails."""
    missing = tmp_path / "missing"
    assert files.size(missing) is None
    assert files.names(missing) == []
    files.remove(missing)
    files.remove_folder(missing)
    needs: list[Callable[[], object]] = [
        lambda: files.open(missing / "a"),
        lambda: files.read(missing, 0, 1),
        lambda: files.device(missing),
        lambda: files.rename(missing, tmp_path / "b"),
    ]
    for wish in needs:
        with pytest.raises(FileNotFoundError) as caught:
            wish()
        assert caught.value.errno == errno.ENOENT


def test_names_come_and_go(files: Files, tmp_path: Path) -> None:
    """A folder with something in it stays."""
    folder = tmp_path / "x" / "y"
    files.make_folder(folder)
    files.make_folder(folder)
    written(files, folder / "b", b"1")
    written(files, folder / "a", b"2")
    files.sync_folder(folder)
    assert files.names(folder) == ["a", "b"]
    assert files.names(tmp_path) == ["x"]
    files.rename(folder / "a", folder / "b")
    assert files.read(folder / "b", 0, 9) == b"2"
    files.remove_folder(folder)
    assert files.names(folder) == ["b"]
    files.remove(folder / "b")
    files.remove_folder(folder)
    assert files.names(tmp_path / "x") == []


def test_a_path_has_a_file_system_with_room(files: Files, tmp_path: Path) -> None:
    """The same one for a folder and what is in it."""
    written(files, tmp_path / "a", b"1")
    assert files.device(tmp_path) == files.device(tmp_path / "a")
    space = files.space(tmp_path)
    assert 0 < space.free <= space.total
    assert not space.is_read_only


def test_nobody_else_may_read_footage(tmp_path: Path) -> None:
    """Neither files nor folders, whatever the umask; and a link leads nowhere."""
    files = SystemFiles()
    files.make_folder(tmp_path / "x" / "y")
    written(files, tmp_path / "x" / "y" / "a", b"1")
    for path, mode in ((tmp_path / "x", 0o700), (tmp_path / "x/y", 0o700), (tmp_path / "x/y/a", 0o600)):
        assert path.stat().st_mode & 0o777 == mode
    (tmp_path / "link").symlink_to(tmp_path / "x" / "y" / "a")
    with pytest.raises(OSError, match="symbolic links"):
        files.open(tmp_path / "link")
