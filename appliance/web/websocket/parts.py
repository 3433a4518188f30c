"""What every WebSocket of the server is made of, whatever is said on it."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import NamedTuple

from aiohttp import WSCloseCode, web

from appliance.web.problems import Kind, Rejected

RIGHTS_CHANGED = b"rights changed"


class Accepted(NamedTuple):
    """A client that has been accepted, and the way to cut it off."""

    peer: web.WebSocketResponse
    transport: asyncio.Transport


async def accept(
    request: web.Request, max_message_bytes: int, send_buffer_bytes: int
) -> tuple[web.WebSocketResponse, Accepted | None]:
    """Answer a WebSocket's handshake; there is no client where it went meanwhile.

    Args:
        request: of the handshake.
        max_message_bytes: a longer message from the client closes its connection (1009).
        send_buffer_bytes: of the kernel; a large one hides a stalled client for long.

    Raises:
        Rejected: 400, it is no handshake.
    """
    peer = web.WebSocketResponse(
        compress=False,
        max_msg_size=max_message_bytes,
        autoping=False,
        timeout=2.0,
        writer_limit=send_buffer_bytes,
    )
    if not peer.can_prepare(request).ok:
        raise Rejected(Kind.MALFORMED, "this is a WebSocket", expected="its handshake", got="another request")
    await peer.prepare(request)
    transport = request.transport
    if transport is None:
        return peer, None
    kernel_socket = transport.get_extra_info("socket")
    kernel_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    return peer, Accepted(peer, transport)


async def turn_out(client: Accepted) -> None:
    """Close the connection of who may no longer what was allowed at the handshake, and say so (1008)."""
    await client.peer.close(code=WSCloseCode.POLICY_VIOLATION, message=RIGHTS_CHANGED, drain=False)
    # One that takes nothing would be waited for, with what lies in its buffer.
    client.transport.abort()


async def first_to_end(*parts: Coroutine[None, None, None]) -> None:
    """Run the parts side by side until one of them ends, then end the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
