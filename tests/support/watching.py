"""Those who watch live video: what they were sent, taken apart."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from appliance.domain.packet import Packet
from appliance.live.message import Fragment, Message, read_picture
from appliance.live.viewer import Viewer
from appliance.packets.fanout import Fanout
from appliance.packets.ring import PacketRing


@dataclass
class Seen:
    """What a viewer got, in order.

    Attributes:
        said: the text messages.
        inits: the init segments.
        pictures: of the last stream.
    """

    said: list[dict[str, Any]] = field(default_factory=list)
    inits: list[bytes] = field(default_factory=list)
    pictures: list[Fragment] = field(default_factory=list)

    def text(self, text: str | bytes) -> None:
        """Take a text message."""
        self.said.append(json.loads(text))
        if self.said[-1]["type"] == "stream":
            self.pictures.clear()

    def data(self, data: bytes) -> None:
        """Take a binary message: the first one of a stream is its init segment."""
        streams = sum(said["type"] == "stream" for said in self.said)
        if len(self.inits) < streams:
            self.inits.append(data)
        else:
            self.pictures.append(read_picture(data))

    @property
    def file(self) -> bytes:
        """The last stream as a player gets it."""
        return self.inits[-1] + b"".join(picture.data for picture in self.pictures)


def fanout_of(packets: Sequence[Packet] = ()) -> Fanout:
    """Return a camera's fanout that these packets went through."""
    fanout = Fanout(packets[0].camera_id if packets else "yard", PacketRing(60.0, 1 << 24))  # type: ignore[arg-type]
    for packet in packets:
        fanout.put(packet)
    return fanout


def waiting(viewer: Viewer) -> list[Message]:
    """Return the messages that wait for a viewer, and leave them there."""
    return [one.message for one in viewer._waiting]


def seen(viewer: Viewer) -> Seen:
    """Return what a viewer will be sent of what waits now."""
    found = Seen()
    for message in waiting(viewer):
        if message.text:
            found.text(message.text)
        if message.data:
            found.data(message.data)
    return found


class Watcher:
    """A client that watches over a WebSocket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen = Seen()

    async def next(self, timeout_s: float = 10.0) -> WSMsgType:
        """Take the next message and return its type.

        Raises:
            TimeoutError: none came.
        """
        message = await self.socket.receive(timeout_s)
        if message.type is WSMsgType.TEXT:
            self.seen.text(message.data)
        elif message.type is WSMsgType.BINARY:
            self.seen.data(message.data)
        return message.type

    async def pictures(self, count: int) -> list[Fragment]:
        """Watch until the last stream has shown so many pictures, and return them."""
        while len(self.seen.pictures) < count:
            assert await self.next() in {WSMsgType.TEXT, WSMsgType.BINARY}
        return self.seen.pictures

    async def state(self) -> dict[str, Any]:
        """Watch until a state is said, and return it."""
        while not self.seen.said or self.seen.said[-1]["type"] != "state":
            assert await self.next() in {WSMsgType.TEXT, WSMsgType.BINARY}
        return self.seen.said[-1]


@asynccontextmanager
async def watching(http: ClientSession, url: str, camera_id: str, query: str = "") -> AsyncIterator[Watcher]:
    """Watch a camera of a server until the block ends."""
    address = f"{url}/api/v1/cameras/{camera_id}/live{query}"
    async with http.ws_connect(address, max_msg_size=0) as socket:
        yield Watcher(socket)
