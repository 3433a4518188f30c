"""Kill the detection worker 100 times, or ``KILLS=`` times, under load: ``make soak NAME=worker``.

``MODEL=`` is the model's file, else the shared YOLOX-Nano; ``BACK_END=`` what is to run it. It ends with one
line of JSON, and with 1 where something is left behind.
"""

import asyncio
import json
import os
import random
import sys
from pathlib import Path

from tests.support.rtsp import shared_folder
from tests.support.worker_kills import Campaign, be_quiet, faults_of


async def main() -> int:
    """Kill, and say what came of it; return the exit status."""
    seed = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    kills = int(os.environ.get("KILLS", "100"))
    model = Path(os.environ.get("MODEL", str(shared_folder() / "models" / "yolox_nano.onnx")))
    if not await asyncio.to_thread(model.is_file):
        say(f"skipped: no model: {model} is absent (MODEL names it, or NIGHTJAR_SHARED its folder)")
        return 0
    say(f"NIGHTJAR_SEED={seed}, {kills} kills")
    be_quiet()
    campaign = Campaign(model, random.Random(seed), os.environ.get("BACK_END", ""))
    await campaign.run(kills)
    summary = campaign.summary()
    say(json.dumps(summary))
    for fault in (faults := faults_of(summary)):
        say(fault)
    return int(bool(faults))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
