"""What can be tuned in the web server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Bounds of what a client may ask of the server.

    Attributes:
        body_limit_bytes: a longer body is refused; where no login is needed, much less is the most.
        body_s: how long a body may take to arrive.
        first_request_s: a new connection that has not sent a whole request by then is cut.
        keepalive_s: a connection without a request is kept that long.
        connections: open at once, WebSockets included; further requests are answered with 503.
        connections_per_address: of them from one address of another machine, of IPv6 from one /64; further
            ones are closed.
        connections_per_user: of them of one user; further requests are answered with 503.
        probes: cameras that are tested at once; one more is answered with 503.
        ready_s: how long the writer may take to show that the database can be written.
        shutdown_s: how long requests in flight are waited for when the server stops.
    """

    body_limit_bytes: int = 1024 * 1024
    body_s: float = 10.0
    first_request_s: float = 10.0
    keepalive_s: float = 30.0
    connections: int = 1200
    connections_per_address: int = 300
    connections_per_user: int = 300
    probes: int = 2
    ready_s: float = 2.0
    shutdown_s: float = 1.0
