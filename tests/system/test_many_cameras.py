"""A minute of the long run with forty cameras, sixteen of them in fault."""

import sys
from pathlib import Path

import pytest

from tests.support.many_cameras import watched

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
LASTS_S = 60.0


def say(line: str) -> None:
    """Show how far it is where a test's output is shown."""
    sys.stderr.write(line + "\n")


async def test_healthy_cameras_lose_nothing_beside_many_that_misbehave(tmp_path: Path) -> None:
    """No packet is lost, the event loop is on time, and memory, threads and files do not grow."""
    outcome = await watched(tmp_path, LASTS_S, say)
    assert outcome.failures() == [], str(outcome)
