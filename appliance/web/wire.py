"""What the API takes and gives, as types: requests are decoded strictly, answers described by them.

Answers whose rows the database itself turns into JSON (``store/resources.py``) have a type here all the
same: the OpenAPI document is made of it, and tests hold the two together.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from appliance.domain.ids import CAMERA_ID, CAMERA_ID_WORDS
from appliance.monitor.queue_watch import QueueReport
from appliance.monitor.stats import GpuStats, HealthReport, PartReport
from appliance.notifications.outcome import TroubleKind
from appliance.store.audit import KindWord, OutcomeWord
from appliance.store.hours_form import ArmHoursList, ArmWord, HoursList
from appliance.store.recording_form import (
    KeepDays,
    ModeWord,
    MostBytes,
    PostRollS,
    PreRollS,
    Recording,
    Schedules,
)
from appliance.store.scene_form import Lines, Masks, Scene, ShapeId, Zones

MOST_NAMES = 256

Time = Annotated[
    str,
    Meta(description="ISO 8601 in UTC with milliseconds", extra_json_schema={"format": "date-time"}),
]
DecodeWord = Literal["auto", "always", "keyframes"]
StatusWord = Literal["connecting", "online", "offline", "auth_failed", "no_video", "ended", "disabled"]
SeverityWord = Literal["low", "medium", "high", "critical"]
CameraSlug = Annotated[str, Meta(pattern=CAMERA_ID, description=CAMERA_ID_WORDS)]
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="1 to 100 characters, not only spaces, without control characters",
    ),
]
Address = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        description="rtsp://user:password@host/path, likewise rtsps, http or https; or demo:; "
        "user and password are never given out again",
    ),
]
LiveAddress = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        description="rtsp://host/path of a smaller stream on the same host; read with the same credentials",
    ),
]
DetectFps = Annotated[float, Meta(gt=0, le=30)]
Label = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="1 to 64 characters without control characters",
    ),
]
Labels = Annotated[list[Label], Meta(max_length=MOST_NAMES)]
Note = Annotated[
    str, Meta(max_length=2000, pattern=r"^[^\x00]*$", description="up to 2000 characters, without NUL")
]
TargetIds = Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=MOST_NAMES)]
CooldownS = Annotated[float, Meta(ge=0, le=604_800)]
ZoneIds = Annotated[list[ShapeId], Meta(max_length=MOST_NAMES)]
DwellS = Annotated[float, Meta(ge=0, le=86_400)]
ShapeIds = Annotated[list[ShapeId], Meta(min_length=1, max_length=MOST_NAMES)]
ArmWords = Annotated[list[ArmWord], Meta(min_length=1, max_length=3)]

T = TypeVar("T")


class Items(Struct, Generic[T]):
    """A list, or one page of it; ``next`` is the token of the next page, null on the last."""

    items: list[T]
    next: str | None = None


class Decoding(Struct):
    """How a camera's stream is decoded.

    ``reason`` says why it is not decoded on demand, ``advice`` what can be changed in the camera so that it
    can be, ``decoder_note`` why the decoder is not the wanted one; each a sentence, or empty.
    """

    mode: Literal["on_demand", "continuous", "keyframes"]
    reason: str
    advice: str
    decoder: str
    decoder_note: str


class Stream(Struct):
    """What was measured on a camera's video stream; null is what was not said and not measured yet.

    ``gop_s`` is the seconds from one keyframe to the next.
    """

    codec: str
    width: int
    height: int
    fps: float | None
    gop_s: float | None = None
    decoding: Decoding | None = None


class Camera(Struct):
    """A camera and its state; ``labels`` is null where the usual ones count.

    ``scene_managed_by`` is ``file`` where the configuration file draws its zones, lines and masks; a camera
    of the file for which it draws none has its scene from the API.
    """

    id: str
    name: str
    enabled: bool
    loop: bool
    detect_fps: float
    labels: list[str] | None
    decode: DecodeWord
    recording: Recording
    scene: Scene
    scene_managed_by: Literal["api", "file"]
    has_live_url: bool
    managed_by: Literal["api", "file"]
    status: StatusWord
    status_reason: str
    status_since: Time | None
    stream: Stream | None
    created_at: Time


class CameraAddress(Struct):
    """Where a camera is read from, for whoever manages cameras; its user name and password stay inside.

    ``live_note`` says why the second address could not be read when somebody last wanted to see it; else it
    is empty.
    """

    address: str
    has_credentials: bool
    live_address: str | None
    live_note: str


class RecordingChange(Struct, forbid_unknown_fields=True):
    """What to change of a camera's recording: the members that are named; a schedule is replaced whole."""

    mode: ModeWord | UnsetType = UNSET
    pre_roll_s: PreRollS | UnsetType = UNSET
    post_roll_s: PostRollS | UnsetType = UNSET
    schedule: Schedules | UnsetType = UNSET
    keep_days: KeepDays | UnsetType | None = UNSET
    most_bytes: MostBytes | UnsetType | None = UNSET
    sound: bool | UnsetType = UNSET


class SceneChange(Struct, forbid_unknown_fields=True):
    """What to change of what is drawn on a camera's picture: the lists that are named, each as a whole."""

    zones: Zones | UnsetType = UNSET
    lines: Lines | UnsetType = UNSET
    masks: Masks | UnsetType = UNSET


