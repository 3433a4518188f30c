"""The composition root: read from top to bottom it is the data's way, from the cameras to the screens."""

import asyncio
import dataclasses
import functools
import os
import secrets
import signal
import sys
import zoneinfo
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pynvml
from sqlalchemy import Connection

from appliance import __version__
from appliance.accounts.access import Access, access
from appliance.alerts.ledger import AlertMemory
from appliance.backup.rescue import BackupRescuer
from appliance.backup.watch import BackupWatch
from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.commit.retainer import Retainer
from appliance.commit.spine import Spine, spine
from appliance.config import Config
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House, Setup
from appliance.decisions.start import Start
from appliance.detections.calibrator import Calibrator
from appliance.detections.exporter import Exporter
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.gpus import gpus_there, gpus_to_use
from appliance.detections.keeper import ModelKeeper
from appliance.detections.measurements import Measurements
from appliance.detections.model_library import ModelLibrary
from appliance.detections.models import ModelFolder
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_fleet import WorkerFleet
from appliance.domain.camera import Camera, CameraReport, CameraStats
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.events.baseline import learnt_from
from appliance.events.recovery import Interrupted, Recovered, Stayed
from appliance.eye import Eye
from appliance.footage import Footage, recollect
from appliance.frames.counters import FrameCounters
from appliance.frames.decoder import FrameDecoder
from appliance.frames.decoder_choice import DecoderChoice
from appliance.frames.hardware_devices import HardwareDevices
from appliance.frames.jpeg import encode_jpeg
from appliance.frames.on_demand import OnDemandDecoder
from appliance.ingest import CameraIngest
from appliance.live.hub import LiveHub
from appliance.monitor.camera_sampler import CameraSampler
from appliance.monitor.camera_stats import CameraGauges
from appliance.monitor.database import DatabaseMonitor
from appliance.monitor.gpu import MachineGpus
from appliance.monitor.gpu_health import WatchedGpus
from appliance.monitor.gpu_processes import ProcessNames
from appliance.monitor.host import HostMonitor, HostReader
from appliance.monitor.jetson import Jetson
from appliance.monitor.machine import MachineMonitor
from appliance.monitor.nvml import Nvml
from appliance.monitor.presence import Presence
from appliance.monitor.queue_watch import QueueWatch
from appliance.monitor.sampler import Looked, Sampler
from appliance.monitor.system_broadcaster import SystemBroadcaster
from appliance.motion.detector import MotionDetector
from appliance.motion.tampering import TamperingDetector
from appliance.notifications.courier import Courier
from appliance.notifications.settings import Settings as NotificationsSettings
from appliance.packets.counters import PacketCounters
from appliance.packets.fanout import Fanout
from appliance.packets.fleet import ReaderFleet
from appliance.packets.pacer import Pacer
from appliance.packets.reader import CameraReader
from appliance.packets.ring import PacketRing
from appliance.packets.sound_ring import SoundRing
from appliance.packets.sources import source_for
from appliance.packets.viewers import Viewers
from appliance.recordings.playback.playback import Playback, playback
from appliance.replay.previewer import Previewer
from appliance.roster import CameraViews, Report, Roster, SettlingWriter
from appliance.runtime.allocator import share_arenas
from appliance.runtime.clock import Clock, SystemClock
from appliance.runtime.descriptors import Descriptors, raise_limit
from appliance.runtime.health import Health, Level
from appliance.runtime.lanes import Lanes
from appliance.runtime.local_zone import local_zone_name
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState
from appliance.runtime.service_manager import ServiceManager
from appliance.runtime.supervisor import Supervisor
from appliance.runtime.watchdog import Watchdog
from appliance.second_look.asker import Asker
from appliance.small_pictures import SmallPictures
from appliance.store import pipeline as statements
from appliance.store.engine import Opening
from appliance.store.journal import code_version
from appliance.store.pictures import Pictures
from appliance.store.recovery import LeftBehind
from appliance.store.seal import KEYS
from appliance.store.times import iso_of_us
from appliance.watch import LatestFrames, Watch
from appliance.web.open_doors import OpenDoors
from appliance.web.ports import About, Collaborators
from appliance.web.server import WebServer
from appliance.web.tls import Pair, Tls
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.wire import DetectorStatus

