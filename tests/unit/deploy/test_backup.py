"""The daily backup: rehearsed before it counts, seven kept."""

import subprocess
from pathlib import Path

import pytest

from tests.support.source import ROOT

FAKE = """\
#!/bin/sh
echo "$@" >> "$(dirname "$0")/said"
case $1 in
  backup) echo copy > "$2" ;;
  restore) [ ! -e "$(dirname "$0")/damaged" ] ;;
esac
"""


class Bench:
    """A folder of backups and a fake of the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "backups"
        self.folder.mkdir()
        self.program = folder / "nightjar"
        self.program.write_text(FAKE)
        self.program.chmod(0o755)
        self.said = folder / "said"
        self.damaged = folder / "damaged"

    def run(self) -> "subprocess.CompletedProcess[str]":
        """Run the script as the unit does."""
        command = [str(ROOT / "deploy/backup"), "/data", str(self.folder)]
        environment = {"PATH": "/usr/bin:/bin", "NIGHTJAR": str(self.program)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def names(self) -> list[str]:
        """Return what lies in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return an empty folder of backups."""
    return Bench(tmp_path)


def test_a_backup_is_restored_for_a_try_before_it_has_its_name(bench: Bench) -> None:
    """What is in the folder can be trusted."""
    done = bench.run()
    assert done.returncode == 0, done.stderr
    (name,) = bench.names()
    part = bench.folder / f"{name}.part"
    assert bench.said.read_text().splitlines() == [
        f"backup {part} --data /data",
        f"restore {part} --verify --data /data",
    ]
    assert done.stdout == f"{bench.folder / name}: 5 bytes, restored for a try\n"


def test_one_that_cannot_be_restored_fails_the_unit_and_leaves_nothing(bench: Bench) -> None:
    """And the good ones of before stay, however many."""
    old = [f"nightjar-2026010{day}T033000Z.backup" for day in range(1, 10)]
    for name in old:
        (bench.folder / name).touch()
    bench.damaged.touch()
    assert bench.run().returncode != 0
    assert bench.names() == old


def test_the_seven_newest_are_kept(bench: Bench) -> None:
    """What is no backup of ours is left alone."""
    for day in range(1, 10):
        (bench.folder / f"nightjar-2026010{day}T033000Z.backup").touch()
    (bench.folder / "by-hand.backup").touch()
    assert bench.run().returncode == 0
    names = bench.names()
    assert "by-hand.backup" in names
    assert len(names) == 8
    assert names[1:7] == [f"nightjar-2026010{day}T033000Z.backup" for day in range(4, 10)]


def test_what_a_killed_run_left_is_removed(bench: Bench) -> None:
    """It was never tried, and would be taken for the newest."""
    (bench.folder / "nightjar-20260101T033000Z.backup.part").touch()
    assert bench.run().returncode == 0
    assert not [name for name in bench.names() if name.endswith(".part")]


def test_a_run_that_is_told_to_end_leaves_nothing(bench: Bench) -> None:
    """A plain shell ends by a signal without what it was to do at its exit."""
    bench.program.write_text('#!/bin/sh\necho half > "$2"\nkill -TERM "$PPID"\n')
    assert bench.run().returncode != 0
    assert bench.names() == []
