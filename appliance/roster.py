"""The cameras that are rows of the database, and the watches and readers that follow them."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel
from appliance.commit.committer import Committer
from appliance.decisions.setup import House
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera, CameraReport, CameraState, StreamMeasured, Trial
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId, EventId
from appliance.domain.second_look import Opinion
from appliance.domain.tampering import TamperingReport
from appliance.domain.time import WallUs, wall_after
from appliance.errors import NotRecordable, StoreUnavailable
from appliance.frames.decoder import FrameDecoder
from appliance.frames.jpeg import encode_jpeg
from appliance.packets.probe import Probed, probe
from appliance.packets.sample_entry import sample_entry
from appliance.packets.search import Found, Missed, search
from appliance.packets.settings import Settings as PacketsSettings
from appliance.packets.viewers import Viewers
from appliance.runtime.clock import Clock
from appliance.runtime.mailbox import Mailbox, Policy
from appliance.runtime.queue_state import QueueState
from appliance.small_pictures import SmallPictures
from appliance.store import pipeline
from appliance.store.reader import Reader
from appliance.store.recovery import LeftBehind, left_behind
from appliance.watch import LatestFrames, Watch

REPORTS_WAITING = 4096
TICK_S = 1.0
TRIAL_S = 10.0
TRIAL_FPS = 1.0
TRIAL_WIDTH_PX = 640
CONTINUABLE_S = 600.0

T = TypeVar("T")
Report: TypeAlias = CameraReport | StreamMeasured | TamperingReport
"""What a reader says of its camera, and who looks at its pictures."""

CHANGES = Filter(
    channels=frozenset({Channel.SYSTEM}),
    types=frozenset({"camera_created", "camera_updated", "camera_deleted"}),
)


class Follower(Protocol):
    """Somebody who must match the rows, such as the readers."""

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Match these cameras; does not wait."""
        ...


