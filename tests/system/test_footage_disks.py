"""F14-F16: the disk of the footage runs full, is absent, another one or read-only, in mounts of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.footage_overflow import DISK_BYTES
from tests.support.footage_trial import TRIALS, Outcome
from tests.support.source import ROOT

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
ALARM_S = 5.0
RECOVERY_S = 10.0
CAUSES = {"full": ["disk_full"]}
WORDS = {"full": "is full", "unmounted": "mount it", "swapped": "another disk", "read-only": "read-only"}


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """Return the wrapper that gives a process mounts of its own, or skip."""
    try:
        tried = subprocess.run(
            [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no disk of our own: the command unshare is absent (util-linux)")
    if tried.returncode != 0:
        pytest.skip(f"no disk of our own: mount namespaces are not allowed here ({tried.stderr.strip()})")
    return NAMESPACE


@pytest.mark.parametrize("name", list(TRIALS))
def test_a_disk_in_trouble_is_told_in_time_and_used_again_by_itself(
    name: str, namespace: list[str], tmp_path: Path
) -> None:
    """Not one byte goes to the wrong place, every file is whole, and every moment is accounted for."""
    command = [*namespace, sys.executable, "-m", "tests.support.footage_trial", name, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    outcome = Outcome(**json.loads(done.stdout.splitlines()[-1]))
    assert 0 <= outcome.alarm_s <= ALARM_S, outcome
    assert 0 <= outcome.recovery_s <= RECOVERY_S, outcome
    assert WORDS[name] in outcome.reason
    assert outcome.strangers == []
    assert list((tmp_path / "disk").iterdir()) == []
    assert outcome.torn == []
    assert outcome.causes == CAUSES.get(name, ["disk_unavailable"])
    assert outcome.is_told


def test_a_disk_that_runs_full_is_relieved_before_it_is(namespace: list[str], tmp_path: Path) -> None:
    """More than it holds is recorded, and nothing is lost but what is oldest; files, rows, ledger agree."""
    command = [*namespace, sys.executable, "-m", "tests.support.footage_overflow", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["recorded_bytes"] > 1.2 * DISK_BYTES, outcome
    assert outcome["least_free_bytes"] > 0
    assert (outcome["causes"], outcome["reasons"], outcome["findings"]) == ([], [], [])
    assert 0 < outcome["kept"][0] < outcome["kept"][1]
