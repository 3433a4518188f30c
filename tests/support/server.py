"""The real appliance in a process of its own, as its owner starts it, and clients of its API and WebSocket."""

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

Json = dict[str, Any]

URL = re.compile(rb"(http://127\.0\.0\.1:\d+)")
START_S = 30.0
STOP_S = 10.0


class Server:
    """A running ``nightjar run``.

    Attributes:
        url: where its page is.
        process: the process; tests may kill it.
        output: everything that it has printed so far, its log included.
    """

    def __init__(self, process: asyncio.subprocess.Process, http: ClientSession) -> None:
        self.process = process
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

    async def stop(self) -> int:
        """End it as Ctrl-C does and return its exit status."""
        return await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """End it as a power cut does."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        async with asyncio.timeout(STOP_S):
            status = await self.process.wait()
            await self._reading
        return status

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.output += line
            if not self.url and (found := URL.search(line)):
                self.url = found[1].decode()
                self._greeted.set()


@asynccontextmanager
async def nightjar(
    data: Path,
    config: str = "",
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Server]:
    """Run the appliance on a free port until the block ends; then it is stopped as by Ctrl-C.

    Args:
        data: the data directory.
        config: TOML text; written beside the data directory.
        arguments: further arguments of ``nightjar run``.
    """
    file = data.with_name(f"{data.name}.toml")
    file.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "appliance", "run", "--config", str(file), "--data", str(data)]
    process = await asyncio.create_subprocess_exec(
        *(*command, "--port", "0", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    async with ClientSession() as http:
        server = Server(process, http)
        try:
            await server.greeted()
            yield server
        finally:
            if process.returncode is None:
                await server.stop()