class NewCamera(Struct, forbid_unknown_fields=True):
    """A camera to add; without ``id`` one is made from the name."""

    name: Name
    address: Address
    id: CameraSlug | None = None
    enabled: bool = True
    loop: bool = False
    detect_fps: DetectFps = 5.0
    labels: Labels | None = None
    decode: DecodeWord = "auto"
    recording: RecordingChange | UnsetType = UNSET
    scene: SceneChange | UnsetType = UNSET
    live_address: LiveAddress | None = None


class CameraChange(Struct, forbid_unknown_fields=True):
    """What to change of a camera.

    A new address that names no user keeps the present user and password if host and port stay the same;
    otherwise they are forgotten, so that they never reach another machine. The second address is forgotten
    likewise when the host changes; null takes it away.
    """

    name: Name | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    loop: bool | UnsetType = UNSET
    detect_fps: DetectFps | UnsetType = UNSET
    labels: Labels | UnsetType | None = UNSET
    decode: DecodeWord | UnsetType = UNSET
    recording: RecordingChange | UnsetType = UNSET
    scene: SceneChange | UnsetType = UNSET
    live_address: LiveAddress | UnsetType | None = UNSET


class CameraSearch(Struct, forbid_unknown_fields=True):
    """A camera of which the path is not known; the usual ones are tried, and nothing is stored."""

    host: Annotated[str, Meta(min_length=1, max_length=253, description="an IP address or a name, alone")]
    user: Annotated[str, Meta(max_length=256)] = ""
    password: Annotated[str, Meta(max_length=256)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 554


class CameraTrial(Struct, forbid_unknown_fields=True):
    """An address to try; nothing is stored. A second one is advised unless the camera has one."""

    address: Address
    has_live_address: bool = False


TrialKind = Literal[
    "dns",
    "refused",
    "timeout",
    "unauthorized",
    "not_found",
    "busy",
    "no_video",
    "codec",
    "protocol",
    "ended",
    "no_known_path",
]


class CameraTrialResult(Struct):
    """How a trial went: ``kind`` tells the causes apart, ``message`` says it in words with the next step.

    ``advice`` says what could be better in the camera, a sentence or two each. ``picture`` is its first
    picture, small, a JPEG in base64; it is stored nowhere.
    """

    ok: bool
    message: str
    kind: TrialKind | None = None
    stream: Stream | None = None
    advice: list[str] = []
    picture: str | None = None


class CameraSearchResult(Struct):
    """How the search for a camera's streams went.

    ``trial`` is that of its main stream, or why none was found. The addresses name neither user nor password;
    ``live_address`` is that of a smaller stream where there is one. ``tried`` says how many paths were.
    """

    trial: CameraTrialResult
    address: str | None
    live_address: str | None
    tried: int


class RiskFactor(Struct):
    """One summand of a risk score."""

    name: str
    points: int
    detail: str


class Passage(Struct):
    """A stay in a zone or a crossing of a line, by an event's object.

    Of a stay ``until`` is its last moment there, null while it goes on; of a crossing it is null. Forward is
    from the line's left to its right, seen from its first point; a stay has no ``direction``.
    """

    kind: Literal["zone", "line"]
    id: str
    name: str
    at: Time
    until: Time | None
    direction: Literal["forward", "backward"] | None


class SecondLook(Struct):
    """What a model said of an event that the owner lets look at it; ``points`` are its part of the risk.

    ``summary`` is its own sentence: somebody else's text, to be marked as such, and never markup.
    """

    model: str
    verdict: Literal["harmless", "unclear", "suspicious"]
    summary: str
    points: int
    at: Time


class Event(Struct):
    """One object's visit to one camera's view; ``box`` is xyxy from 0 to 1 of width and height.

    ``speed_kmh`` is its highest steady speed in a zone whose sides are known; ``rested_at`` is when it came
    to the place where it stands now, null while it moves and at the end. ``kind`` is ``offline`` for a camera
    that was not reached, and ``tampering`` for one that was covered, turned or put out of focus: those have
    neither box nor picture, and their score is 0.
    """

    id: str
    visit_id: str
    batch_id: str
    camera_id: str
    track_id: int
    continues: str | None
    state: Literal["open", "ended", "interrupted"]
    kind: Literal["object", "tampering", "offline"]
    label: str
    started_at: Time
    last_seen_at: Time
    ended_at: Time | None
    score: float
    box: tuple[float, float, float, float] | None
    zones: list[str]
    passages: list[Passage]
    speed_kmh: float | None
    rested_at: Time | None
    risk_score: int
    severity: SeverityWord
    risk_factors: list[RiskFactor]
    summary: str
    picture: str | None
    second_look: SecondLook | None
    reviewed: bool
    note: str


class EventChange(Struct, forbid_unknown_fields=True):
    """What a person may change of an event."""

    reviewed: bool | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class StoryMoment(Struct):
    """What an event's object did, from ``at`` until ``until``, which is null for an instant.

    ``text`` says it in words, seen from the picture: left is the picture's left.
    """

    at: Time
    until: Time | None
    kind: Literal[
        "appeared",
        "moved",
        "stood_still",
        "entered",
        "left_zone",
        "crossed",
        "left",
        "still_there",
        "cut_off",
        "away",
        "back",
        "tampered",
        "cleared",
    ]
    text: str


class StoryPoint(Struct):
    """Where an event's object was; ``box`` is xyxy from 0 to 1 of width and height."""

    at: Time
    box: tuple[float, float, float, float]


class Story(Struct):
    """An event as a story: its moments in order of time, and the way of its object, at most 200 points."""

    event_id: str
    moments: list[StoryMoment]
    path: list[StoryPoint]


class EventReview(Struct, forbid_unknown_fields=True):
    """Which events to mark as reviewed, or as not: the filters are those of the list of events.

    ``until`` is the moment at which somebody saw the list: what began then or later stays as it is.
    """

    reviewed: bool
    camera: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] = []
    label: Labels = []
    severity: SeverityWord | None = None
    state: Annotated[list[Literal["open", "ended", "interrupted"]], Meta(max_length=3)] = []
    zone: ZoneIds = []
    batch: Annotated[str, Meta(max_length=64)] | None = None
    from_: Annotated[str, Meta(max_length=40)] | None = msgspec.field(default=None, name="from")
    to: Annotated[str, Meta(max_length=40)] | None = None
    until: Annotated[str, Meta(max_length=40)] | None = None


