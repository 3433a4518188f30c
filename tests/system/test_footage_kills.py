"""Twenty of the kills of ``make soak NAME=kills`` while four cameras record."""

import os
import random
import sys
from pathlib import Path

import pytest

from tests.support.camera_simulator.simulator import simulator
from tests.support.footage_kills import FootageCampaign

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
KILLS = 20
SEED = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


async def test_a_kill_costs_at_most_the_fragment_that_was_being_made(tmp_path: Path) -> None:
    """Every file plays in full, the check finds nothing, and it records again within ten seconds."""
    sys.stderr.write(f"NIGHTJAR_SEED={SEED}\n")
    with simulator() as sim:
        campaign = FootageCampaign(tmp_path / "data", sim, random.Random(SEED))
        await campaign.run(KILLS)
    sys.stderr.write(f"{campaign}\n")
    assert campaign.lives == KILLS
