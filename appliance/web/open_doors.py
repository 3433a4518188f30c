"""What stays open: WebSockets, live video and downloads, each closed when its rights have changed.

Rights are looked at when a request arrives. What lasts longer than that notes here who asked, and is ended
when those rights change (at once, by ``changed``) or end by themselves (a session that runs out: within some
seconds, by ``run``). Whoever still may connects anew, and is given what is right by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from appliance.errors import Refused, TemporaryFailure
from appliance.runtime.clock import Clock
from appliance.web.access import NOBODY, Principal, principal_of

LOOK_EVERY_S = 4.0
"""Sessions end by a clock, too; what is open of them does so at most this later."""

Who = Callable[[web.Request], Awaitable[Principal]]
"""Finds out anew who a request is by."""


class OpenDoor:
    """One thing that is open, and whether it is to be closed."""

    def __init__(self, request: web.Request, end: Callable[[], None] | None) -> None:
        self.request = request
        self.principal = principal_of(request)
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
    def opened(self, request: web.Request, end: Callable[[], None] | None = None) -> Iterator[OpenDoor]:
        """Note what is open while the block lasts.

        Args:
            request: that opened it.
            end: is called, once, to close it; may be left out by who waits for ``shut``.
        """
        door = OpenDoor(request, end)
        self._open[door] = None
        try:
            yield door
        finally:
            del self._open[door]

    def changed(self, *, user_id: str = "", session_id: str = "", token_id: str = "") -> None:
        """Close what is open of a user with all sessions and tokens, of one session, or of one token.

        To be called once the change is committed, so that who connects anew meets the new rights.
        """
        own = {session_id, token_id} - {""}
        self._close(lambda who: who.id in own or (user_id != "" and who.user_id == user_id))

    def claimed(self) -> None:
        """Close what is open of those who came in without a login: from now on it takes one."""
        self._close(lambda who: not who.user_id)

    async def run(self, who: Who, clock: Clock) -> None:
        """Close what has lost its rights, every few seconds, until cancelled.

        That ends what is open of sessions that run out, and what was opened in the very moment of a change.
        """
        while True:
            await clock.sleep(LOOK_EVERY_S)
            await self.look(who)

    async def look(self, who: Who) -> None:
        """Find out anew who everybody is, each once, and close what was opened by somebody else."""
        opened: dict[Principal, list[web.Request]] = {}
        for door in self._open:
            opened.setdefault(door.principal, []).append(door.request)
        for principal, requests in opened.items():
            # Of a connection that is gone nothing can be asked any more; what is open of it ends by itself.
            request = next((one for one in requests if one.transport is not None), None)
            if request is not None and await _now(who, request, principal) != principal:
                self._close(lambda one, gone=principal: one == gone)  # type: ignore[misc]

    def _close(self, is_meant: Callable[[Principal], bool]) -> None:
        for door in tuple(self._open):
            if is_meant(door.principal):
                door.close()


async def _now(who: Who, request: web.Request, before: Principal) -> Principal:
    """Return who a request is by; the same as before where that cannot be read just now."""
    try:
        return await who(request)
    except Refused:
        return NOBODY
    except TemporaryFailure:
        return before