class ReviewedEvents(Struct):
    """How many events have another review mark now than before."""

    count: int


class Batch(Struct):
    """What went on at a camera for a while."""

    id: str
    chain_id: str
    camera_id: str
    state: Literal["open", "completed"]
    started_at: Time
    ended_at: Time | None
    severity: SeverityWord
    event_count: int
    summary: str
    reviewed: bool


class BatchChange(Struct, forbid_unknown_fields=True):
    """What a person may change of a batch."""

    reviewed: bool | UnsetType = UNSET


class Alert(Struct):
    """A rule that an event satisfied."""

    id: str
    rule_id: str
    rule_name: str
    event_id: str
    batch_id: str
    camera_id: str
    visit_id: str
    label: str
    severity: SeverityWord
    state: Literal["open", "acknowledged", "dismissed"]
    created_at: Time
    acknowledged_at: Time | None
    dismissed_at: Time | None
    summary: str


class OpenAlerts(Struct, forbid_unknown_fields=True):
    """Which open alerts to handle: those that were made before ``until``, such as what somebody has seen."""

    until: Annotated[str, Meta(max_length=40)]


class HandledAlerts(Struct):
    """How many alerts are as they were wanted now."""

    count: int


class TraceStep(Struct):
    """One question of a decision and its answer: ``detail`` says the value that decided and its limit."""

    name: str
    passed: bool
    detail: str


class Candidate(Struct):
    """What became no event, or an event of which a rule made no alert; ``reason`` says why.

    ``box`` is xyxy from 0 to 1 of width and height, at its best moment; null where there is no object.
    Without an event ``event_id``, ``rule_id`` and ``rule_name`` are null; the name of a rule that is gone is
    null as well.
    """

    id: str
    what: Literal["event", "alert"]
    camera_id: str
    track_id: int
    label: str
    started_at: Time
    last_seen_at: Time
    score: float
    box: tuple[float, float, float, float] | None
    reason: str
    steps: list[TraceStep]
    event_id: str | None
    rule_id: str | None
    rule_name: str | None


class AlertWhy(Struct):
    """Why a rule alerted: each of its conditions with the value that fulfilled it."""

    alert_id: str
    rule_id: str
    rule_name: str
    event_id: str
    steps: list[TraceStep]


class EventWhy(Struct):
    """Why there is an event, how its risk adds up, which rules alerted for it, and which nearly did."""

    event_id: str
    steps: list[TraceStep]
    risk_score: int
    risk_factors: list[RiskFactor]
    alerts: list[AlertWhy]
    not_alerted: list[Candidate]


class LabelBaseline(Struct):
    """On what part of the days a label came at each hour, 0 to 1: 24 numbers of workdays, 24 of weekends."""

    label: str
    workdays: list[float]
    weekends: list[float]


class Baseline(Struct):
    """What is usual at a camera by the events of the last weeks; labels by how often they come.

    ``days`` says on how many days it rests, older ones counting less; it counts in risks once they are
    ``needed_days``.
    """

    camera_id: str
    days: float
    needed_days: float
    labels: list[LabelBaseline]


class Rule(Struct):
    """When to alert; null for labels, cameras, armed or targets (those that are told) means all of them.

    The object must have been in one of the ``zones`` (null: anywhere) for ``min_dwell_s``, and have crossed
    one of the ``lines`` (null: that is not asked). ``armed`` are the arm states in which it alerts, and
    ``hours`` those in which it does; none is always.
    """

    id: str
    name: str
    enabled: bool
    labels: list[str] | None
    cameras: list[str] | None
    min_severity: SeverityWord
    cooldown_s: float
    deduplication: Literal["visit", "batch"]
    zones: list[str] | None
    lines: list[str] | None
    min_dwell_s: float
    armed: list[ArmWord] | None
    hours: HoursList
    targets: list[str] | None


class NewRule(Struct, forbid_unknown_fields=True):
    """A rule to add."""

    name: Name
    enabled: bool = True
    labels: Labels | None = None
    cameras: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] | None = None
    min_severity: SeverityWord = "low"
    cooldown_s: CooldownS = 0.0
    deduplication: Literal["visit", "batch"] = "batch"
    zones: ShapeIds | None = None
    lines: ShapeIds | None = None
    min_dwell_s: DwellS = 0.0
    armed: ArmWords | None = None
    hours: HoursList = []
    targets: TargetIds | None = None


class RuleChange(Struct, forbid_unknown_fields=True):
    """What to change of a rule."""

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    labels: Labels | UnsetType | None = UNSET
    cameras: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] | UnsetType | None = UNSET
    min_severity: SeverityWord | UnsetType = UNSET
    cooldown_s: CooldownS | UnsetType = UNSET
    deduplication: Literal["visit", "batch"] | UnsetType = UNSET
    zones: ShapeIds | UnsetType | None = UNSET
    lines: ShapeIds | UnsetType | None = UNSET
    min_dwell_s: DwellS | UnsetType = UNSET
    armed: ArmWords | UnsetType | None = UNSET
    hours: HoursList | UnsetType = UNSET
    targets: TargetIds | UnsetType | None = UNSET