FIRST_DETECTOR_S = 10.0
"""How long the start-up lines wait for the detector, so that they can name it."""


@dataclass(frozen=True, slots=True)
class Base:
    """What every part may use."""

    config: Config
    clock: Clock
    health: Health
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Running:
    """A running appliance, for those who started it.

    Attributes:
        port: where the page is served.
        url: where the page is, without a slash at its end.
        tls: the certificate, where the page is served with one.
    """

    port: int
    url: str
    tls: Tls | None
    spine: Spine
    workers: WorkerFleet
    keeper: ModelKeeper
    access: Access


async def run(config: Config, announce: Callable[[str], None]) -> None:
    """Run the appliance until SIGINT or SIGTERM; ``announce`` gets the lines for the person who started it.

    Raises:
        Conflict: another service runs on this data directory, or the port is taken.
        StoreUnavailable: the database cannot be opened.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    manager = ServiceManager(os.environ)
    manager.status("opening the database")
    async with appliance(config, manager) as running:
        manager.ready("started")
        await _greet(config, running, announce, stop)
        await stop.wait()
        manager.stopping()
        announce("stopping …")
    lost = running.spine.committer.waiting
    announce(f"stopped; {lost} changes could not be stored" if lost else "stopped; everything is stored")


@asynccontextmanager
async def appliance(config: Config, manager: ServiceManager | None = None) -> AsyncIterator[Running]:
    """Run the whole appliance until the block ends, then stop it in the reverse order.

    Args:
        config: what its owner has set.
        manager: who started the service, if it wants to hear that it lives.
    """
    share_arenas()
    limit, clock = raise_limit(), SystemClock()
    base = Base(config, clock, Health(), Metrics())
    doors = OpenDoors()
    async with (
        spine(
            *(config.storage.data, clock, base.health, base.metrics, config.store, config.commit),
            BackupRescuer(config.backup.folder, clock),
        ) as trunk,
        playback(config.storage.data, trunk.reader, trunk.committer, clock, config.playback) as playing,
        _access(base, trunk, doors) as known,
        Supervisor(clock, base.health) as parts,
        Lanes(len(os.sched_getaffinity(0)), "decode") as lanes,
    ):
        await _begin(base, trunk)
        footage = await _footage(base, trunk)
        pipeline = Pipeline(base, trunk, lanes, footage, _gpus(config))
        reach = config.server.reach
        tls = await asyncio.to_thread(_tls, base) if reach.is_tls else None
        screens = Screens(base, trunk, pipeline, playing, Door(known, tls, doors))
        descriptors = Descriptors(limit, pipeline.fleet.count, base.health)
        async with WebServer(
            *(screens.collaborators, config.web, screens.sockets, config.server.host, config.server.port),
            *(reach.front(), tls, descriptors),
        ) as server:
            descriptors.tell()
            footage.start(parts)
            pipeline.start(parts)
            screens.start(parts)
            parts.start("web", server.run)
            parts.start("sessions", known.accounts.run)
            parts.start("setup token", known.setup.run)
            parts.start("open doors", server.look_at_doors)
            if tls is not None:
                parts.start("certificate watch", tls.run)
            if manager is not None and manager.is_there:
                parts.start("watchdog", Watchdog(manager, clock, base.health, pipeline.missing).run)
            try:
                yield Running(
                    *(server.port, reach.url(server.port), tls, trunk, pipeline.workers, pipeline.keeper),
                    known,
                )
            finally:
                await parts.stop("cameras")
                await pipeline.close()
                await footage.close(parts, trunk.patience)


class Pipeline:
    """From the cameras to the commit."""

    def __init__(
        self, base: Base, trunk: Spine, lanes: Lanes, footage: Footage, gpus: Sequence[int] = (0,)
    ) -> None:
        config, clock, data = base.config, base.clock, base.config.storage.data

        # cameras → packets: a thread for each camera, kept in step with the rows
        self.latest = LatestFrames()
        self.presence = Presence(clock)
        self.fleet = ReaderFleet(self._reader, clock, config.packets, self._report, self._gone)

        # packets → footage: never decoded, and waiting for nothing that follows
        self.footage = footage

        # second address → small pictures and small live view: read only while somebody looks
        self.viewers = Viewers(config.packets.live_linger_s)
        self.small = SmallPictures(
            lambda camera: source_for(camera, clock, config.packets), clock, config.packets
        )

        # packets → live view: fragments for whoever watches, never decoded
        self.live = LiveHub(self.small, clock, config.live, base.metrics)

        # frames + motion → detections: a worker process for each GPU, and who looks after their model
        self.workers = WorkerFleet.of(gpus, clock, config.detector)
        models = ModelFolder(config.storage.models)
        fetcher = ModelFetcher(models, clock)
        self.calibrator = Calibrator(Measurements(models.folder), clock, config.detector, gpus[0])
        self.keeper = ModelKeeper(
            *(self.workers, models, clock, base.health, config.detector),
            fetcher=fetcher,
            calibrator=self.calibrator,
        )
        self.exporter = Exporter(models, clock, self.calibrator.surroundings)
        self.model_library = ModelLibrary(
            *(models, fetcher, config.detector, lambda: self.workers.info),
            calibrator=self.calibrator,
            exporter=self.exporter,
        )
        self.stage = DetectionStage(
            *(self.workers.clients, clock, base.metrics, config.detector, self._detections),
            *(base.health, self.keeper),
        )

        # packets → frames → motion: as much as is worth it, a few threads for all cameras
        self.ingests = Ingests(
            *(base, self.stage, self.latest, self.viewers, lanes, footage, self._report), self.live.attach
        )

        # detections → tracks → events → alerts: one watch for each camera, one commit for each step
        self.pictures = Pictures(data)
        self.album = PictureKeeper(self.pictures, trunk.committer, base.health, encode_jpeg)
        self.writer = EventWriter(trunk.committer, base.metrics)
        self.roster = Roster(
            *(trunk.reader, trunk.committer, trunk.bus, self.stage, self.latest, clock),
            self.ingests.is_busy,
            functools.partial(
                _watch, base, local_zone_name(), code_version(), self.stage, self.writer, self.album
            ),
        )

    def start(self, parts: Supervisor) -> None:
        """Start in the order in which nothing has to wait for what is not there yet."""
        for part, client in self.workers.parts().items():
            parts.start(part, client.run)
        parts.start("model keeper", self.keeper.run)
        parts.start("calibration", self.calibrator.run)
        parts.start("engine builder", self.exporter.run)
        parts.start("model library", self.model_library.run)
        parts.start("detections", self.stage.run)
        parts.start("pictures writer", self.album.run)
        parts.start("camera reports", self.roster.store_reports)
        parts.start("cameras", lambda: self.roster.follow(self.footage, self.fleet, self.small, self.ingests))
        parts.start("camera threads", self.fleet.keep)
        parts.start("settings", self.roster.follow_house)
        parts.start("clock tick", self.roster.tick)
        parts.start("live view", self.live.run)

    def processes(self) -> dict[str, int | None]:
        """Return the pids of our own processes by what they do."""
        return {"Service": os.getpid(), **self.workers.processes()}

    def looked(self) -> dict[CameraId, Looked]:
        """Return what became of each camera's frames."""
        return {
            camera_id: Looked(ledger.done, ledger.dropped + ledger.lost)
            for camera_id, ledger in self.stage.ledgers().items()
        }

    def missing(self) -> list[str]:
        """Return the threads that bring in and write footage and have ended without a word."""
        readers = [f"the reader of camera {camera_id}" for camera_id in self.fleet.missing()]
        return readers + [f"the writer of {path}" for path in self.footage.disks.missing()]

    def _reader(self, camera: Camera) -> CameraReader:
        return self.ingests.reader(camera)

    async def close(self) -> None:
        """Let all cameras go, and wait for their threads together."""
        await asyncio.gather(asyncio.to_thread(self.fleet.close), asyncio.to_thread(self.small.close))

    def _gone(self, camera_id: CameraId) -> None:
        self.latest.forget(camera_id)
        self.presence.forget(camera_id)
        self.viewers.forget(camera_id)
        self.ingests.forget(camera_id)
        self.live.forget(camera_id)

    def _report(self, report: Report) -> None:
        if isinstance(report, CameraReport):
            self.presence.on_report(report)
            self.footage.on_report(report)
            self.live.on_report(report)
        self.roster.on_report(report)

    async def _detections(self, frame: Frame, found: Detections) -> None:
        await self.roster.on_detections(frame, found)


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in, and with which certificate they are met, where there is one."""

    known: Access
    tls: Tls | None
    doors: OpenDoors


class Screens:
    """From the bus and the database to the screens, and to whoever else is to hear of it."""

    def __init__(self, base: Base, trunk: Spine, pipeline: Pipeline, playing: Playback, door: Door) -> None:
        config, clock, opening = base.config, base.clock, trunk.store.opening
        stats = pipeline.ingests
        nvml = Nvml(pynvml, clock, ProcessNames(pipeline.processes))
        gpus = WatchedGpus(MachineGpus(nvml, Jetson()), base.health, clock)
        self.playing = playing
        self.gauges = CameraGauges(base.metrics, stats)
        self.broadcaster = SystemBroadcaster(clock, trunk.bus, base.health, gpus, stats, config.monitor)
        self.monitor = MachineMonitor(clock, base.health, config.storage.data, config.monitor)
        self.host = HostMonitor(clock, HostReader(clock, pipeline.processes), config.monitor)
        self.sampler = _sampler(base, trunk, pipeline, self.broadcaster)
        self.camera_sampler = CameraSampler(clock, trunk.committer, pipeline.presence, stats)
        self.backups = BackupWatch(config.storage.data, config.backup, clock, base.health)
        self.retainer = Retainer(trunk.committer, pipeline.pictures, clock, config.retention)
        self.courier = Courier(
            *(trunk.reader, trunk.committer, trunk.bus, pipeline.pictures, clock, base.health),
            _with_link(config),
        )
        self.asker = _asker(base, trunk, pipeline)
        self._asks, self._known = config.second_look.is_on, door.known
        source = Source(trunk.bus, trunk.log, clock, opening.epoch)
        self.sockets = WebSocketHandler(source, config.websocket, base.metrics, door.doors)
        self.queues = QueueWatch(clock, lambda: self._queues(trunk, pipeline))
        self.collaborators = Collaborators(
            reader=trunk.reader,
            writer=SettlingWriter(trunk.committer, pipeline.roster.settle),
            health=base.health,
            metrics=base.metrics,
            clock=clock,
            cameras=CameraViews(pipeline.latest, pipeline.small, pipeline.viewers, clock, config.packets),
            live=pipeline.live,
            stats=stats,
            pictures=pipeline.pictures,
            detector=DetectorView(pipeline.keeper),
            models=pipeline.model_library,
            previewer=Previewer(config.storage.data, clock),
            gpus=self.broadcaster,
            playback=playing,
            storage=pipeline.footage.storage,
            notifier=self.courier,
            host=self.host,
            queues=self.queues,
            database=DatabaseMonitor(trunk.store, trunk.reader, trunk.committer),
            backups=self.backups,
            about=_about(opening, clock),
            accounts=door.known.accounts,
            logins=door.known.logins,
            users=door.known.users,
            audit=door.known.audit,
            is_local=config.server.is_local,
            doors=door.doors,
            certificate=door.tls,
            zone=zoneinfo.ZoneInfo(local_zone_name()),
            events=config.events,
        )

    def start(self, parts: Supervisor) -> None:
        """Start what speaks by itself."""
        parts.start("system broadcaster", self.broadcaster.run)
        parts.start("machine", self.monitor.run)
        parts.start("host", self.host.run)
        parts.start("queue watch", self.queues.run)
        parts.start("samples", self.sampler.run)
        parts.start("camera samples", self.camera_sampler.run)
        parts.start("notifications", self.courier.run)
        if self._asks:
            parts.start("second look", self.asker.run)
        parts.start("retention", self.retainer.run)
        parts.start("backup watch", self.backups.run)
        parts.start("exports", self.playing.exporter.run)
        parts.start("previews", self.playing.previews.run)

    def _queues(self, trunk: Spine, pipeline: Pipeline) -> list[QueueState]:
        """Return every bounded queue, in the order of the data's way."""
        return [
            *pipeline.roster.queues(),
            *pipeline.ingests.queues(),
            *pipeline.stage.queues(),
            *pipeline.footage.queues(),
            *pipeline.album.queues(),
            *trunk.committer.queues(),
            *pipeline.writer.queues(),
            *self.asker.queues(),
            *trunk.bus.queues(),
            *self.playing.previews.queues(),
            *pipeline.live.queues(),
            *self.sockets.queues(),
            *self._known.queues(),
        ]


