"""The commands that work on a data folder, started by root on that of another user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.data_folder import backed_up, make_data
from tests.support.open_to_all import open_to_all

NOBODY = 65534
WORK = """
import os, sys
from appliance.cli import main
own, other, *arguments = sys.argv[1:]
main([*arguments, "--data", own])  # whatever it imports may lie where root alone may read
print("---", flush=True)
status = main([*arguments, "--data", other])
print("status", status, "user", os.geteuid())
"""
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of root's and one of another user, and a backup that root alone may read."""
    open_to_all(tmp_path)
    for name in ("own", "other"):
        backed_up(make_data(tmp_path / name), tmp_path / "b.tar")
    (tmp_path / "out").mkdir()
    for path in (tmp_path / "out", tmp_path / "other", *(tmp_path / "other").rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return tmp_path


def started(folder: Path, *arguments: str) -> tuple[str, str]:
    """Return what a command says on the folder of the other user, and its errors."""
    command = [sys.executable, "-c", WORK, str(folder / "own"), str(folder / "other"), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, input="new-password-1\n" * 2, cwd=folder
    )
    return done.stdout.partition("---\n")[2], done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["backup", "out/c.tar"],
        ["restore", "b.tar", "--verify"],
        ["restore", "b.tar"],
        ["support-bundle", "out/s.tar.gz"],
        ["check"],
        ["setup-token"],
        ["password", "ann"],
        ["forget-volume", "hot"],
        ["replay", "--from", "2026-09-21T13:00:00Z", "--to", "2026-09-21T15:00:00Z"],
        ["model", "list"],
    ],
)
def test_it_is_done_by_its_user(folder: Path, arguments: list[str]) -> None:
    """And everything in the folder is that user's afterwards, so that the service can go on with it."""
    said, err = started(folder, *arguments)
    assert said.endswith(f"user {NOBODY}\n"), said + err
    if arguments[0] in ("backup", "restore", "support-bundle"):
        assert "status 0" in said, said + err
    others = [path for path in (folder / "other").rglob("*") if path.lstat().st_uid != NOBODY]
    assert others == []


def test_a_file_where_that_user_may_not_write_is_refused_in_words(folder: Path) -> None:
    """It says who may not, and where."""
    said, err = started(folder, "backup", str(folder / "c.tar"))
    assert "status 1" in said
    assert f"works as nobody, who cannot write in {folder}: choose" in err