class PreviewRule(NewRule, forbid_unknown_fields=True, kw_only=True):
    """A rule as it would be set; with the ``id`` of one that there is it stands in its place."""

    id: Annotated[str, Meta(max_length=64)] | None = None


class PreviewQuestion(Struct, forbid_unknown_fields=True):
    """What would have been different in the last ``hours`` with other settings.

    ``scene`` is for ``camera``: of what is drawn there the lists that it names. ``rule`` is set or added,
    ``remove_rule`` taken away, and of ``arm`` what it names.
    """

    hours: Annotated[float, Meta(gt=0, le=168)] = 24.0
    camera: CameraSlug | None = None
    scene: SceneChange | None = None
    rule: PreviewRule | None = None
    remove_rule: Annotated[str, Meta(max_length=64)] | None = None
    arm: "ArmChange | None" = None


class PreviewCount(Struct):
    """How many there are."""

    events: int
    alerts: int


class PreviewItem(Struct):
    """An event or an alert that would not have been, would have been besides, or would have been another way.

    ``id`` is as it is or would have been named; ``at`` is when the event began or the alert was made;
    ``reason`` says why it is different, as far as that is known.
    """

    what: Literal["event", "alert"]
    id: str
    camera_id: str
    label: str
    at: Time
    summary: str
    reason: str


class Preview(Struct):
    """What would have been different; of each list the oldest 500.

    ``before`` is what is decided with the settings of that time, ``after`` with the others. ``frames`` is how
    many analysed frames were decided on anew, and ``sentence`` tells the whole.
    """

    from_: Time = msgspec.field(name="from")
    to: Time
    frames: int
    before: PreviewCount
    after: PreviewCount
    gone: list[PreviewItem]
    come: list[PreviewItem]
    changed: list[PreviewItem]
    sentence: str


class Arm(Struct):
    """Who is at home now.

    The clock sets the states of ``hours`` when they begin; one that is set by hand holds until others begin.
    ``by_hand`` is the state that was set by hand last, at ``set_at`` (null: never); it holds again when the
    hours of ``state`` end.
    """

    state: ArmWord
    by_hand: ArmWord
    set_at: Time | None
    hours: ArmHoursList


class ArmChange(Struct, forbid_unknown_fields=True):
    """The state to set by hand, as of now, or the hours that set one, all of them; or both."""

    state: ArmWord | UnsetType = UNSET
    hours: ArmHoursList | UnsetType = UNSET


class SettingChange(Struct):
    """A change of what events or alerts depend on: the fields that changed, as they were and as they became.

    ``subject`` is ``camera:ID``, ``rule:ID`` or ``arm``. ``before`` is null for a rule that was added,
    ``after`` for one that was deleted. ``undoes`` is the change that this one undid, ``undone_by`` the newest
    one that undid this.
    """

    id: int
    at: Time
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    undoes: int | None
    undone_by: int | None


class Footpoint(Struct):
    """Where the foot of a box was: ``x`` and ``y`` from 0 to 1 of the picture's width and height."""

    at: Time
    track_id: int | None
    label: str
    x: float
    y: float


class Footpoints(Struct):
    """Where objects stood at a camera, in order of time: at most 2000 points, evenly spread."""

    points: list[Footpoint]


TargetKind = Literal["webhook", "ntfy"]
DeliveryState = Literal["waiting", "delivered", "refused", "expired"]
Secret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"^[\x21-\x7e]+$",
        description="1 to 256 visible ASCII characters; never given out again",
    ),
]
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="1 to 256 characters without control characters; never given out again",
    ),
]
Topic = Annotated[
    str,
    Meta(
        pattern=r"^[-_A-Za-z0-9]{1,64}$",
        description="1 to 64 letters, digits, hyphens and underscores; never given out whole again",
    ),
]
TargetAddress = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        description="http://host/path or https://host/path; never given out whole again",
    ),
]


class LastDelivery(Struct):
    """What became of the newest alert for a target."""

    state: DeliveryState
    at: Time
    attempts: int
    reason: str


class Target(Struct):
    """Where alerts are sent to.

    Of its ``address`` only the beginning is shown, and of its secrets whether there are any. ``waiting``
    alerts are still to be delivered; ``last`` is null before the first.
    """

    id: str
    name: str
    kind: TargetKind
    enabled: bool
    address: str
    has_secret: bool
    picture: bool
    created_at: Time
    waiting: int
    last: LastDelivery | None


class NewTarget(Struct, forbid_unknown_fields=True):
    """A target to add.

    A ``webhook`` may have a ``secret`` to sign with. For ``ntfy`` the address is that of its server; it has a
    ``topic``, and a ``token`` or ``user`` and ``password`` where the server asks for them.
    """

    name: Name
    kind: TargetKind
    address: TargetAddress
    enabled: bool = True
    picture: bool = True
    secret: Secret | None = None
    topic: Topic | None = None
    token: Secret | None = None
    user: Password | None = None
    password: Password | None = None


class TargetChange(Struct, forbid_unknown_fields=True):
    """What to change of a target; null takes a secret away.

    Credentials for an ntfy server are forgotten when the address names another one.
    """

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    picture: bool | UnsetType = UNSET
    address: TargetAddress | UnsetType = UNSET
    secret: Secret | UnsetType | None = UNSET
    topic: Topic | UnsetType = UNSET
    token: Secret | UnsetType | None = UNSET
    user: Password | UnsetType | None = UNSET
    password: Password | UnsetType | None = UNSET


