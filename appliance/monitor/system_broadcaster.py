"""Publishes how things are now: ``gpu_stats``, ``camera_stats`` and ``health``, which nobody needs twice."""

import asyncio
import functools

from appliance.bus.bus import Bus
from appliance.bus.message import ephemeral
from appliance.monitor.camera_stats import CameraStatsReader
from appliance.monitor.gpu import WatchedReader
from appliance.monitor.settings import Settings
from appliance.monitor.stats import (
    GpuReport,
    GpuStats,
    camera_stats_report,
    camera_stats_seen,
    health_report,
    health_seen,
)
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.mailbox import Mailbox, Policy
from appliance.store.times import iso_of_us

SILENT_S = 5.0
"""A reading takes milliseconds, a second where the driver wakes a GPU up; one that takes longer hangs."""


class SystemBroadcaster:
    """The ephemeral part of the ``system`` channel; its durable part comes from the outbox.

    Lives on the event loop; only the GPUs are read in a thread, since NVML blocks.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        health: Health,
        gpus: WatchedReader,
        cameras: CameraStatsReader,
        settings: Settings,
    ) -> None:
        self._clock = clock
        self._bus = bus
        self._health = health
        self._reader = gpus
        self._cameras = cameras
        self._settings = settings
        self._changes = Mailbox[bool]("health changes", 1, Policy.LATEST_ONLY)
        self._gpus: list[GpuStats] = []
        health.on_change(self._health_changed)

    @property
    def gpus(self) -> list[GpuStats]:
        """The newest figures; empty before the first reading and where there is no GPU."""
        return self._gpus

    async def run(self) -> None:
        """Publish until cancelled: each once at the start, then each at its own pace."""
        self._changes.bind()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._say_gpus(), name="gpu_stats")
            group.create_task(self._say_cameras(), name="camera_stats")
            group.create_task(self._say_health(), name="health")
            group.create_task(self._say_changes(), name="health changes")

    async def publish_gpus(self) -> None:
        """Read the GPUs and publish one ``gpu_stats``, and another one before while the driver hangs."""
        async with asyncio.TaskGroup() as group:
            silence = group.create_task(self._tell_silence())
            gpus = await asyncio.to_thread(self._reader.read)
            silence.cancel()
        self._publish_gpus(gpus)

    async def _tell_silence(self) -> None:
        await self._clock.sleep(SILENT_S)
        self._publish_gpus(self._reader.silent())

    def _publish_gpus(self, gpus: list[GpuStats]) -> None:
        self._gpus = gpus
        report = GpuReport(gpus)
        self._bus.publish(ephemeral("gpu_stats", self._now(), report, lambda _: report))

    def publish_cameras(self) -> None:
        """Publish one ``camera_stats``."""
        report = camera_stats_report(self._cameras.read())
        seen = functools.partial(camera_stats_seen, report)
        self._bus.publish(ephemeral("camera_stats", self._now(), report, seen))

    def publish_health(self) -> None:
        """Publish one ``health``."""
        report = health_report(self._health)
        seen = functools.partial(health_seen, report)
        self._bus.publish(ephemeral("health", self._now(), report, seen))

    async def _say_gpus(self) -> None:
        while True:
            await self.publish_gpus()
            await self._clock.sleep(self._settings.gpu_every_s)

    async def _say_cameras(self) -> None:
        while True:
            self.publish_cameras()
            await self._clock.sleep(self._settings.camera_stats_every_s)

    async def _say_health(self) -> None:
        while True:
            self.publish_health()
            await self._clock.sleep(self._settings.health_every_s)

    async def _say_changes(self) -> None:
        while True:
            await self._changes.get()
            self.publish_health()

    def _health_changed(self) -> None:
        self._changes.put(True)

    def _now(self) -> str:
        return iso_of_us(self._clock.wall_us())