def _asker(base: Base, trunk: Spine, pipeline: Pipeline) -> Asker:
    return Asker(
        *(trunk.reader, trunk.bus, pipeline.pictures, base.clock, base.health, base.metrics),
        base.config.second_look,
        zoneinfo.ZoneInfo(local_zone_name()),
        pipeline.roster.second_look,
    )


class Ingests:
    """Makes a reader with its ring, its decoder and its eye for each camera, and knows their figures."""

    def __init__(
        self,
        base: Base,
        stage: DetectionStage,
        latest: LatestFrames,
        viewers: Viewers,
        lanes: Lanes,
        footage: Footage | None,
        on_report: Callable[[Report], None],
        on_fanout: Callable[[CameraId, Fanout], None],
    ) -> None:
        self._base = base
        self._stage = stage
        self._latest = latest
        self._viewers = viewers
        self._lanes = lanes
        self._footage = footage
        self._on_report = on_report
        self._on_fanout = on_fanout
        self._packets = PacketCounters(base.metrics)
        self._pacer = Pacer(base.config.packets.connect_interval_s)
        self._frames = FrameCounters(base.metrics)
        self._left_out = base.metrics.counter(
            "nightjar_packets_left_out_total", "Packets not decoded since the machine was too slow", "camera"
        )
        self._false_wakes = base.metrics.counter(
            "nightjar_false_wakes_total", "Times that packets stood out and nothing moved", "camera"
        )
        base.metrics.on_collect(self._collect)
        self._devices = HardwareDevices()
        self._running: dict[CameraId, CameraIngest] = {}
        self._eyes: dict[CameraId, Eye] = {}

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Let each camera be looked at by what is drawn on its picture now; its reader goes on."""
        for camera in cameras:
            eye = self._eyes.get(camera.id)
            if eye is not None:
                eye.draw(camera.scene)

    def reader(self, camera: Camera) -> CameraReader:
        """Return an unstarted reader whose packets go to the ring, and what is decoded to the detection."""
        config, clock = self._base.config, self._base.clock
        ingest = self._ingest(camera)
        before, self._running[camera.id] = self._running.get(camera.id), ingest
        if before is not None:
            before.close()
        return CameraReader(
            camera,
            lambda wanted: source_for(wanted, clock, config.packets),
            clock,
            config.packets,
            ingest.on_packet,
            self._on_report,
            on_sound=ingest.on_sound,
            counters=self._packets,
            pacer=self._pacer,
            after_us=None if self._footage is None else self._footage.reached_us(camera.id),
        )

    def read(self) -> list[CameraStats]:
        """Return every camera's figures of the moment, in no order; any thread."""
        now_ns = self._base.clock.monotonic_ns()
        return [
            ingest.stats(
                *(now_ns, self._packets.reconnects(camera_id)),
                None if self._footage is None else self._footage.doing(camera_id),
            )
            for camera_id, ingest in list(self._running.items())
        ]

    def queues(self) -> list[QueueState]:
        """Return how much was not decoded since the machine was too slow."""
        left_out = sum(ingest.figures.skipped for ingest in list(self._running.values()))
        return [
            QueueState(
                *("decoding", "Video that was not decoded in time", "packets"),
                "decoding goes on at the newest keyframe; recording is not touched by it",
                dropped=left_out,
                kind=QueueKind.COUNTER,
            )
        ]

    def is_busy(self, camera_id: CameraId) -> bool:
        """Return whether packets of a camera are still being decoded."""
        ingest = self._running.get(camera_id)
        return ingest is not None and ingest.is_busy

    def forget(self, camera_id: CameraId) -> None:
        """Drop what is counted of a camera that is gone."""
        ingest = self._running.pop(camera_id, None)
        self._eyes.pop(camera_id, None)
        if ingest is not None:
            ingest.close()
        for counters in (self._packets, self._frames, self._left_out, self._false_wakes):
            counters.forget(camera_id)

    def _collect(self) -> None:
        for camera_id, ingest in list(self._running.items()):
            self._left_out.set(ingest.figures.skipped, camera_id)
            self._false_wakes.set(ingest.figures.false_wakes, camera_id)

    def _ingest(self, camera: Camera) -> CameraIngest:
        config, clock = self._base.config, self._base.clock
        ring = PacketRing(config.packets.ring_s, config.packets.ring_bytes)
        recorder = None if self._footage is None else self._footage.recorder(camera, ring)
        eye = self._eyes[camera.id] = Eye(
            *(camera, MotionDetector(config.motion), self._stage, self._latest.put),
            lambda: self._viewers.is_watched(camera.id, clock.monotonic_ns()),
            None if recorder is None else recorder.motion,
            TamperingDetector(config.motion),
            self._on_report,
        )
        decoder = OnDemandDecoder(
            camera.decode,
            FrameDecoder(
                *(camera.detect_fps, config.frames, self._frames),
                DecoderChoice(config.frames.decoder, self._devices),
            ),
            ring,
            eye,
            clock,
            config.frames,
            self._lanes,
            f"decoding of camera {camera.id}",
        )
        fanout = Fanout(camera.id, ring, SoundRing(config.packets.ring_s))
        self._on_fanout(camera.id, fanout)
        return CameraIngest(camera, fanout, decoder, self._on_report, recorder)


