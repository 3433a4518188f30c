"""A server of chat completions, well or ill as a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


def completion(content: str) -> bytes:
    """Return the body of an answer with that text of the model's."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


def said(verdict: str = "harmless", summary: str = "Somebody brings a parcel.") -> bytes:
    """Return the body of an answer as it should be."""
    return completion(json.dumps({"verdict": verdict, "summary": summary}))


class ChatServer:
    """Answers each question alike, and knows what it was asked.

    Attributes:
        body: of its answers.
        status: of its answers.
        refuses_format: whether it knows no ``response_format`` and says so by 400.
        hangs: whether it answers nothing at all.
        at_once: the most questions that it had at the same time.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.body = said()
        self.status = 200
        self.refuses_format = False
        self.hangs = False
        self.at_once = 0
        self.port = 0
        self._open = 0
        self._news = asyncio.Event()

    @property
    def address(self) -> str:
        """What the owner gives."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def until(self, count: int, within_s: float = 15.0) -> list[dict[str, Any]]:
        """Wait until it was asked so often, and return all questions.

        Raises:
            AssertionError: it was not, in time.
        """
        try:
            async with asyncio.timeout(within_s):
                while len(self.asked) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{len(self.asked)} of {count} questions in {within_s} s") from None
        return self.asked

    async def take(self, request: web.Request) -> web.Response:
        """Take a question."""
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        try:
            question = await request.json()
            self.asked.append(question)
            self.headers.append(dict(request.headers))
            self.paths.append(request.path)
            self._news.set()
            if self.hangs:
                await asyncio.Event().wait()
            if self.refuses_format and "response_format" in question:
                return web.Response(status=400, text="unknown parameter: response_format")
            headers = {"Location": "/elsewhere"} if 300 <= self.status < 400 else {}
            return web.Response(status=self.status, body=self.body, headers=headers)
        finally:
            self._open -= 1


@asynccontextmanager
async def chatting() -> AsyncIterator[ChatServer]:
    """Run such a server."""
    server = ChatServer()
    app = web.Application(client_max_size=20_000_000)
    app.router.add_route("*", "/{path:.*}", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.port = runner.addresses[0][1]
        yield server
    finally:
        await runner.cleanup()
