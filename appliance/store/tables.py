"""The tables. Times are INTEGER microseconds of UTC (``_us``), lists are JSON text, boxes are packed."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

UNFINISHED = "state <> 'closed' OR former_volume_id IS NOT NULL"
"""Segments that are being written, deleted or moved."""

OPEN = "state = 'open'"
"""Events, batches or alerts that somebody or something has still to do with: few among very many.

Statements say it, and what follows, in these words, not by a question mark, so that SQLite sees at once which
index holds them.
"""

WAITING = "state = 'waiting'"
"""Deliveries that are still to be made."""

CUT_OFF = "state = 'interrupted'"
"""Events that a start found open."""

CONTINUES = "continues IS NOT NULL"
"""Events that go on with one of those."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of the tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, int: Integer, float: Float, bytes: LargeBinary}  # noqa: RUF012


class Meta(Base):
    """Facts of the database itself; ``epoch`` names its history."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Camera(Base):
    """A camera and the state that its reader reported last."""

    __tablename__ = "cameras"
    __table_args__ = (
        CheckConstraint("enabled IN (0, 1)", name="enabled"),
        CheckConstraint("loop IN (0, 1)", name="loop"),
        CheckConstraint("detect_fps > 0 AND detect_fps <= 30", name="detect_fps"),
        CheckConstraint("managed_by IN ('api', 'file')", name="managed_by"),
        CheckConstraint("scene_managed_by IN ('api', 'file')", name="scene_managed_by"),
        CheckConstraint("decode IN ('auto', 'always', 'keyframes')", name="decode"),
        CheckConstraint(
            "status IN ('connecting', 'online', 'offline', 'auth_failed', 'no_video', 'ended', 'disabled')",
            name="status",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    enabled: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    loop: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    detect_fps: Mapped[float] = mapped_column(default=5.0, server_default=text("5.0"))
    labels: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    managed_by: Mapped[str] = mapped_column(default="api", server_default=text("'api'"))
    status: Mapped[str] = mapped_column(default="connecting", server_default=text("'connecting'"))
    status_reason: Mapped[str] = mapped_column(default="", server_default=text("''"))
    status_since_us: Mapped[int | None]
    stream: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_us: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    decode: Mapped[str] = mapped_column(default="auto", server_default=text("'auto'"))
    live_url: Mapped[str | None]
    recording: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    scene: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    scene_managed_by: Mapped[str] = mapped_column(default="api", server_default=text("'api'"))


class CameraCredentials(Base):
    """User name and password of a camera: in a table of their own, read by its reader alone.

    ``sealed`` holds both, encrypted; then the other two are empty. They are filled in rows of a former
    version only, until the next start seals those.
    """

    __tablename__ = "camera_credentials"

    camera_id: Mapped[str] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str]
    password: Mapped[str]
    sealed: Mapped[bytes | None]


class Model(Base):
    """A detector's model, known by the hash of its file, so that a row of boxes can name it in few bytes.

    ``sha256`` of a detector without a file is its name and version.
    """

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    name: Mapped[str]


class Detection(Base):
    """One analysed frame with its boxes; a row never changes.

    ``model_id`` is NULL in rows from before boxes had a look: theirs take 32 bytes each. ``searched`` holds
    the parts of the picture that were looked at, and is NULL where the whole of it was.
    """

    __tablename__ = "detections"
    __table_args__ = (Index(None, "camera_id", "at_us"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    camera_id: Mapped[str]
    at_us: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    labels: Mapped[str]
    boxes: Mapped[bytes]
    model_id: Mapped[int | None]
    searched: Mapped[bytes | None]


class Batch(Base):
    """What went on at a camera for a while."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'completed')", name="state"),
        CheckConstraint("severity BETWEEN 0 AND 3", name="severity"),
        Index(None, "camera_id", "started_us"),
        Index(None, "started_us", "id"),
        Index("ix_batches_open", "started_us", "id", sqlite_where=text(OPEN)),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    chain_id: Mapped[str]
    camera_id: Mapped[str]
    state: Mapped[str] = mapped_column(default="open", server_default=text("'open'"))
    started_us: Mapped[int]
    ended_us: Mapped[int | None]
    severity: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    event_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    summary: Mapped[str] = mapped_column(default="", server_default=text("''"))
    reviewed: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class Event(Base):
    """One object's visit to one camera's view."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'ended', 'interrupted')", name="state"),
        CheckConstraint("risk_score BETWEEN 0 AND 100", name="risk_score"),
        CheckConstraint("severity BETWEEN 0 AND 3", name="severity"),
        Index(None, "started_us", "id"),
        # By these columns each filter is answered, however rare what it finds: see ``event_search``.
        Index(
            "ix_events_kinds", *("camera_id", "label", "severity", "reviewed", "state", "started_us", "id")
        ),
        # Timelines are read from it alone, without a look at the rows.
        Index("ix_events_timeline", "camera_id", "started_us", "severity"),
        Index(None, "batch_id"),
        Index("ix_events_open", "camera_id", "started_us", sqlite_where=text(OPEN)),
        # What a start asks of each camera: without them it goes through all of its events, twice.
        Index("ix_events_cut_off", "camera_id", "last_seen_us", sqlite_where=text(CUT_OFF)),
        Index("ix_events_continues", "continues", sqlite_where=text(CONTINUES)),
        Index("ix_events_tracks", "camera_id", "track_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str]
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    camera_id: Mapped[str]
    track_id: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    continues: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open", server_default=text("'open'"))
    label: Mapped[str]
    started_us: Mapped[int]
    last_seen_us: Mapped[int]
    ended_us: Mapped[int | None]
    score: Mapped[float] = mapped_column(default=0.0, server_default=text("0.0"))
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    zones: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    risk_score: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    severity: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    risk_factors: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default=text("'[]'")
    )
    summary: Mapped[str] = mapped_column(default="", server_default=text("''"))
    picture: Mapped[str | None]
    reviewed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    note: Mapped[str] = mapped_column(default="", server_default=text("''"))
    kind: Mapped[str] = mapped_column(default="object", server_default=text("'object'"))
    passages: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    rest: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    second_look: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class EventZone(Base):
    """A zone that an event's object was in, and what the event is; triggers keep it: see ``event_search``."""

    __tablename__ = "event_zones"
    __table_args__ = ({"sqlite_with_rowid": False},)

    zone_id: Mapped[str] = mapped_column(primary_key=True)
    camera_id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[int] = mapped_column(primary_key=True)
    reviewed: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    started_us: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)


