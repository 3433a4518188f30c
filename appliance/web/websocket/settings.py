"""What can be tuned in the WebSocket server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSocketSettings:
    """Bounds and deadlines of a client's connection.

    Attributes:
        max_connections: one more is answered with 503.
        max_message_bytes: a longer message from a client closes its connection (1009).
        queue_messages: durable messages held for a client; a slower one reads the rest from the outbox.
        queue_requests: requests held for a client that sends faster than it reads.
        replay_messages: messages read from the outbox at once.
        send_buffer_bytes: of the kernel, for a connection; a large one hides a stalled client for long.
        ping_every_s: how often the server asks whether the client lives.
        silence_s: a client of which nothing was heard for so long, not even a pong, is cut.
        position_every_s: how often a subscribed client is told how far it has heard everything.
    """

    max_connections: int = 1_100
    max_message_bytes: int = 64 * 1024
    queue_messages: int = 256
    queue_requests: int = 32
    replay_messages: int = 200
    send_buffer_bytes: int = 64 * 1024
    ping_every_s: float = 5.0
    silence_s: float = 15.0
    position_every_s: float = 30.0
