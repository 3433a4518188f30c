"""Which events are asked about."""

import msgspec
import pytest

from appliance.bus.message import Channel, Message
from appliance.second_look.pending import Pending
from appliance.second_look.settings import Settings


@pytest.mark.parametrize(("kind", "asked"), [("object", ["e1"]), ("offline", []), ("tampering", [])])
def test_what_befell_a_camera_itself_is_not_asked_about(kind: str, asked: list[str]) -> None:
    """There is nothing to be seen of it."""
    pending = Pending(Settings())
    event = {"id": "e1", "state": "ended", "severity": "high", "kind": kind}
    pending.hear(Message("event_created", Channel.EVENTS, msgspec.json.encode({"data": event})), 0)
    assert pending.due(0) == asked
