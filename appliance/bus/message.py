"""A message: its JSON text, made once, and what filters need to know of it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from appliance.domain.access import Sight
from appliance.domain.ids import CameraId, Cursor
from appliance.domain.severity import Severity


class Channel(StrEnum):
    """What clients subscribe to."""

    EVENTS = "events"
    DETECTIONS = "detections"
    ALERTS = "alerts"
    SYSTEM = "system"


DURABLE_TYPES = {
    "event_created": Channel.EVENTS,
    "event_updated": Channel.EVENTS,
    "event_deleted": Channel.EVENTS,
    "batch_created": Channel.EVENTS,
    "batch_updated": Channel.EVENTS,
    "batch_completed": Channel.EVENTS,
    "detection_created": Channel.DETECTIONS,
    "alert_created": Channel.ALERTS,
    "alert_acknowledged": Channel.ALERTS,
    "alert_dismissed": Channel.ALERTS,
    "camera_status": Channel.SYSTEM,
    "camera_created": Channel.SYSTEM,
    "camera_updated": Channel.SYSTEM,
    "camera_deleted": Channel.SYSTEM,
}
"""Message types that come from the outbox: they have a cursor and can be had again."""

EPHEMERAL_TYPES = {
    "camera_stats": Channel.SYSTEM,
    "gpu_stats": Channel.SYSTEM,
    "health": Channel.SYSTEM,
}
"""Message types that only say how things are now: a newer one replaces an older one."""

TYPES = DURABLE_TYPES | EPHEMERAL_TYPES


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes to every client.

    Attributes:
        text: the whole JSON text in UTF-8, shared by all clients.
        cursor: its place in the outbox; ``None`` for an ephemeral message.
        labels: the labels it speaks of, before and after the change; ``None`` when its type carries none.
        severity: the higher of those before and after the change; ``None`` when its type carries none.
        seen_by: makes of a message that is of no one camera the form for who sees some cameras only; ``None``
            where that one is told nothing.
    """

    type: str
    channel: Channel
    text: bytes = field(repr=False)
    cursor: Cursor | None = None
    camera_id: CameraId | None = None
    labels: frozenset[str] | None = None
    severity: Severity | None = None
    seen_by: Callable[[Sight], "Message"] | None = field(default=None, repr=False, compare=False)

    def as_seen(self, sight: Sight) -> "Message":
        """Return the message in the form for who sees these cameras; most have only one."""
        return self if self.seen_by is None or sight.cameras is None else self.seen_by(sight)


class _Ephemeral(msgspec.Struct):
    channel: str
    type: str
    at: str
    data: object


def ephemeral(
    message_type: str, at: str, data: object, seen: Callable[[Sight], object] | None = None
) -> Message:
    """Return a message that is not kept.

    Args:
        message_type: one of ``EPHEMERAL_TYPES``.
        at: the time it speaks of, ISO 8601 in UTC.
        data: anything that msgspec turns into a JSON object.
        seen: returns the data for who sees some cameras only; without it they are told nothing.

    Raises:
        KeyError: the type is not an ephemeral one.
    """
    channel = EPHEMERAL_TYPES[message_type]

    def made(data: object) -> Message:
        text = msgspec.json.encode(_Ephemeral(channel.value, message_type, at, data))
        return Message(message_type, channel, text)

    if seen is None:
        return made(data)
    # Made once for all who see the same cameras.
    return replace(made(data), seen_by=functools.cache(lambda sight: made(seen(sight))))
