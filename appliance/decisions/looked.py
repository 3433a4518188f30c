"""What a model said of an event, as the journal keeps it."""

from appliance.decisions.frozen import freeze, thaw
from appliance.domain.ids import EventId
from appliance.domain.second_look import SecondLook
from appliance.errors import InvalidInput


def frozen_of(event_id: EventId, look: SecondLook) -> bytes:
    """Return it as bytes."""
    return freeze((event_id, look))


def looked_of(frozen: bytes) -> tuple[EventId, SecondLook]:
    """Return what ``frozen_of`` was given.

    Raises:
        InvalidInput: these bytes are nothing of it.
    """
    match thaw(frozen):
        case (str(event_id), SecondLook() as look):
            return EventId(event_id), look
    raise InvalidInput("expected what a model said of an event, got something else")
