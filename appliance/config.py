"""The configuration file: the only reader of it, and the builder of every stage's frozen settings.

A section of the TOML file is a field of ``Config``, and a key of it a field of that section's settings class.
Their defaults are the defaults, their annotations the expected types, and ``LIMITS`` the allowed ranges, so
that there is one place for each. Whatever is wrong is said in one line that names file, key, what was
expected and what came.
"""

import dataclasses
import difflib
import ipaddress
import re
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from appliance.accounts.settings import AccountsSettings
from appliance.backup.settings import Settings as BackupSettings
from appliance.commit.settings import CommitSettings
from appliance.detections.settings import Settings as DetectorSettings
from appliance.domain.camera import Camera, DecodePolicy
from appliance.domain.footage import RecordingMode, RecordingPolicy
from appliance.domain.ids import CAMERA_ID, CAMERA_ID_WORDS, CameraId
from appliance.domain.scene import Line, Mask, Scene, Zone
from appliance.errors import ConfigError, InvalidInput
from appliance.events.settings import Settings as EventsSettings
from appliance.frames.settings import Settings as FramesSettings
from appliance.live.settings import LiveSettings
from appliance.monitor.settings import Settings as MonitorSettings
from appliance.motion.settings import Settings as MotionSettings
from appliance.notifications.settings import Settings as NotificationsSettings
from appliance.packets.address import split_address
from appliance.packets.live_address import expect_same_camera, split_live_address
from appliance.packets.settings import Settings as PacketsSettings
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.recordings.settings import Role, StoragePath
from appliance.recordings.settings import Settings as RecordingsSettings
from appliance.runtime.log import redact
from appliance.second_look.settings import Settings as SecondLookSettings
from appliance.store.recording_form import (
    LEAST_BYTES,
    LONGEST_KEEP_DAYS,
    LONGEST_POST_ROLL_S,
    LONGEST_PRE_ROLL_S,
    MOST_BYTES,
    MOST_ENTRIES,
    schedule_entry,
)
from appliance.store.scene_form import LONGEST_HYSTERESIS_S, LONGEST_SIDE_M, fault
from appliance.store.settings import RetentionSettings, StoreSettings
from appliance.tracks.settings import Settings as TracksSettings
from appliance.web.reach import Reach, name_of, network_of
from appliance.web.settings import WebSettings
from appliance.web.websocket.settings import WebSocketSettings

DEFAULT_FILE = Path("/etc/nightjar/nightjar.toml")
"""Read when no file is named and this one exists."""

DEMO_CAMERA = Camera(CameraId("demo"), "Demo street", "demo:", recording=RecordingPolicy(keep_days=1.0))
"""The camera that ``--demo`` adds: a street drawn by the program itself, of which a day is 1.3 GB."""

NAME_LENGTH = 100

T = TypeVar("T")


