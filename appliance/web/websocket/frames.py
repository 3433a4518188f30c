"""WebSocket frames that many clients share: RFC 6455, 5.2, a text message of a server in one frame."""

from appliance.bus.message import Message

FINAL_TEXT = 0x81
PING = b"\x89\x00"
"""A ping without a payload; a client answers it with a pong."""


def text_frame(text: bytes) -> bytes:
    """Return the frame of a whole text message; not masked, hence alike for all clients."""
    if len(text) < 126:
        return bytes((FINAL_TEXT, len(text))) + text
    if len(text) < 1 << 16:
        return bytes((FINAL_TEXT, 126)) + len(text).to_bytes(2) + text
    return bytes((FINAL_TEXT, 127)) + len(text).to_bytes(8) + text


class Framer:
    """Makes a message's frame once for all the clients that get it one after the other."""

    def __init__(self) -> None:
        self._last: Message | None = None
        self._frame = b""

    def frame(self, message: Message) -> bytes:
        """Return the message's frame."""
        if message is not self._last:
            self._last, self._frame = message, text_frame(message.text)
        return self._frame
