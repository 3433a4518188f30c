"""What the web server needs of the rest of the service, as it sees it; ``compose`` hands it in."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from appliance.accounts.audit import AuditLog
from appliance.accounts.caller import Caller
from appliance.accounts.logins import Logins
from appliance.accounts.users import Users
from appliance.backup.watch import BackupReport
from appliance.detections.model_library import Shelf
from appliance.detections.models import Recipe
from appliance.domain.access import Sight
from appliance.domain.camera import Camera, CameraStats, Trial
from appliance.domain.ids import CameraId, TargetId
from appliance.domain.time import WallUs
from appliance.events.settings import Settings as EventsSettings
from appliance.live.hub import LiveHub
from appliance.monitor.database import DatabaseFigures
from appliance.monitor.host_stats import HostStats
from appliance.monitor.queue_watch import QueueReport
from appliance.monitor.stats import GpuStats
from appliance.notifications.outcome import Outcome
from appliance.packets.search import Found, Missed
from appliance.recordings.keeping.storage import AbsentFootage, CameraFootage, StoredFootage
from appliance.recordings.playback.playback import Playback
from appliance.replay.preview import Question
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.reader import Reader
from appliance.web.open_doors import OpenDoors
from appliance.web.wire import DetectorStatus

T = TypeVar("T")


class Writer(Protocol):
    """The one who writes."""

    async def commit(self, unit: Callable[[Connection], T]) -> T:
        """Commit the unit and return what it returned, once it is durable.

        Raises:
            StoreUnavailable: the database could not be written in time; nothing was changed.
            Overloaded: too many changes wait.
        """
        ...


class Picture(Protocol):
    """A camera's frame as JPEG."""

    @property
    def jpeg(self) -> bytes:
        """The file."""
        ...

    @property
    def wall_us(self) -> WallUs:
        """The instant that it shows."""
        ...


class Cameras(Protocol):
    """The readers of the cameras."""

    def latest_jpeg(self, camera_id: CameraId, small: bool = False) -> Picture | None:
        """Return the newest decoded frame as JPEG, or ``None`` when there is none; blocks.

        With ``small`` a frame of the camera's second address will do.
        """
        ...

    def live_note(self, camera_id: CameraId) -> str:
        """Return why the camera's second address could not be read the last time; empty when it could."""
        ...

    def probe(self, camera: Camera, stop: threading.Event) -> Trial:
        """Connect to a camera that need not be known, look at its stream and let go again; blocks.

        It lets go early when ``stop`` is set, as if the stream had ended.

        Raises:
            SourceFailure: with the kind that tells the cause.
            AddressError: no source can be made of its address.
        """
        ...

    def find(self, camera: Camera, stop: threading.Event) -> Found | Missed:
        """Look for the streams of a camera whose address has no path, until ``stop`` is set; blocks."""
        ...


class CameraStatsReader(Protocol):
    """Knows how each camera's stream is doing."""

    def read(self) -> list[CameraStats]:
        """Return one entry for each camera that is being read; cheap."""
        ...


class Pictures(Protocol):
    """The event pictures on the disk. Both methods block and are called on threads of their own."""

    def read(self, name: str) -> bytes | None:
        """Return the JPEG of that name as the event's row has it, or ``None`` when it is not there."""
        ...

    def delete(self, name: str) -> None:
        """Remove the picture; nothing happens when it is not there."""
        ...


class Detector(Protocol):
    """The stage that finds objects."""

    def status(self) -> DetectorStatus:
        """Return which detector works and how it is doing."""
        ...


class Models(Protocol):
    """The models that find objects."""

    async def read(self) -> Shelf:
        """Return those that are there and those that could be fetched.

        Raises:
            ModelError: the list of those that are there is damaged.
        """
        ...

    async def pull(self, name: str) -> None:
        """Have a known one fetched in the background.

        Raises:
            FetchOff: the settings forbid that.
            NotFound: no such one is known.
            Conflict: one is being fetched already.
        """
        ...

    async def remove(self, name: str) -> None:
        """Remove one that is there, whether it is at work or not.

        Raises:
            NotFound: it is not there.
            Conflict: it is just being fetched, or an engine is built of it.
        """
        ...

    async def export(self, name: str, recipe: Recipe) -> None:
        """Have a TensorRT engine built of one in the background.

        Raises:
            NotFound: it is not there.
            InvalidInput: none can be built of it like that.
            Conflict: one is being built already.
        """
        ...


