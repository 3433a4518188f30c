"""Kill the server 200 times, or ``KILLS=`` times, while a client follows: ``make soak NAME=kills``."""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.support.kills import Campaign


async def main() -> None:
    """Kill, compare after each kill, and say how far it is."""
    seed = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    kills = int(os.environ.get("KILLS", "200"))
    sys.stdout.write(f"NIGHTJAR_SEED={seed}, {kills} kills\n")
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), random.Random(seed))
        await campaign.run(kills, say)
    say(campaign)


def say(campaign: Campaign) -> None:
    """Print how far it is."""
    sys.stdout.write(
        f"{campaign.lives} kills, {len(campaign.acks)} units acknowledged, {campaign.heard.cursor} messages "
        "heard; nothing lost, nothing twice\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
