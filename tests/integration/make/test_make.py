"""What a person meets first: ``make`` on a machine that may lack something."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.source import ROOT

MAKE = shutil.which("make")
TOOLS = ("sh", "sed", "env")

pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make on this machine")


def make(*arguments: str, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run ``make`` in the repository, with only the programs in ``path`` if that is given."""
    environment = {"PATH": str(path)} if path else None
    command = [str(MAKE), "-C", str(ROOT), "--no-print-directory", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def bare(folder: Path, *more: str) -> Path:
    """Return a folder with hardly any program in it."""
    for name in (*TOOLS, *more):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def test_make_alone_lists_every_target_with_a_line() -> None:
    """And starts nothing."""
    done = make()
    assert done.returncode == 0
    listed = re.findall(r"^  make ([a-z0-9-]+) +\S", done.stdout, re.MULTILINE)
    most = {"run", "setup", "page", "wheel", "check", "test", "test-system", "test-e2e", "pictures", "bench"}
    assert most | {"soak", "clean"} <= set(listed)


@pytest.mark.parametrize("there", [[], ["git"]])
def test_where_something_is_missing_make_says_what_to_install(there: list[str], tmp_path: Path) -> None:
    """Exactly the line that README begins with."""
    done = make("prerequisites", path=bare(tmp_path, *there))
    assert done.returncode != 0
    line = "apt install git make python3-venv"
    assert done.stderr.splitlines()[0] == line
    assert line in (ROOT / "README.md").read_text().splitlines()[3]


def test_the_extra_for_gpus_is_chosen_where_there_is_one_and_nowhere_else(tmp_path: Path) -> None:
    """Torch is gigabytes; where there is no GPU nothing of it is installed."""
    signs = (Path("/proc/driver/nvidia"), Path("/etc/nv_tegra_release"))
    done = make("--dry-run", "--always-make", "run", path=bare(tmp_path, "git", "python3"))
    assert ("[gpu]" in done.stdout) == any(sign.exists() for sign in signs)


@pytest.mark.system
def test_the_wheel_has_the_page_and_not_its_sources(tmp_path: Path) -> None:
    """What a box installs: it needs no Node."""
    command = ["-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([sys.executable, *command, str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = ZipFile(wheel).namelist()
    assert "appliance/web/static/index.html" in names, "the page was not built: make page"
    assert [name for name in names if name.startswith("appliance/web/ui/")] == []


@pytest.mark.parametrize("name", [".ci/run"])
def test_the_scripts_are_sound_bash(name: str) -> None:
    """A slip would show up only on the machine that runs it."""
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)
