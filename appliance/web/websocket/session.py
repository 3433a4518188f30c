"""One client's connection: what it asked for, how far it has heard everything, and what it is sent."""

import asyncio
from dataclasses import dataclass, field

import msgspec
from aiohttp import WSMsgType, web

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Message
from appliance.commit.message_log import MessageLog
from appliance.domain.ids import Cursor
from appliance.errors import InvalidInput
from appliance.runtime.clock import Clock
from appliance.web.open_doors import OpenDoor
from appliance.web.websocket.frames import Framer
from appliance.web.websocket.parts import first_to_end
from appliance.web.websocket.pulse import Pulse
from appliance.web.websocket.requests import Ping, Request, Subscribe, Unsubscribe, parse
from appliance.web.websocket.rights import limited
from appliance.web.websocket.settings import WebSocketSettings

PROTOCOL = 1
NOTHING = Filter(channels=frozenset())


@dataclass(frozen=True, slots=True)
class Source:
    """Where the messages of all clients come from.

    Attributes:
        epoch: of the database; a cursor of another epoch means nothing.
    """

    bus: Bus
    log: MessageLog
    clock: Clock
    epoch: str
    framer: Framer = field(default_factory=Framer)


class _TellPosition:
    """The server's own request, made every half minute."""


class Session:
    """Talks to one client until it goes.

    What a client has not been sent yet is either in its bounded queue or, when that was full, behind its
    cursor in the outbox: a new subscription with ``after`` and a client that was too slow are the same case.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        source: Source,
        settings: WebSocketSettings,
        door: OpenDoor,
    ) -> None:
        self._door = door
        self._socket = socket
        self._transport = transport
        self._source = source
        self._settings = settings
        self._subscription = source.bus.subscribe(NOTHING, settings.queue_messages)
        self._requests: asyncio.Queue[Request | InvalidInput | _TellPosition] = asyncio.Queue(
            settings.queue_requests
        )
        self._position = source.bus.last_cursor
        self._pulse = Pulse(transport, source.clock, settings)
        self._idle = False

    async def run(self, first: Subscribe | None) -> None:
        """Serve the client; returns when it has gone, was cut, broke the protocol, or its rights changed."""
        sees_all = self._door.principal.sight.cameras is None
        self._subscription.at_once = self._send_at_once if sees_all else self._send_seen_at_once
        with self._subscription:
            bounds = await self._source.log.bounds()
            await self._say(
                type="hello",
                protocol=PROTOCOL,
                epoch=self._source.epoch,
                cursor=self._source.bus.last_cursor,
                oldest=bounds.oldest,
            )
            if first is not None:
                self._requests.put_nowait(first)
                self._subscription.wake()
            parts = (self._listen(), self._talk(), self._pulse.watch(), self._tell_position())
            await first_to_end(*parts, self._door.shut())

    async def _listen(self) -> None:
        async for message in self._socket:
            self._pulse.feel()
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                await self._requests.put(_parsed(message.type, message.data))
                self._subscription.wake()

    async def _talk(self) -> None:
        while True:
            self._idle = True
            await self._subscription.wait()
            self._idle = False
            await self._send_queued()
            while not self._requests.empty():
                await self._answer(self._requests.get_nowait())
            if self._subscription.behind:
                await self._replay()

    async def _tell_position(self) -> None:
        """Tell the client how far it has heard everything: a narrow filter must not leave it behind."""
        while True:
            await self._source.clock.sleep(self._settings.position_every_s)
            await self._requests.put(_TellPosition())
            self._subscription.wake()

    async def _answer(self, request: Request | InvalidInput | _TellPosition) -> None:
        match request:
            case Subscribe():
                await self._subscribe(request)
            case Unsubscribe():
                self._subscription.wanted = NOTHING
                self._subscription.take()
                await self._say(type="unsubscribed", cursor=self._position)
            case _TellPosition() if self._subscription.wanted is not NOTHING:
                await self._say(type="position", cursor=self._position)
            case Ping():
                await self._say(type="pong", cursor=self._position)
            case InvalidInput():
                await self._say(type="error", code="invalid_request", message=str(request))

    async def _subscribe(self, request: Subscribe) -> None:
        try:
            wanted, after = limited(request.filter(), self._door.principal), request.cursor()
        except InvalidInput as err:
            await self._answer(err)
            return
        bounds = await self._source.log.bounds()
        foreign = request.epoch not in {None, self._source.epoch} or (after or 0) > bounds.newest
        self._subscription.take()
        self._subscription.wanted = wanted
        self._subscription.catch_up()
        self._position = self._source.bus.last_cursor
        if after is not None and not foreign and bounds.reaches(after):
            self._position = after
            self._subscription.fall_behind()
        await self._say(type="subscribed", cursor=self._position, **_echo(request))
        if foreign:
            await self._reset("new_epoch", bounds.oldest)
        elif after is not None and not bounds.reaches(after):
            await self._reset("cursor_expired", bounds.oldest)

    async def _send_queued(self) -> None:
        position = self._source.bus.last_cursor
        for message in self._subscription.take():
            if message.cursor is None or message.cursor > self._position:
                await self._send(message)
        if not self._subscription.behind:
            self._position = max(self._position, position)

    async def _replay(self) -> None:
        """Send one portion of what the client has missed, and go live when there is no more."""
        messages = await self._source.log.after(self._position, self._settings.replay_messages)
        if not _follows(messages, self._position, self._source.bus.last_cursor):
            # The outbox was emptied faster than the client read: it must fetch the state anew.
            self._subscription.catch_up()
            self._position = self._source.bus.last_cursor
            await self._reset("cursor_expired", (await self._source.log.bounds()).oldest)
            return
        for message in messages:
            if self._subscription.wanted.passes(message):
                await self._send(message)
            self._position = message.cursor or self._position
        if self._position >= self._source.bus.last_cursor:
            self._subscription.catch_up()
        self._subscription.wake()

    async def _reset(self, reason: str, oldest: Cursor) -> None:
        await self._say(type="reset", reason=reason, oldest=oldest, cursor=self._position)

    def _send_at_once(self, message: Message) -> bool:
        """Write a message straight to the socket if nothing waits there; return whether it was written.

        The usual case: it costs neither a task switch nor a frame of the client's own, which makes a
        broadcast as cheap as a bare loop (``make bench NAME=broadcast``).
        """
        transport = self._transport
        if not self._idle or transport.is_closing() or transport.get_write_buffer_size():
            return False
        if message.cursor is None or message.cursor > self._position:
            transport.write(self._source.framer.frame(message))
            self._position = message.cursor or self._position
        return True

    def _send_seen_at_once(self, message: Message) -> bool:
        """Do the same for who sees some cameras only."""
        return self._send_at_once(message.as_seen(self._door.principal.sight))

    async def _send(self, message: Message) -> None:
        message = message.as_seen(self._door.principal.sight)
        await self._socket.send_frame(message.text, WSMsgType.TEXT)

    async def _say(self, **fields: object) -> None:
        await self._socket.send_frame(msgspec.json.encode(fields), WSMsgType.TEXT)


def _parsed(kind: WSMsgType, data: str | bytes) -> Request | InvalidInput:
    if kind is WSMsgType.BINARY:
        return InvalidInput("expected a text message with a JSON object, got a binary one")
    try:
        return parse(data)
    except InvalidInput as err:
        return err


def _echo(request: Subscribe) -> dict[str, object]:
    fields = {
        name: getattr(request, name) for name in ("channels", "cameras", "types", "labels", "min_severity")
    }
    return {name: value for name, value in fields.items() if value is not None}


def _follows(messages: list[Message], position: Cursor, last: Cursor) -> bool:
    """Return whether the messages go on right after the position: a rollback leaves no gap in the outbox."""
    return messages[0].cursor == position + 1 if messages else position >= last
