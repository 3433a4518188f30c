"""Detection rows a second, and events a second, through the committer: durable, and said in the outbox.

The floor is Python's own ``sqlite3``: ``executemany`` of the same rows, in the same batches of 50, into the
same tables without triggers, one durable transaction a batch.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np
import uvloop

from appliance.commit.committer import Committer, Row, Unit
from appliance.commit.settings import CommitSettings
from appliance.domain.batch import Batch, BatchState
from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.ids import BatchId, CameraId, EventId, TrackId, VisitId, new_id
from appliance.domain.severity import Severity
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store import pipeline
from appliance.store.engine import DATABASE, Store
from appliance.store.pipeline import DetectionRow
from appliance.store.settings import StoreSettings
from bench.report import median, progress, result

PAIRS = 7
ROWS = 10_000
EVENTS = 2_000
BATCH = 50
OUTSTANDING = 4
"""Batches that are handed over and not durable yet; a group of the committer is one batch all the same."""
NOON_US = 1_790_000_000_000_000
BATCH_ID = BatchId("batch")

T = TypeVar("T")


def frames(count: int) -> list[TrackedDetections]:
    """Return analysed frames with three boxes each."""
    return [
        TrackedDetections(
            Detections(
                *(
                    CameraId("front"),
                    WallUs(NOON_US + i),
                    MediaTime(0, Fraction(1)),
                    MonotonicNs(0),
                    640,
                    360,
                ),
                np.array([[10, 20, 110, 220], [210, 20, 310, 220], [410, 20, 510, 220]], np.float32),
                np.array([0.9, 0.8, 0.7], np.float32),
                ("person", "person", "car"),
            ),
            np.array([1, 2, 3], np.int64),
        )
        for i in range(count)
    ]


def events(count: int) -> list[Event]:
    """Return new events."""
    return [event(WallUs(NOON_US + number)) for number in range(count)]


def event(at: WallUs) -> Event:
    """Return a new event."""
    key = new_id(at)
    return Event(
        id=EventId(key),
        visit_id=VisitId(key),
        batch_id=BATCH_ID,
        camera_id=CameraId("front"),
        track_id=TrackId(1),
        state=EventState.OPEN,
        label="person",
        started_us=at,
        last_seen_us=at,
        ended_us=None,
        score=0.5,
        box=(0.1, 0.1, 0.2, 0.4),
        risk_score=35,
        risk_factors=(RiskFactor("label", 35, "a person"),),
        summary="1 person at Front door",
    )


def batch() -> Batch:
    """Return the batch of all events."""
    at = WallUs(NOON_US)
    front = CameraId("front")
    return Batch(BATCH_ID, BATCH_ID, front, BatchState.OPEN, at, None, Severity.LOW, 0, "")


class Floor:
    """The same tables and settings, without triggers, written by ``sqlite3`` itself."""

    def __init__(self, data_dir: Path) -> None:
        with Store(data_dir, SystemClock(), StoreSettings()):
            pass
        self._connection = sqlite3.connect(data_dir / DATABASE, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        triggers = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for (name,) in triggers:
            self._connection.execute(f"DROP TRIGGER {name}")
        self._connection.execute(
            "INSERT INTO batches (id, chain_id, camera_id, started_us) VALUES (?, 'batch', 'front', 0)",
            (BATCH_ID,),
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def detections_per_s(self, rows: Sequence[tuple[object, ...]]) -> float:
        """Return rows a second of packed detections."""
        return self._per_s(
            "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )

    def events_per_s(self, rows: Sequence[tuple[object, ...]]) -> float:
        """Return rows a second of events."""
        return self._per_s(
            "INSERT INTO events (id, visit_id, batch_id, camera_id, track_id, state, label, started_us, "
            "last_seen_us, score, box, zones, risk_score, severity, risk_factors, summary) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _per_s(self, statement: str, rows: Sequence[tuple[object, ...]]) -> float:
        started = time.monotonic_ns()
        for first in range(0, len(rows), BATCH):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(statement, rows[first : first + BATCH])
            self._connection.execute("COMMIT")
        return len(rows) * 1e9 / (time.monotonic_ns() - started)


async def frames_per_s(committer: Committer, rows: list[DetectionRow]) -> float:
    """Return rows a second in units of a batch each: written, said in the outbox, and durable."""

    async def write(some: list[DetectionRow]) -> None:
        await committer.commit(lambda connection: pipeline.add_detections(connection, some))

    # One after the other: two units at once would share a commit, which the floor's batches do not.
    return await batches_per_s(write, rows, outstanding=1)


async def single_frames_per_s(committer: Committer, rows: list[DetectionRow]) -> float:
    """Return rows a second as cameras bring them, each a unit of its own."""

    async def write(some: list[DetectionRow]) -> None:
        for row in some[:-1]:
            committer.post_relaxed(Row(pipeline.add_detections, row))
        await committer.commit(Row(pipeline.add_detections, some[-1]))

    return await batches_per_s(write, rows)


async def events_per_s(committer: Committer, new: list[Event]) -> float:
    """Return events a second, each a unit of its own: written, said in the outbox, and durable."""

    async def write(some: list[Event]) -> None:
        for event in some[:-1]:
            committer.post(event_unit(event))
        await committer.commit(event_unit(some[-1]))

    return await batches_per_s(write, new)


def event_unit(event: Event) -> Unit[None]:
    """Return what the pipeline hands over for a new event, without its batch and alerts."""
    return lambda connection: pipeline.open_event(connection, event)


async def batches_per_s(
    write: Callable[[list[T]], Awaitable[None]], items: list[T], outstanding: int = OUTSTANDING
) -> float:
    """Return items a second when new ones come while others are being committed, as they do."""
    places = asyncio.Semaphore(outstanding)

    async def one(first: int) -> None:
        async with places:
            await write(items[first : first + BATCH])

    started = time.monotonic_ns()
    await asyncio.gather(*(one(first) for first in range(0, len(items), BATCH)))
    return len(items) * 1e9 / (time.monotonic_ns() - started)


def event_row(event: Event) -> tuple[object, ...]:
    """Return an event as the floor writes it."""
    factors = [{"name": f.name, "points": f.points, "detail": f.detail} for f in event.risk_factors]
    return (
        *(event.id, event.visit_id, event.batch_id, event.camera_id, event.track_id, event.state.value),
        *(event.label, event.started_us, event.last_seen_us, event.score, json.dumps(event.box), "[]"),
        *(event.risk_score, int(event.severity), json.dumps(factors), event.summary),
    )


@asynccontextmanager
async def committing(data_dir: Path) -> AsyncIterator[Committer]:
    """Run the committer on a new database."""
    clock, health = SystemClock(), Health()
    with Store(data_dir, clock, StoreSettings()) as store:
        async with (
            Committer(store.writer, clock, health, Metrics(), CommitSettings(group_units=BATCH)) as committer,
            Supervisor(clock, health) as parts,
        ):
            parts.start("committer", committer.run)
            yield committer


async def main() -> None:
    """Measure pairs: ours, then the floor."""
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor(Path(folder) / "floor")
        async with committing(Path(folder) / "ours") as committer:
            await committer.commit(lambda connection: pipeline.save_batch(connection, batch()))
            for pair in range(PAIRS):
                rows = [pipeline.detection_row(one) for one in frames(ROWS)]
                plain_rows = [row[:6] for row in rows]
                taken["frames"].append(await frames_per_s(committer, rows))
                taken["single frames"].append(await single_frames_per_s(committer, rows))
                taken["frames floor"].append(await asyncio.to_thread(floor.detections_per_s, plain_rows))
                new = events(EVENTS)
                taken["events"].append(await events_per_s(committer, new))
                plain = [event_row(one) for one in new]
                taken["events floor"].append(await asyncio.to_thread(floor.events_per_s, plain))
                progress(f"pair {pair + 1}: " + ", ".join(f"{k} {v[-1]:.0f}/s" for k, v in taken.items()))
        floor.close()
    tell(taken)


def tell(taken: dict[str, list[float]]) -> None:
    """Print the medians."""

    def ratio(ours: str, floor: str) -> float:
        return median([value / below for value, below in zip(taken[ours], taken[floor], strict=True)])

    figures: dict[str, object] = {
        "single_rows_per_s": round(median(taken["single frames"])),
        "single_rows_ratio": round(ratio("single frames", "frames floor"), 3),
        "events_per_s": round(median(taken["events"])),
        "events_floor_per_s": round(median(taken["events floor"])),
        "events_ratio": round(ratio("events", "events floor"), 3),
    }
    floor = median(taken["frames floor"])
    unit = "detection rows/s, 50 to a commit"
    result("commit", median(taken["frames"]), unit, floor, ratio("frames", "frames floor"), figures)


if __name__ == "__main__":
    uvloop.run(main())
