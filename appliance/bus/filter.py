"""What a subscriber wants to hear."""

from dataclasses import dataclass

from appliance.bus.message import Channel, Message
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