class TargetTrialResult(Struct):
    """What came of a test: ``kind`` tells the troubles apart, ``message`` says it with the next step.

    ``status`` is that of the answer, null where none came.
    """

    ok: bool
    message: str
    kind: TroubleKind | None = None
    status: int | None = None


class Delivery(Struct):
    """An alert on its way to a target, or what became of it; ``next_at`` is null once that is decided."""

    alert_id: str
    target_id: str
    target_name: str
    event_id: str
    camera_id: str
    severity: SeverityWord
    summary: str
    state: DeliveryState
    attempts: int
    reason: str
    created_at: Time
    next_at: Time | None
    done_at: Time | None


FootageState = Literal["recorded", "gap", "unknown"]
KeepClassWord = Literal["continuous", "motion", "low", "medium", "high", "critical"]
CauseWord = Literal[
    "off",
    "idle",
    "expired",
    "not_recordable",
    "camera_down",
    "disk_full",
    "disk_slow",
    "disk_unavailable",
    "service_down",
    "lost",
]


class FootageInterval(Struct):
    """A part of a camera's time that is alike.

    It is recorded and kept as ``class`` says, or a gap with its ``cause`` (``deliberate`` where the owner's
    settings wanted it so), or unknown: before the camera's first moment, or not accounted for yet.
    """

    from_: Time = msgspec.field(name="from")
    to: Time
    state: FootageState
    class_: KeepClassWord | None = msgspec.field(name="class", default=None)
    has_motion: bool = False
    protected: bool = False
    cause: CauseWord | None = None
    deliberate: bool = False


class Footage(Struct):
    """What there is of a camera's time; the intervals follow each other and add up to the range."""

    camera_id: str
    from_: Time = msgspec.field(name="from")
    to: Time
    recorded_s: float
    deliberate_s: float
    missing_s: float
    unknown_s: float
    items: list[FootageInterval]


class FootageGap(Struct):
    """A time that no footage shows; without ``cause`` nobody has accounted for it."""

    from_: Time = msgspec.field(name="from")
    to: Time
    cause: CauseWord | None


class TimelineBucket(Struct):
    """One of the equal parts of a timeline: ``recorded``, ``motion`` and ``missing`` are shares of its time.

    ``missing`` is what the owner's settings did not want missing; ``cause`` is that of the longest gap in it,
    wanted or not. ``events`` begin in it, ``severity`` is the highest of theirs.
    """

    at: Time
    recorded: float
    motion: float
    missing: float
    cause: CauseWord | None
    protected: bool
    events: int
    severity: SeverityWord | None


class CameraTimeline(Struct):
    """A camera's part of a timeline; buckets of which nothing is known are left out."""

    camera_id: str
    buckets: list[TimelineBucket]


class Timeline(Struct):
    """What there is of the time of some cameras, in equal parts of ``bucket_s`` seconds."""

    from_: Time = msgspec.field(name="from")
    to: Time
    bucket_s: float
    cameras: list[CameraTimeline]


class FootageProtection(Struct, forbid_unknown_fields=True):
    """What to protect from being deleted for its age or for room, or to let go of again.

    That is every segment of a minute or so that overlaps the time from ``from`` until before ``to``.
    """

    from_: Annotated[str, Meta(max_length=40)] = msgspec.field(name="from")
    to: Annotated[str, Meta(max_length=40)]
    protected: bool


class ProtectedFootage(Struct):
    """How many segments are as they were wanted now, and from when until when they reach."""

    segments: int
    from_: Time | None = msgspec.field(name="from")
    to: Time | None


class FootageBytes(Struct):
    """Bytes of footage by what they are kept for; ``new`` is what is too new to be told."""

    continuous: int
    motion: int
    low: int
    medium: int
    high: int
    critical: int
    new: int


class NextToGo(Struct):
    """The footage of a storage path that goes first if nothing changes: when it was recorded, and about when.

    It goes for its ``age``, or to make ``room``; ``is_moved`` to another disk rather than deleted. Without
    ``class`` it is too new for that to be told.
    """

    camera_id: str
    from_: Time = msgspec.field(name="from")
    class_: KeepClassWord | None = msgspec.field(name="class")
    why: Literal["age", "room"]
    at: Time
    is_moved: bool


class StoragePath(Struct):
    """A storage path of footage; null is what is not known.

    ``state`` is that of its disk, with a ``reason`` in words unless it is ok. ``days_left`` says how long the
    room lasts at the pace of the last hour (``bytes_per_s``): that above the reserve, or within the limits in
    bytes of the path and of all footage, whichever is less; then the oldest goes. ``next`` is what goes
    first. Who does not see all cameras is told of their own footage alone, and neither of these two.
    """

    id: str | None
    name: str
    path: str
    role: Literal["hot", "cold"]
    state: Literal["unchecked", "ok", "unmounted", "wrong_disk", "read_only", "full", "failing", "slow"]
    reason: str
    capacity_bytes: int | None
    free_bytes: int | None
    reserve_bytes: int | None
    footage_bytes: FootageBytes
    protected_bytes: int
    bytes_per_s: float | None
    days_left: float | None
    next: NextToGo | None


class CameraFootage(Struct):
    """What lies of one camera on the disks that are there; the pace is that of the last hour."""

    camera_id: str
    footage_bytes: int
    protected_bytes: int
    bytes_per_s: float | None
    oldest_at: Time


