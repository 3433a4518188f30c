"""What stays open: WebSockets, live video and downloads, each closed when whoever opened it may it no longer.

Rights are looked at when a request arrives. What lasts longer than that notes here whose it is, and is ended
when those rights change (at once, by ``changed``) or end by themselves (a session that runs out: within some
seconds, by ``run``). Whoever still may connects anew, and is given what is right by then.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from appliance.runtime.clock import Clock
from appliance.web.access import Principal

LOOK_EVERY_S = 4.0
"""Sessions may end by a clock; what is open of them does at most this later."""


class Standing(Protocol):
    """Knows who may what by now."""

    async def holds(self, principal: Principal) -> bool:
        """Return whether somebody may exactly what that principal says."""
        ...


class OpenDoor:
    """One thing that is open, and whether it is to be closed."""

    def __init__(self, principal: Principal, end: Callable[[], None] | None) -> None:
        self.principal = principal
        self._end = end
        self._shut = asyncio.Event()

    @property
    def is_shut(self) -> bool:
        """Whether it is to be closed."""
        return self._shut.is_set()

    async def shut(self) -> None:
        """Wait until it is to be closed."""
        await self._shut.wait()

    def close(self) -> None:
        """Have it closed."""
        if not self._shut.is_set():
            self._shut.set()
            if self._end is not None:
                self._end()


class OpenDoors:
    """All of them; used from the event loop's thread only."""

    def __init__(self) -> None:
        self._open: dict[OpenDoor, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def opened(self, principal: Principal, end: Callable[[], None] | None = None) -> Iterator[OpenDoor]:
        """Note what is open while the block lasts.

        Args:
            principal: whose it is.
            end: is called, once, to close it; may be left out by who waits for ``shut``.
        """
        door = OpenDoor(principal, end)
        self._open[door] = None
        try:
            yield door
        finally:
            del self._open[door]

    def changed(self, *, user_id: str = "", session_id: str = "", token_id: str = "") -> None:
        """Close what is open of a user with all tokens and sessions, of one session, or of one token.

        To be called once the change is committed, so that who connects anew meets the new rights.
        """
        own = {session_id, token_id} - {""}
        for door in tuple(self._open):
            who = door.principal
            if who.id in own or (user_id and who.user_id == user_id):
                door.close()

    def claimed(self) -> None:
        """Close what is open of those who came in without a login: from now on it takes one."""
        for door in tuple(self._open):
            if not door.principal.user_id:
                door.close()

    async def run(self, standing: Standing, clock: Clock) -> None:
        """Close what is open of those who may it no longer, every few seconds, until cancelled.

        That ends sessions that run out, and what was opened in the very moment of a change.
        """
        while True:
            await clock.sleep(LOOK_EVERY_S)
            await self.look(standing)

    async def look(self, standing: Standing) -> None:
        """Close what is open of those who may it no longer, each asked for once."""
        for principal in {door.principal for door in self._open}:
            if not await standing.holds(principal):
                for door in tuple(self._open):
                    if door.principal == principal:
                        door.close()
