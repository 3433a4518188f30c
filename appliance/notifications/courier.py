"""The courier: takes committed alerts to their targets until they are delivered, refused or too old.

Runs on the event loop. What it has to do lies in the database, where a trigger put it: a crash loses nothing.
"""

import asyncio
import dataclasses
import functools
import logging
from dataclasses import dataclass, field
from typing import Protocol

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel, Message
from appliance.commit.committer import Committer
from appliance.domain.ids import AlertId, TargetId, new_id
from appliance.domain.time import NS_PER_S, MonotonicNs, WallUs, seconds_between, wall_after
from appliance.errors import InvalidInput, Overloaded
from appliance.notifications import ntfy, telling, webhook
from appliance.notifications.notification import Notification, Request
from appliance.notifications.outcome import Outcome, Verdict
from appliance.notifications.sender import Sender
from appliance.notifications.settings import Settings
from appliance.notifications.target import Ntfy, Target, target_of
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from appliance.store import deliveries, targets
from appliance.store.deliveries import Contents, Due, Outlook, Sent
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

NEW_ALERTS = Filter(channels=frozenset({Channel.ALERTS}), types=frozenset({"alert_created"}))
LOOK_EVERY_S = 30.0
"""Without any news: what another program wrote, or a clock that was set."""
SOONEST_S = 0.2
LONGEST_HOLD_S = 60.0
"""A target that fails is left alone for no longer than this, so that a new alert soon finds it mended."""
PICTURE_LOOK_S = 0.25
RECORD_AGAIN_S = 1.0
TESTS_AT_ONCE = 2
BAD_REQUEST, TOO_LARGE = 400, 413


class Sends(Protocol):
    """Speaks HTTP to other machines."""

    async def send(self, request: Request) -> Outcome:
        """Send a request and return what came of it, within the time-out."""
        ...


class Pictures(Protocol):
    """The event pictures on the disk."""

    def read(self, name: str) -> bytes | None:
        """Return the JPEG of that name, or ``None`` when it is not there; blocks."""
        ...


@dataclass(slots=True)
class Lane:
    """What is under way to one target, and how long it is left alone since it fails."""

    route: targets.Route
    backoff: Backoff
    busy: set[AlertId] = field(default_factory=set)
    is_failing: bool = False
    held_until_ns: int = 0

    def free(self, now_ns: MonotonicNs, at_once: int) -> int:
        """Return how many attempts may begin now."""
        if now_ns < self.held_until_ns:
            return 0
        return (1 if self.is_failing else at_once) - len(self.busy)