class AbsentDisk(Struct):
    """A disk with footage that none of the storage paths is now; ``path`` is where it was seen last."""

    id: str
    path: str
    footage_bytes: int
    protected_bytes: int


class Storage(Struct):
    """Where footage is kept; what lies on ``absent`` disks cannot be played."""

    paths: list[StoragePath]
    cameras: list[CameraFootage]
    absent: list[AbsentDisk]


class Queues(Struct):
    """Every bounded queue, what was left out anywhere, and how many connections there are."""

    items: list[QueueReport]


class TableRows(Struct):
    """How many rows a table has; ``is_estimate`` where they were not counted."""

    table: str
    rows: int
    is_estimate: bool


class LogEnd(Struct):
    """One end of the log of messages."""

    cursor: int
    at: Time


class CommitTimes(Struct):
    """How long the commits of the last five minutes took: half of them no longer than ``p50_ms``."""

    count: int
    p50_ms: float
    p99_ms: float
    longest_ms: float


class DatabaseCheck(Struct):
    """The look through the database's pages at the start; of a large one only a part is looked at."""

    at: Time
    is_whole: bool


class DatabaseCopy(Struct):
    """A file beside the database: a copy that was made before an upgrade, or a damaged one put aside."""

    name: str
    bytes: int
    at: Time


class Backup(Struct):
    """The last backup, and whether it could be restored when that was tried; null is what never happened.

    ``wanted`` is false where no backup was ever made and none is asked for. ``verified`` is null where the
    last one was not tried yet; ``trouble`` says why the backups cannot be relied on, and is empty when they
    can.
    """

    wanted: bool
    at: Time | None
    file: str | None
    bytes: int | None
    verified: bool | None
    verified_at: Time | None
    trouble: str


class Database(Struct):
    """How the database is doing; null is what is not known, or what there is none of.

    ``free_bytes`` are in pages that the file has and does not need. ``waiting`` counts changes that are not
    stored yet.
    """

    path: str
    bytes: int | None
    wal_bytes: int | None
    free_bytes: int
    tables: list[TableRows]
    log_oldest: LogEnd | None
    log_newest: LogEnd | None
    commits: CommitTimes | None
    waiting: int
    last_check: DatabaseCheck | None
    copies: list[DatabaseCopy]
    backup: Backup


FigureWord = Literal[
    "cpu_percent",
    "memory_percent",
    "gpu_percent",
    "gpu_memory_percent",
    "gpu_temperature_c",
    "disk_free_bytes",
    "footage_bytes",
    "detections_per_s",
    "frames_dropped",
    "commit_p99_ms",
    "cameras_online",
]


class HistoryPoint(Struct):
    """A figure in the part of the time that begins at ``at``."""

    at: Time
    min: float
    mean: float
    max: float


class HistorySeries(Struct):
    """One figure over time; where nothing was known there is no point."""

    figure: FigureWord
    points: list[HistoryPoint]


class History(Struct):
    """How the box was doing: one sample a minute, put together in parts of ``bucket_s``."""

    from_: Time = msgspec.field(name="from")
    to: Time
    bucket_s: float
    series: list[HistorySeries]


class CameraDay(Struct):
    """How one camera is now and was over the last 24 hours; null is what is not known.

    ``watched_s`` is how long it was to be there while the service looked: of that time ``online_share``
    (0 to 1), the medians, ``connection_losses`` and ``corrupt_frames`` tell, null where there is none.
    ``recorded_s``, ``deliberate_s`` (gaps that the settings wanted), ``missing_s`` and ``unknown_s`` add up
    to the 24 hours. ``missing_cause`` is that of most of what is missing.
    """

    camera_id: str
    status: StatusWord
    status_reason: str
    status_since: Time | None
    fps: float | None
    bitrate_bps: int | None
    gop_s: float | None
    median_fps: float | None
    median_bitrate_bps: int | None
    watched_s: float
    online_share: float | None
    connection_losses: int | None
    corrupt_frames: int | None
    recorded_s: float
    deliberate_s: float
    missing_s: float
    unknown_s: float
    missing_cause: CauseWord | None
    longest_gap: FootageGap | None


class CamerasDay(Struct):
    """Every camera over the last 24 hours, in the order of their names."""

    from_: Time = msgspec.field(name="from")
    to: Time
    items: list[CameraDay]


class NewExport(Struct, forbid_unknown_fields=True):
    """An export to make: of a camera's time, or of an event's clip.

    ``exact`` cuts at exactly these times by an edit list, which most players heed; otherwise the file begins
    with the keyframe before.
    """

    camera_id: CameraSlug | None = None
    from_: Annotated[str, Meta(max_length=40)] | None = msgspec.field(default=None, name="from")
    to: Annotated[str, Meta(max_length=40)] | None = None
    event_id: Annotated[str, Meta(max_length=64)] | None = None
    exact: bool = False


class Export(Struct):
    """One MP4 file of footage; ``size`` in bytes is an estimate until it is done.

    ``progress`` goes from 0 to 1, ``reason`` says why it failed, ``gaps`` are the times of the range that the
    file does not show, and ``file`` is where it can be fetched once it is done.
    """

    id: str
    camera_id: str
    event_id: str | None
    from_: Time = msgspec.field(name="from")
    to: Time
    exact: bool
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    reason: str
    progress: float
    size: int | None
    gaps: list[FootageGap]
    created_at: Time
    file: str | None


class Readiness(Struct):
    """Whether the service can do its work; ``writable`` was tried just now.

    ``parts`` is empty for who does not hold ``system.view``.
    """

    ready: bool
    writable: bool
    parts: list[PartReport]


