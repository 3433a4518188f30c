"""Which events are to be asked about: each once, with its end or when it has gone on for a while."""

from dataclasses import dataclass
from typing import Any

import msgspec

from appliance.bus.message import Message
from appliance.domain.ids import EventId
from appliance.domain.severity import Severity
from appliance.domain.time import NS_PER_S
from appliance.second_look.settings import Settings

MOST = 1000
"""So many open events are followed; of more than that the oldest are not asked about."""


class _Event(msgspec.Struct):
    id: str
    state: str = "open"
    kind: str = "object"
    severity: str = "low"
    second_look: Any = None


class _Told(msgspec.Struct):
    data: _Event


@dataclass(slots=True)
class _Followed:
    due_ns: int
    is_grave: bool = False
    is_over: bool = False
    is_asked: bool = False


class Pending:
    """Follows events by the bus's messages of them; plain state, reads no clock."""

    def __init__(self, settings: Settings) -> None:
        self._after_ns = round(settings.ask_after_s * NS_PER_S)
        self._least = settings.min_severity.severity
        self._followed: dict[EventId, _Followed] = {}

    def hear(self, message: Message, now_ns: int) -> None:
        """Take in what is said of an event."""
        event = msgspec.json.decode(message.text, type=_Told).data
        event_id, is_over = EventId(event.id), event.state != "open"
        if message.type == "event_deleted":
            self._followed.pop(event_id, None)
            return
        followed = self._followed.get(event_id)
        if followed is None:
            if is_over and message.type != "event_created":
                return  # It was over before: somebody has marked it, or written a note.
            followed = self._follow(event_id, now_ns)
        followed.is_asked |= event.second_look is not None
        # Of a camera that was away there is nothing to be seen, and nothing more to be said.
        is_object = event.kind == "object"
        followed.is_grave = is_object and Severity.of_word(event.severity) >= self._least
        if is_over:
            followed.is_over, followed.due_ns = True, now_ns

    def due(self, now_ns: int) -> list[EventId]:
        """Return what is to be asked about now, oldest first; each event once."""
        due = []
        for event_id, one in list(self._followed.items()):
            if one.due_ns <= now_ns and one.is_grave and not one.is_asked:
                one.is_asked = True
                due.append(event_id)
            if one.is_over:
                del self._followed[event_id]
        return due

    def next_ns(self) -> int | None:
        """Return when something becomes due without any news; ``None`` for never."""
        dues = (one.due_ns for one in self._followed.values() if one.is_grave and not one.is_asked)
        return min(dues, default=None)

    def _follow(self, event_id: EventId, now_ns: int) -> _Followed:
        if len(self._followed) >= MOST:
            del self._followed[next(iter(self._followed))]
        followed = self._followed[event_id] = _Followed(now_ns + self._after_ns)
        return followed
