"""The units, as systemd itself reads them; skipped where there is no systemd-analyze."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.source import ROOT

UNITS = sorted((ROOT / "systemd").iterdir())
CURRENT = "/opt/nightjar/current"
WORST_EXPOSURE = 2.0

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze on this machine"
)


def analyze(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run systemd-analyze, which needs no systemd that runs."""
    command = ["systemd-analyze", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """Return the units as they are once the programs that they start are there."""
    programs = tmp_path / "current"
    for name in ("bin/nightjar", "share/deploy/backup", "share/deploy/README.md"):
        (programs / name).parent.mkdir(parents=True, exist_ok=True)
        (programs / name).touch(mode=0o755)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(CURRENT, str(programs)))
    return [str(tmp_path / unit.name) for unit in UNITS]


def test_every_unit_is_understood_to_the_last_line(installed: list[str]) -> None:
    """A key that systemd does not know would be ignored on the box, and with it what it was to forbid."""
    done = analyze("verify", "--man=no", *installed)
    words = [
        line
        for line in done.stderr.splitlines()
        if str(Path(installed[0]).parent) in line or "nightjar" in line
    ]
    assert (words, done.returncode) == ([], 0)


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_each_service_is_shut_in(unit: Path) -> None:
    """By systemd's own measure at most 2.0 of 10; without its sandbox a service has 9.6."""
    done = analyze("security", "--offline=yes", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= WORST_EXPOSURE


def test_the_measure_can_fail(tmp_path: Path) -> None:
    """The same service without its sandbox is over the limit."""
    bare = tmp_path / "nightjar.service"
    bare.write_text("[Service]\nType=notify\nExecStart=/bin/true\n")
    done = analyze("security", "--offline=yes", "--no-pager", str(bare))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) > WORST_EXPOSURE