class Alive(Struct):
    """The process answers."""

    alive: bool


class DetectorStatus(Struct):
    """The detector at work.

    ``note`` is a sentence for a person, such as why the built-in detector works instead of a model;
    ``progress`` goes from 0 to 1 while a model is fetched, and is null at all other times; ``back_end`` is
    what runs the model, and empty for the built-in detector.
    """

    name: str
    state: Literal["starting", "ready", "failed"]
    note: str = ""
    progress: float | None = None
    back_end: str = ""


class ModelBackEnd(Struct):
    """What could run a model, as it was measured on this box.

    ``picture_ms`` is for one picture at the best size of batch, and null where it cannot be used: ``problem``
    says why.
    """

    name: str
    picture_ms: float | None
    problem: str
    is_fastest: bool


class Model(Struct):
    """A model that finds objects: it is on the shelf (``is_here``), or can be pulled from its makers.

    ``source`` and ``licence`` are empty where nobody knows them; ``progress`` goes from 0 to 1 while it is
    pulled, and is null at all other times; ``problem`` says why the last pull did not work. ``engine`` says
    how the TensorRT engine was built that is here; ``export_ratio`` goes from 0 to 1 while one is built, and
    ``export_problem`` says why the last one could not be.
    """

    name: str
    source: str
    licence: str
    size_bytes: int
    is_here: bool
    is_at_work: bool
    can_be_pulled: bool
    progress: float | None
    problem: str
    back_end: str
    back_ends: list[ModelBackEnd]
    engine: str
    can_be_exported: bool
    export_ratio: float | None
    export_note: str
    export_problem: str


class NewEngine(Struct, forbid_unknown_fields=True):
    """How an engine is to be built: pictures at once, side of its input (0: the model's own), precision."""

    batch: Annotated[int, Meta(ge=1, le=64)] = 8
    size_px: Annotated[int, Meta(ge=0, le=4096)] = 0
    precision: Literal["fp16", "fp32"] = "fp16"


class Models(Struct):
    """All models; ``wanted`` is the setting ``[detector] model``, ``may_fetch`` is ``[detector] fetch``."""

    items: list[Model]
    wanted: str
    may_fetch: bool


class Version(Struct):
    """What runs here; ``epoch`` names the database's history: cursors of another epoch mean nothing."""

    version: str
    sqlite_version: str
    epoch: str
    started_at: Time


class System(Struct):
    """Everything about the box on one page.

    ``health`` and ``detector`` are null, and there are no ``gpus``, for who does not hold ``system.view``.
    """

    version: Version
    health: HealthReport | None
    detector: DetectorStatus | None
    gpus: list[GpuStats]


class LiveQuery(Struct, forbid_unknown_fields=True):
    """Query of the live view: where ``small`` will do, the video of the camera's second address comes.

    ``sound`` asks for the camera's sound, where it has any; the second address has none.
    """

    stream: Literal["main", "small"] = "main"
    sound: bool = False


class FrameQuery(Struct):
    """Query of a frame: where ``small`` will do, a frame of the camera's second address may come.

    Other names are let pass, since pages add one to get past caches.
    """

    size: Literal["full", "small"] = "full"


class Paged(Struct, forbid_unknown_fields=True, kw_only=True):
    """Query of a list that comes in pages."""

    limit: Annotated[int, Meta(ge=1, le=500, description="items on a page")] = 50
    page: Annotated[str, Meta(max_length=200, description="the token in next of the page before")] | None = (
        None
    )


class FootageQuery(Struct, forbid_unknown_fields=True):
    """Query of footage: the time from ``from`` until before ``to``."""

    from_: Annotated[str, Meta(max_length=40)] = msgspec.field(name="from")
    to: Annotated[str, Meta(max_length=40)]


class FootpointQuery(FootageQuery, forbid_unknown_fields=True):
    """Query of where objects stood: the time from ``from`` until before ``to``."""


class HistoryQuery(FootageQuery, forbid_unknown_fields=True):
    """Query of the charts: the time from ``from`` until before ``to``, in so many points at most."""

    points: Annotated[int, Meta(ge=1, le=2000)] = 300


class TimelineQuery(Struct, forbid_unknown_fields=True):
    """Query of the timeline of 1 to 16 cameras, from a minute to 366 days."""

    from_: Annotated[str, Meta(max_length=40)] = msgspec.field(name="from")
    to: Annotated[str, Meta(max_length=40)]
    camera: Annotated[list[CameraSlug], Meta(min_length=1, max_length=16)] = []
    buckets: Annotated[int, Meta(ge=1, le=2000)] = 300


class MomentQuery(Struct, forbid_unknown_fields=True):
    """Query of one moment, or where there is nothing at it, of what comes next until another."""

    at: Annotated[str, Meta(max_length=40)]
    until: Annotated[str, Meta(max_length=40)] | None = None


class TimeRange(Paged, kw_only=True):
    """Query of a list in time; ``from`` counts, ``to`` does not."""

    from_: Annotated[str, Meta(max_length=40)] | None = msgspec.field(default=None, name="from")
    to: Annotated[str, Meta(max_length=40)] | None = None


class SettingChangeQuery(Paged, kw_only=True):
    """Query of changes of settings, newest first; ``subject`` is ``camera:ID``, ``rule:ID`` or ``arm``."""

    subject: Annotated[str, Meta(max_length=100)] | None = None


