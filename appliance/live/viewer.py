"""One who watches: what waits to be sent to it, bounded, in whole GOPs."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.live.message import Kind, Message, of_behind
from appliance.live.settings import LiveSettings

MOST_MESSAGES = 4096
"""That wait for a viewer: a GOP of a minute at 60 pictures a second."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: Message
    since_ns: int


class Viewer:
    """A bounded queue from a camera's thread to a task of the event loop.

    A viewer that is behind, in bytes or in time, goes on at the newest keyframe: what is before it is left
    out. Where even that is too much, everything is, until the next keyframe. It is told of that before
    anything else. ``put`` may be called from any thread and never waits; everything else belongs to the event
    loop on which it was made.

    Args:
        on_skipped: is told how many pictures were left out, whenever some were; on any thread.
    """

    def __init__(
        self, camera_id: CameraId, settings: LiveSettings, on_skipped: Callable[[int], None]
    ) -> None:
        self.camera_id = camera_id
        self._most_bytes = settings.queue_bytes
        self._behind_ns = round(settings.behind_s * NS_PER_S)
        self._on_skipped = on_skipped
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._arrived = asyncio.Event()
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._untold = 0
        self._has_begun = False
        self._follows = False
        self._ended = False
        self._is_gone = False

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be sent; any thread."""
        return self._bytes

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is to be put; any thread."""
        return self._ended

    @property
    def is_gone(self) -> bool:
        """Whether it has ended since there is no such camera any more; any thread."""
        return self._is_gone

    def put(self, message: Message, at_ns: MonotonicNs) -> None:
        """Add a message that came up at that moment."""
        self.put_all((message,), at_ns)

    def put_all(self, messages: Iterable[Message], at_ns: MonotonicNs) -> None:
        """Add messages that came up in one moment, in order."""
        with self._lock:
            was_empty = not self._waiting
            skipped = sum(self._add(message, at_ns) for message in messages)
            self._untold += skipped
            wakes = was_empty and bool(self._waiting)
        if skipped:
            self._on_skipped(skipped)
        if wakes:
            self._wake()

    async def get(self) -> Message | None:
        """Wait for the next message; ``None`` when there will be none any more."""
        while not self._ended:
            with self._lock:
                if self._untold:
                    skipped, self._untold = self._untold, 0
                    return of_behind(skipped)
                if self._waiting:
                    message = self._waiting.popleft().message
                    self._bytes -= message.size
                    return message
                self._arrived.clear()
            await self._arrived.wait()
        return None

    def end(self, is_gone: bool = False) -> None:
        """Have ``get`` return ``None``, whatever waits; any thread.

        Args:
            is_gone: there is no such camera any more.
        """
        self._is_gone = is_gone
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived.set)

    def _add(self, message: Message, at_ns: MonotonicNs) -> int:
        """Add one message and return how many pictures were left out."""
        if message.kind is Kind.PICTURE and not self._follows:
            return int(self._has_begun)
        if message.kind is Kind.KEYFRAME:
            self._follows = self._has_begun = True
        if not message.is_picture:
            self._drop_void_words(message)
        self._waiting.append(_Waiting(message, at_ns))
        self._bytes += message.size
        skipped = self._keep_from_newest_keyframe() if self._is_behind(at_ns) else 0
        if self._is_behind(at_ns):
            self._follows = False
            skipped += self._keep(lambda _: False)
        return skipped

    def _drop_void_words(self, word: Message) -> None:
        """Leave out the words just before that this one makes void: a camera may flap, and nobody listen."""
        while self._waiting and not (last := self._waiting[-1].message).is_picture:
            if last.kind is Kind.STREAM and word.kind is Kind.STATE:
                return
            self._waiting.pop()
            self._bytes -= last.size

    def _is_behind(self, at_ns: MonotonicNs) -> bool:
        if self._bytes > self._most_bytes or len(self._waiting) > MOST_MESSAGES:
            return True
        oldest = next((one for one in self._waiting if one.message.is_picture), None)
        return oldest is not None and at_ns - oldest.since_ns > self._behind_ns

    def _keep_from_newest_keyframe(self) -> int:
        keyframes = [i for i, one in enumerate(self._waiting) if one.message.kind is Kind.KEYFRAME]
        return self._keep(lambda i: i >= keyframes[-1]) if keyframes else 0

    def _keep(self, keeps: Callable[[int], bool]) -> int:
        """Leave out the pictures whose place is not to be kept, and what a later word has made void."""
        held = list(self._waiting)
        words = [i for i, one in enumerate(held) if not one.message.is_picture]
        streams = [i for i in words if held[i].message.kind is Kind.STREAM]
        valid = {*streams[-1:], *words[-1:]}
        kept = [one for i, one in enumerate(held) if (keeps(i) if one.message.is_picture else i in valid)]
        self._waiting = deque(kept)
        self._bytes = sum(one.message.size for one in kept)
        return sum(one.message.is_picture for one in held) - sum(one.message.is_picture for one in kept)
