"""The whole web server on a real file and a free port; cameras, detector and GPUs are made up."""

import io
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientSession
from multidict import CIMultiDict, CIMultiDictProxy
from sqlalchemy.orm import Session

from appliance.accounts.access import Access, access
from appliance.accounts.caller import Caller
from appliance.accounts.settings import AccountsSettings
from appliance.backup.settings import Settings as BackupSettings
from appliance.backup.watch import BackupWatch
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.detections.model_library import Shelf
from appliance.detections.models import Recipe
from appliance.domain.access import Sight
from appliance.domain.camera import Camera, CameraStats, StreamFacts, Trial
from appliance.domain.footage import KeepClass
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import WallUs
from appliance.errors import NightjarError, SourceFailure
from appliance.events.settings import Settings as EventsSettings
from appliance.live.hub import LiveHub
from appliance.live.settings import LiveSettings
from appliance.monitor.database import DatabaseMonitor
from appliance.monitor.host_stats import HostStats
from appliance.monitor.queue_watch import QueueWatch
from appliance.monitor.stats import GpuStats
from appliance.notifications.courier import Courier
from appliance.notifications.settings import Settings as NotificationsSettings
from appliance.packets.fanout import Fanout
from appliance.packets.search import Found, Missed
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.storage import AbsentFootage, CameraFootage, StoredFootage
from appliance.recordings.playback.playback import playback
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.recordings.settings import Role
from appliance.replay.preview import Question
from appliance.roster import JpegPicture, SettlingWriter
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store.pictures import Pictures
from appliance.store.reader import Reader
from appliance.store.settings import StoreSettings
from appliance.store.times import iso_of_us, us_of_iso
from appliance.web import ports
from appliance.web.front import PLAIN, Front
from appliance.web.open_doors import OpenDoors
from appliance.web.ports import About, Cameras, Collaborators
from appliance.web.server import WebServer
from appliance.web.settings import WebSettings
from appliance.web.tls import Tls
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from appliance.web.wire import DetectorStatus, Preview, PreviewCount
from tests.support.accounts import QuickWork, RecordingDoors

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
STARTED_AT = "2026-11-23T15:00:00.000Z"
TAKEN_US = WallUs(1_795_446_245_123_456)


@dataclass
class FakeCameras:
    """Cameras whose frames and failures a test chooses."""

    frames: dict[CameraId, bytes] = field(default_factory=dict)
    taken_us: WallUs = TAKEN_US
    small_frames: dict[CameraId, bytes] = field(default_factory=dict)
    notes: dict[CameraId, str] = field(default_factory=dict)
    failure: SourceFailure | None = None
    probed: list[Camera] = field(default_factory=list)
    live_url: str | None = None
    search: Callable[[threading.Event], Found | Missed] | None = None
    holds_probes: Callable[[threading.Event], None] | None = None
    trial: Trial = field(default=Trial(StreamFacts("h264", 1280, 720, 15.0, 2.0), jpeg=b"\xff\xd8\xff\xd9"))

    def latest_jpeg(self, camera_id: CameraId, small: bool = False) -> JpegPicture | None:
        """Return the frame that the test has set, of either size."""
        jpeg = (small and self.small_frames.get(camera_id)) or self.frames.get(camera_id)
        return None if jpeg is None else JpegPicture(jpeg, self.taken_us)

    def live_note(self, camera_id: CameraId) -> str:
        """Return the note that the test has set."""
        return self.notes.get(camera_id, "")

    def find(self, camera: Camera, stop: threading.Event) -> Found | Missed:
        """Fail as the test wants, or find what the test has set."""
        self.probed.append(camera)
        if self.search is not None:
            return self.search(stop)
        if self.failure is not None:
            return Missed(self.failure, 1)
        return Found(f"{camera.url}/main", self.trial, self.live_url, 1)

    def probe(self, camera: Camera, stop: threading.Event) -> Trial:
        """Fail as the test wants, or find a stream."""
        self.probed.append(camera)
        if self.holds_probes is not None:
            self.holds_probes(stop)
        if self.failure is not None:
            raise self.failure
        return self.trial


@dataclass
class FakeSecondAddresses:
    """Smaller streams that a test chooses."""

    fanouts: dict[CameraId, Fanout] = field(default_factory=dict)
    notes: dict[CameraId, str] = field(default_factory=dict)
    asked: list[CameraId] = field(default_factory=list)

    def watch(self, camera_id: CameraId) -> Fanout | None:
        """Note that somebody watches, and return what the test has set."""
        self.asked.append(camera_id)
        return self.fanouts.get(camera_id)

    def note(self, camera_id: CameraId) -> str:
        """Return the note that the test has set."""
        return self.notes.get(camera_id, "")


