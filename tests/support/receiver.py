"""A server of somebody who is to be told: a webhook's or an ntfy server, well or ill as a test wants."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

SECRET = "whsec_" + base64.b64encode(b"n" * 32).decode()


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Return whether the signature is right, as a receiver of Standard Webhooks finds out."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        head = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        right = base64.b64encode(hmac.digest(key, head.encode() + self.body, hashlib.sha256)).decode()
        return f"v1,{right}" in self.headers["webhook-signature"].split()


class Receiver:
    """Takes what comes and answers as told: ``statuses`` are used up one by one, then it is ``usual``.

    Attributes:
        hangs: whether it answers nothing at all.
        at_once: the most requests that it had at the same time.
    """

    def __init__(self) -> None:
        self.got: list[Received] = []
        self.statuses: list[int] = []
        self.usual = 200
        self.hangs = False
        self.at_once = 0
        self.port = 0
        self._open = 0
        self._news = asyncio.Event()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def until(self, count: int, within_s: float = 15.0) -> list[Received]:
        """Wait until so many requests have come, and return all of them.

        Raises:
            AssertionError: they have not, in time.
        """
        try:
            async with asyncio.timeout(within_s):
                while len(self.got) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{len(self.got)} of {count} requests in {within_s} s") from None
        return self.got

    async def take(self, request: web.Request) -> web.Response:
        """Take a request."""
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        try:
            body = await request.read()
            self.got.append(Received(request.method, request.path, CIMultiDict(request.headers), body))
            self._news.set()
            if self.hangs:
                await asyncio.Event().wait()
            status = self.statuses.pop(0) if self.statuses else self.usual
            return web.Response(status=status, headers={"Location": "/elsewhere"}, text="an answer")
        finally:
            self._open -= 1


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[Receiver]:
    """Serve a receiver, at its former port if it had one."""
    app = web.Application(client_max_size=20_000_000)
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", receiver.port, reuse_address=True).start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        await runner.cleanup()