class Roster:
    """Keeps one watch and one reader for each camera of the database.

    It hears of changes on the bus, so that one by the API, by the file and by the sqlite3 program are applied
    alike. Lives on the event loop; only ``on_report`` is called from the readers' threads.

    Args:
        is_decoding: says whether packets of a camera that have come are still being decoded.
        make_watch: makes a camera's watch of what is set and what a former run left of it.
    """

    def __init__(
        self,
        reader: Reader,
        committer: Committer,
        bus: Bus,
        stage: DetectionStage,
        latest: LatestFrames,
        clock: Clock,
        is_decoding: Callable[[CameraId], bool],
        make_watch: Callable[[Camera, House, LeftBehind], Watch],
    ) -> None:
        self._reader = reader
        self._committer = committer
        self._bus = bus
        self._stage = stage
        self._latest = latest
        self._clock = clock
        self._is_decoding = is_decoding
        self._make_watch = make_watch
        self._watches: dict[CameraId, Watch] = {}
        self._ending: set[CameraId] = set()
        # What was said last of each camera: a reader may speak before its camera's watch is made.
        self._states: dict[CameraId, CameraState] = {}
        self._house = House()
        # Whoever has read last also applies last.
        self._applying = asyncio.Lock()
        self._reports = Mailbox[Report]("camera reports", REPORTS_WAITING, Policy.DROP_OLDEST)

    def on_report(self, report: Report) -> None:
        """Take a reader's word about its camera; from any thread."""
        self._reports.put(report)

    def queues(self) -> list[QueueState]:
        """Return what waits of the readers' words."""
        return [self._reports.state("reports", "Reports of the cameras' states", "reports")]

    async def on_detections(self, frame: Frame, found: Detections) -> None:
        """Hand an analysed frame to its camera's watch."""
        watch = self._watches.get(frame.camera_id)
        if watch is not None:
            watch.on_detections(frame, found)

    def second_look(
        self, camera_id: CameraId, event_id: EventId, model: str, opinion: Opinion, summary: str
    ) -> bool:
        """Hand what a model said of an event to its camera; return whether it is still known there."""
        watch = self._watches.get(camera_id)
        return watch is not None and watch.second_look(event_id, model, opinion, summary)

    async def follow(self, *followers: Follower) -> None:
        """Apply the cameras of the database, now and after each change, until cancelled."""
        with self._bus.subscribe(CHANGES) as changes:
            while True:
                gone = {m.camera_id for m in changes.take() if m.type == "camera_deleted"}
                changes.catch_up()
                await self._apply(followers, gone)
                await changes.wait()

    async def follow_house(self) -> None:
        """Apply what is set for all cameras soon after it has changed, until cancelled.

        It is in no message. What the API changes, ``settle`` applies at once; this is for other programs.
        """
        while True:
            await self._clock.sleep(TICK_S)
            async with self._applying:
                house = await self._reader.ask(pipeline.house)
                if house != self._house:
                    self._configure([watch.camera for watch in self._watches.values()], house)

    async def settle(self) -> None:
        """Let what the database holds of settings count for every frame from now on."""
        async with self._applying:
            self._configure(*await self._reader.ask(_settings))

    async def store_reports(self) -> None:
        """Write what readers report, until cancelled."""
        self._reports.bind()
        while True:
            report = await self._reports.get()
            if isinstance(report, StreamMeasured):
                await self._store_measured(report)
            elif isinstance(report, TamperingReport):
                self._hear(report)
            else:
                await self._store(report)

    async def tick(self) -> None:
        """Let each watch do what is due without a frame, until cancelled."""
        while True:
            await self._clock.sleep(TICK_S)
            for camera_id, watch in self._watches.items():
                if camera_id in self._ending and not self._is_under_way(camera_id):
                    self._ending.discard(camera_id)
                    watch.close()
                watch.tick()

    def _is_under_way(self, camera_id: CameraId) -> bool:
        """Return whether the last packets of a file are still decoded or with the detector."""
        return self._is_decoding(camera_id) or bool(self._stage.ledger(camera_id).waiting)

    async def _apply(self, followers: Sequence[Follower], gone: set[CameraId | None]) -> None:
        """Make watches and followers match the rows; ``gone`` were deleted since the last time.

        One that was deleted and added again begins anew: its row knows nothing of the reader before.
        """
        async with self._applying:
            await self._apply_rows(followers, gone)

    async def _apply_rows(self, followers: Sequence[Follower], gone: set[CameraId | None]) -> None:
        cameras, house = await self._reader.ask(_settings)
        kept = [camera for camera in cameras if camera.id not in gone]
        for camera_id in self._watches.keys() - {camera.id for camera in kept}:
            self._watches.pop(camera_id).close()
            self._ending.discard(camera_id)
            self._states.pop(camera_id, None)
            self._stage.forget(camera_id)
        for follower in followers:
            follower.apply(kept)
        self._configure(cameras, house)
        for camera in cameras:
            if camera.id not in self._watches:
                # A camera of that name may have been taken away a moment ago: what that cut off comes first.
                await self._committer.commit(_nothing)
                left = await self._left_behind(camera)
                watch = self._watches[camera.id] = self._make_watch(camera, house, left)
                if camera.id in self._states:
                    watch.report(self._states[camera.id])
            self._stage.camera(camera.id, camera.labels)
        for follower in followers:
            follower.apply(cameras)

    def _configure(self, cameras: Sequence[Camera], house: House) -> None:
        self._house = house
        for camera in cameras:
            watch = self._watches.get(camera.id)
            if watch is not None:
                watch.configure(camera, house)

    async def _left_behind(self, camera: Camera) -> LeftBehind:
        since = wall_after(self._clock.wall_us(), -CONTINUABLE_S)

        def look(connection: Connection) -> LeftBehind:
            return left_behind(connection, camera.id, since)

        return await self._reader.ask(look)

    def _hear(self, report: TamperingReport) -> None:
        watch = self._watches.get(report.camera_id)
        if watch is not None:
            watch.tampered(report.how)

    async def _store_measured(self, measured: StreamMeasured) -> None:
        await self._committer.commit(lambda connection: pipeline.save_measured(connection, measured))

    async def _store(self, report: CameraReport) -> None:
        at = self._clock.wall_us()
        await self._committer.commit(lambda connection: pipeline.save_report(connection, report, at))
        if report.state in {CameraState.ENDED, CameraState.DISABLED}:
            self._ending.add(report.camera_id)
        else:
            self._ending.discard(report.camera_id)
        self._states[report.camera_id] = report.state
        watch = self._watches.get(report.camera_id)
        if watch is not None:
            watch.report(report.state)
        if report.state is not CameraState.ONLINE and report.state is not CameraState.ENDED:
            self._latest.forget(report.camera_id)