class DetectorView:
    """What the page is told of the detector."""

    def __init__(self, keeper: ModelKeeper) -> None:
        self._keeper = keeper

    def status(self) -> DetectorStatus:
        """Return which detector works and how it is doing."""
        status = self._keeper.status
        name = f"{status.detector} on {status.accelerator}" if status.accelerator else status.detector
        return DetectorStatus(
            name, "ready" if status.detector else "starting", status.note, status.progress, status.back_end
        )


def _watch(
    base: Base,
    time_zone: str,
    version: str,
    stage: DetectionStage,
    writer: EventWriter,
    album: PictureKeeper,
    camera: Camera,
    house: House,
    left: LeftBehind,
) -> Watch:
    config = base.config
    setup = Setup(camera.id, camera.name, camera.scene, config.tracks, config.events, house, time_zone)
    start = start_of(setup, left, base.clock.wall_us(), secrets.token_hex(8))
    return Watch(camera, Decider(setup, start), stage, writer, album, base.clock, version, left.last_frame_us)


def start_of(setup: Setup, left: LeftBehind, at: WallUs, seed: str) -> Start:
    """Return how a camera's decisions begin with what a former run left of it."""
    return Start(
        at_us=at,
        seed=seed,
        recovered=Recovered(
            interrupted=tuple(Interrupted(cut.event, cut.last_box) for cut in left.cut_off),
            batch=left.batch,
            batch_events=left.batch_events,
            label_last_seen=left.label_last_seen,
            stayed=tuple(Stayed(one.event, one.batch, one.batch_events) for one in left.stayed),
            baseline=learnt_from(
                left.begun, zoneinfo.ZoneInfo(setup.time_zone), setup.events.baseline_half_life_days
            ),
        ),
        last_track=left.last_track,
        alerts=AlertMemory(left.last_alerts, left.alerted),
    )