class TlsMode(StrEnum):
    """Whether the server speaks TLS itself."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the page and the API are served.

    Attributes:
        host: an address of this machine, or ``localhost``; with any but loopback nobody gets in without a
            login.
        port: 0 takes a free one.
        tls: with ``auto`` where other machines reach it, or a certificate is named.
        certificate: the owner's, in PEM, with those that vouch for it; ``None`` for one of the device's own.
        key: that of the certificate, in PEM, without a password.
        names: further host names and addresses by which the server is called; the first is shown to people.
        trusted_proxies: addresses of proxies that speak https and say whom they ask for.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tls: TlsMode = TlsMode.AUTO
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()

    @property
    def own_certificate(self) -> tuple[Path, Path] | None:
        """The owner's certificate and its key, if there is one."""
        return None if self.certificate is None or self.key is None else (self.certificate, self.key)

    @property
    def reach(self) -> Reach:
        """Where the server is to be found.

        Raises:
            ConfigError: a name or a proxy is none.
        """
        is_tls = self.tls is TlsMode.ON or (
            self.tls is TlsMode.AUTO and (self.certificate is not None or not is_loopback(self.host))
        )
        names = _each("server.names", self.names, name_of)
        return Reach(
            self.host, names, _each("server.trusted_proxies", self.trusted_proxies, network_of), is_tls
        )

    def __post_init__(self) -> None:
        reach = self.reach
        if (self.certificate is None) is not (self.key is None):
            missing = "key" if self.key is None else "certificate"
            raise ConfigError(
                f"server.{missing}: expected certificate and key together, got only one of them"
            )
        if not (reach.is_tls or reach.is_local or reach.proxies):
            raise ConfigError(
                'server.tls: expected "auto" or "on", or trusted_proxies that speak https, for a host that '
                'other machines reach, got "off"'
            )
        if not is_loopback(self.host) and not is_address(self.host):
            raise ConfigError(
                "server.host: expected an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of "
                f'them, got "{self.host}"'
            )

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine reach the server; a proxy lets others in."""
        return is_loopback(self.host) and not self.trusted_proxies


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where the appliance keeps what it must not forget.

    Attributes:
        data: the folder of the database, the pictures and the models, and of footage where no storage path is
            named; made if it is not there.
    """

    data: Path = Path("~/.local/share/nightjar")

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.data.expanduser())

    @property
    def models(self) -> Path:
        """The folder of the models."""
        return self.data / "models"

    @property
    def footage(self) -> Path:
        """The storage path of footage where the file names none."""
        return self.data / "footage"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What goes to standard error.

    Attributes:
        level: the least grave records that are written.
    """

    level: LogLevel = LogLevel.INFO


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that an owner may set, checked; one field for each section of the file.

    Attributes:
        storage_paths: where footage is kept, as the file has it; see ``footage_paths``.
        cameras: those that the file provisions, and the demo camera where it is asked for.
    """

    server: ServerSettings = field(default_factory=ServerSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    log: LogSettings = field(default_factory=LogSettings)
    packets: PacketsSettings = field(default_factory=PacketsSettings)
    frames: FramesSettings = field(default_factory=FramesSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    tracks: TracksSettings = field(default_factory=TracksSettings)
    events: EventsSettings = field(default_factory=EventsSettings)
    recordings: RecordingsSettings = field(default_factory=RecordingsSettings)
    storage_paths: tuple[StoragePath, ...] = ()
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    commit: CommitSettings = field(default_factory=CommitSettings)
    monitor: MonitorSettings = field(default_factory=MonitorSettings)
    web: WebSettings = field(default_factory=WebSettings)
    websocket: WebSocketSettings = field(default_factory=WebSocketSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
    accounts: AccountsSettings = field(default_factory=AccountsSettings)
    notifications: NotificationsSettings = field(default_factory=NotificationsSettings)
    second_look: SecondLookSettings = field(default_factory=SecondLookSettings)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    cameras: tuple[Camera, ...] = ()

    @property
    def footage_paths(self) -> tuple[StoragePath, ...]:
        """Where footage is kept: the storage paths of the file, or the one in the data's folder."""
        return self.storage_paths or (StoragePath(self.storage.footage),)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One ``[[cameras.recording.schedule]]`` table: a mode for some hours of some weekdays.

    Attributes:
        days: the weekdays on which it begins, such as ``mon``.
        from_: when it begins, by the box's local time.
        to: when it ends; on the next day where that is not after its beginning.
    """

    days: tuple[str, ...]
    from_: str
    to: str
    mode: RecordingMode


@dataclass(frozen=True, slots=True)
class RecordingEntry:
    """The ``[cameras.recording]`` table of a camera: when it is recorded, and how much of it is kept.

    Attributes:
        mode: when no entry of the schedule holds.
        schedule: the first entry that holds decides.
        keep_days: its footage is kept no longer; ``None`` for the box's rules alone.
        most_bytes: of its footage that are kept; ``None`` for no limit of its own.
        sound: what its microphone hears is recorded as well.
    """

    mode: RecordingMode = RecordingMode.CONTINUOUS
    pre_roll_s: float = 5.0
    post_roll_s: float = 5.0
    schedule: tuple[ScheduleRow, ...] = ()
    keep_days: float | None = None
    most_bytes: int | None = None
    sound: bool = True


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """One ``[[cameras]]`` table as it is written in the file.

    Attributes:
        url: the address, with the camera's user name and password if it wants them.
        decode: what is decoded of its stream.
        live_url: a second, smaller stream of the same camera, for small pictures; user and password are those
            of ``url``.
        zones: and ``lines`` and ``masks``: what is drawn on its picture.
    """

    id: str
    url: str
    name: str = ""
    enabled: bool = True
    loop: bool = False
    detect_fps: float = 5.0
    labels: frozenset[str] | None = None
    decode: DecodePolicy = DecodePolicy.AUTO
    live_url: str = ""
    recording: RecordingEntry = RecordingEntry()
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """A closed range; ``above`` leaves its lower end out."""

    low: float
    high: float
    above: bool = False

    def __contains__(self, value: float) -> bool:
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        return f"{'above ' if self.above else 'from '}{self.low:g} to {self.high:g}"


KEEP_DAYS = Limits(0.01, 36_500)
ANY_BYTES = Limits(0, 10**15)
UNIT = Limits(0, 1)

LIMITS: Mapping[str, Limits] = types.MappingProxyType(
    {
        "playback.timeline_days": Limits(1, 100),
        "playback.playlist_hours": Limits(0.1, 48),
        "playback.export_hours": Limits(0.1, 168),
        "playback.exports_waiting": Limits(1, 1000),
        "playback.reserve_bytes": Limits(0, 1 << 50),
        "playback.clip_before_s": Limits(0, 600),
        "playback.clip_after_s": Limits(0, 600),
        "playback.preview_width_px": Limits(64, 1920),
        "playback.previews_bytes": Limits(1 << 20, 1 << 40),
        "playback.preview_threads": Limits(1, 16),
        "playback.previews_waiting": Limits(1, 1000),
        "server.port": Limits(0, 65535),
        "backup.stale_days": Limits(0.1, 365),
        "cameras.detect_fps": Limits(0, 30, above=True),
        "cameras.recording.pre_roll_s": Limits(0, LONGEST_PRE_ROLL_S),
        "cameras.recording.post_roll_s": Limits(0, LONGEST_POST_ROLL_S),
        "cameras.recording.keep_days": Limits(0, LONGEST_KEEP_DAYS, above=True),
        "cameras.recording.most_bytes": Limits(LEAST_BYTES, MOST_BYTES),
        "cameras.zones.points": UNIT,
        "cameras.zones.min_area_ratio": UNIT,
        "cameras.zones.max_area_ratio": UNIT,
        "cameras.zones.min_score": UNIT,
        "cameras.zones.enter_s": Limits(0, LONGEST_HYSTERESIS_S),
        "cameras.zones.leave_s": Limits(0, LONGEST_HYSTERESIS_S),
        "cameras.zones.sides_m": Limits(0, LONGEST_SIDE_M, above=True),
        "cameras.lines.a": UNIT,
        "cameras.lines.b": UNIT,
        "cameras.lines.min_score": UNIT,
        "cameras.masks.points": UNIT,
        "packets.open_timeout_s": Limits(0.5, 60),
        "packets.poll_s": Limits(0.1, 5),
        "packets.silence_timeout_s": Limits(1, 300),
        "packets.keyframe_timeout_s": Limits(1, 300),
        "packets.longest_keyframe_timeout_s": Limits(1, 600),
        "packets.retry_first_s": Limits(0.1, 60),
        "packets.retry_longest_s": Limits(0.1, 3600),
        "packets.busy_longest_s": Limits(0.1, 600),
        "packets.stable_s": Limits(0, 3600),
        "packets.auth_retry_s": Limits(1, 3600),
        "packets.auth_slow_first_s": Limits(10, 3600),
        "packets.auth_slow_longest_s": Limits(10, 86_400),
        "packets.connect_interval_s": Limits(0, 10),
        "packets.ring_s": Limits(5, 120),
        "packets.ring_bytes": Limits(1 << 18, 1 << 30),
        "packets.live_linger_s": Limits(2, 600),
        "packets.close_timeout_s": Limits(0.5, 30),
        "frames.all_below_ratio": Limits(1, 10),
        "frames.remembered_packets": Limits(17, 10_000),
        "frames.quiet_after_s": Limits(0.5, 600),
        "frames.doubt_s": Limits(0.1, 60),
        "frames.long_quiet_s": Limits(0, 86_400),
        "frames.glance_every_s": Limits(0.1, 8),
        "frames.calm_after_s": Limits(0.1, 60),
        "frames.learn_s": Limits(1, 3600),
        "frames.decide_s": Limits(1, 3600),
        "frames.smallest_ratio": Limits(0, 1, above=True),
        "frames.longest_gop_s": Limits(0.1, 60),
        "frames.behind_s": Limits(0.5, 60),
        "frames.slice_s": Limits(0.001, 1),
        "motion.model_width_px": Limits(64, 1920),
        "motion.threshold_levels": Limits(1, 255),
        "motion.noise_factor": Limits(0, 100),
        "motion.changed_levels": Limits(1, 255),
        "motion.changed_ratio": Limits(0, 1),
        "motion.lately_s": Limits(0, 60),
        "motion.flicker_ratio": Limits(0, 1),
        "motion.flicker_s": Limits(1, 3600),
        "motion.min_area_ratio": Limits(0, 1),
        "motion.join_ratio": Limits(0, 0.5),
        "motion.split_area_ratio": Limits(0, 1),
        "motion.pad_ratio": Limits(0, 0.5),
        "motion.daylight_s": Limits(0.1, 3600),
        "motion.absorb_s": Limits(0.1, 3600),
        "motion.moving_absorb_s": Limits(0.1, 3600),
        "motion.memory_s": Limits(1, 86_400),
        "motion.memory_absorb_s": Limits(1, 86_400),
        "motion.settle_s": Limits(0, 60),
        "motion.sudden_gain_ratio": Limits(0, 10, above=True),
        "motion.upheaval_ratio": Limits(0, 1, above=True),
        "motion.covered_after_s": Limits(2, 600),
        "motion.unfocused_after_s": Limits(2, 600),
        "motion.moved_after_s": Limits(2, 600),
        "motion.new_view_s": Limits(60, 86_400),
        "detector.min_score": Limits(0, 1),
        "detector.gpus": Limits(0, 63),
        "detector.threads": Limits(0, 256),
        "detector.max_batch": Limits(1, 64),
        "detector.regions": Limits(0, 16),
        "detector.whole_every_s": Limits(0.1, 3600),
        "detector.followed_every_s": Limits(0.1, 60),
        "detector.deadline_s": Limits(0.5, 600),
        "detector.load_deadline_s": Limits(1, 3600),
        "tracks.high_score": Limits(0, 1),
        "tracks.low_score": Limits(0, 1),
        "tracks.confirm_hits": Limits(1, 100),
        "tracks.confirm_score": Limits(0, 1),
        "tracks.end_score": Limits(0, 1),
        "tracks.small_area_ratio": Limits(0, 1),
        "tracks.small_confirm_score": Limits(0, 1),
        "tracks.scores.confirm_score": Limits(0, 1),
        "tracks.scores.end_score": Limits(0, 1),
        "tracks.lost_s": Limits(0.1, 600),
        "tracks.lost_frames": Limits(1, 1000),
        "tracks.tentative_lost_s": Limits(0.1, 600),
        "tracks.longest_step_s": Limits(0.1, 60),
        "tracks.forget_s": Limits(1, 86_400),
        "tracks.motion_min_s": Limits(0, 60),
        "tracks.motion_min_travel_ratio": Limits(0, 1),
        "tracks.motion_min_travel_sizes": Limits(0, 100),
        "tracks.motion_min_area_ratio": Limits(0, 1),
        "tracks.specific_min_hits": Limits(1, 1000),
        "tracks.specific_min_ratio": Limits(0, 1),
        "tracks.rest_after_s": Limits(1, 86_400),
        "tracks.rest_gone_s": Limits(1, 3600),
        "tracks.rest_hidden_s": Limits(0, 86_400),
        "tracks.rest_renew_s": Limits(1, 3600),
        "events.write_every_s": Limits(0.1, 60),
        "events.silence_s": Limits(1, 3600),
        "events.offline_after_s": Limits(0, 86_400),
        "events.batch_idle_s": Limits(1, 3600),
        "events.batch_longest_s": Limits(10, 86_400),
        "events.continue_within_s": Limits(0, 3600),
        "events.continue_gap_s": Limits(0, 86_400),
        "events.best_moment_gain_ratio": Limits(1, 10),
        "events.night_from_hour": Limits(0, 23),
        "events.night_to_hour": Limits(0, 23),
        "events.quiet_hours": Limits(0, 8760),
        "events.baseline_half_life_days": Limits(1, 365),
        "events.baseline_least_days": Limits(1, 365),
        "recordings.fragment_s": Limits(0.1, 10),
        "recordings.segment_s": Limits(1, 3600),
        "recordings.sync_every_s": Limits(0.1, 60),
        "recordings.queue_bytes": Limits(1_000_000, 10**10),
        "recordings.check_every_s": Limits(0.1, 60),
        "recordings.retry_s": Limits(0.1, 60),
        "recordings.close_s": Limits(0, 60),
        "recordings.reserve_ratio": Limits(0, 0.5),
        "recordings.reserve_s": Limits(0, 86_400),
        "recordings.least_free_bytes": ANY_BYTES,
        "recordings.keep_continuous_days": KEEP_DAYS,
        "recordings.keep_motion_days": KEEP_DAYS,
        "recordings.keep_low_days": KEEP_DAYS,
        "recordings.keep_medium_days": KEEP_DAYS,
        "recordings.keep_high_days": KEEP_DAYS,
        "recordings.keep_critical_days": KEEP_DAYS,
        "recordings.most_continuous_bytes": ANY_BYTES,
        "recordings.most_motion_bytes": ANY_BYTES,
        "recordings.most_low_bytes": ANY_BYTES,
        "recordings.most_medium_bytes": ANY_BYTES,
        "recordings.most_high_bytes": ANY_BYTES,
        "recordings.most_critical_bytes": ANY_BYTES,
        "recordings.most_bytes": ANY_BYTES,
        "recordings.event_roll_s": Limits(0, 600),
        "recordings.settle_s": Limits(0, 3600),
        "recordings.keep_gaps_days": Limits(1, 36_500),
        "recordings.keep_every_s": Limits(1, 3600),
        "recordings.move_bytes_s": Limits(100_000, 10**12),
        "storage_paths.most_bytes": Limits(1_000_000, 10**15),
        "storage_paths.move_after_days": Limits(0, 36_500),
        "retention.outbox_hours": Limits(1, 8760),
        "retention.detections_days": Limits(0.1, 3650),
        "retention.events_days": Limits(0.1, 36_500),
        "retention.deliveries_days": Limits(0.1, 3650),
        "retention.samples_days": Limits(0.1, 3650),
        "retention.every_s": Limits(1, 86_400),
        "retention.portion_rows": Limits(1, 10_000),
        "store.busy_timeout_s": Limits(0.1, 60),
        "store.checkpoint_pages": Limits(100, 100_000),
        "store.journal_limit_bytes": Limits(0, 1 << 30),
        "store.readers": Limits(1, 64),
        "commit.group_units": Limits(1, 10_000),
        "commit.relaxed_wait_s": Limits(0, 5),
        "commit.queue_units": Limits(10, 1_000_000),
        "commit.queue_relaxed_units": Limits(10, 1_000_000),
        "commit.request_s": Limits(0.1, 60),
        "commit.retry_first_s": Limits(0.01, 60),
        "commit.retry_longest_s": Limits(0.01, 600),
        "commit.look_every_s": Limits(0.05, 60),
        "commit.publish_rows": Limits(1, 100_000),
        "monitor.gpu_every_s": Limits(0.5, 3600),
        "monitor.health_every_s": Limits(1, 3600),
        "monitor.camera_stats_every_s": Limits(0.5, 3600),
        "monitor.machine_every_s": Limits(1, 3600),
        "monitor.host_every_s": Limits(1, 3600),
        "monitor.disk_low_ratio": Limits(0, 0.5),
        "monitor.disk_low_bytes": Limits(0, 1 << 50),
        "web.body_limit_bytes": Limits(1024, 1 << 30),
        "web.body_s": Limits(0.1, 600),
        "web.first_request_s": Limits(0.1, 600),
        "web.keepalive_s": Limits(0, 3600),
        "web.connections": Limits(1, 100_000),
        "web.connections_per_address": Limits(1, 100_000),
        "web.connections_per_user": Limits(1, 100_000),
        "web.probes": Limits(1, 64),
        "web.ready_s": Limits(0.1, 60),
        "web.shutdown_s": Limits(0, 60),
        "websocket.max_connections": Limits(1, 100_000),
        "websocket.max_message_bytes": Limits(1024, 1 << 20),
        "websocket.queue_messages": Limits(1, 100_000),
        "websocket.queue_requests": Limits(1, 10_000),
        "websocket.replay_messages": Limits(1, 10_000),
        "websocket.send_buffer_bytes": Limits(4096, 1 << 24),
        "websocket.ping_every_s": Limits(0.5, 300),
        "websocket.silence_s": Limits(1, 900),
        "websocket.position_every_s": Limits(1, 3600),
        "notifications.expire_hours": Limits(0.01, 720),
        "notifications.timeout_s": Limits(0.5, 30),
        "notifications.at_once": Limits(1, 16),
        "notifications.first_pause_s": Limits(0.05, 600),
        "notifications.longest_pause_s": Limits(0.1, 3600),
        "notifications.picture_wait_s": Limits(0, 30),
        "notifications.failing_after_s": Limits(1, 86_400),
        "second_look.ask_after_s": Limits(0, 3600),
        "second_look.timeout_s": Limits(1, 600),
        "second_look.picture_wait_s": Limits(0, 30),
        "accounts.idle_days": Limits(0.01, 365),
        "accounts.session_days": Limits(0.01, 365),
        "accounts.waiting": Limits(1, 64),
        "live.most_viewers": Limits(1, 10_000),
        "live.most_viewers_per_camera": Limits(1, 10_000),
        "live.queue_bytes": Limits(1 << 18, 1 << 28),
        "live.behind_s": Limits(0.2, 60),
        "live.send_buffer_bytes": Limits(4096, 1 << 24),
        "live.ping_every_s": Limits(0.5, 300),
        "live.silence_s": Limits(1, 900),
    }
)
"""The range of every number, by section and key."""


def load(path: Path | None) -> Config:
    """Read a configuration file, or ``DEFAULT_FILE`` where ``path`` is ``None`` and that file exists.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; the message is one line.
    """
    file = DEFAULT_FILE if path is None else path
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as err:
        if path is None:
            return Config()
        raise ConfigError(f"{file}: there is no such file") from err
    except OSError as err:
        raise ConfigError(f"{file}: cannot be read: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise ConfigError(f"{file}: expected UTF-8 text, got byte {err.start} that is none") from err
    try:
        return parse(text, file.parent)
    except ConfigError as err:
        raise ConfigError(f"{file}: {redact(str(err))}") from err


def parse(text: str, folder: Path = Path()) -> Config:
    """Build the configuration from TOML text; relative paths in it start at ``folder``.

    Raises:
        ConfigError: something is wrong; the message is one line and names the key.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError(f"expected TOML, got text that is not: {_one_line(str(err))}") from err
    hints = typing.get_type_hints(Config)
    _refuse_unknown("", document, hints)
    sections = {
        name: _section(name, document[name], hints[name], folder)
        for name in hints
        if name not in {"cameras", "storage_paths"} and name in document
    }
    if "detector" in sections:
        sections["detector"] = _with_model_path(sections["detector"], folder)
    return Config(
        **sections,
        storage_paths=_storage_paths(document.get("storage_paths", []), folder),
        cameras=_cameras(document.get("cameras", []), folder),
    )


def with_overrides(
    config: Config,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    demo: bool = False,
) -> Config:
    """Return the configuration with what the command line says instead.

    Raises:
        ConfigError: the host is no address, or the port is out of range.
    """
    if port is not None and port not in LIMITS["server.port"]:
        raise ConfigError(f"--port: expected a whole number {LIMITS['server.port']}, got {port}")
    server = dataclasses.replace(
        config.server,
        host=config.server.host if host is None else host,
        port=config.server.port if port is None else port,
    )
    storage = config.storage if data is None else StorageSettings(data)
    cameras = config.cameras
    if demo and all(camera.id != DEMO_CAMERA.id for camera in cameras):
        cameras += (DEMO_CAMERA,)
    return dataclasses.replace(config, server=server, storage=storage, cameras=cameras)


def _each(where: str, texts: tuple[str, ...], read: Callable[[str], T]) -> tuple[T, ...]:
    try:
        return tuple(read(text) for text in texts)
    except InvalidInput as err:
        raise ConfigError(f"{where}: {err}") from err


def is_loopback(host: str) -> bool:
    """Return whether only programs of this machine reach that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Return whether that is an IP address, and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _with_model_path(detector: DetectorSettings, folder: Path) -> DetectorSettings:
    """Return the settings with a model that is named by its path found from the file's folder."""
    if "/" not in detector.model:
        return detector
    return dataclasses.replace(detector, model=str(folder / Path(detector.model).expanduser()))


def _storage_paths(raw: object, folder: Path) -> tuple[StoragePath, ...]:
    paths: list[StoragePath] = []
    for index, table in enumerate(_tables("storage_paths", raw)):
        where = f"storage_paths[{index}]"
        made = _section(where, table, StoragePath, folder)
        made = dataclasses.replace(made, path=made.path.absolute())
        if any(made.path == other.path for other in paths):
            raise ConfigError(f'{where}.path: expected a path of its own, got "{made.path}" a second time')
        if made.move_after_days is not None and made.role is Role.COLD:
            raise ConfigError(f"{where}.move_after_days: expected a hot storage path, got a cold one")
        paths.append(made)
    if paths and all(path.role is Role.COLD for path in paths):
        raise ConfigError("storage_paths: expected a hot storage path to record to, got cold ones alone")
    return tuple(paths)


def _tables(name: str, raw: object) -> list[Any]:
    if not isinstance(raw, list):
        raise ConfigError(f"{name}: expected [[{name}]] tables, got {_describe(raw)}")
    return raw


def _cameras(raw: object, folder: Path) -> tuple[Camera, ...]:
    cameras: list[Camera] = []
    for index, table in enumerate(_tables("cameras", raw)):
        camera = _camera(f"cameras[{index}]", table, folder)
        if any(camera.id == other.id for other in cameras):
            raise ConfigError(
                f"cameras[{index}].id: expected an id of its own, got {camera.id!r} a second time"
            )
        cameras.append(camera)
    return tuple(cameras)


def _camera(where: str, raw: object, folder: Path) -> Camera:
    entry = _section(where, raw, CameraEntry, folder)
    if not re.fullmatch(CAMERA_ID, entry.id):
        raise ConfigError(f"{where}.id: expected {CAMERA_ID_WORDS}, got {_describe(entry.id)}")
    name = entry.name or entry.id
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise ConfigError(
            f"{where}.name: expected 1 to {NAME_LENGTH} printable characters, got {_describe(name)}"
        )
    try:
        url, credentials = split_address(entry.url)
    except InvalidInput as err:
        raise ConfigError(f"{where}.url: {_one_line(str(err))}") from err
    try:
        live_url = _live_url(entry.live_url, url)
    except InvalidInput as err:
        raise ConfigError(f"{where}.live_url: {_one_line(str(err))}") from err
    return Camera(
        CameraId(entry.id),
        name,
        url,
        credentials,
        enabled=entry.enabled,
        loop=entry.loop,
        detect_fps=entry.detect_fps,
        labels=entry.labels,
        decode=entry.decode,
        live_url=live_url,
        recording=_recording(f"{where}.recording", entry.recording),
        scene=_scene(where, entry),
    )


def _scene(where: str, entry: CameraEntry) -> Scene:
    scene = Scene(entry.zones, entry.lines, entry.masks)
    found = fault(scene)
    if found is not None:
        raise ConfigError(f"{where}.{_one_line(str(found))}")
    return scene


def _recording(where: str, entry: RecordingEntry) -> RecordingPolicy:
    if len(entry.schedule) > MOST_ENTRIES:
        raise ConfigError(
            f"{where}.schedule: expected at most {MOST_ENTRIES} tables, got {len(entry.schedule)}"
        )
    schedule = []
    for index, row in enumerate(entry.schedule):
        try:
            schedule.append(schedule_entry(row.days, row.from_, row.to, row.mode))
        except InvalidInput as err:
            raise ConfigError(f"{where}.schedule[{index}].{_one_line(str(err))}") from err
    return RecordingPolicy(
        mode=entry.mode,
        pre_roll_s=entry.pre_roll_s,
        post_roll_s=entry.post_roll_s,
        schedule=tuple(schedule),
        keep_days=entry.keep_days,
        most_bytes=entry.most_bytes,
        sound=entry.sound,
    )


def _live_url(text: str, url: str) -> str | None:
    if not text:
        return None
    live_url = split_live_address(text)
    expect_same_camera(live_url, url)
    return live_url


def _section(where: str, raw: object, settings: type[Any], folder: Path) -> Any:
    """Build one settings object from one table; ``where`` is how messages name the table."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected a table, got {_describe(raw)}")
    fields = {key_of(one.name): one for one in dataclasses.fields(settings)}
    hints = {key_of(name): kind for name, kind in typing.get_type_hints(settings).items()}
    _refuse_unknown(f"{where}.", raw, hints)
    for key, missing in fields.items():
        required = missing.default is MISSING and missing.default_factory is MISSING
        if required and key not in raw:
            raise ConfigError(f"{where}.{key}: expected {_expected(hints[key], None)}, got nothing")
    values = {
        fields[key].name: _value(f"{where}.{key}", value, hints[key], folder) for key, value in raw.items()
    }
    try:
        return settings(**values)
    except ConfigError:
        raise
    except (ValueError, InvalidInput) as err:
        raise ConfigError(f"{where}: {_one_line(str(err))}") from err


def _refuse_unknown(prefix: str, table: Mapping[str, object], known: Mapping[str, object]) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            expected = f"{near[0]!r}" if near else f"one of {', '.join(known)}"
            raise ConfigError(f"{prefix}{_key(key)}: unknown key: expected {expected}, got {_key(key)!r}")


def _value(where: str, raw: object, kind: Any, folder: Path) -> object:
    """Return the value as the settings want it: ``kind`` is the annotation of its field."""
    if isinstance(kind, types.UnionType):
        # TOML has no null: an optional key is left out.
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if dataclasses.is_dataclass(kind):
        return _section(where, raw, typing.cast("type[Any]", kind), folder)
    if typing.get_origin(kind) in {tuple, frozenset}:
        return _items(where, raw, kind, folder)
    # An id of a type of its own is written as what it is made of.
    kind = getattr(kind, "__supertype__", kind)
    value: object = MISSING
    if kind is float and type(raw) in {int, float}:
        value = float(typing.cast("float", raw))
    elif kind is Path and isinstance(raw, str) and raw:
        value = folder / Path(raw).expanduser()
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        value = next((member for member in kind if member.value == raw), MISSING)
    elif type(raw) is kind:
        value = raw
    limits = limits_of(where)
    in_range = type(value) not in {int, float} or limits is None or typing.cast("float", value) in limits
    if value is MISSING or not in_range:
        raise ConfigError(f"{where}: expected {_expected(kind, limits)}, got {_describe(raw)}")
    return value


def _items(where: str, raw: object, kind: Any, folder: Path) -> object:
    """Return a tuple or a frozenset of values; ``tuple[float, float]`` has exactly two."""
    item, *others = typing.get_args(kind)
    length = 1 + len(others) if others and others[0] is not Ellipsis else None
    if not isinstance(raw, list) or (length is not None and len(raw) != length):
        count = "" if length is None else f" of {length}"
        raise ConfigError(
            f"{where}: expected a list{count}, each {_expected(item, limits_of(where))}, got {_describe(raw)}"
        )
    return typing.get_origin(kind)(
        _value(f"{where}[{i}]", value, item, folder) for i, value in enumerate(raw)
    )


def key_of(field_name: str) -> str:
    """Return how the file names a setting: a field whose name is a word of Python's ends in ``_``."""
    return field_name.removesuffix("_")


def limits_of(where: str) -> Limits | None:
    """Return the range of a key, named with or without indices; ``None`` where it has none."""
    return LIMITS.get(re.sub(r"\[\d+\]", "", where))


def _expected(kind: Any, limits: Limits | None) -> str:
    """Return the phrase for a type: ``a whole number from 1 to 64``."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of " + ", ".join(f'"{member.value}"' for member in kind)
    if dataclasses.is_dataclass(kind):
        return "a table"
    if typing.get_origin(kind) in {tuple, frozenset}:
        return "a list"
    kind = getattr(kind, "__supertype__", kind)
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}
    return words[kind] if limits is None else f"{words[kind]} {limits}"


def _describe(raw: object) -> str:
    """Return what came, short enough for one line."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float):
        return f"{raw}"
    if isinstance(raw, str):
        return f'"{_one_line(raw, 40)}"'
    if isinstance(raw, list):
        return f"a list of {len(raw)}"
    return "a table" if isinstance(raw, dict) else "a date or time"


def _key(key: str) -> str:
    return _one_line(key, 40)


def _one_line(text: str, longest: int = 300) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[:longest] + "…"