@dataclass
class FakeStats:
    """Figures of the cameras that a test chooses."""

    now: list[CameraStats] = field(default_factory=list)

    def read(self) -> list[CameraStats]:
        """Return the chosen figures."""
        return self.now


@dataclass
class FakeDetector:
    """A detector that is in the state which a test chooses."""

    now: DetectorStatus = field(
        default_factory=lambda: DetectorStatus("built-in", "ready", "no model yet; it is being fetched")
    )

    def status(self) -> DetectorStatus:
        """Return the chosen state."""
        return self.now


@dataclass
class FakeModels:
    """The models that a test chooses.

    Attributes:
        refusal: what a pull is answered with; it is taken up where that is ``None``.
        pulled: the names that were asked for.
        removed: likewise.
        exported: likewise, and how.
    """

    now: Shelf = field(default_factory=lambda: Shelf((), "auto", may_fetch=True))
    refusal: NightjarError | None = None
    pulled: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    exported: list[tuple[str, Recipe]] = field(default_factory=list)

    async def read(self) -> Shelf:
        """Return the chosen models."""
        return self.now

    async def pull(self, name: str) -> None:
        """Take it up or refuse it."""
        if self.refusal is not None:
            raise self.refusal
        self.pulled.append(name)

    async def remove(self, name: str) -> None:
        """Note it or refuse it."""
        if self.refusal is not None:
            raise self.refusal
        self.removed.append(name)

    async def export(self, name: str, recipe: Recipe) -> None:
        """Note it or refuse it."""
        if self.refusal is not None:
            raise self.refusal
        self.exported.append((name, recipe))


@dataclass
class FakePreviewer:
    """Finds nothing different.

    Attributes:
        asked: what was to be tried.
    """

    asked: list[Question] = field(default_factory=list)

    async def preview(self, question: Question) -> bytes:
        """Note it, and find the same one event."""
        self.asked.append(question)
        same = PreviewCount(1, 0)
        time = iso_of_us(question.from_us), iso_of_us(question.to_us)
        return msgspec.json.encode(Preview(*time, 1, same, same, [], [], [], "the same 1 event."))


@dataclass
class FakeGpus:
    """GPUs with the figures that a test chooses."""

    gpus: list[GpuStats] = field(default_factory=lambda: [GpuStats(0, "Test GPU", utilization_percent=12.0)])


@dataclass
class FakeStorage:
    """Storage paths that are in the state which a test chooses."""

    now: list[StoredFootage] = field(
        default_factory=lambda: [
            StoredFootage(
                id=VolumeId("hot"),
                path=Path("/mnt/footage"),
                role=Role.HOT,
                state=State(Condition.OK, space=Space(1000, 300)),
                reserve=50,
                sizes={KeepClass.MOTION: 400, None: 7},
                protected_size=9,
                bytes_s=2.5,
                days_left=0.25,
            )
        ]
    )

    async def cameras(self, _sight: Sight) -> list[CameraFootage]:
        """Return what lies of one camera."""
        return [CameraFootage(CameraId("front"), 407, 9, 2.5, us_of_iso(STARTED_AT))]

    async def absent(self, _sight: Sight) -> list[AbsentFootage]:
        """Return a disk that was taken out."""
        return [AbsentFootage(VolumeId("gone"), "/mnt/old", 9_000, 1_000)]

    async def read(self, _sight: Sight) -> list[StoredFootage]:
        """Return the chosen states."""
        return self.now


@dataclass
class FakeHost:
    """A machine with the figures that a test chooses."""

    stats: HostStats = field(default_factory=HostStats)


@dataclass
class FakeAccounts:
    """Somebody for each secret that a test chooses: the cookie's, or that of the Authorization header."""

    sessions: dict[str, Caller] = field(default_factory=dict)
    tokens: dict[str, Caller] = field(default_factory=dict)
    is_claimed: bool = True

    async def by_session(self, secret: str) -> Caller | None:
        """Return the chosen one."""
        return self.sessions.get(secret)

    async def by_token(self, text: str) -> Caller | None:
        """Return the chosen one."""
        return self.tokens.get(text)


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def cursor(self) -> int:
        """The cursor of the snapshot that the answer was read from."""
        return int(self.headers["Nightjar-Cursor"])


