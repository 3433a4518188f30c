"""``GET /api/v1/ws``: from an HTTP request to a session."""

from aiohttp import ClientConnectionResetError, WSCloseCode, web

from appliance.errors import TemporaryFailure
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState
from appliance.web.open_doors import OpenDoors
from appliance.web.websocket.parts import accept, turn_out
from appliance.web.websocket.requests import of_query
from appliance.web.websocket.session import Session, Source
from appliance.web.websocket.settings import WebSocketSettings


class WebSocketHandler:
    """Accepts clients up to a bound, and closes them all when the server stops.

    Args:
        doors: where clients are noted, so that they are closed when their rights change.
    """

    def __init__(
        self,
        source: Source,
        settings: WebSocketSettings,
        metrics: Metrics,
        doors: OpenDoors | None = None,
    ) -> None:
        self._doors = OpenDoors() if doors is None else doors
        self._source = source
        self._settings = settings
        self._sockets: dict[web.WebSocketResponse, None] = {}
        clients = metrics.gauge("nightjar_websocket_clients", "Connected WebSocket clients.")
        metrics.on_collect(lambda: clients.set(len(self._sockets)))

    def queues(self) -> list[QueueState]:
        """Return how many screens and programs hear the messages."""
        return [
            QueueState(
                *("clients", "Screens and programs that hear messages", "clients", "one more is refused"),
                len(self._sockets),
                self._settings.max_connections,
                kind=QueueKind.CONNECTIONS,
            )
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client for as long as it stays.

        Raises:
            InvalidInput: the address's query asks for something that does not exist.
            TemporaryFailure: as many clients as are allowed are connected.
        """
        first = of_query(request.query)
        if first is not None:
            first.filter(), first.cursor()
        if len(self._sockets) >= self._settings.max_connections:
            raise TemporaryFailure(
                f"{len(self._sockets)} WebSocket clients are connected, the most there may be"
            )
        settings = self._settings
        peer, accepted = await accept(request, settings.max_message_bytes, settings.send_buffer_bytes)
        if accepted is None:
            return peer
        self._sockets[peer] = None
        try:
            with self._doors.opened(request) as door:
                await Session(*accepted, self._source, settings, door).run(first)
            if door.is_shut:
                await turn_out(accepted)
        except ClientConnectionResetError:
            pass  # The client went while something was being sent: nothing is lost, it has its cursor.
        finally:
            del self._sockets[peer]
        return peer

    async def close(self) -> None:
        """Tell every client that the server goes away."""
        for peer in tuple(self._sockets):
            await peer.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops", drain=False)
