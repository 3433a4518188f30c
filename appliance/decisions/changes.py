"""What a camera's decisions ask to be written; the changes of one step belong into one commit."""

from dataclasses import dataclass

from appliance.domain.alert import Alert
from appliance.events.changes import BatchSaved, EventSaved


@dataclass(frozen=True, slots=True)
class AlertMade:
    """A new alert. Its event's row is there already or comes before it, unless its owner has deleted it."""

    alert: Alert


Change = BatchSaved | EventSaved | AlertMade