class WebBox:
    """A running web server, and what a test needs to look behind it."""

    def __init__(self, running: Spine, with_: Collaborators, server: WebServer, http: ClientSession) -> None:
        self.spine = running
        self.with_ = with_
        self.server = server
        self.http = http
        self.known: Access
        self.told: RecordingDoors
        self.footage_folder = running.store.path.parent / "footage"
        self.footage_folder.mkdir(exist_ok=True)

    @property
    def url(self) -> str:
        """The address of the page, without the slash at its end."""
        return f"http://127.0.0.1:{self.server.port}"

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the server; ``body`` is sent as JSON, ``raw`` as it is."""
        sent = CIMultiDict(headers or {})
        data = msgspec.json.encode(body) if body is not None else raw
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        url = f"{self.url}{path}"
        whole = None if data is None else io.BytesIO(data)
        async with self.http.request(
            method, url, data=whole, headers=sent, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a path."""
        return await self.ask("GET", path, headers=headers)

    async def add(self, *rows: object) -> None:
        """Insert ORM rows in order."""

        def work(connection: Any) -> None:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                for row in rows:
                    session.add(row)
                    session.flush()
                session.commit()

        await self.spine.committer.commit(work)


@asynccontextmanager
async def web_box(
    data_dir: Path,
    settings: WebSettings | None = None,
    cameras: Cameras | None = None,
    port: int = 0,
    live: LiveSettings | None = None,
    notifications: NotificationsSettings | None = None,
    accounts: ports.Accounts | None = None,
    is_local: bool = True,
    storage: Callable[[Reader], ports.Storage] | None = None,
    front: Front = PLAIN,
    tls: Tls | None = None,
    commit: CommitSettings | None = None,
) -> AsyncIterator[WebBox]:
    """Run the spine and the whole web server."""
    clock, health, metrics, doors = SystemClock(), Health(), Metrics(), OpenDoors()
    async with (
        spine(data_dir, clock, health, metrics, StoreSettings(), commit or CommitSettings()) as running,
        playback(data_dir, running.reader, running.committer, clock, PlaybackSettings()) as footage,
        access(
            *(data_dir, running.reader, running.committer, clock, health, metrics, AccountsSettings()),
            *((told := RecordingDoors(real=doors)), running.patience),
            is_local=is_local,
            work=QuickWork(),
        ) as known,
        Supervisor(clock, health) as parts,
    ):
        parts.start("exports", footage.exporter.run)
        parts.start("previews", footage.previews.run)
        opening = running.store.opening
        pictures = Pictures(data_dir)
        courier = Courier(
            *(running.reader, running.committer, running.bus, pictures, clock, health),
            notifications or NotificationsSettings(),
        )
        parts.start("notifications", courier.run)
        with_ = Collaborators(
            reader=running.reader,
            writer=SettlingWriter(running.committer, _nothing),
            health=health,
            metrics=metrics,
            clock=clock,
            cameras=cameras or FakeCameras(),
            live=LiveHub(FakeSecondAddresses(), clock, live or LiveSettings(), metrics),
            stats=FakeStats(),
            pictures=pictures,
            detector=FakeDetector(),
            models=FakeModels(),
            previewer=FakePreviewer(),
            gpus=FakeGpus(),
            playback=footage,
            storage=FakeStorage() if storage is None else storage(running.reader),
            notifier=courier,
            host=FakeHost(),
            queues=QueueWatch(clock, running.committer.queues),
            database=DatabaseMonitor(running.store, running.reader, running.committer),
            doors=doors,
            backups=BackupWatch(data_dir, BackupSettings(), clock, health),
            about=About("0.1.0", opening.sqlite_version, opening.epoch, STARTED_AT),
            accounts=accounts or known.accounts,
            logins=known.logins,
            users=known.users,
            audit=known.audit,
            is_local=is_local,
            certificate=tls,
            zone=UTC,
            events=EventsSettings(),
        )
        socket = WebSocketHandler(
            Source(running.bus, running.log, clock, opening.epoch), WebSocketSettings(), metrics, with_.doors
        )
        server = WebServer(with_, settings or WebSettings(), socket, "127.0.0.1", port, front, tls)
        async with server, ClientSession() as http:
            box = WebBox(running, with_, server, http)
            box.known, box.told = known, told
            yield box


async def _nothing() -> None:
    """There are no readers that a setting could be awaited for."""
