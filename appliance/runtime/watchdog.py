"""The watchdog: tells the service manager that the service lives, but only while it does.

It runs on the event loop, so that a loop that hangs feeds nobody; and it asks for the threads that bring in
and write footage, so that a service without them is started anew.
"""

import logging
from collections.abc import Callable, Sequence

from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from appliance.runtime.service_manager import ServiceManager

log = logging.getLogger(__name__)

FEEDS = 3
"""Within the time that the service manager allows; one that is late by a second round harms nothing."""
EVERY_S = 10.0
"""How often its line is renewed where nobody watches."""
MOST_NAMES = 3


class Watchdog:
    """Feeds the service manager's watchdog and renews its line of state; belongs under the supervisor.

    Args:
        missing: names the threads that record and have ended although nobody ended them. Their work is not
            judged: a camera that is off or a disk that is gone is no reason to start anew.
    """

    def __init__(
        self, manager: ServiceManager, clock: Clock, health: Health, missing: Callable[[], Sequence[str]]
    ) -> None:
        self._manager = manager
        self._clock = clock
        self._health = health
        self._missing = missing
        self._said = ""

    async def run(self) -> None:
        """Feed until cancelled."""
        while True:
            self.run_once()
            await self._clock.sleep((self._manager.watchdog_s or EVERY_S * FEEDS) / FEEDS)

    def run_once(self) -> None:
        """Feed it if all who record are there; else let it starve, and say why."""
        missing = self._missing()
        if missing:
            self._say(f"not fed any more: {_few(missing)} ended")
            log.error("the watchdog is not fed any more: %s ended", _few(missing))
            return
        if self._manager.watchdog_s is not None:
            self._manager.alive()
        self._say(line_of(self._health))

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._manager.status(line)


def line_of(health: Health) -> str:
    """Return the state in one line; parts by name only, since their reasons may name addresses."""
    level = health.level()
    if level is Level.OK:
        return "all is well"
    names = [part.part for part in health.parts() if part.level is not Level.OK]
    return f"{level.value}: {_few(names)}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
