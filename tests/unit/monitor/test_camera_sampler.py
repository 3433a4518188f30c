"""A row every ten minutes for each camera."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.domain.camera import CameraReport, CameraState, CameraStats
from appliance.domain.ids import CameraId
from appliance.monitor.camera_sampler import CameraSampler
from appliance.monitor.presence import Presence
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US
from tests.support.web import FakeStats

FRONT, YARD = CameraId("front"), CameraId("yard")


@pytest.fixture
async def trunk(tmp_path: Path) -> AsyncIterator[Spine]:
    """A database with its writer."""
    settings = StoreSettings(), CommitSettings()
    async with spine(tmp_path / "data", SystemClock(), Health(), Metrics(), *settings) as running:
        yield running


async def rows(trunk: Spine) -> list[dict[str, Any]]:
    """Return all samples of the cameras."""
    await trunk.committer.drain()
    async with trunk.reader.read() as connection:
        found = await connection.exec_driver_sql("SELECT * FROM camera_samples ORDER BY at_us, camera_id")
        return [dict(row) for row in found.mappings()]


async def test_a_row_tells_of_all_the_looks_since_the_one_before(trunk: Spine) -> None:
    """Their mean, without those at which nothing was measured; what the decoder counted is added up."""
    clock, stats = SimulatedClock(NOON_US), FakeStats()
    presence = Presence(clock)
    sampler = CameraSampler(clock, trunk.committer, presence, stats)
    presence.on_report(CameraReport(FRONT, CameraState.ONLINE))
    for fps, bitrate, corrupt in [(10.0, 1_000.0, 3), (20.0, 3_000.0, 5), (None, None, 1)]:
        await clock.advance(60)
        stats.now = [CameraStats(FRONT, fps, bitrate, corrupt_frames=corrupt)]
        sampler.look()
    sampler.write()
    await clock.advance(60)
    sampler.look()
    sampler.write()
    first, second = await rows(trunk)
    assert first == {
        "camera_id": FRONT,
        "at_us": NOON_US + 180_000_000,
        "watched_s": 180.0,
        "online_s": 180.0,
        "fps": 15.0,
        "bitrate_bps": 2000,
        "losses": 0,
        "corrupt_frames": 6,
    }
    assert (second["watched_s"], second["fps"], second["bitrate_bps"]) == (60.0, None, None)
    assert second["corrupt_frames"] == 0


async def test_one_that_is_switched_off_has_no_row(trunk: Spine) -> None:
    """Nobody asked how it was; one that was never reached has one without figures."""
    clock = SimulatedClock(NOON_US)
    presence = Presence(clock)
    presence.on_report(CameraReport(FRONT, CameraState.DISABLED, "switched off by its owner"))
    presence.on_report(CameraReport(YARD, CameraState.OFFLINE, "no answer"))
    sampler = CameraSampler(clock, trunk.committer, presence, FakeStats())
    await clock.advance(60)
    sampler.look()
    sampler.write()
    (row,) = await rows(trunk)
    assert (row["camera_id"], row["online_s"], row["fps"]) == (YARD, 0.0, None)


async def test_the_first_row_comes_soon_and_the_others_every_ten_minutes(trunk: Spine) -> None:
    """Whoever has just started the service sees figures; a quiet box writes little."""
    clock = SimulatedClock(NOON_US)
    presence = Presence(clock)
    presence.on_report(CameraReport(FRONT, CameraState.ONLINE))
    running = asyncio.create_task(CameraSampler(clock, trunk.committer, presence, FakeStats()).run())
    await clock.advance(0)
    await clock.advance(10 + 2 * 600)
    running.cancel()
    assert [row["at_us"] - NOON_US for row in await rows(trunk)] == [10_000_000, 610_000_000, 1_210_000_000]


async def test_a_box_without_a_date_takes_no_sample_and_nobody_is_told_of_one(trunk: Spine) -> None:
    """It would be found in 1970, if ever."""
    before = await trunk.log.bounds()
    for wall_us, expected in ((0, 0), (NOON_US, 1)):
        clock = SimulatedClock(wall_us)
        presence = Presence(clock)
        presence.on_report(CameraReport(FRONT, CameraState.ONLINE))
        await clock.advance(60)
        CameraSampler(clock, trunk.committer, presence, FakeStats()).write()
        assert len(await rows(trunk)) == expected
    assert await trunk.log.bounds() == before
