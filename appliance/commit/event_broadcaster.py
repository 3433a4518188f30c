"""The publisher: every committed outbox row goes onto the bus, once and in commit order."""

import asyncio

from appliance.bus.bus import Bus
from appliance.commit.message_log import MessageLog
from appliance.commit.settings import CommitSettings
from appliance.domain.ids import Cursor
from appliance.runtime.clock import Clock


class EventBroadcaster:
    """Reads what was committed after the last message it published, and publishes it.

    It looks after each of our own commits and twice a second besides: it does not matter who committed, and
    there is no moment between a commit and its broadcast in which a crash could lose anything, since
    clients resume from the outbox itself.
    """

    def __init__(self, log: MessageLog, bus: Bus, clock: Clock, settings: CommitSettings) -> None:
        self._log = log
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._wanted = asyncio.Event()
        self._cursor: Cursor | None = None

    def wake(self) -> None:
        """Look into the outbox at once: something was committed."""
        self._wanted.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._wanted.clear()
            await self.run_once()
            await self._pause()

    async def run_once(self) -> None:
        """Publish everything that is committed and was not published yet.

        The first time nothing is: who was not here before the start resumes from the outbox.
        """
        if self._cursor is None:
            self._cursor = (await self._log.bounds()).newest
            self._bus.last_cursor = self._cursor
        while messages := await self._log.after(self._cursor, self._settings.publish_rows):
            for message in messages:
                self._bus.publish(message)
                if message.cursor is not None:
                    self._cursor = message.cursor
            if len(messages) < self._settings.publish_rows:
                return

    async def _pause(self) -> None:
        if self._wanted.is_set():
            return
        timer = asyncio.ensure_future(self._clock.sleep(self._settings.look_every_s))
        # A timer that was cancelled asks for nothing: it would cost a second look after each commit.
        timer.add_done_callback(lambda ended: None if ended.cancelled() else self._wanted.set())
        try:
            await self._wanted.wait()
        finally:
            timer.cancel()
