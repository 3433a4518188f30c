"""An alert: a rule of the owner's that an event satisfied."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.arming import ArmState, Hours
from appliance.domain.ids import AlertId, BatchId, CameraId, EventId, RuleId, VisitId
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.domain.trace import TraceStep


class AlertState(StrEnum):
    """An alert goes from open to acknowledged, and from either to dismissed; never back."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"


class Deduplication(StrEnum):
    """What a rule alerts for at most once."""

    VISIT = "visit"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Rule:
    """When to alert.

    Attributes:
        labels: the labels it is for; ``None`` for all.
        cameras: the cameras it is for; ``None`` for all.
        min_severity: the lowest severity it is for.
        cooldown_s: seconds after one of its alerts at the same camera in which it makes no other; 0 for none.
        deduplication: alert once for each visit, or (by default) once for each chain of batches.
        zones: the object must have been in one of these; ``None`` for anywhere. An id stands for the zones of
            that id at all cameras that the rule is for.
        lines: the object must have crossed one of these; ``None`` for no matter which, or none.
        min_dwell_s: the object must have been there for so long: in one of the zones, if any are named.
        armed: the arm states in which it alerts; ``None`` for all.
        hours: it alerts only within one of these; empty for always.
    """

    id: RuleId
    name: str
    enabled: bool = True
    labels: frozenset[str] | None = None
    cameras: frozenset[CameraId] | None = None
    min_severity: Severity = Severity.LOW
    cooldown_s: float = 0.0
    deduplication: Deduplication = Deduplication.BATCH
    zones: frozenset[ZoneId] | None = None
    lines: frozenset[LineId] | None = None
    min_dwell_s: float = 0.0
    armed: frozenset[ArmState] | None = None
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A new alert; its later state lives in its row.

    Attributes:
        dedup_key: unique together with the rule.
        trace: the conditions of the rule, each with the value that fulfilled it; in no message.
    """

    id: AlertId
    rule_id: RuleId
    rule_name: str
    event_id: EventId
    batch_id: BatchId
    camera_id: CameraId
    visit_id: VisitId
    label: str
    severity: Severity
    created_us: WallUs
    summary: str
    dedup_key: str
    trace: tuple[TraceStep, ...] = ()
