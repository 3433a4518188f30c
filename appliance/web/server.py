"""The listening socket with the application behind it."""

import contextlib
import logging
from typing import Self

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from appliance.web.app import build
from appliance.web.doorkeeper import Doorkeeper
from appliance.web.front import FRONT, PLAIN, Front
from appliance.web.guard import ConnectionGuard, Rooms
from appliance.web.listener import Listener
from appliance.web.ports import Collaborators
from appliance.web.request_log import RequestLog
from appliance.web.security import OWN_CERTIFICATE
from appliance.web.settings import WebSettings
from appliance.web.tls import Tls
from appliance.web.websocket.handler import WebSocketHandler


class WebServer:
    """Serves the page and the API; use as ``async with``, with ``run`` as a supervised part.

    Args:
        host: an address, or a name of one.
        port: 0 takes a free one; ``port`` then tells which.
        websocket: serves ``/api/v1/ws``.
        front: by which names and through which proxies the server is reached.
        tls: the certificate, loaded; left out, HTTP is served without TLS.
        rooms: says how many connections the process can have; left out, the settings alone count.
    """

    def __init__(
        self,
        with_: Collaborators,
        settings: WebSettings,
        websocket: WebSocketHandler,
        host: str,
        port: int,
        front: Front = PLAIN,
        tls: Tls | None = None,
        rooms: Rooms | None = None,
    ) -> None:
        self._with = with_
        self._guard = ConnectionGuard(with_.clock, settings, front, rooms)
        app = build(with_, settings, websocket, self._guard)
        app[FRONT] = front
        app[OWN_CERTIFICATE] = lambda: tls is not None and tls.is_own
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=RequestLog(logging.getLogger(__name__)),
            handle_signals=False,
            keepalive_timeout=settings.keepalive_s,
            shutdown_timeout=settings.shutdown_s,
        )
        self._listener = Listener(
            *(host, port, self._handler, self._guard, front, with_.clock, settings, tls)
        )

    def _handler(self) -> RequestHandler:
        assert self._runner.server is not None
        return self._runner.server()

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            Conflict: another program listens on that port.
        """
        async with contextlib.AsyncExitStack() as undo:
            await self._runner.setup()
            undo.push_async_callback(self._runner.cleanup)
            if self._runner.server is not None:
                self._guard.watch(self._runner.server)
            await self._listener.start()
            undo.pop_all()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._listener.stop()
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._listener.port

    async def run(self) -> None:
        """Guard the connections, until cancelled."""
        await self._guard.run()

    async def look_at_doors(self) -> None:
        """Look whether what is open still may be, until cancelled."""
        await self._with.doors.run(Doorkeeper(self._with).who, self._with.clock)