class Courier:
    """Sends what is due, a few at a time for each target; no target waits for another.

    Args:
        sends: made of the settings where it is left out.
    """

    def __init__(
        self,
        reader: Reader,
        committer: Committer,
        bus: Bus,
        pictures: Pictures,
        clock: Clock,
        health: Health,
        settings: Settings,
        sends: Sends | None = None,
    ) -> None:
        self._reader = reader
        self._committer = committer
        self._bus = bus
        self._pictures = pictures
        self._clock = clock
        self._health = health
        self._settings = settings
        self._sends = sends or Sender(settings.timeout_s)
        self._news = asyncio.Event()
        self._lanes: dict[TargetId, Lane] = {}
        self._shown: set[str] = set()
        self._tests = asyncio.Semaphore(TESTS_AT_ONCE)

    def wake(self) -> None:
        """Look at once: a target was added, changed or deleted."""
        self._news.set()

    async def test(self, target_id: TargetId) -> Outcome:
        """Send a test to a target now, switched on or not, and return what came of it.

        Raises:
            NotFound: there is no such target.
            Overloaded: others are being tested.
        """
        if self._tests.locked():
            raise Overloaded("targets are being tested already; try again in a few seconds")
        async with self._tests:
            route = await self._reader.ask(functools.partial(targets.route, target_id=target_id))
            now_us = self._clock.wall_us()
            told = telling.trial_of(f"test-{new_id(now_us)}", now_us, self._settings)
            if route.sealed_off:
                return Outcome(Verdict.FAILED, reason=route.sealed_off)
            return await self._send(target_of(route.kind, route.settings), told)

    async def run(self) -> None:
        """Send what is due, when an alert is made and when its time has come, until cancelled."""
        self._lanes.clear()
        with self._bus.subscribe(NEW_ALERTS, capacity=1) as heard:
            heard.at_once = self._hear
            async with asyncio.TaskGroup() as group:
                while True:
                    self._news.clear()
                    await self._wait(await self._round(group))

    def _hear(self, _message: Message) -> bool:
        self._news.set()
        return True

    async def _wait(self, at_most_s: float) -> None:
        waits = [asyncio.ensure_future(one) for one in (self._news.wait(), self._clock.sleep(at_most_s))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _round(self, group: asyncio.TaskGroup) -> float:
        """Begin what is due and there is room for; return in how many seconds to look again."""
        settings, now_us, now_ns = self._settings, self._clock.wall_us(), self._clock.monotonic_ns()
        await self._expire(now_us)
        limit = settings.at_once * 2
        ask = functools.partial(
            deliveries.outlook, now_us=now_us, longest_s=settings.longest_pause_s, limit=limit
        )
        outlooks: list[Outlook] = await self._reader.ask(ask)
        self._forget({one.route.id for one in outlooks})
        self._tell_health(outlooks, now_us)
        waits_s = [LOOK_EVERY_S]
        for outlook in outlooks:
            lane = self._lane(outlook.route)
            new = [due for due in outlook.due if due.alert_id not in lane.busy]
            for due in new[: max(0, lane.free(now_ns, settings.at_once))]:
                lane.busy.add(due.alert_id)
                group.create_task(self._deliver(lane, due), name=f"delivery to {outlook.route.id}")
            if new and lane.held_until_ns > now_ns:
                waits_s.append((lane.held_until_ns - now_ns) / NS_PER_S)
            if outlook.next_us is not None:
                waits_s.append(seconds_between(now_us, outlook.next_us))
        return max(SOONEST_S, min(waits_s))

    def _lane(self, route: targets.Route) -> Lane:
        lane = self._lanes.get(route.id)
        if lane is None or lane.route != route:
            # What was changed may work now; what is still under way goes on beside it.
            busy = set() if lane is None else lane.busy
            lane = Lane(route, Backoff(self._settings.first_pause_s, LONGEST_HOLD_S), busy)
            self._lanes[route.id] = lane
        return lane

    def _forget(self, present: set[TargetId]) -> None:
        for target_id in set(self._lanes) - present:
            if not self._lanes[target_id].busy:
                del self._lanes[target_id]

    async def _expire(self, now_us: WallUs) -> None:
        before_us = wall_after(now_us, -self._settings.expire_hours * 3600)
        if await self._reader.ask(functools.partial(deliveries.any_expired, before_us=before_us)):
            unit = functools.partial(deliveries.expire, before_us=before_us, now_us=now_us)
            await self._committer.commit(unit)

    async def _deliver(self, lane: Lane, due: Due) -> None:
        try:
            outcome = await self._attempt(lane.route, due)
            if outcome is not None:
                self._note(lane, outcome)
                await self._record(lane.route, due, outcome)
        finally:
            lane.busy.discard(due.alert_id)
            self._news.set()

    async def _attempt(self, route: targets.Route, due: Due) -> Outcome | None:
        """Try once, and return what came of it; ``None`` where the alert is gone."""
        if route.sealed_off:
            return Outcome(Verdict.FAILED, reason=route.sealed_off)
        try:
            target = target_of(route.kind, route.settings)
        except InvalidInput:
            return Outcome(Verdict.REFUSED, reason="its settings cannot be used")
        told = await self._told(route, due, target.wants_picture)
        return None if told is None else await self._send(target, told)

    async def _told(self, route: targets.Route, due: Due, wants_picture: bool) -> Notification | None:
        """Return what to tell; ``None`` where the alert is gone. A new alert's picture is waited for."""
        age_s = seconds_between(due.created_us, self._clock.wall_us())
        left_s = 0.0 if due.attempts or not wants_picture else self._settings.picture_wait_s - age_s
        while True:
            ask = functools.partial(deliveries.contents, alert_id=due.alert_id)
            found: Contents | None = await self._reader.ask(ask)
            if found is None or found.picture is not None or left_s <= 0:
                break
            await self._clock.sleep(PICTURE_LOOK_S)
            left_s -= PICTURE_LOOK_S
        if found is None:
            return None
        jpeg = None
        if wants_picture and found.picture is not None:
            jpeg = await asyncio.to_thread(self._pictures.read, found.picture)
        return telling.notification_of(due.alert_id, route.id, found, jpeg, self._settings)

    async def _send(self, target: Target, told: Notification) -> Outcome:
        if not isinstance(target, Ntfy):
            at_s = self._clock.wall_us() // 1_000_000
            return await self._sends.send(webhook.request_of(target, told, at_s))
        outcome = await self._sends.send(ntfy.request_of(target, told))
        if told.picture is None or outcome.status not in {BAD_REQUEST, TOO_LARGE}:
            return outcome
        # A server may take no attachments, or no such large ones: the message counts more than its picture.
        return await self._sends.send(ntfy.request_of(target, without_picture(told)))

    def _note(self, lane: Lane, outcome: Outcome) -> None:
        lane.is_failing = outcome.verdict is Verdict.FAILED
        if lane.is_failing:
            lane.held_until_ns = self._clock.monotonic_ns() + round(lane.backoff.next_s() * NS_PER_S)
        else:
            lane.backoff.reset()
            lane.held_until_ns = 0
        if outcome.verdict is not Verdict.DELIVERED:
            log.info("target %s: an alert was not delivered: %s", lane.route.id, outcome.reason)

    async def _record(self, route: targets.Route, due: Due, outcome: Outcome) -> None:
        """Write down what came of it; while the database takes nothing the delivery counts as under way."""
        sent = self._sent(due, outcome)
        unit = functools.partial(deliveries.record, alert_id=due.alert_id, target_id=route.id, sent=sent)
        while True:
            try:
                await self._committer.commit(unit)
                return
            except Overloaded:
                await self._clock.sleep(RECORD_AGAIN_S)

    def _sent(self, due: Due, outcome: Outcome) -> Sent:
        settings, now_us = self._settings, self._clock.wall_us()
        if outcome.verdict is Verdict.DELIVERED:
            return Sent("delivered", now_us, now_us, "")
        if outcome.verdict is Verdict.REFUSED:
            return Sent("refused", now_us, now_us, outcome.reason)
        pauses = Backoff(settings.first_pause_s, settings.longest_pause_s)
        next_us = wall_after(now_us, pauses.after_s(due.attempts + 1))
        return Sent("waiting", next_us, now_us, outcome.reason)

    def _tell_health(self, outlooks: list[Outlook], now_us: WallUs) -> None:
        parts = {f"sending to {one.route.name}": self._complaint(one, now_us) for one in outlooks}
        for gone in self._shown - set(parts):
            self._health.forget(gone)
        self._shown = set(parts)
        for part, complaint in parts.items():
            self._health.report(part, Level.DEGRADED if complaint else Level.OK, complaint)

    def _complaint(self, outlook: Outlook, now_us: WallUs) -> str:
        since_us, after_s = outlook.tried_since_us, self._settings.failing_after_s
        if since_us is not None and seconds_between(since_us, now_us) > after_s:
            return (
                f"an alert has waited for it for more than {after_s / 60:g} minutes: {outlook.reason}; "
                "it is tried again. Alerts, Send shows what waits"
            )
        if since_us is None and outlook.last == "refused":
            return f"it refused the last alert: {outlook.reason}; check its settings under Alerts, Send"
        if since_us is None and outlook.last == "expired":
            return f"the last alert could not be delivered in time: {outlook.reason or 'it was never tried'}"
        return ""


def without_picture(told: Notification) -> Notification:
    """Return the same without its picture."""
    return dataclasses.replace(told, picture=None)
