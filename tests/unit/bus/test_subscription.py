"""A subscriber's queue is bounded, and nothing durable is lost by that without being known."""

import pytest

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel, Message, ephemeral
from appliance.domain.ids import CameraId, Cursor
from appliance.domain.severity import Severity


def event(cursor: int, **changes: object) -> Message:
    """Return an event's message."""
    values: dict[str, object] = {"cursor": Cursor(cursor), "camera_id": CameraId("front")}
    return Message("event_updated", Channel.EVENTS, b"{}", **{**values, **changes})  # type: ignore[arg-type]


PERSON_OR_CAR = event(1, labels=frozenset({"person", "car"}), severity=Severity.HIGH)
HEALTH = ephemeral("health", "2026-11-23T15:04:05.123Z", {})


@pytest.mark.parametrize(
    ("wanted", "message", "passes"),
    [
        (Filter(), PERSON_OR_CAR, True),
        (Filter(channels=frozenset({Channel.ALERTS})), PERSON_OR_CAR, False),
        (Filter(types=frozenset({"event_created"})), PERSON_OR_CAR, False),
        (Filter(cameras=frozenset({"front"})), PERSON_OR_CAR, True),
        (Filter(cameras=frozenset({"back"})), PERSON_OR_CAR, False),
        (Filter(labels=frozenset({"car"})), PERSON_OR_CAR, True),
        (Filter(labels=frozenset({"dog"})), PERSON_OR_CAR, False),
        (Filter(labels=frozenset({"dog"})), event(1), True),
        (Filter(labels=frozenset({"dog"})), event(1, labels=frozenset()), False),
        (Filter(min_severity=Severity.HIGH), PERSON_OR_CAR, True),
        (Filter(min_severity=Severity.CRITICAL), PERSON_OR_CAR, False),
        (Filter(cameras=frozenset({"back"}), labels=frozenset({"dog"})), HEALTH, True),
        (Filter(channels=frozenset()), HEALTH, False),
    ],
)
def test_a_filter_limits_only_the_types_that_carry_its_field(
    wanted: Filter, message: Message, passes: bool
) -> None:
    """Each part on its own, and the empty filter."""
    assert wanted.passes(message) is passes


def test_messages_are_taken_in_the_order_in_which_they_were_published() -> None:
    """Durable ones first, in order, then the newest of each ephemeral kind."""
    bus = Bus()
    with bus.subscribe(Filter()) as subscription:
        for message in (event(1), HEALTH, event(2), HEALTH):
            bus.publish(message)
        assert subscription.take() == [event(1), event(2), HEALTH]
        assert subscription.take() == []
    assert len(bus) == 0


def test_a_full_queue_falls_behind_and_holds_nothing_durable_any_more() -> None:
    """What it missed is to be read from the outbox; it says so, and counts it."""
    bus = Bus()
    with bus.subscribe(Filter(), capacity=2) as subscription:
        for cursor in range(1, 5):
            bus.publish(event(cursor))
        bus.publish(HEALTH)
        assert (subscription.behind, subscription.overruns) == (True, 1)
        assert subscription.take() == [HEALTH]
        subscription.catch_up()
        bus.publish(event(5))
        assert [message.cursor for message in subscription.take()] == [5]


def test_a_message_is_never_handed_over_past_a_queued_one() -> None:
    """The short way is open only while nothing waits."""
    bus, handed = Bus(), list[Message]()
    with bus.subscribe(Filter()) as subscription:
        bus.publish(event(1))

        def hand_over(message: Message) -> bool:
            handed.append(message)
            return True

        subscription.at_once = hand_over
        bus.publish(event(2))
        assert handed == []
        assert [message.cursor for message in subscription.take()] == [1, 2]
        bus.publish(event(3))
        assert [message.cursor for message in handed] == [3]
        subscription.fall_behind()
        bus.publish(event(4))
        assert len(handed) == 1


def test_one_subscriber_s_end_is_no_other_s() -> None:
    """Closing one while a message is published leaves the others their messages."""
    bus = Bus()
    first, second = bus.subscribe(Filter()), bus.subscribe(Filter())
    first.close()
    bus.publish(event(7))
    assert (first.take(), len(second.take()), bus.last_cursor) == ([], 1, 7)
