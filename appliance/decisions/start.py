"""What a start hands over to a camera's decisions: what the database holds of those before it."""

from dataclasses import dataclass, field

from appliance.alerts.ledger import AlertMemory
from appliance.domain.time import WallUs
from appliance.events.recovery import Recovered


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a camera's decisions.

    Attributes:
        at_us: when it was; no frame of them shows an earlier instant.
        seed: of the names that they give; another one for each start.
        recovered: events that were cut off, the open batch, and when labels were seen last.
        last_track: the highest track number given out so far.
        alerts: what was alerted for already.
    """

    at_us: WallUs
    seed: str
    recovered: Recovered = field(default_factory=Recovered)
    last_track: int = 0
    alerts: AlertMemory = field(default_factory=AlertMemory)
