"""Ten of the hundred kills of ``make soak NAME=worker``."""

import logging
import os
import random

import pytest

from tests.support.rtsp import shared_folder
from tests.support.worker_kills import Campaign, be_quiet, faults_of

log = logging.getLogger(__name__)

KILLS = 10


async def test_ten_kills_under_load_lose_no_frame_from_the_books_and_leave_nothing_behind() -> None:
    """Detection is back within three seconds each time; no memory, no descriptor and no zombie is left."""
    model = shared_folder() / "models" / "yolox_nano.onnx"
    if not model.is_file():
        pytest.skip(f"no model: {model} is absent (NIGHTJAR_SHARED names its folder)")
    seed = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    log.info("NIGHTJAR_SEED=%d", seed)
    be_quiet()
    campaign = Campaign(model, random.Random(seed))
    await campaign.run(KILLS)
    summary = campaign.summary()
    log.info("%s", summary)
    assert faults_of(summary) == []
    assert summary["lost"] > 0
