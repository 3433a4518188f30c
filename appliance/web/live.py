"""``GET /api/v1/cameras/{camera_id}/live``: a camera's video over a WebSocket, for a browser's player."""

import msgspec
from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

from appliance.domain.ids import CameraId
from appliance.live.hub import LiveHub
from appliance.live.viewer import Viewer
from appliance.store import queries
from appliance.web.body import query
from appliance.web.open_doors import OpenDoor
from appliance.web.ports import Collaborators
from appliance.web.websocket.parts import Accepted, accept, first_to_end, turn_out
from appliance.web.websocket.pulse import Pulse
from appliance.web.wire import LiveQuery

MAX_MESSAGE_BYTES = 4096
NO_SUCH_CAMERA = 4404
"""Closes the connection of those who watched a camera that is deleted: to try again is of no use."""

NOT_UNDERSTOOD = msgspec.json.encode(
    {
        "type": "error",
        "code": "invalid_request",
        "message": "expected no message, this connection is for watching; close it to see no more",
    }
)


class LiveHandlers:
    """The handler of those who watch."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """Watch a camera's video: a WebSocket with fragments of MP4."""
        camera_id = CameraId(request.match_info["camera_id"])
        wanted = query(request.query, LiveQuery)
        async with self._with.reader.read() as connection:
            await queries.camera_status(connection, camera_id)
        hub = self._with.live
        async with hub.viewer(camera_id, small=wanted.stream == "small", sound=wanted.sound) as viewer:
            peer, accepted = await accept(request, MAX_MESSAGE_BYTES, hub.settings.send_buffer_bytes)
            if accepted is not None:
                with self._with.doors.opened(request) as door:
                    await _serve(accepted, viewer, hub, door)
            return peer


async def _serve(client: Accepted, viewer: Viewer, hub: LiveHub, door: OpenDoor) -> None:
    pulse = Pulse(client.transport, hub.clock, hub.settings)
    parts = (_listen(client.peer, pulse), _show(client.peer, viewer), pulse.watch(), door.shut())
    try:
        await first_to_end(*parts)
        if door.is_shut:
            await turn_out(client)
        elif viewer.has_ended and not client.transport.is_closing():
            code = NO_SUCH_CAMERA if viewer.is_gone else WSCloseCode.GOING_AWAY
            await client.peer.close(code=code, message=b"nothing more to see", drain=False)
    except ClientConnectionResetError:
        pass  # The viewer went while something was being sent.


async def _listen(peer: web.WebSocketResponse, pulse: Pulse) -> None:
    """Note each sign of life until the client closes."""
    async for message in peer:
        pulse.feel()
        if message.type is WSMsgType.PING:
            await peer.pong(message.data)
        elif message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            await peer.send_frame(NOT_UNDERSTOOD, WSMsgType.TEXT)


async def _show(peer: web.WebSocketResponse, viewer: Viewer) -> None:
    """Send what comes up until there is nothing more; waits for a client that takes it slowly."""
    while (message := await viewer.get()) is not None:
        if message.text:
            await peer.send_frame(message.text, WSMsgType.TEXT)
        if message.data:
            await peer.send_frame(message.data, WSMsgType.BINARY)