def _gpus(config: Config) -> tuple[int, ...]:
    """Return the number of each GPU that gets a worker."""
    return gpus_to_use(config.detector.gpus, gpus_there(), os.environ.get("CUDA_VISIBLE_DEVICES"))


async def _footage(base: Base, trunk: Spine) -> Footage:
    config = base.config
    return Footage(
        await recollect(trunk.reader),
        config.footage_paths,
        config.recordings,
        *(trunk.reader, trunk.committer, trunk.bus, base.clock, base.health, base.metrics),
        zoneinfo.ZoneInfo(local_zone_name()),
    )


def _with_link(config: Config) -> NotificationsSettings:
    """Return how alerts are sent; their links lead to the name that the owner gave the server."""
    settings = config.notifications
    return dataclasses.replace(
        settings, base_url=settings.base_url or config.server.reach.link(config.server.port)
    )


def _access(base: Base, trunk: Spine, doors: OpenDoors) -> AbstractAsyncContextManager[Access]:
    config = base.config
    return access(
        *(config.storage.data, trunk.reader, trunk.committer, base.clock, base.health, base.metrics),
        *(config.accounts, doors, trunk.patience),
        is_local=config.server.is_local,
    )


def _tls(base: Base) -> Tls:
    config = base.config
    keys, own = config.storage.data / KEYS, config.server.own_certificate
    tls = Tls(
        *(keys, config.server.reach.certificate_names, base.clock, base.health),
        None if own is None else Pair(*own),
    )
    tls.load()
    return tls


