"""The listening socket with the application behind it."""

import asyncio
import contextlib
import errno
import logging
from typing import Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from appliance.errors import Conflict
from appliance.web.app import build
from appliance.web.doorkeeper import Doorkeeper
from appliance.web.guard import ConnectionGuard
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.websocket.handler import WebSocketHandler


class OneLine(logging.Filter):
    """Makes one line of a request that is no HTTP: what anybody may send must not fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, such a one without its traceback and without what the client has sent."""
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.msg = f"{record.getMessage()}: it cannot be read ({type(record.exc_info[1]).__name__})"
            record.args, record.exc_info, record.levelno, record.levelname = None, None, logging.INFO, "INFO"
        return True


ONE_LINE = OneLine()


class WebServer:
    """Serves the page and the API; use as ``async with``, with ``run`` as a supervised part.

    Args:
        host: a loopback address.
        port: 0 takes a free one; ``port`` then tells which.
        websocket: serves ``/api/v1/ws``.
    """

    def __init__(
        self, with_: Collaborators, settings: WebSettings, websocket: WebSocketHandler, host: str, port: int
    ) -> None:
        self._with = with_
        self._host = host
        self._port = port
        self._guard = ConnectionGuard(with_.clock, settings)
        logger = logging.getLogger(__name__)
        logger.addFilter(ONE_LINE)  # once, however many servers there are
        self._runner = web.AppRunner(
            build(with_, settings, websocket, self._guard),
            access_log=None,
            logger=logger,
            handle_signals=False,
            keepalive_timeout=settings.keepalive_s,
            shutdown_timeout=settings.shutdown_s,
        )

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
            try:
                await web.TCPSite(self._runner, self._host, self._port).start()
            except OSError as err:
                if err.errno != errno.EADDRINUSE:
                    raise
                raise Conflict(
                    f"another program listens on {self._host}:{self._port} already; choose another port"
                ) from err
            undo.pop_all()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._runner.addresses[0][1])

    async def run(self) -> None:
        """Guard the connections, and look whether what is open still may be, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._guard.run(), name="connections")
            group.create_task(self._look_at_doors(), name="open doors")

    async def _look_at_doors(self) -> None:
        await self._with.doors.run(Doorkeeper(self._with).who, self._with.clock)
