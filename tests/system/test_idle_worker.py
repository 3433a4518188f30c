"""An idle box stays idle."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.settings import Settings
from appliance.detections.worker_client import WorkerClient
from appliance.runtime.clock import SystemClock
from detectors.decode import cells
from tests.support.pictures import picture
from tests.support.tiny_onnx import write_model

pytestmark = pytest.mark.system


def processor_s(pid: int) -> float:
    """Return the seconds of processor time that a process has used (fields 14 and 15 of proc(5)'s stat)."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def test_between_two_frames_the_worker_sleeps(tmp_path: Path) -> None:
    """After a run its threads do not spin: two seconds of waiting cost less than a twentieth of one."""
    client, clock = WorkerClient(SystemClock(), Settings()), SystemClock()
    life = asyncio.create_task(client.run())
    await client.ready()
    await client.load(str(write_model(tmp_path / "tiny.onnx", np.zeros((1, cells(64, 64), 85), np.float32))))
    await client.detect([picture(1280, 720)] * 4)
    assert client.pid is not None
    before = await asyncio.to_thread(processor_s, client.pid)
    await clock.sleep(2.0)
    after = await asyncio.to_thread(processor_s, client.pid)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    assert after - before < 0.05