class Previewer(Protocol):
    """Tries other settings on what is stored."""

    async def preview(self, question: Question) -> bytes:
        """Return as JSON what would have been different.

        Raises:
            NotFound: nothing is stored of that time.
            Overloaded: another preview is being made.
            TemporaryFailure: it took too long.
        """
        ...


class Gpus(Protocol):
    """The monitor of the accelerators."""

    @property
    def gpus(self) -> Sequence[GpuStats]:
        """The newest figures of each GPU; empty when there is none."""
        ...


class Storage(Protocol):
    """The storage paths of footage."""

    async def read(self, sight: Sight) -> Sequence[StoredFootage]:
        """Return how each is doing and what lies in it, of the cameras that are seen."""
        ...

    async def cameras(self, sight: Sight) -> Sequence[CameraFootage]:
        """Return what lies of each camera that is seen on the disks that are there."""
        ...

    async def absent(self, sight: Sight) -> Sequence[AbsentFootage]:
        """Return the disks with footage of cameras that are seen that none of them is now."""
        ...


class Notifier(Protocol):
    """Takes alerts to the targets."""

    def wake(self) -> None:
        """Look at the targets anew, since one has changed."""
        ...

    async def test(self, target_id: TargetId) -> Outcome:
        """Send a test to a target now and return what came of it.

        Raises:
            NotFound: there is no such target.
            Overloaded: others are being tested.
        """
        ...


class Host(Protocol):
    """The monitor of the machine."""

    @property
    def stats(self) -> HostStats:
        """The newest look at CPU, memory and temperatures."""
        ...


class Queues(Protocol):
    """Watches the bounded queues."""

    def report(self) -> list[QueueReport]:
        """Return every queue as it is now."""
        ...


class Database(Protocol):
    """Knows how the database is doing."""

    async def read(self) -> DatabaseFigures:
        """Return its size, its rows, its log and its commits."""
        ...


class Backups(Protocol):
    """Knows whether backups are made and can be relied on."""

    async def read(self) -> BackupReport:
        """Return how it stands now."""
        ...


class Accounts(Protocol):
    """Knows the users, and who shows what."""

    @property
    def is_claimed(self) -> bool:
        """Whether there is a user, so that one must log in."""
        ...

    async def by_session(self, secret: str) -> Caller | None:
        """Return whose session that is; ``None`` when it is none, or has ended."""
        ...

    async def by_token(self, text: str) -> Caller | None:
        """Return whose API token that is, as it is in the header; ``None`` when it is none, or has ended."""
        ...


class Certificate(Protocol):
    """The certificate of the server."""

    @property
    def fingerprint(self) -> str | None:
        """The SHA-256 of it, as browsers show it."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What does not change while the service runs.

    Attributes:
        epoch: of the database; cursors of another epoch mean nothing.
        started_at: ISO 8601 in UTC.
        checked_at: when the database was looked through, likewise; ``None`` for a new one.
        is_check_whole: whether all of it was.
    """

    version: str
    sqlite_version: str
    epoch: str
    started_at: str
    checked_at: str | None = None
    is_check_whole: bool = False


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Everything that the handlers work with.

    Attributes:
        is_local: only programs of this machine reach the server; while nobody has claimed such a box, whoever
            reaches it may all.
        zone: the box's time zone, by which hours of the day are meant.
        events: how events are made, for what is usual at a camera.
        certificate: of the server, where it speaks TLS itself.
    """

    reader: Reader
    writer: Writer
    health: Health
    metrics: Metrics
    clock: Clock
    cameras: Cameras
    live: LiveHub
    stats: CameraStatsReader
    pictures: Pictures
    detector: Detector
    models: Models
    previewer: Previewer
    gpus: Gpus
    playback: Playback
    storage: Storage
    notifier: Notifier
    host: Host
    queues: Queues
    database: Database
    backups: Backups
    about: About
    accounts: Accounts
    logins: Logins
    users: Users
    audit: AuditLog
    is_local: bool
    doors: OpenDoors
    zone: tzinfo
    events: EventsSettings
    certificate: Certificate | None = None