def _nothing(_connection: Connection) -> None:
    """Write nothing: once it is committed, so is all that was handed over before."""


def _settings(connection: Connection) -> tuple[list[Camera], House]:
    return pipeline.cameras(connection), pipeline.house(connection)


class SettlingWriter:
    """The writer as the web server has it: what was set counts before the answer says that it is set."""

    def __init__(self, committer: Committer, settle: Callable[[], Awaitable[None]]) -> None:
        self._committer = committer
        self._settle = settle

    async def commit(self, unit: Callable[[Connection], T]) -> T:
        """Commit the unit, let it count, and return what it returned.

        Raises:
            StoreUnavailable: the database could not be written in time; nothing was changed.
            Overloaded: too many changes wait.
        """
        result = await self._committer.request(unit)
        # What cannot be read just now is read again by the roster itself, a second later or at its message.
        with contextlib.suppress(StoreUnavailable):
            await self._settle()
        return result


class JpegPicture(NamedTuple):
    """A camera's frame as JPEG, and the instant that it shows."""

    jpeg: bytes
    wall_us: WallUs


class CameraViews:
    """What the web server shows of cameras: their newest frame, and what a new one would show. Blocks."""

    def __init__(
        self,
        latest: LatestFrames,
        small: SmallPictures,
        viewers: Viewers,
        clock: Clock,
        settings: PacketsSettings,
    ) -> None:
        self._latest = latest
        self._small = small
        self._viewers = viewers
        self._clock = clock
        self._settings = settings

    def latest_jpeg(self, camera_id: CameraId, small: bool = False) -> JpegPicture | None:
        """Return the newest decoded frame as JPEG, or ``None`` when there is none.

        With ``small`` a frame of the second address will do, which is read from now on: it comes unless the
        main stream has a newer one. A camera whose main stream shows nothing shows nothing.
        """
        self._viewers.looked(camera_id, self._clock.monotonic_ns())
        frame = self._latest.get(camera_id)
        if frame is None:
            return None
        second = self._small.look(camera_id) if small else None
        newest = frame if second is None or second.arrived_ns < frame.arrived_ns else second
        return JpegPicture(encode_jpeg(newest), newest.wall_us)

    def live_note(self, camera_id: CameraId) -> str:
        """Return why the camera's second address could not be read; empty when it could, or was not tried."""
        return self._small.note(camera_id)

    def probe(self, camera: Camera, stop: threading.Event) -> Trial:
        """Connect to a camera that need not be known, look at its stream and let go again.

        It lets go early when ``stop`` is set, as if the stream had ended.

        Raises:
            SourceFailure: with the kind that tells the cause.
            AddressError: no source can be made of its address.
        """
        place = replace(camera, enabled=True)
        return trial_of(probe(place, TRIAL_S, self._clock, self._settings, stop=stop))

    def find(self, camera: Camera, stop: threading.Event) -> Found | Missed:
        """Look for the streams of a camera whose address has no path, until ``stop`` is set."""

        def attempt(place: Camera, limit_s: float, look_on_s: float) -> Trial:
            return trial_of(
                probe(place, limit_s, self._clock, self._settings, look_on_s=look_on_s, stop=stop)
            )

        return search(camera, attempt, self._clock, stop)


def trial_of(found: Probed) -> Trial:
    """Return what becomes of a stream here: whether it can be recorded, and its first picture; blocks."""
    try:
        sample_entry(found.keyframe)
        trouble = ""
    except NotRecordable as err:
        trouble = str(err)
    frame = FrameDecoder(TRIAL_FPS).look(found.keyframe)
    return Trial(found.facts, trouble, None if frame is None else encode_jpeg(frame, TRIAL_WIDTH_PX))
