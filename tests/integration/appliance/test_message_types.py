"""Protocol 1 declares no message that the product does not send."""

import pytest

from appliance.bus.message import DURABLE_TYPES, TYPES
from tests.support.street_run import StreetRun

pytestmark = pytest.mark.timeout(180)


def test_every_declared_type_is_produced_by_the_product(street_run: StreetRun) -> None:
    """One client of a running appliance has heard each of them, and nothing else on a channel."""
    assert {heard.type for heard in street_run.heard if "channel" in heard.message} == set(TYPES)


def test_each_type_comes_on_its_channel_and_only_durable_ones_have_a_cursor(street_run: StreetRun) -> None:
    """What the table of types says is what is sent."""
    for heard in street_run.heard:
        if "channel" in heard.message:
            assert heard.message["channel"] == TYPES[heard.type]
            assert ("cursor" in heard.message) == (heard.type in DURABLE_TYPES)


def test_durable_messages_come_in_the_order_of_their_cursors(street_run: StreetRun) -> None:
    """Rising, none missing, none twice: this client follows every channel without a filter."""
    cursors = [heard.message["cursor"] for heard in street_run.heard if heard.type in DURABLE_TYPES]
    assert cursors == list(range(cursors[0], cursors[0] + len(cursors)))
