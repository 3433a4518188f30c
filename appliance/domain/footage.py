"""Footage: what is kept of a camera in files, and what is not, each with its cause."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId, EventId, ExportId, SegmentId, VolumeId
from appliance.domain.time import WallUs


class RecordingMode(StrEnum):
    """When a camera's packets are written to a disk."""

    CONTINUOUS = "continuous"
    MOTION = "motion"
    EVENTS = "events"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """A mode for some hours of some weekdays, by the box's local time.

    Attributes:
        days: on which it begins; 0 is Monday, 6 is Sunday.
        begin_min: minutes after midnight, 0 to 1439.
        end_min: minutes after midnight, 1 to 1440; at or before ``begin_min`` it ends on the next day.
    """

    days: frozenset[int]
    begin_min: int
    end_min: int
    mode: RecordingMode


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """What a camera's owner wants of its footage.

    Attributes:
        mode: when no entry of the schedule holds.
        pre_roll_s: from before what happened; 0 to 60, as far as the packet ring reaches.
        post_roll_s: from after it; 0 to 600.
        schedule: the first entry that holds decides.
        keep_days: the camera's footage of any class is kept no longer; ``None`` for the box's rules alone.
        most_bytes: of the camera's footage that are kept, protected ones included; ``None`` for no limit.
        sound: what its microphone hears is recorded as well; where the law forbids that it must not be.
    """

    mode: RecordingMode = RecordingMode.CONTINUOUS
    pre_roll_s: float = 5.0
    post_roll_s: float = 5.0
    schedule: tuple[ScheduleEntry, ...] = ()
    keep_days: float | None = None
    most_bytes: int | None = None
    sound: bool = True


class Cause(StrEnum):
    """Why there is no footage of a time."""

    OFF = "off"
    """The owner switched the recording or the camera off, now or by the schedule."""
    IDLE = "idle"
    """Only motion or events are recorded, and there were none."""
    EXPIRED = "expired"
    """It was recorded, and deleted when its time or its room was over."""
    NOT_RECORDABLE = "not_recordable"
    """The camera's codec has no place in an MP4 file."""
    CAMERA_DOWN = "camera_down"
    """The camera sent nothing that could be recorded."""
    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    DISK_UNAVAILABLE = "disk_unavailable"
    """No storage path could be written: not mounted, another disk, read-only, or failing."""
    SERVICE_DOWN = "service_down"
    """Nightjar did not run."""
    LOST = "lost"
    """It was recorded, and the file is not there any more or damaged."""

    @property
    def is_deliberate(self) -> bool:
        """Whether the owner's settings wanted it so; everything else is missing."""
        return self in {Cause.OFF, Cause.IDLE, Cause.EXPIRED}


@dataclass(frozen=True, slots=True)
class Gap:
    """A time of a camera that no footage shows: from ``start_us``, before ``end_us``."""

    camera_id: CameraId
    start_us: WallUs
    end_us: WallUs
    cause: Cause


class KeepClass(StrEnum):
    """What a segment is kept for: the gravest event in its time, else motion, else nothing in particular."""

    CONTINUOUS = "continuous"
    MOTION = "motion"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class SegmentState(StrEnum):
    """Where a segment is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of footage: fragmented MP4 that begins with a keyframe, about a minute long.

    Attributes:
        volume_id: the storage path that holds it.
        path: of the file, relative to the storage path, with ``/``.
        start_us: when its first picture was taken, on the camera's anchored clock.
        end_us: when its last picture ends; only what has been synced to the disk counts.
        size: bytes of whole fragments that have been synced.
        sha256: of these bytes in hexadecimal digits, once it is closed.
        codecs: of video and sound as RFC 6381 names them: ``avc1.64001f,mp4a.40.2``.
        has_motion: motion was seen while it was recorded.
        is_protected: the owner wants it kept whatever the rules say.
    """

    id: SegmentId
    camera_id: CameraId
    volume_id: VolumeId
    path: str
    start_us: WallUs
    end_us: WallUs
    size: int
    sha256: str | None
    codecs: str
    width: int
    height: int
    state: SegmentState = SegmentState.OPEN
    has_motion: bool = False
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of footage lies: the storage path, and the path in it with ``/``."""

    volume_id: VolumeId
    path: str


@dataclass(frozen=True, slots=True)
class Volume:
    """A storage path that was enrolled: ``id`` is that of the identity file in it.

    Attributes:
        path: where it was seen last, absolute.
    """

    id: VolumeId
    path: str
    created_us: WallUs


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a range that no footage shows; ``cause`` is ``None`` where nobody has accounted for it."""

    start_us: WallUs
    end_us: WallUs
    cause: Cause | None


class ExportState(StrEnum):
    """Where an export is in its life; from the last three nothing follows."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Export:
    """One MP4 file that somebody asked for, kept until somebody deletes it.

    Attributes:
        event_id: the event whose clip it is.
        is_exact: cut at exactly these times by an edit list, not at the keyframes around them.
        reason: why it failed, in words.
        size: bytes of the file once it is done.
        gaps: times of the range that the file does not show, in order.
    """

    id: ExportId
    camera_id: CameraId
    start_us: WallUs
    end_us: WallUs
    is_exact: bool
    created_us: WallUs
    state: ExportState = ExportState.WAITING
    event_id: EventId | None = None
    reason: str = ""
    size: int | None = None
    gaps: tuple[Missing, ...] = ()


DEFAULT_POLICY = RecordingPolicy()
"""What holds for a camera whose owner said nothing of its recording."""
