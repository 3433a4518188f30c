"""Who watches which camera: one remux for each stream that is watched."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

from appliance.domain.camera import CameraReport, CameraState
from appliance.domain.ids import CameraId
from appliance.errors import Overloaded
from appliance.live.remux import Remux
from appliance.live.settings import LiveSettings
from appliance.live.viewer import Viewer
from appliance.packets.fanout import Fanout
from appliance.runtime.clock import Clock
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState

LOOK_EVERY_S = 1.0
SMALL_FAILS = "the camera's smaller stream cannot be read"


class SecondAddresses(Protocol):
    """The smaller streams, each connected only while somebody watches."""

    def watch(self, camera_id: CameraId) -> Fanout | None:
        """Say that somebody watches, and return where its packets come; ``None`` without a second address."""
        ...

    def note(self, camera_id: CameraId) -> str:
        """Return why it could not be read when it was last tried; empty when it could."""
        ...


class _Key(NamedTuple):
    camera_id: CameraId
    is_small: bool = False
    has_sound: bool = False


class LiveHub:
    """Finds or makes the remux of a viewer, and drops it with the last one. Thread-safe.

    Args:
        second: the smaller streams.
    """

    def __init__(
        self, second: SecondAddresses, clock: Clock, settings: LiveSettings, metrics: Metrics
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._second = second
        self._lock = threading.RLock()
        self._fanouts: dict[CameraId, Fanout] = {}
        self._reports: dict[CameraId, CameraReport] = {}
        self._remuxes: dict[_Key, Remux] = {}
        self._viewers: dict[Viewer, _Key] = {}
        self._closed = False
        self._skipped = metrics.counter(
            "nightjar_live_pictures_skipped_total", "Pictures left out for viewers that were behind", "camera"
        )
        watching = metrics.gauge("nightjar_live_viewers", "Connected viewers of live video.")
        streams = metrics.gauge("nightjar_live_streams", "Streams that are remuxed for them.")
        metrics.on_collect(lambda: watching.set(len(self._viewers)))
        metrics.on_collect(lambda: streams.set(len(self._remuxes)))

    def queues(self) -> list[QueueState]:
        """Return how many watch, and what waits for the one of them who is furthest behind."""
        with self._lock:
            waiting = [viewer.waiting_bytes for viewer in self._viewers]
        return [
            QueueState(
                *("live video", "Live video that waits for the slowest viewer", "bytes"),
                "the viewer goes on at the newest picture",
                max(waiting, default=0),
                self.settings.queue_bytes,
                round(sum(count for _, count in self._skipped.samples())),
            ),
            QueueState(
                *("viewers", "Viewers of live video", "viewers", "one more is refused"),
                len(waiting),
                self.settings.most_viewers,
                kind=QueueKind.CONNECTIONS,
            ),
        ]

    def attach(self, camera_id: CameraId, fanout: Fanout) -> None:
        """Take a camera's packets from there: its reader was made, perhaps anew."""
        with self._lock:
            self._fanouts[camera_id] = fanout
            for remux in self._main_remuxes(camera_id):
                remux.attach(fanout)

    def on_report(self, report: CameraReport) -> None:
        """Take a reader's word about its camera."""
        with self._lock:
            self._reports[report.camera_id] = report
            for remux in self._main_remuxes(report.camera_id):
                _tell(remux, report)

    def forget(self, camera_id: CameraId) -> None:
        """Let the viewers of a camera go that is no more."""
        with self._lock:
            self._fanouts.pop(camera_id, None)
            self._reports.pop(camera_id, None)
            for viewer in [one for one in self._viewers if one.camera_id == camera_id]:
                viewer.end(is_gone=True)
        self._skipped.forget(camera_id)

    @asynccontextmanager
    async def viewer(
        self, camera_id: CameraId, *, small: bool = False, sound: bool = False
    ) -> AsyncIterator[Viewer]:
        """Let one more watch a camera while the block lasts, from the newest keyframe on.

        Args:
            camera_id: need not be known here (yet).
            small: the video of its second address will do, if it has one; it has no sound.
            sound: with the camera's sound.

        Raises:
            Overloaded: there are as many as there may be, of this camera or in all.
        """
        viewer = Viewer(camera_id, self.settings, lambda count: self._skipped.add(count, camera_id))
        remux = self._admit(viewer, small, sound)
        try:
            # The GOP so far may be large: its fragments are not made on the event loop.
            await asyncio.to_thread(remux.join, viewer)
            yield viewer
        finally:
            self._dismiss(viewer)

    async def run(self) -> None:
        """Keep second addresses connected while somebody watches them, until cancelled."""
        while True:
            await self.clock.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Ask for each second address that somebody watches; about once a second."""
        with self._lock:
            for key, remux in self._remuxes.items():
                if key.is_small:
                    self._feed_small(key.camera_id, remux)

    async def close(self) -> None:
        """Let all viewers go, and take no more."""
        self._closed = True
        for viewer in tuple(self._viewers):
            viewer.end()

    def _admit(self, viewer: Viewer, small: bool, sound: bool) -> Remux:
        """Note who watches what, and return the remux."""
        camera_id = viewer.camera_id
        with self._lock:
            self._refuse_if_full(camera_id)
            is_small = small and self._second.watch(camera_id) is not None
            key = _Key(camera_id, is_small, sound and not is_small)
            remux = self._remuxes.get(key) or self._begin(key)
            self._viewers[viewer] = key
            return remux

    def _refuse_if_full(self, camera_id: CameraId) -> None:
        if self._closed:
            raise Overloaded("the server stops")
        in_all, of_camera = len(self._viewers), sum(one.camera_id == camera_id for one in self._viewers)
        if in_all >= self.settings.most_viewers:
            raise Overloaded(f"{in_all} watch live video already, the most there may be")
        if of_camera >= self.settings.most_viewers_per_camera:
            raise Overloaded(f"{of_camera} watch this camera already, the most there may be")

    def _begin(self, key: _Key) -> Remux:
        remux = self._remuxes[key] = Remux(self.clock, self.settings, with_sound=key.has_sound)
        if key.is_small:
            self._feed_small(key.camera_id, remux)
        else:
            self._feed_main(key.camera_id, remux)
        return remux

    def _main_remuxes(self, camera_id: CameraId) -> list[Remux]:
        wanted = (_Key(camera_id, has_sound=has_sound) for has_sound in (False, True))
        return [self._remuxes[key] for key in wanted if key in self._remuxes]

    def _dismiss(self, viewer: Viewer) -> None:
        with self._lock:
            key = self._viewers.pop(viewer)
            self._remuxes[key].leave(viewer)
            if key not in self._viewers.values():
                del self._remuxes[key]

    def _feed_main(self, camera_id: CameraId, remux: Remux) -> None:
        remux.attach(self._fanouts.get(camera_id))
        report = self._reports.get(camera_id)
        if report is not None:
            _tell(remux, report)

    def _feed_small(self, camera_id: CameraId, remux: Remux) -> None:
        """Ask for the second address; what it has not (any more), or cannot send, is said or replaced."""
        fanout = self._second.watch(camera_id)
        if fanout is None:
            self._feed_main(camera_id, remux)
            return
        remux.attach(fanout)
        if self._second.note(camera_id):
            remux.say(CameraState.OFFLINE, SMALL_FAILS)


def _tell(remux: Remux, report: CameraReport) -> None:
    if report.state is not CameraState.ONLINE:
        remux.say(report.state, report.reason)
