"""Why something was decided so: the steps of a decision, each with the value that decided and its limit."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import CameraId, CandidateId, EventId, RuleId, TrackId
from appliance.domain.time import WallUs


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One question of a decision and its answer.

    Attributes:
        name: a word for programs: ``score``, ``zone``, ``label``, ``cooldown`` …
        passed: whether it spoke for the event or alert.
        detail: a phrase for a person: ``best score 0.61 < 0.70``.
    """

    name: str
    passed: bool
    detail: str


class Suppressed(StrEnum):
    """What a candidate did not become."""

    EVENT = "event"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A confirmed track that became no event, or an event that made no alert by a rule.

    Attributes:
        event_id: of the event without an alert; ``None`` where there is no event.
        rule_id: the rule that did not alert; ``None`` where there is no event.
        box: xyxy of its best moment in unit coordinates; ``None`` where there is no object.
        reason: the step that decided against it, as a phrase for a person.
        trace: every step, that one among them.
    """

    id: CandidateId
    what: Suppressed
    camera_id: CameraId
    track_id: TrackId
    label: str
    started_us: WallUs
    last_seen_us: WallUs
    score: float
    box: tuple[float, float, float, float] | None
    reason: str
    trace: tuple[TraceStep, ...]
    event_id: EventId | None = None
    rule_id: RuleId | None = None
