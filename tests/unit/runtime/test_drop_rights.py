"""What root starts on another user's folder is done by that user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.runtime.drop_rights import drop_rights
from tests.support.open_to_all import open_to_all

NOBODY = 65534
WORK = """
import os, sys
from pathlib import Path
from appliance.errors import Refused
from appliance.runtime.drop_rights import drop_rights
data, reads, writes = map(Path, sys.argv[1:])
try:
    drop_rights(data, [reads], [writes])
except Refused as err:
    print(err)
print(*os.getresuid(), *os.getresgid(), 0 in os.getgroups())
"""
DROPPED = " ".join([str(NOBODY)] * 6) + " False"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def work(data: Path, reads: Path, writes: Path) -> list[str]:
    """Return what a process of its own says that has given its rights up."""
    command = [sys.executable, "-c", WORK, str(data), str(reads), str(writes)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of another user, where everybody can get to it."""
    open_to_all(tmp_path)
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    os.chown(made, NOBODY, NOBODY)
    return made


@needs_root
def test_root_becomes_the_owner_for_good(folder: Path) -> None:
    """User, group and groups, real, effective and saved: there is no way back."""
    assert work(folder, folder / "absent.toml", folder / "b.tar") == [DROPPED]


@needs_root
def test_what_the_owner_may_not_do_is_said_in_words(folder: Path) -> None:
    """Who it is that may not, and where."""
    secret = folder.parent / "secret.toml"
    secret.touch(mode=0o600)
    (said, _) = work(folder, secret, folder / "b.tar")
    assert "works as nobody, who cannot read" in said
    (said, _) = work(folder, folder / "absent.toml", folder.parent / "b.tar")
    assert f"cannot write in {folder.parent}: choose" in said


def test_on_a_folder_of_ones_own_nothing_changes(tmp_path: Path) -> None:
    """Nor where there is none."""
    before = os.getresuid()
    drop_rights(tmp_path, [tmp_path / "absent"], [tmp_path / "b"])
    drop_rights(tmp_path / "absent")
    assert os.getresuid() == before
