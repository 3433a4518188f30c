"""A WebSocket client that keeps everything it hears, for tests that wait for something to be said."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from appliance.domain.time import WallUs
from appliance.runtime.clock import SystemClock

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message and the moment of the wall clock at which the client had it."""

    message: Json
    at_us: WallUs

    @property
    def type(self) -> str:
        """The message's type."""
        return str(self.message["type"])

    @property
    def data(self) -> Json:
        """The message's data; empty where it has none."""
        data: Json = self.message.get("data", {})
        return data


class Listener:
    """Reads a socket in the background from its making until it is closed."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.heard: list[Heard] = []
        self._socket = socket
        self._clock = SystemClock()
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    def of(self, *types: str) -> list[Heard]:
        """Return what was heard so far of these types."""
        return [heard for heard in self.heard if heard.type in types]

    async def until(self, enough: Callable[["Listener"], bool], within_s: float) -> bool:
        """Wait until what was heard is enough; return False when the time was over first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not enough(self) and not self._reading.done():
                    self._news.clear()
                    await self._news.wait()
        return enough(self)

    async def first(self, wanted: Callable[[Heard], bool], within_s: float = 20.0) -> Heard:
        """Wait for the first message, heard already or not, that is wanted.

        Raises:
            AssertionError: there was none in that time; the message has what was heard instead.
        """
        found = await self.until(lambda so_far: any(map(wanted, so_far.heard)), within_s)
        assert found, f"not heard in {within_s} s, but {[heard.message for heard in self.heard[-20:]]}"
        return next(filter(wanted, self.heard))

    async def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                self.heard.append(Heard(json.loads(message.data), self._clock.wall_us()))
                self._news.set()
        self._news.set()


def database_is(level: str) -> Callable[[Heard], bool]:
    """Return what tells the message that says how the database is doing."""

    def says(heard: Heard) -> bool:
        parts = heard.data.get("parts", []) if heard.type == "health" else []
        return any(part["part"] == "database" and part["level"] == level for part in parts)

    return says
