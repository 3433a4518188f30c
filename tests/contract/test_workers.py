"""What the detection stage relies on, asked of the real worker and of the tests' fake."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import numpy as np
import pytest

from appliance.detections import keeper, looker
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN, WorkerClient
from appliance.errors import ModelError
from appliance.runtime.clock import SystemClock
from detectors.builtin import Builtin
from tests.support.fake_worker import FakeWorker
from tests.support.pictures import boxes, picture


class AnyWorker(looker.Worker, keeper.Worker, Protocol):
    """Both sides of a worker."""


@pytest.fixture(params=["real", "fake"])
async def worker(request: pytest.FixtureRequest) -> AsyncIterator[AnyWorker]:
    """Return each worker in turn, with the built-in detector."""
    if request.param == "fake":
        fake = FakeWorker(Builtin())
        fake.bad.add("/nowhere/bad.onnx")
        yield fake
        return
    client = WorkerClient(SystemClock(), Settings())
    life = asyncio.create_task(client.run())
    yield client
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)


async def test_it_says_when_it_is_ready_and_with_what(worker: AnyWorker) -> None:
    """The stage knows how to ask before it asks."""
    info = await worker.ready()
    assert worker.info == info
    assert (info.model, info.labels, info.searches_whole_picture) == (BUILTIN, ("person", "motion"), False)


async def test_it_answers_for_each_picture_in_order(worker: AnyWorker) -> None:
    """Sizes may differ; each answer is in its own picture's pixels."""
    await worker.ready()
    moved = [boxes((1, 2, 30, 40)), boxes(), boxes((5, 6, 300, 200))]
    shown = [
        picture(*size, motion=one) for size, one in zip([(64, 48), (64, 48), (640, 360)], moved, strict=True)
    ]
    info, found = await worker.detect(shown)
    assert [[info.labels[i] for i in one.class_ids] for one in found] == [["motion"], [], ["motion"]]
    for one, expected in zip(found, moved, strict=True):
        np.testing.assert_array_equal(one.xyxy, expected)


async def test_it_refuses_a_bad_model_and_goes_on_with_the_one_before(worker: AnyWorker) -> None:
    """A wrong file costs nothing but a sentence."""
    before = await worker.ready()
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        await worker.load("/nowhere/bad.onnx")
    assert worker.info == before
    _, found = await worker.detect([picture(motion=boxes((1, 2, 30, 40)))])
    assert len(found[0]) == 1
