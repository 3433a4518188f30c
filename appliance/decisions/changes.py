"""What a camera's decisions ask to be written; the changes of one step belong into one commit."""

from dataclasses import dataclass

from appliance.domain.alert import Alert
from appliance.domain.trace import Candidate
from appliance.events.changes import BatchSaved, EventSaved


@dataclass(frozen=True, slots=True)
class AlertMade:
    """A new alert. Its event's row is there already or comes before it, unless its owner has deleted it."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class CandidateKept:
    """What nearly became an event or an alert and did not; written once, with its end."""

    candidate: Candidate


Change = BatchSaved | EventSaved | AlertMade | CandidateKept
