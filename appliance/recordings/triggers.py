"""What happens at a camera and is worth recording: spans of time, told from other threads."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from appliance.domain.ids import EventId
from appliance.domain.time import US_PER_S, WallUs, wall_after

MOTION_JOINS_S = 2.0
"""Motion seen within so long of the last is the same."""

OPEN_EVENT_S = 30.0
"""An event that is not said to have ended goes on for so long after its last sight: looking again and
writing take their time."""

MOST_SPANS = 64


@dataclass(frozen=True, slots=True)
class Span:
    """A time from ``start_us`` up to ``end_us``."""

    start_us: WallUs
    end_us: WallUs

    def padded(self, before_s: float, after_s: float) -> "Span":
        """Return the span made longer at both ends."""
        return Span(wall_after(self.start_us, -before_s), wall_after(self.end_us, after_s))


class Triggers:
    """The motion and the events of one camera, as far as they may still matter; thread-safe and bounded."""

    def __init__(self) -> None:
        self._motion: tuple[Span, ...] = ()
        self._events: dict[EventId, Span] = {}
        self._unmarked = False
        self._lock = threading.Lock()

    def motion(self, wall_us: WallUs) -> None:
        """Note that something moved in the picture of that time."""
        with self._lock:
            self._unmarked = True
            last = self._motion[-1] if self._motion else None
            if last is not None and 0 <= wall_us - last.start_us <= _length(last) + MOTION_JOINS_S * US_PER_S:
                self._motion = (*self._motion[:-1], replace(last, end_us=max(last.end_us, wall_us)))
            else:
                self._motion = (*self._motion, Span(wall_us, wall_us))[-MOST_SPANS:]

    def event(self, event_id: EventId, started_us: WallUs, last_seen_us: WallUs, ended: bool) -> None:
        """Note an event as it is now; what was noted of it before is forgotten."""
        end_us = last_seen_us if ended else wall_after(last_seen_us, OPEN_EVENT_S)
        with self._lock:
            self._events[event_id] = Span(started_us, max(started_us, end_us))
            while len(self._events) > MOST_SPANS:
                self._events.pop(min(self._events, key=lambda one: self._events[one].end_us))

    def spans(self, with_motion: bool) -> list[Span]:
        """Return the spans of events, and those of motion where it counts too."""
        with self._lock:
            return [*self._events.values(), *(self._motion if with_motion else ())]

    def forget_before(self, wall_us: WallUs) -> None:
        """Forget what had ended by then."""
        with self._lock:
            self._motion = tuple(_after(self._motion, wall_us))
            self._events = {key: span for key, span in self._events.items() if span.end_us >= wall_us}

    def take_motion(self) -> bool:
        """Return whether motion was noted since this was asked last."""
        with self._lock:
            unmarked, self._unmarked = self._unmarked, False
            return unmarked


def _length(span: Span) -> int:
    return span.end_us - span.start_us


def _after(spans: Iterable[Span], wall_us: WallUs) -> Iterable[Span]:
    return (span for span in spans if span.end_us >= wall_us)