class Rule(Base):
    """When to alert."""

    __tablename__ = "rules"
    __table_args__ = (
        CheckConstraint("enabled IN (0, 1)", name="enabled"),
        CheckConstraint("min_severity BETWEEN 0 AND 3", name="min_severity"),
        CheckConstraint("cooldown_s >= 0", name="cooldown_s"),
        CheckConstraint("deduplication IN ('visit', 'batch')", name="deduplication"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    enabled: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    labels: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    cameras: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    min_severity: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    cooldown_s: Mapped[float] = mapped_column(default=0.0, server_default=text("0.0"))
    deduplication: Mapped[str] = mapped_column(default="batch", server_default=text("'batch'"))
    zones: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    lines: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    min_dwell_s: Mapped[float] = mapped_column(default=0.0, server_default=text("0.0"))
    armed: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    hours: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    targets: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class Alert(Base):
    """A rule that an event satisfied. The rule may be gone; its name stays."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'acknowledged', 'dismissed')", name="state"),
        CheckConstraint("severity BETWEEN 0 AND 3", name="severity"),
        UniqueConstraint("rule_id", "visit_id"),
        UniqueConstraint("rule_id", "dedup_key"),
        Index(None, "created_us", "id"),
        # Of who may see one camera, or some: see ``queries``.
        Index(None, "camera_id", "created_us"),
        Index(None, "event_id"),
        Index("ix_alerts_open", "created_us", "id", sqlite_where=text(OPEN)),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[str]
    rule_name: Mapped[str]
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    batch_id: Mapped[str]
    camera_id: Mapped[str]
    visit_id: Mapped[str]
    label: Mapped[str]
    severity: Mapped[int]
    state: Mapped[str] = mapped_column(default="open", server_default=text("'open'"))
    created_us: Mapped[int]
    acknowledged_us: Mapped[int | None]
    dismissed_us: Mapped[int | None]
    summary: Mapped[str] = mapped_column(default="", server_default=text("''"))
    dedup_key: Mapped[str]
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default=text("'[]'"))


class Candidate(Base):
    """A confirmed track that became no event, or an event that a rule made no alert of, and why."""

    __tablename__ = "candidates"
    __table_args__ = (
        CheckConstraint("what IN ('event', 'alert')", name="what"),
        Index(None, "camera_id", "started_us"),
        Index(None, "started_us", "id"),
        Index(None, "event_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    camera_id: Mapped[str]
    track_id: Mapped[int]
    label: Mapped[str]
    started_us: Mapped[int]
    last_seen_us: Mapped[int]
    score: Mapped[float]
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str]
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    event_id: Mapped[str | None]
    rule_id: Mapped[str | None]


class Journal(Base):
    """What besides the analysed frames a camera's decisions were made of, in its order.

    ``frame_us`` is the time of the last frame that was taken in before it (0 for none), ``at_us`` the
    camera's own time at which it was: with the frames it gives the order in which they were decided on.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index(None, "camera_id", "frame_us", "id"),
        Index(None, "at_us"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    camera_id: Mapped[str]
    frame_us: Mapped[int]
    at_us: Mapped[int]
    kind: Mapped[str]
    data: Mapped[bytes]


class Snapshot(Base):
    """The whole state of a camera's decisions: at each start, and at midnight.

    ``frame_us`` is the time of the last frame before it (0 for none), ``journal_id`` and ``detection_id`` the
    last entry of the journal and the last frame, of any camera, that were stored before it.
    """

    __tablename__ = "snapshots"
    __table_args__ = (
        CheckConstraint("is_start IN (0, 1)", name="is_start"),
        Index(None, "camera_id", "at_us"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[str]
    frame_us: Mapped[int]
    at_us: Mapped[int]
    version: Mapped[str]
    setup: Mapped[bytes]
    state: Mapped[bytes]
    is_start: Mapped[int]
    journal_id: Mapped[int]
    detection_id: Mapped[int]


class Setting(Base):
    """Something that the owner set and that has no row of its own, such as the arm state; JSON text."""

    __tablename__ = "settings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class SettingChange(Base):
    """A change of a setting that events or alerts depend on: what it was, and what it became.

    ``subject`` is ``camera:ID``, ``rule:ID`` or the key of a setting; ``before`` is NULL where there was
    nothing, and ``after`` where nothing is left.
    """

    __tablename__ = "setting_changes"
    __table_args__ = (
        Index(None, "subject", "id"),
        Index("ix_setting_changes_undoes", "undoes", sqlite_where=text("undoes IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at_us: Mapped[int]
    subject: Mapped[str]
    before: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    undoes: Mapped[int | None]


class Target(Base):
    """Where alerts are sent to.

    ``sealed`` holds its secrets and its whole address, encrypted: nobody sees it; ``settings`` is empty then,
    and filled in rows of a former version only, until the next start seals those. ``shown`` is what may be
    seen.
    """

    __tablename__ = "targets"
    __table_args__ = (
        CheckConstraint("kind IN ('webhook', 'ntfy')", name="kind"),
        CheckConstraint("enabled IN (0, 1)", name="enabled"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    enabled: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    shown: Mapped[str]
    created_us: Mapped[int]
    sealed: Mapped[bytes | None]


class Delivery(Base):
    """An alert on its way to a target; made by a trigger, in the alert's own transaction."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'expired', 'refused')", name="state"),
        Index("ix_deliveries_waiting", "target_id", "created_us", sqlite_where=text(WAITING)),
        Index(None, "created_us"),
        Index(None, "target_id", "created_us"),
        {"sqlite_with_rowid": False},
    )

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(default="waiting", server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_us: Mapped[int]
    next_us: Mapped[int]
    done_us: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="", server_default=text("''"))


class User(Base):
    """Somebody who may log in. ``cameras`` lists the ids that are seen, NULL is all of them.

    ``name_key`` is the name as it is compared, so that no two look alike but for capitals.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'operator', 'admin')", name="role"),
        CheckConstraint("enabled IN (0, 1)", name="enabled"),
        UniqueConstraint("name_key"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    role: Mapped[str]
    cameras: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    enabled: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    password_hash: Mapped[str]
    password_us: Mapped[int]
    created_us: Mapped[int]
    seen_us: Mapped[int | None]


class Session(Base):
    """A login. Its secret is in the browser's cookie alone; ``token_hash`` is the SHA-256 of it."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_us: Mapped[int]
    seen_us: Mapped[int]
    expires_us: Mapped[int]
    address: Mapped[str]
    agent: Mapped[str]


class ApiToken(Base):
    """A program's key, shown once; ``secret_hash`` is the SHA-256 of its secret part."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("scope IN ('metrics', 'read', 'operate', 'admin')", name="scope"),
        Index(None, "user_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    secret_hash: Mapped[bytes]
    scope: Mapped[str]
    cameras: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_us: Mapped[int]
    seen_us: Mapped[int | None]
    expires_us: Mapped[int | None]


class LoginBucket(Base):
    """How many more tries an address or an account has: ``left_`` of them at ``at_us``, more with time."""

    __tablename__ = "login_buckets"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(primary_key=True)
    left_: Mapped[float]
    at_us: Mapped[int]


class Audit(Base):
    """Who did what: logins, changes, exports, deletions, users, tokens. No secret is ever in it."""

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("kind IN ('nobody', 'local', 'user', 'token', 'service')", name="kind"),
        CheckConstraint("outcome IN ('done', 'refused', 'failed')", name="outcome"),
        Index(None, "at_us"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at_us: Mapped[int]
    who: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    outcome: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Volume(Base):
    """A storage path of footage, known by the identity file in it."""

    __tablename__ = "volumes"

    id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    created_us: Mapped[int]


class Segment(Base):
    """One file of footage. A row that names a former place is that of a file which is being moved.

    ``keep_class`` and ``kept_from_us`` are NULL until the events of its time have ended: then the keeper says
    what it is kept for, and from when on it ages by the retention clock.
    """

    __tablename__ = "segments"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed', 'deleting')", name="state"),
        CheckConstraint("end_us >= start_us", name="end_us"),
        CheckConstraint(
            "keep_class IN ('continuous', 'motion', 'low', 'medium', 'high', 'critical')", name="keep_class"
        ),
        # Timelines are read from it alone: 13 ms instead of 100 for a month of minutes.
        Index(
            "ix_segments_timeline",
            *("camera_id", "start_us", "end_us", "has_motion", "is_protected", "state"),
        ),
        Index(None, "start_us"),
        # The few that something has still to be done with, found among millions at each start.
        Index("ix_segments_unfinished", "id", sqlite_where=text(UNFINISHED)),
        Index(None, "keep_class", "volume_id", "kept_from_us"),
        # Sums are read from it alone, without a look at the rows (0.4 s instead of 4.3 s for a million).
        Index(
            *("ix_segments_totals", "keep_class", "camera_id", "volume_id", "is_protected", "state", "size")
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    camera_id: Mapped[str]
    volume_id: Mapped[str]
    path: Mapped[str]
    start_us: Mapped[int]
    end_us: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str | None]
    codecs: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    state: Mapped[str]
    has_motion: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    is_protected: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    former_volume_id: Mapped[str | None]
    former_path: Mapped[str | None]
    keep_class: Mapped[str | None]
    kept_from_us: Mapped[int | None]


class Gap(Base):
    """A time of a camera that no footage shows; with the segments it adds up to wall time."""

    __tablename__ = "gaps"
    __table_args__ = (
        CheckConstraint("end_us >= start_us", name="end_us"),
        Index("ix_gaps_timeline", "camera_id", "start_us", "end_us", "cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[str]
    start_us: Mapped[int]
    end_us: Mapped[int]
    cause: Mapped[str]


class ChangedDay(Base):
    """How often what begins on a day of a camera has changed: segments, gaps and events. Counted by triggers.

    Whoever keeps in memory what was read of a day knows by it whether that is still right; hence a row is
    never deleted. ``day`` is counted from 1970, in UTC.
    """

    __tablename__ = "changed_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    camera_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[int]


class Export(Base):
    """One MP4 file that somebody asked for, made of a camera's footage; kept until somebody deletes it."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    camera_id: Mapped[str]
    event_id: Mapped[str | None]
    start_us: Mapped[int]
    end_us: Mapped[int]
    is_exact: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default=text("''"))
    size: Mapped[int | None]
    gaps: Mapped[list[list[Any]]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    created_us: Mapped[int]


class Sample(Base):
    """How the box was doing in the minute that ended then; NULL is what was not known.

    It is for charts alone: nobody is told of a new one.
    """

    __tablename__ = "samples"

    at_us: Mapped[int] = mapped_column(primary_key=True)
    cpu_percent: Mapped[float | None]
    memory_percent: Mapped[float | None]
    gpu_percent: Mapped[float | None]
    gpu_memory_percent: Mapped[float | None]
    gpu_temperature_c: Mapped[float | None]
    disk_free_bytes: Mapped[int | None]
    footage_bytes: Mapped[int | None]
    detections_per_s: Mapped[float | None]
    frames_dropped: Mapped[int | None]
    commit_p99_ms: Mapped[float | None]
    cameras_online: Mapped[int | None]


class CameraSample(Base):
    """How a camera's stream was in the minutes that ended then; NULL is what was not measured.

    It is for the look back at the last 24 hours alone: nobody is told of a new one.
    """

    __tablename__ = "camera_samples"
    __table_args__ = ({"sqlite_with_rowid": False},)

    camera_id: Mapped[str] = mapped_column(primary_key=True)
    at_us: Mapped[int] = mapped_column(primary_key=True)
    watched_s: Mapped[float]
    online_s: Mapped[float]
    fps: Mapped[float | None]
    bitrate_bps: Mapped[int | None]
    losses: Mapped[int]
    corrupt_frames: Mapped[int]


class Outbox(Base):
    """What was said, in commit order. Filled by triggers only.

    ``label`` and ``severity`` are those of the new row, the ``old_`` ones those before an update; filters
    let a message pass if either matches. ``data`` is the message's data; for a detection it is NULL and
    ``detection_id`` refers to the row, which never changes.
    """

    __tablename__ = "outbox"
    __table_args__ = ({"sqlite_autoincrement": True},)

    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[str]
    type: Mapped[str]
    camera_id: Mapped[str | None]
    label: Mapped[str | None]
    severity: Mapped[int | None]
    old_label: Mapped[str | None]
    old_severity: Mapped[int | None]
    detection_id: Mapped[int | None]
    data: Mapped[str | None]
