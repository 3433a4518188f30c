"""The appliance in a process of its own, as its owner starts it, and clients of its API and WebSocket."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.support.listener import Json, Listener

URL = re.compile(rb"(https?)://[^\s/]+:(\d+)\n")
START_S = 30.0
STOP_S = 10.0


class Server:
    """A running ``nightjar run``.

    Attributes:
        url: where its page is.
        data: its data directory.
        process: the process; tests may kill it.
        output: everything that it has printed so far, its log included.
    """

    def __init__(self, process: asyncio.subprocess.Process, http: ClientSession, data: Path) -> None:
        self.process = process
        self.data = data
        self.url = ""
        self.output = bytearray()
        self._http = http
        self._greeted = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def greeted(self) -> None:
        """Wait until it has printed its address and answers.

        Raises:
            AssertionError: it ended instead, or took too long; the message has its output.
        """
        ended = asyncio.create_task(self.process.wait())
        hello = asyncio.create_task(self._greeted.wait())
        await asyncio.wait({ended, hello}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, hello):
            task.cancel()
        assert self.url, f"the server did not start:\n{self.output.decode()}"

    async def get(self, path: str, **query: str) -> Any:
        """Return the JSON that a path of the API answers with; any error status fails the test."""
        async with self._http.get(f"{self.url}/api/v1/{path}", params=query) as answer:
            body = await answer.text()
            assert answer.status == 200, f"{path}: {answer.status} {body}"
            return json.loads(body)

    async def every(self, path: str, **query: str) -> list[Json]:
        """Return the items of a list, of all its pages."""
        items: list[Json] = []
        page: dict[str, str] = {}
        while True:
            answer = await self.get(path, limit="500", **query, **page)
            items += answer["items"]
            if answer["next"] is None:
                return items
            page = {"page": answer["next"]}

    async def until(self, path: str, within_s: float, **query: str) -> Json:
        """Wait until a list has an item, and return its first one.

        Raises:
            AssertionError: it has none in time.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        while not (items := (await self.get(path, **query))["items"]):
            assert asyncio.get_running_loop().time() < deadline, f"{path} {query}: nothing in {within_s} s"
            await asyncio.sleep(0.2)
        first: Json = items[0]
        return first

    async def text(self, path: str) -> str:
        """Return what a path outside of the API answers with, such as ``metrics``."""
        async with self._http.get(f"{self.url}/{path}") as answer:
            return await answer.text()

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request and return the status and the JSON of its answer, if any."""
        async with self._http.request(method, f"{self.url}/api/v1/{path}", json=body) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    @asynccontextmanager
    async def socket(self, query: str = "") -> AsyncIterator[ClientWebSocketResponse]:
        """Connect to the WebSocket; ``query`` may subscribe at once."""
        async with self._http.ws_connect(f"{self.url}/api/v1/ws{query}", max_msg_size=0) as socket:
            yield socket

    @asynccontextmanager
    async def listener(self, channels: str) -> AsyncIterator[Listener]:
        """Follow these channels from the first message that the database holds."""
        async with self.socket(f"?channels={channels}&after=0") as socket:
            listener = Listener(socket)
            try:
                yield listener
            finally:
                await listener.close()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it with its children, as a terminal's Ctrl-C does unless another signal is named.

        Returns its exit status.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        return await self._ended()

    async def kill(self) -> None:
        """End it at once, and it alone: its worker has to notice by itself."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self._ended()

    async def _ended(self) -> int:
        async with asyncio.timeout(STOP_S):
            status = await self.process.wait()
            await self._reading
        return status

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.output += line
            if not self.url and (found := URL.search(line)):
                self.url = f"{found[1].decode()}://127.0.0.1:{found[2].decode()}"
                self._greeted.set()


@asynccontextmanager
async def nightjar(
    data: Path,
    config: str = "",
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    wrapper: Sequence[str] = (),
) -> AsyncIterator[Server]:
    """Run the appliance on a free port until the block ends; then it is stopped as by Ctrl-C.

    Args:
        data: the data directory.
        config: TOML text; written beside the data directory.
        arguments: further arguments of ``nightjar run``.
        environment: variables added to the test's own.
        wrapper: a command that replaces itself by the one given as its further arguments.
    """
    file = data.with_name(f"{data.name}.toml")
    file.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "appliance", "run", "--config", str(file), "--data", str(data)]
    process = await asyncio.create_subprocess_exec(
        *(*wrapper, *command, "--port", "0", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
        process_group=0,
    )
    async with ClientSession() as http:
        server = Server(process, http, data)
        try:
            await server.greeted()
            yield server
        finally:
            if process.returncode is None:
                await server.stop()


async def nightjar_command(
    *arguments: str, limit_s: float = 60.0, wrapper: Sequence[str] = ()
) -> tuple[int, str]:
    """Run another command, or a ``run`` that must fail, to its end; return its exit status and its output."""
    process = await asyncio.create_subprocess_exec(
        *(*wrapper, sys.executable, "-m", "appliance", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, output.decode()