def _sampler(base: Base, trunk: Spine, pipeline: Pipeline, broadcaster: SystemBroadcaster) -> Sampler:
    clock = base.clock
    return Sampler(
        *(clock, trunk.reader, trunk.committer, HostReader(clock, dict), broadcaster),
        *(pipeline.looked, pipeline.footage.folders),
    )


def _about(opening: Opening, clock: Clock) -> About:
    checked_us = opening.checked_us
    return About(
        *(__version__, opening.sqlite_version, opening.epoch, iso_of_us(clock.wall_us())),
        None if checked_us is None else iso_of_us(checked_us),
        opening.is_check_whole,
    )


async def _begin(base: Base, trunk: Spine) -> None:
    """Set right what a former run left, and make the file's cameras rows, in one commit."""
    opening = trunk.store.opening
    if opening.lost:
        base.health.report("database file", Level.DEGRADED, _lost_words(opening))
    await trunk.committer.commit(functools.partial(first_unit, base.config, base.clock.wall_us()))


def _lost_words(opening: Opening) -> str:
    aside = opening.moved_aside
    where = "" if aside is None else f"; it now lies at {aside.name}"
    came = f"it was restored from {opening.restored_from}" if opening.restored_from else "a new one was begun"
    return (
        f"the database was of no use ({opening.lost}){where}; {came}; its footage is found again on the disks"
    )


