"""A row a minute for the charts."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.domain.ids import CameraId
from appliance.monitor.host import HostReader
from appliance.monitor.sampler import Looked, Sampler, free_bytes, gained
from appliance.monitor.stats import GpuStats
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.samples import FIGURES
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US
from tests.support.web import FakeGpus

FRONT, YARD = CameraId("front"), CameraId("yard")


@pytest.fixture
async def trunk(tmp_path: Path) -> AsyncIterator[Spine]:
    """A database with its writer."""
    settings = StoreSettings(), CommitSettings()
    async with spine(tmp_path / "data", SystemClock(), Health(), Metrics(), *settings) as running:
        yield running


async def rows(trunk: Spine) -> list[dict[str, Any]]:
    """Return all samples."""
    await trunk.committer.drain()
    async with trunk.reader.read() as connection:
        found = await connection.exec_driver_sql("SELECT * FROM samples")
        return [dict(row) for row in found.mappings()]


def sampler(trunk: Spine, clock: SimulatedClock, looked: dict[CameraId, Looked], root: Path) -> Sampler:
    """Return a sampler of a machine that tells nothing of itself."""
    host = HostReader(clock, dict, root, lambda: None)
    gpu = GpuStats(0, "GPU", utilization_percent=40.0, memory_used_bytes=1, memory_total_bytes=4)
    return Sampler(
        clock, trunk.reader, trunk.committer, host, FakeGpus([gpu]), lambda: dict(looked), lambda: [root]
    )


async def test_a_sample_tells_what_came_since_the_look_before(trunk: Spine, tmp_path: Path) -> None:
    """And of what the machine does not say nothing: not 0."""
    clock, looked = SimulatedClock(NOON_US), {FRONT: Looked(100, 7)}
    samples = sampler(trunk, clock, looked, tmp_path)
    await samples.begin()
    await clock.advance(60)
    looked[FRONT] = Looked(400, 9)
    await samples.run_once()
    (row,) = await rows(trunk)
    assert row["at_us"] == NOON_US + 60_000_000
    assert (row["detections_per_s"], row["frames_dropped"]) == (5.0, 2)
    assert (row["gpu_percent"], row["gpu_memory_percent"], row["gpu_temperature_c"]) == (40.0, 25.0, None)
    assert (row["cpu_percent"], row["memory_percent"]) == (None, None)
    assert (row["footage_bytes"], row["cameras_online"]) == (0, 0)
    assert row["disk_free_bytes"] > 0


async def test_cameras_that_are_connected_are_counted(trunk: Spine, tmp_path: Path) -> None:
    """As their rows say it."""
    await trunk.committer.commit(
        lambda c: c.exec_driver_sql(
            "INSERT INTO cameras (id, name, url, status) "
            "VALUES ('a', 'A', 'demo:', 'online'), ('b', 'B', 'demo:', 'offline')"
        )
    )
    samples = sampler(trunk, SimulatedClock(NOON_US), {}, tmp_path)
    await samples.run_once()
    assert [row["cameras_online"] for row in await rows(trunk)] == [1]


async def test_nobody_is_told_of_a_sample(trunk: Spine, tmp_path: Path) -> None:
    """A box on which nothing happens says nothing."""
    samples = sampler(trunk, SimulatedClock(NOON_US), {}, tmp_path)
    before = await trunk.log.bounds()
    await samples.run_once()
    assert len(await rows(trunk)) == 1
    assert await trunk.log.bounds() == before


async def test_a_box_without_a_date_takes_no_sample(trunk: Spine, tmp_path: Path) -> None:
    """It would be found in 1970, if ever."""
    await sampler(trunk, SimulatedClock(0), {}, tmp_path).run_once()
    assert await rows(trunk) == []


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {}, Looked(0, 0)),
        ({}, {FRONT: Looked(3, 1)}, Looked(3, 1)),
        ({FRONT: Looked(3, 1)}, {FRONT: Looked(5, 1), YARD: Looked(1, 0)}, Looked(3, 0)),
        ({FRONT: Looked(3, 1), YARD: Looked(9, 9)}, {FRONT: Looked(4, 1)}, Looked(1, 0)),
        ({FRONT: Looked(30, 5)}, {FRONT: Looked(2, 0)}, Looked(2, 0)),
    ],
)
def test_what_was_gained_is_never_negative(
    before: dict[CameraId, Looked], now: dict[CameraId, Looked], expected: Looked
) -> None:
    """A camera that was deleted, or deleted and added again, takes nothing back."""
    assert gained(before, now) == expected


def test_a_disk_counts_once_and_one_that_is_gone_not_at_all(tmp_path: Path) -> None:
    """Two folders of one disk have its room together."""
    (tmp_path / "a").mkdir()
    both = free_bytes([tmp_path, tmp_path / "a", tmp_path / "gone"])
    alone = free_bytes([tmp_path])
    assert both is not None
    assert alone is not None
    assert abs(both - alone) < 0.5 * alone
    assert free_bytes([tmp_path / "gone"]) is None


def test_each_figure_has_a_column_of_its_own() -> None:
    """The order of the columns is that of the sample."""
    assert len(set(FIGURES)) == len(FIGURES)
