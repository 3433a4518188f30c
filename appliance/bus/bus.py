"""The bus: hands each message to every subscription, in the order in which it was published."""

from appliance.bus.filter import Filter
from appliance.bus.message import Message
from appliance.bus.subscription import Subscription
from appliance.domain.ids import Cursor
from appliance.runtime.queue_state import QueueState


class Bus:
    """In-process publish and subscribe; used from the event loop's thread only."""

    def __init__(self) -> None:
        self._subscriptions: dict[Subscription, None] = {}
        self.last_cursor = Cursor(0)
        """The cursor of the last durable message that was published."""

    def __len__(self) -> int:
        return len(self._subscriptions)

    def queues(self) -> list[QueueState]:
        """Return how many messages wait for the subscriber who is furthest behind."""
        fullest = max(self._subscriptions, key=lambda one: one.waiting / one.capacity, default=None)
        return [
            QueueState(
                *("messages", "Messages that wait for the slowest listener", "messages"),
                "it reads what it missed from the database",
                0 if fullest is None else fullest.waiting,
                None if fullest is None else fullest.capacity,
            )
        ]

    def publish(self, message: Message) -> None:
        """Offer the message to every subscription. Nothing here waits for a subscriber."""
        if message.cursor is not None:
            self.last_cursor = message.cursor
        for subscription in tuple(self._subscriptions):
            subscription.offer(message)

    def subscribe(self, wanted: Filter, capacity: int = 256) -> Subscription:
        """Add a subscription; it hears everything that is published from now on. Close it in the end."""
        subscription = Subscription(wanted, capacity, self._forget)
        self._subscriptions[subscription] = None
        return subscription

    def _forget(self, subscription: Subscription) -> None:
        self._subscriptions.pop(subscription, None)
