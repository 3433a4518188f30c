"""What a subscriber wants to hear."""

from dataclasses import dataclass

from appliance.bus.message import Channel, Message
from appliance.domain.access import NO_CAMERA, Sight
from appliance.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Filter:
    """Each part limits only the types that carry its field; ``None`` limits nothing.

    An update passes if the row matches before *or* after it, so that a client learns that something left
    its view.
    """

    channels: frozenset[Channel] = frozenset(Channel)
    cameras: frozenset[str] | None = None
    types: frozenset[str] | None = None
    labels: frozenset[str] | None = None
    min_severity: Severity | None = None

    def passes(self, message: Message) -> bool:
        """Return whether the subscriber wants this message."""
        return (
            message.channel in self.channels
            and (self.types is None or message.type in self.types)
            and (self.cameras is None or message.camera_id is None or message.camera_id in self.cameras)
            and (self.labels is None or message.labels is None or not self.labels.isdisjoint(message.labels))
            and (
                self.min_severity is None or message.severity is None or message.severity >= self.min_severity
            )
        )


@dataclass(frozen=True, slots=True)
class SeenFilter(Filter):
    """The same for a subscriber who may know of some cameras only.

    A message of no camera passes where there is a form of it for such a subscriber.
    """

    sight: Sight = NO_CAMERA

    def passes(self, message: Message) -> bool:
        """Return whether the subscriber wants this message, and may know of it."""
        camera_id = message.camera_id
        may = message.seen_by is not None if camera_id is None else self.sight.sees(camera_id)
        return may and Filter.passes(self, message)
