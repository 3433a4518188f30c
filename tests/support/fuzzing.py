"""Fuzzes the way from a camera's description to the decoder in child processes; reports what kills them."""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
CHILD_S = 60.0
"""A child's life: what leaks in it is seen by its memory, and a new one begins clean."""


@dataclass(slots=True)
class Report:
    """What a campaign found.

    Attributes:
        outcomes: how the cases ended.
        findings: deaths, hangs and errors, each with its seeds and what the child wrote.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many cases came to an end."""
        return self.outcomes.total()


def fuzz(seed: int, seconds: float, say: Callable[[Report], None] | None = None) -> Report:
    """Run children one after the other until the time is over; a finding ends a child, not the campaign.

    Args:
        seed: of the first case; the next ones count on from there.
        seconds: for all of it.
        say: called after each child.
    """
    report, until, next_seed = Report(), time.monotonic() + seconds, seed
    with tempfile.TemporaryDirectory() as folder:
        while (left_s := until - time.monotonic()) > 1.0:
            next_seed = _run_child(next_seed, min(left_s, CHILD_S), Path(folder), report)
            if say is not None:
                say(report)
    return report


def _run_child(seed: int, seconds: float, folder: Path, report: Report) -> int:
    """Run one child, take its cases into the report; return the seed to go on with."""
    command = [sys.executable, "-m", "tests.support.fuzz_target", str(seed), str(seconds), str(folder)]
    done = subprocess.run(
        command,
        cwd=_ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + 60,
        check=False,
    )
    lines = [line.split(" ", 2) for line in done.stdout.splitlines()]
    begun = {int(line[1]) for line in lines if line[0] == "begin"}
    ended = {int(line[1]) for line in lines if line[0] == "end"}
    report.outcomes.update(line[2] for line in lines if line[0] == "end")
    if done.returncode != 0 or begun != ended or not begun:
        bad = [int(line[1]) for line in lines if line[-1] in {"error", "hang"}] or sorted(begun - ended)
        report.findings.append(f"status {done.returncode}, seeds {bad}:\n{done.stderr[-4000:]}")
    return max(begun, default=seed) + 1
