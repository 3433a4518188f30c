"""Kill the server 200 times, or ``KILLS=`` times: ``make soak NAME=kills``.

First while a client follows what is written to the database, then, as often, while four cameras record;
``ONLY=database`` or ``ONLY=footage`` does one of both.
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.support.camera_simulator.simulator import simulator
from tests.support.footage_kills import FootageCampaign
from tests.support.kills import Campaign


async def main() -> None:
    """Kill, compare after each kill, and say how far it is."""
    seed = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    kills = int(os.environ.get("KILLS", "200"))
    only = os.environ.get("ONLY", "")
    if only not in {"", "database", "footage"}:
        raise SystemExit(f"ONLY: expected database or footage, got {only!r}")
    say(f"NIGHTJAR_SEED={seed}, {kills} kills")
    with tempfile.TemporaryDirectory() as folder:
        if only != "footage":
            campaign = Campaign(Path(folder) / "database", random.Random(seed))
            await campaign.run(kills, say_heard)
            say_heard(campaign)
        if only != "database":
            with simulator() as sim:
                await FootageCampaign(Path(folder) / "footage", sim, random.Random(seed)).run(kills, say)


def say_heard(campaign: Campaign) -> None:
    """Print how far the first part is."""
    say(
        f"{campaign.lives} kills, {len(campaign.acks)} units acknowledged, {campaign.heard.cursor} messages "
        "heard; nothing lost, nothing twice"
    )


def say(line: object) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
