"""Kill a server at random moments while a client follows, and compare what was heard with what is stored."""

import asyncio
import contextlib
import json
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, WSMsgType

from appliance.store.check import check
from appliance.store.engine import DATABASE
from appliance.store.times import us_of_iso
from tests.support.crash_server import NEVER
from tests.support.source import ROOT

START_S = 30.0
CHANNELS = "events,detections,alerts,system"


@dataclass
class Heard:
    """What a client has heard, in order; it fails at once when something is missing or comes twice."""

    epoch: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cursor(self) -> int:
        """The last cursor that was heard."""
        return len(self.messages)

    async def follow(self, http: ClientSession, port: int) -> None:
        """Hear everything from where the last connection broke off, until this one breaks."""
        resume = f"&epoch={self.epoch}" if self.epoch else ""
        query = f"?channels={CHANNELS}&after={self.cursor}{resume}"
        with contextlib.suppress(ClientConnectionError):
            url = f"http://127.0.0.1:{port}/api/v1/ws{query}"
            async with http.ws_connect(url, max_msg_size=0) as socket:
                async for message in socket:
                    assert message.type is WSMsgType.TEXT
                    self._hear(json.loads(message.data))

    def _hear(self, said: dict[str, Any]) -> None:
        if said["type"] == "hello":
            assert self.epoch in {"", said["epoch"]}, "the database has another epoch than before the kill"
            self.epoch = said["epoch"]
        elif said["type"] == "subscribed":
            assert said["cursor"] == self.cursor, said
        else:
            assert said.get("cursor") == self.cursor + 1, f"after {self.cursor} came {said}"
            self.messages.append(said)
            self._more.set()

    async def until(self, cursor: int) -> None:
        """Wait until everything up to that cursor was heard."""
        while self.cursor < cursor:
            self._more.clear()
            await self._more.wait()


@dataclass
class Life:
    """One run of the server.

    Attributes:
        acks: the cursor and mark of each unit that was acknowledged, as far as the line was whole.
    """

    process: asyncio.subprocess.Process
    acks: list[tuple[int, str]] = field(default_factory=list)

    async def port(self) -> int:
        """Wait until it serves and return its port.

        Raises:
            AssertionError: it ended instead.
        """
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self.process.stdout.readline()
        assert line.endswith(b"\n"), "the server ended before it served"
        return int(json.loads(line)["port"])

    async def read_acks(self) -> None:
        """Collect what it acknowledges until its load or itself has ended; a torn line counts for nothing."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.endswith(b"\n"):
                self.acks.append(tuple(json.loads(line)))
                if not self.acks[-1][1]:
                    return

    async def kill(self) -> None:
        """End it as a power cut ends a process."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def life(data_dir: Path, seed: int) -> AsyncIterator[Life]:
    """Start the server; whatever is left of it at the end is killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.crash_server", str(data_dir), str(seed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        limit=1 << 20,
    )
    running = Life(process)
    try:
        yield running
    finally:
        await running.kill()


@dataclass
class Stored:
    """One outbox row and, if it refers to one, the detection."""

    cursor: int
    type: str
    data: Any
    detection: tuple[int, str, int, str] | None

    def carries(self, mark: str) -> bool:
        """Return whether the mark is in what this row says."""
        return mark in (json.dumps(self.data) if self.detection is None else self.detection[3])

    def is_said_by(self, message: dict[str, Any]) -> bool:
        """Return whether a message says what is stored, and nothing else."""
        if message["type"] != self.type:
            return False
        if self.detection is None:
            return bool(message["data"] == self.data)
        detection_id, camera_id, at_us, _ = self.detection
        said = message["data"]
        same_ms = abs(us_of_iso(said["at"]) - at_us) <= 500
        return said["id"] == detection_id and said["camera_id"] == camera_id and same_ms


def stored(data_dir: Path) -> list[Stored]:
    """Read the outbox of a database at rest, with Python's own ``sqlite3``."""
    with closing(sqlite3.connect(f"file:{data_dir / DATABASE}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT o.cursor, o.type, o.data, o.detection_id, d.camera_id, d.at_us, d.labels "
            "FROM outbox AS o LEFT JOIN detections AS d ON d.id = o.detection_id ORDER BY o.cursor"
        ).fetchall()
    return [
        Stored(
            cursor,
            message_type,
            None if data is None else json.loads(data),
            None if detection_id is None else (detection_id, *detection),
        )
        for cursor, message_type, data, detection_id, *detection in rows
    ]


@dataclass
class Campaign:
    """Many lives of a server on one data directory, each but the last ended by SIGKILL.

    Attributes:
        heard: by the one client that follows through all of them.
        acks: of all lives.
    """

    data_dir: Path
    rng: random.Random
    heard: Heard = field(default_factory=Heard)
    acks: list[tuple[int, str]] = field(default_factory=list)
    lives: int = 0

    async def run(self, kills: int, say: Callable[["Campaign"], None] = lambda _: None) -> None:
        """Kill that often, and look after each; then let a last life end by itself, and look again."""
        async with ClientSession() as http:
            for _ in range(kills):
                await self._killed(http)
                self.compare()
                say(self)
            await self._last(http)
        rows = self.compare()
        assert self.heard.cursor == len(rows), "the client did not hear everything in the end"

    def compare(self) -> list[Stored]:
        """Fail if what was heard or acknowledged is not what is stored, or if any invariant is broken."""
        assert check(self.data_dir) == []
        rows = stored(self.data_dir)
        assert [row.cursor for row in rows] == list(range(1, len(rows) + 1))
        assert self.heard.cursor <= len(rows), "something was said that is not in the database"
        for row, message in zip(rows, self.heard.messages, strict=False):
            assert row.is_said_by(message), (row, message)
        for cursor, mark in self.acks:
            assert cursor <= len(rows), f"acknowledged and lost: {mark}"
            assert rows[cursor - 1].carries(mark), (rows[cursor - 1], mark)
        assert not any(row.carries(NEVER) for row in rows), "a unit that was rolled back was said"
        return rows

    async def _killed(self, http: ClientSession) -> None:
        """Live for a moment: one life in five does not even get so far as to serve."""
        self.lives += 1
        async with life(self.data_dir, self.rng.randrange(1 << 30)) as running:
            if self.lives > 1 and self.rng.random() < 0.2:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(running.process.wait(), self.rng.uniform(0.0, 2.0))
                return
            port = await running.port()
            following = asyncio.create_task(self.heard.follow(http, port))
            reading = asyncio.create_task(running.read_acks())
            await asyncio.wait({following, reading}, timeout=self.rng.uniform(0.02, 0.7))
            assert not reading.done(), "the server ended by itself"
            await running.kill()
            await asyncio.gather(reading, following)
            self.acks += running.acks

    async def _last(self, http: ClientSession) -> None:
        """Start once more, write a little, and stop in order; then the client is told all that is stored."""
        async with life(self.data_dir, self.rng.randrange(1 << 30)) as running:
            port = await running.port()
            following = asyncio.create_task(self.heard.follow(http, port))
            reading = asyncio.create_task(running.read_acks())
            await asyncio.wait({following, reading}, timeout=0.3)
            assert running.process.stdin is not None
            running.process.stdin.write(b"stop\n")
            async with asyncio.timeout(START_S):
                await reading
                await self.heard.until(running.acks[-1][0])
                running.process.stdin.close()
                await following
                assert await running.process.wait() == 0
            self.acks += running.acks