def first_unit(config: Config, at: WallUs, connection: Connection) -> None:
    """Begin a run: the file's cameras are rows, and of what was open only that stays so which rested."""
    statements.provision(connection, config.cameras, at)
    statements.interrupt_open_events(connection)
    statements.complete_batches_of_absent_cameras(connection)
    statements.forget_states(connection, at)


async def _greet(
    config: Config, running: Running, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Say where the page is and what runs."""
    announce(f"Nightjar {__version__} · {running.url}")
    if running.tls is not None:
        announce(f"certificate  SHA-256 {running.tls.fingerprint}")
    for line in _way_in(running.access, sys.stdout.isatty()):
        announce(line)
    stopping = asyncio.ensure_future(stop.wait())
    detector = asyncio.ensure_future(running.workers.ready())
    await asyncio.wait({stopping, detector}, timeout=FIRST_DETECTOR_S, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    detector.cancel()
    status = running.keeper.status
    words = [status.detector or "starting", status.accelerator, status.note]
    announce("detector  " + " · ".join(word for word in words if word))
    announce(f"database  SQLite {running.spine.store.opening.sqlite_version} · {config.storage.data}")


def _way_in(known: Access, is_seen_by_a_person: bool) -> list[str]:
    """Return what to say of logins; the setup token to a terminal alone, for all else is kept in a log."""
    if known.token is None:
        return []
    shown = known.token if is_seen_by_a_person else "`nightjar setup-token` prints it"
    return [f"access    nobody has claimed this box yet · setup token, for 30 minutes: {shown}"]
