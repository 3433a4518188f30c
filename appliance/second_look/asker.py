"""The asker: hears of committed events, asks the owner's model about them, and hands its answers on.

Runs on the event loop, and nothing waits for it: an event is the same without an answer.
"""

import asyncio
import functools
import logging
from datetime import tzinfo
from typing import Protocol

import msgspec

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel, Message
from appliance.domain.ids import CameraId, EventId
from appliance.domain.second_look import Opinion
from appliance.domain.time import NS_PER_S
from appliance.errors import InvalidInput
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from appliance.runtime.mailbox import Mailbox, Policy
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from appliance.second_look.answer import Answer, answer_of
from appliance.second_look.client import BAD_REQUEST, Client, Reply
from appliance.second_look.pending import Pending
from appliance.second_look.question import Facts, body_of
from appliance.second_look.settings import Settings
from appliance.store.reader import Reader
from appliance.store.second_looks import Contents, contents

log = logging.getLogger(__name__)

EVENTS = Filter(
    channels=frozenset({Channel.EVENTS}),
    types=frozenset({"event_created", "event_updated", "event_deleted"}),
)
WAITING = 32
"""Events that wait for their turn: what a model that needs a minute for each does in half an hour."""
LOOK_EVERY_S = 30.0
PICTURE_LOOK_S = 0.25
SHOWN_AFTER = 3
"""Failures in a row after which it is shown as degraded: one answer that makes no sense is no fault."""


class Asks(Protocol):
    """Speaks HTTP to the model's server."""

    async def ask(self, body: bytes) -> Reply:
        """Ask and return what came of it, within the time-out."""
        ...


class Pictures(Protocol):
    """The event pictures on the disk."""

    def read(self, name: str) -> bytes | None:
        """Return the JPEG of that name, or ``None`` when it is not there; blocks."""
        ...


class Answered(Protocol):
    """Takes what a model said of an event."""

    def __call__(
        self, camera_id: CameraId, event_id: EventId, model: str, opinion: Opinion, summary: str
    ) -> bool:
        """Take it in; return whether the event is still known."""
        ...


class Asker:
    """Asks about one event after the other; what does not fit into the queue is left out and counted.

    Args:
        answered: gets each answer.
        zone: the owner's time zone.
        asks: made of the settings where it is left out.
    """

    def __init__(
        self,
        reader: Reader,
        bus: Bus,
        pictures: Pictures,
        clock: Clock,
        health: Health,
        metrics: Metrics,
        settings: Settings,
        zone: tzinfo,
        answered: Answered,
        asks: Asks | None = None,
    ) -> None:
        self._reader = reader
        self._bus = bus
        self._pictures = pictures
        self._clock = clock
        self._health = health
        self._settings = settings
        self._zone = zone
        self._answered = answered
        self._asks = asks or Client(settings.url, settings.key, settings.timeout_s)
        self._asked = metrics.counter("nightjar_second_looks_total", "Events that a model was asked about.")
        self._failed = metrics.counter(
            "nightjar_second_look_failures_total", "Questions to a model that brought no usable answer."
        )
        self._pending = Pending(settings)
        self._waiting = Mailbox[EventId]("second look", WAITING, Policy.DROP_OLDEST)
        self._news = asyncio.Event()
        self._takes_format = True
        self._failures = 0
        self._reason = ""

    def queues(self) -> list[QueueState]:
        """Return what waits to be asked about; nothing where nobody is asked."""
        if not self._settings.is_on:
            return []
        return [self._waiting.state("second look", "Events that wait for a second look", "events")]

    async def run(self) -> None:
        """Ask about events as they come, until cancelled."""
        with self._bus.subscribe(EVENTS, capacity=1) as heard:
            heard.at_once = self._hear
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(), name="second look: events")
                group.create_task(self._work(), name="second look: questions")

    def _hear(self, message: Message) -> bool:
        self._pending.hear(message, self._clock.monotonic_ns())
        self._news.set()
        return True

    async def _follow(self) -> None:
        while True:
            self._news.clear()
            now_ns = self._clock.monotonic_ns()
            for event_id in self._pending.due(now_ns):
                self._waiting.put(event_id)
            next_ns = self._pending.next_ns()
            await self._wait(LOOK_EVERY_S if next_ns is None else max(0.0, (next_ns - now_ns) / NS_PER_S))

    async def _wait(self, at_most_s: float) -> None:
        waits = [asyncio.ensure_future(one) for one in (self._news.wait(), self._clock.sleep(at_most_s))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _work(self) -> None:
        while True:
            await self._look_at(await self._waiting.get())

    async def _look_at(self, event_id: EventId) -> None:
        found = await self._contents(event_id)
        if found is None:
            return
        facts = msgspec.json.decode(found.event, type=Facts)
        if facts.second_look is not None:
            return
        jpeg = None
        if self._settings.with_picture and found.picture is not None:
            jpeg = await asyncio.to_thread(self._pictures.read, found.picture)
        self._asked.add()
        reply = await self._ask(facts, found.camera_name, jpeg)
        answer = self._read(reply)
        if answer is not None:
            model = self._settings.model
            self._answered(CameraId(facts.camera_id), event_id, model, answer.opinion, answer.summary)

    async def _contents(self, event_id: EventId) -> Contents | None:
        """Return what there is to say; the picture of a new event is waited for."""
        left_s = self._settings.picture_wait_s if self._settings.with_picture else 0.0
        while True:
            found: Contents | None = await self._reader.ask(functools.partial(contents, event_id=event_id))
            if found is None or found.picture is not None or left_s <= 0:
                return found
            await self._clock.sleep(PICTURE_LOOK_S)
            left_s -= PICTURE_LOOK_S

    async def _ask(self, facts: Facts, camera_name: str, jpeg: bytes | None) -> Reply:
        body = functools.partial(body_of, facts, camera_name, jpeg, self._zone, self._settings)
        reply = await self._asks.ask(body(as_json=self._takes_format))
        if reply.status != BAD_REQUEST or not self._takes_format:
            return reply
        again = await self._asks.ask(body(as_json=False))
        # From then on it is asked as it wants to be.
        self._takes_format = again.body is None
        return again

    def _read(self, reply: Reply) -> Answer | None:
        """Return the answer, if it is one; whatever else came is counted, and said once."""
        reason = reply.reason
        if reply.body is not None:
            try:
                answer = answer_of(reply.body)
            except InvalidInput as err:
                reason = str(err)
            else:
                self._failures, self._reason = 0, ""
                self._health.report("second look", Level.OK)
                return answer
        self._failed.add()
        self._failures += 1
        if reason != self._reason:
            log.warning("second look: %s", reason)
            self._reason = reason
        if self._failures >= SHOWN_AFTER:
            advice = "events go on without it; check [second_look] in the configuration and its server"
            self._health.report("second look", Level.DEGRADED, f"{reason}; {advice}")
        return None
