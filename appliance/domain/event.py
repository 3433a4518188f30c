"""An event: one object's visit to one camera's view."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.ids import BatchId, CameraId, EventId, TrackId, VisitId
from appliance.domain.passage import NO_PASSAGES, Passages
from appliance.domain.scene import ZoneId
from appliance.domain.second_look import SecondLook
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.domain.trace import TraceStep
from appliance.domain.track import Rest


class EventKind(StrEnum):
    """What an event is of: an object's visit, or a camera that was tampered with or not reached."""

    OBJECT = "object"
    TAMPERING = "tampering"
    OFFLINE = "offline"


OFFLINE_LABEL = EventKind.OFFLINE.value
"""The label of an event of a camera that was away: rules and filters know it by that."""
TAMPERING_LABEL = EventKind.TAMPERING.value
"""The label of an event of a camera that was covered, turned or put out of focus."""


class EventState(StrEnum):
    """Open while the object is followed; interrupted when the service was cut off meanwhile."""

    OPEN = "open"
    ENDED = "ended"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One summand of a risk score.

    Attributes:
        name: a word for programs: ``label``, ``number``, ``time_of_day``, ``dwell``, ``first_appearance``.
        points: what it adds to the score; may be negative.
        detail: a phrase for a person: ``at night (02:14)``.
    """

    name: str
    points: int
    detail: str


@dataclass(frozen=True, slots=True)
class Event:
    """The whole state of an event, as it is or will be in its row.

    Attributes:
        continues: the interrupted event that this one continues; both have the same visit id.
        label: voted over the track.
        started_us: the first sight of the object.
        last_seen_us: its last sight.
        ended_us: equal to the last sight once ended; ``None`` while open and for ever when interrupted.
        score: the detector's best confidence for the label, 0 to 1; 0 of what no detector saw.
        box: xyxy of the best moment in unit coordinates (0 to 1 of width and height); ``None`` where there
            is no object.
        risk_score: 0 to 100, the clipped sum of the factors.
        summary: one plain sentence.
        zones: the ids of the zones in which the object was, in the order in which it came to them.
        passages: its stays in zones and the lines that it crossed.
        rest: where it came to rest, if it stands there now; ``None`` while it moves, and once it has ended.
        second_look: what a model said of it that the owner lets look; ``None`` where none did.
        trace: the steps of its decision, for ``/events/{id}/why``; in no message.
    """

    id: EventId
    visit_id: VisitId
    batch_id: BatchId
    camera_id: CameraId
    track_id: TrackId
    state: EventState
    label: str
    started_us: WallUs
    last_seen_us: WallUs
    ended_us: WallUs | None
    score: float
    box: tuple[float, float, float, float] | None
    risk_score: int
    risk_factors: tuple[RiskFactor, ...]
    summary: str
    continues: EventId | None = None
    zones: tuple[ZoneId, ...] = ()
    kind: EventKind = EventKind.OBJECT
    passages: Passages = NO_PASSAGES
    rest: Rest | None = None
    trace: tuple[TraceStep, ...] = ()
    second_look: SecondLook | None = None

    @property
    def severity(self) -> Severity:
        """The severity of the risk score."""
        return Severity.of_score(self.risk_score)
