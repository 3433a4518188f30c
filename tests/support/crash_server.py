"""A server that only commits and says, for tests that kill it: ``python -m tests.support.crash_server``.

It runs the spine with its WebSocket and a load of some hundred units a second, and prints one JSON object
a line: first ``{"port": …}``, then ``[cursor, mark]`` for each unit, once its commit was acknowledged. The
cursor is that of the unit's last outbox row, and the mark is in that row. A line on its standard input ends
the load: then it prints ``[cursor, ""]``, the end of the log, and serves until its input is closed.
"""

import asyncio
import contextlib
import itertools
import json
import random
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import uvloop
from sqlalchemy import Connection

from appliance.commit.committer import Committer, Row
from appliance.domain.batch import Batch, BatchState
from appliance.domain.camera import CameraReport, CameraState
from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.ids import BatchId, CameraId, Cursor, EventId, TrackId, VisitId, new_id
from appliance.domain.severity import Severity
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.store import pipeline
from appliance.store.statements import delete_event
from tests.support.broadcast import box
from tests.support.rows import NOON_US, camera_row

CAMERAS = ("front", "yard", "gate")
NEVER = "never"
"""In the marks of units that are rolled back: nobody may ever hear it."""


class Undone(Exception):
    """What a unit raises that has written something and is to leave nothing."""


@dataclass(frozen=True, slots=True)
class Ack:
    """A unit that was acknowledged as durable."""

    cursor: Cursor
    mark: str


class Load:
    """What three cameras write: batches, events that change and end, frames, states, and units that fail.

    Args:
        say: called with each acknowledged unit.
        seed: of the order in which things happen.
    """

    def __init__(self, committer: Committer, say: Callable[[Ack], None], seed: int) -> None:
        self._committer = committer
        self._say = say
        self._rng = random.Random(seed)
        self._run = new_id(WallUs(NOON_US))
        self._numbers = itertools.count(1)

    async def run(self) -> None:
        """Write until the process is killed."""
        async with asyncio.TaskGroup() as tasks:
            for camera in CAMERAS:
                tasks.create_task(self._camera(CameraId(camera)))
                tasks.create_task(self._frames(CameraId(camera)))
            tasks.create_task(self._failures())

    async def _camera(self, camera: CameraId) -> None:
        while True:
            batch = self._batch(camera)
            await self._do(batch.summary, lambda c, b=batch: pipeline.save_batch(c, b))  # type: ignore[misc]
            for _ in range(self._rng.randint(1, 4)):
                await self._visit(camera, batch.id)
                await self._state(camera)
            done = replace(batch, state=BatchState.COMPLETED, ended_us=batch.started_us, summary=self._mark())
            await self._do(done.summary, lambda c, b=done: pipeline.save_batch(c, b))  # type: ignore[misc]

    async def _visit(self, camera: CameraId, batch_id: BatchId) -> None:
        event = self._event(camera, batch_id)
        await self._do(event.summary, lambda c: pipeline.open_event(c, event))
        for later in self._changes(event):
            await self._do(later.summary, lambda c, e=later: pipeline.update_event(c, e))  # type: ignore[misc]
        if self._rng.random() < 0.2:
            await self._do(event.id, lambda c: delete_event(c, event.id))

    async def _state(self, camera: CameraId) -> None:
        report = CameraReport(camera, self._rng.choice(list(CameraState)), self._mark())
        await self._do(report.reason, lambda c: pipeline.save_report(c, report, WallUs(NOON_US)))

    async def _frames(self, camera: CameraId) -> None:
        while True:
            number = next(self._numbers)
            row = pipeline.detection_row(self._frame(camera, number))
            self._committer.post_relaxed(Row(pipeline.add_detections, row))
            mark = f"box {next(self._numbers)} of {self._run}"
            await self._do(mark, Row(pipeline.add_detections, row._replace(labels=json.dumps([mark]))))

    async def _failures(self) -> None:
        while True:

            def undone(connection: Connection) -> None:
                connection.exec_driver_sql("UPDATE cameras SET status_reason = ?", (f"{NEVER} {self._run}",))
                raise Undone

            with contextlib.suppress(Undone):
                await self._committer.commit(undone)
                raise AssertionError("a unit that raised was said to be committed")

    async def _do(self, mark: str, work: Callable[[Connection], object]) -> None:
        def unit(connection: Connection) -> int:
            work(connection)
            newest = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
            return int(newest.scalar_one())

        self._say(Ack(Cursor(await self._committer.commit(unit)), mark))

    def _mark(self) -> str:
        return f"mark {next(self._numbers)} of {self._run}"

    def _batch(self, camera: CameraId) -> Batch:
        batch_id = BatchId(new_id(WallUs(NOON_US)))
        at = WallUs(NOON_US + next(self._numbers))
        return Batch(batch_id, batch_id, camera, BatchState.OPEN, at, None, Severity.LOW, 0, self._mark())

    def _event(self, camera: CameraId, batch_id: BatchId) -> Event:
        event_id, at = EventId(new_id(WallUs(NOON_US))), WallUs(NOON_US + next(self._numbers))
        return Event(
            *(event_id, VisitId(event_id), batch_id, camera, TrackId(1), EventState.OPEN, "person"),
            *(at, at, None, 0.5, (0.1, 0.1, 0.2, 0.4), 35),
            (RiskFactor("label", 35, "a person"),),
            self._mark(),
        )

    def _changes(self, event: Event) -> Iterator[Event]:
        for score in range(36, 36 + self._rng.randint(1, 5)):
            yield replace(event, risk_score=score, summary=self._mark())
        yield replace(event, state=EventState.ENDED, ended_us=event.last_seen_us, summary=self._mark())

    def _frame(self, camera: CameraId, number: int) -> TrackedDetections:
        n = self._rng.randint(0, 4)
        found = Detections(
            *(camera, WallUs(NOON_US + number), MediaTime(0, Fraction(1)), MonotonicNs(0), 640, 360),
            np.tile(np.array([10, 20, 110, 220], np.float32), (n, 1)),
            np.full(n, 0.875, np.float32),
            ("person",) * n,
        )
        return TrackedDetections(found, np.arange(n, dtype=np.int64))


def print_line(line: object) -> None:
    """Print one JSON object and flush it, so that a kill leaves whole lines."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def main(data_dir: Path, seed: int) -> None:
    """Serve and write until killed or told to stop."""
    async with box(data_dir) as running:
        spine = running.spine
        if (await spine.log.bounds()).newest == 0:
            await running.add(*(camera_row(name) for name in CAMERAS))
        print_line({"port": running.server.port})
        load = Load(spine.committer, lambda ack: print_line([ack.cursor, ack.mark]), seed)
        await until_line(load.run())
        await spine.committer.drain()
        print_line([(await spine.log.bounds()).newest, ""])
        await asyncio.to_thread(sys.stdin.read)


async def until_line(work: Coroutine[None, None, None]) -> None:
    """Do the work until a line comes on standard input."""
    working = asyncio.ensure_future(work)
    reading = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
    done, _ = await asyncio.wait({working, reading}, return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    if working in done:
        raise AssertionError("the load ended by itself")


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2])))