class EventQuery(TimeRange, kw_only=True):
    """Query of events, newest first; ``severity`` is the lowest wanted, the times are those of the start.

    ``zone`` are ids of zones: the object was in one of these.
    """

    camera: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] = []
    label: Labels = []
    severity: SeverityWord | None = None
    state: Annotated[list[Literal["open", "ended", "interrupted"]], Meta(max_length=3)] = []
    zone: ZoneIds = []
    batch: Annotated[str, Meta(max_length=64)] | None = None
    reviewed: bool | None = None


class DeliveryQuery(Paged, kw_only=True):
    """Query of deliveries, newest first."""

    target: Annotated[str, Meta(max_length=64)] | None = None
    state: Annotated[list[DeliveryState], Meta(max_length=4)] = []


class BatchQuery(TimeRange, kw_only=True):
    """Query of batches, newest first."""

    camera: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] = []
    severity: SeverityWord | None = None
    state: Annotated[list[Literal["open", "completed"]], Meta(max_length=2)] = []
    reviewed: bool | None = None


class AlertQuery(TimeRange, kw_only=True):
    """Query of alerts, newest first."""

    camera: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] = []
    severity: SeverityWord | None = None
    state: Annotated[list[Literal["open", "acknowledged", "dismissed"]], Meta(max_length=3)] = []
    event: Annotated[str, Meta(max_length=64)] | None = None


class CandidateQuery(TimeRange, kw_only=True):
    """Query of what became no event or no alert, newest first; the times are those of the first sight."""

    camera: Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)] = []
    label: Labels = []
    what: Literal["event", "alert"] | None = None


class DetectionQuery(TimeRange, kw_only=True):
    """Query of an event's boxes, oldest first."""


RoleWord = Literal["viewer", "operator", "admin"]


class Access(Struct):
    """Who asks, and what that one may.

    ``login`` is how to get in: ``none`` is needed at a box that nobody has claimed and that only programs of
    this machine reach, ``claim`` it first, or log in by ``password``. ``cameras`` are those that may be seen,
    null is all. ``fingerprint`` is the SHA-256 of the certificate, where there is one.
    """

    login: Literal["none", "claim", "password"]
    name: str
    role: RoleWord | None
    kind: Literal["nobody", "local", "user", "token"]
    cameras: list[str] | None
    permissions: list[str]
    fingerprint: str | None


UserName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="1 to 64 characters, not only spaces, without control characters",
    ),
]
GivenPassword = Annotated[str, Meta(max_length=1024)]
NewPassword = Annotated[
    str,
    Meta(
        max_length=1024,
        description="8 to 256 characters, neither the user's name nor one of the most common passwords",
    ),
]
SightList = Annotated[list[CameraSlug], Meta(max_length=MOST_NAMES)]
ScopeWord = Literal["metrics", "read", "operate", "admin"]


class Claim(Struct, forbid_unknown_fields=True):
    """The first user, an admin; ``token`` is the setup token, which whoever sits at the box does not need."""

    name: UserName
    password: NewPassword
    token: Annotated[str, Meta(max_length=200)] | None = None


class NewLogin(Struct, forbid_unknown_fields=True):
    """Who wants to log in."""

    name: Annotated[str, Meta(max_length=200)]
    password: GivenPassword


class PasswordChange(Struct, forbid_unknown_fields=True):
    """Another password for who asks; all other sessions end."""

    current: GivenPassword
    new: NewPassword


class User(Struct):
    """Somebody who may log in; ``cameras`` are those that may be seen, null is all there are and will be."""

    id: str
    name: str
    role: RoleWord
    cameras: list[str] | None
    enabled: bool
    created_at: Time
    seen_at: Time | None


class NewUser(Struct, forbid_unknown_fields=True):
    """A user to add; an admin sees all cameras."""

    name: UserName
    password: NewPassword
    role: RoleWord
    cameras: SightList | None


class UserChange(Struct, forbid_unknown_fields=True):
    """What to change of a user; another password, and to be disabled, ends the sessions."""

    name: UserName | UnsetType = UNSET
    role: RoleWord | UnsetType = UNSET
    cameras: SightList | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class Session(Struct):
    """A login; ``is_this`` is the one by which was asked, ``agent`` the browser in its own words."""

    id: str
    user_id: str
    name: str
    created_at: Time
    seen_at: Time
    expires_at: Time
    address: str
    agent: str
    is_this: bool


class Token(Struct):
    """A program's key, without its secret: what it may at most, and never what its user may not."""

    id: str
    user_id: str
    name: str
    scope: ScopeWord
    cameras: list[str] | None
    created_at: Time
    seen_at: Time | None
    expires_at: Time | None


class MadeToken(Token, kw_only=True):
    """A token that has just been made; ``secret`` is what the program shows, and is not told again."""

    secret: str


class NewToken(Struct, forbid_unknown_fields=True):
    """A token to make; it sees no camera that its user does not."""

    name: Name
    scope: ScopeWord
    cameras: SightList | None
    expires_at: Annotated[str, Meta(max_length=40)] | None


class AuditEntry(Struct):
    """What somebody did: ``what`` is a permission or an action such as ``login``, ``subject`` to what."""

    id: int
    at: Time
    who: str
    kind: KindWord
    address: str
    what: str
    subject: str
    outcome: OutcomeWord
    detail: dict[str, Any]


class OwnQuery(Struct, forbid_unknown_fields=True):
    """Query of what one has oneself; with ``all`` of what everybody has."""

    all: bool = False


class AuditQuery(TimeRange, kw_only=True):
    """Query of the audit log, newest first."""

    who: Annotated[str, Meta(max_length=200)] | None = None
    what: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=64)] = []
