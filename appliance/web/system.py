"""The box itself: health, detector, GPUs, versions, and the probes of whoever watches the service."""

import asyncio

import msgspec
from aiohttp import web

from appliance.domain.access import Sight
from appliance.domain.footage import KeepClass
from appliance.errors import TemporaryFailure
from appliance.monitor.stats import GpuReport, HealthReport, PartReport, health_report, health_seen
from appliance.recordings.keeping import forecast, storage
from appliance.recordings.keeping.storage import StoredFootage
from appliance.runtime.health import Level
from appliance.runtime.log import redact
from appliance.store import statements
from appliance.store.times import iso_of_us
from appliance.web import answers
from appliance.web.access import Permission, principal_of, sight_of
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import (
    AbsentDisk,
    Alive,
    CameraFootage,
    FootageBytes,
    NextToGo,
    Readiness,
    Storage,
    StoragePath,
    System,
    Version,
)


class SystemHandlers:
    """The handlers of the box itself."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def system(self, request: web.Request) -> web.Response:
        """Read about the box what whoever asks may know; the page begins with it.

        Its health, detector and GPUs are for those who hold ``system.view``.
        """
        who = principal_of(request)
        if not who.may(Permission.SYSTEM_VIEW):
            return answers.of_struct(System(self._version(), None, None, []))
        status = self._with.detector.status()
        whole = System(self._version(), self._health(who.sight), status, list(self._with.gpus.gpus))
        return answers.of_struct(whole)

    async def health(self, request: web.Request) -> web.Response:
        """Read how the service and each of its parts is doing."""
        return answers.of_struct(self._health(sight_of(request)))

    async def detector(self, _request: web.Request) -> web.Response:
        """Read which detector works and how it is doing."""
        return answers.of_struct(self._with.detector.status())

    async def gpu(self, _request: web.Request) -> web.Response:
        """Read the newest figures of each GPU; what a device does not report is absent."""
        return answers.of_struct(GpuReport(list(self._with.gpus.gpus)))

    async def storage(self, request: web.Request) -> web.Response:
        """Read how each storage path of footage is doing, what lies in it and how long its room lasts.

        Who does not see all cameras is told what lies there of their own, and not what goes next.
        """
        sight = sight_of(request)
        paths = [_storage_path(one) for one in await self._with.storage.read(sight)]
        absent = [
            AbsentDisk(one.id, one.path, one.size, one.protected_size)
            for one in await self._with.storage.absent(sight)
        ]
        cameras = [_camera_footage(one) for one in await self._with.storage.cameras(sight)]
        return answers.of_struct(Storage(paths, cameras, absent))

    async def version(self, _request: web.Request) -> web.Response:
        """Read the versions and the database's epoch."""
        return answers.of_struct(self._version())

    async def alive(self, _request: web.Request) -> web.Response:
        """Tell that the process answers."""
        return answers.of_struct(Alive(alive=True))

    async def ready(self, request: web.Request) -> web.Response:
        """Tell whether the service can do its work: 200 if so, otherwise 503.

        What is tried is a commit of nothing, which waits for its turn and needs the write lock. Each part's
        state is for those who hold ``system.view``.
        """
        who = principal_of(request)
        report = self._health(who.sight)
        writable = await self._is_writable()
        ready = writable and report.level != Level.FAILED
        parts = report.parts if who.may(Permission.SYSTEM_VIEW) else []
        return answers.of_struct(Readiness(ready, writable, parts), 200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Read every counter and gauge in the Prometheus text format.

        Who does not see all cameras reads the figures of their own, and none of the whole box.
        """
        response = web.Response(body=self._with.metrics.exposition(sight_of(request)).encode())
        response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        return response

    async def _is_writable(self) -> bool:
        try:
            async with asyncio.timeout(self._settings.ready_s):
                await self._with.writer.commit(statements.prove_writable)
        except (TimeoutError, TemporaryFailure):
            return False
        return True

    def _health(self, sight: Sight) -> HealthReport:
        report = health_report(self._with.health)
        # A part's reason may be a library's message, and that may contain a camera's whole address.
        parts = [PartReport(p.part, p.level, redact(p.reason)) for p in report.parts]
        return health_seen(msgspec.structs.replace(report, parts=parts), sight)

    def _version(self) -> Version:
        about = self._with.about
        return Version(about.version, about.sqlite_version, about.epoch, about.started_at)


def _storage_path(stored: StoredFootage) -> StoragePath:
    space, sizes = stored.state.space, stored.sizes
    return StoragePath(
        stored.id,
        stored.path.name or str(stored.path),
        str(stored.path),
        stored.role.value,
        stored.state.condition.value,
        stored.state.reason,
        None if space is None else space.total,
        None if space is None else space.free,
        stored.reserve,
        FootageBytes(*(sizes.get(keep_class, 0) for keep_class in (*KeepClass, None))),
        stored.protected_size,
        None if stored.bytes_s is None else round(stored.bytes_s, 1),
        None if stored.days_left is None else round(stored.days_left, 2),
        None if stored.next is None else _next_to_go(stored.next),
    )


def _next_to_go(next_: forecast.NextToGo) -> NextToGo:
    return NextToGo(
        next_.camera_id,
        iso_of_us(next_.start_us),
        None if next_.keep_class is None else next_.keep_class.value,
        next_.why.value,
        iso_of_us(next_.at_us),
        next_.is_moved,
    )


def _camera_footage(lies: storage.CameraFootage) -> CameraFootage:
    pace = None if lies.bytes_s is None else round(lies.bytes_s, 1)
    return CameraFootage(lies.id, lies.size, lies.protected_size, pace, iso_of_us(lies.oldest_us))
