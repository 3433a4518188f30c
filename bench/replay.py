"""How fast a month of eight cameras, each with ten minutes of activity a day at 5 fps, is decided again.

The cameras' days are decided once by the product's own decider and written by its own writer, boxes, journal
and snapshots included; then ``replay`` decides all of it again, a process for each core, and compares it all.
A few days are measured and scaled up to the month (``scaled_by``); ``REPLAY_DAYS=30`` measures all of it. The
floor reads and unpacks the same rows in as many processes, and decides nothing.

Activity is drawn, with misses, jitter and wrong labels: a person who comes and goes, half the time a second
object, and a fifth of the frames without any; every visit crosses a line and a zone, under four rules.
"""

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from appliance.commit.event_writer import Step
from appliance.decisions.decider import Decider
from appliance.decisions.frozen import freeze
from appliance.decisions.setup import House, Setup
from appliance.decisions.start import Start
from appliance.domain.alert import Rule
from appliance.domain.detection import Detections
from appliance.domain.ids import CameraId, RuleId
from appliance.domain.scene import Line, LineId, Scene, Zone, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.replay.archive import Archive
from appliance.replay.crew import Wanted, replay
from appliance.replay.verdict import judge
from appliance.runtime.clock import SystemClock
from appliance.store.boxes import StoredFrame, as_stored, found_in
from appliance.store.engine import DATABASE, Store
from appliance.store.journal import Entry, EntryKind, Snapshot, code_version
from appliance.store.pipeline import detection_row
from appliance.store.settings import StoreSettings
from bench.report import median, progress, result

CAMERAS = tuple(CameraId(f"camera-{number}") for number in range(8))
MONTH_DAYS = 30
DAYS = int(os.environ.get("REPLAY_DAYS", "2"))
PAIRS = 3
ACTIVE_S = 600
FPS = 5
VISIT_S = 20.0
VISITS = round(ACTIVE_S / VISIT_S)
LIMIT_S = 60.0
"""What the month may take."""
FIRST_US = WallUs(1_790_000_000 * US_PER_S)
DAY_US = 86_400 * US_PER_S
TICK_US = 500_000
"""How long after something was due the service looks, on average."""
TICKS = Fraction(1, 90_000)
SCENE = Scene(
    zones=(Zone(ZoneId("drive"), "Drive", ((0.2, 0.3), (0.8, 0.3), (0.8, 1.0), (0.2, 1.0))),),
    lines=(Line(LineId("gate"), "Gate", (0.5, 0.2), (0.5, 1.0)),),
)
RULES = (
    Rule(RuleId("r1"), "People", labels=frozenset({"person"}), cooldown_s=60.0),
    Rule(RuleId("r2"), "Grave", min_severity=Severity.MEDIUM),
    Rule(RuleId("r3"), "Drive", zones=frozenset({ZoneId("drive")}), min_dwell_s=5.0),
    Rule(RuleId("r4"), "Gate", lines=frozenset({LineId("gate")})),
)


def frames(camera: CameraId, day: int) -> Iterator[Detections]:
    """Yield what a detector finds on one day of a camera: visits, spread over the day."""
    draw = random.Random(f"{camera} {day}")
    for visit in range(VISITS):
        begin_us = FIRST_US + day * DAY_US + round((visit + draw.random() * 0.5) * DAY_US / VISITS)
        has_company = draw.random() < 0.5
        for index in range(round(VISIT_S * FPS)):
            at_us = WallUs(begin_us + index * US_PER_S // FPS)
            yield _frame(camera, at_us, index / (VISIT_S * FPS), draw, has_company)


def _frame(camera: CameraId, at_us: WallUs, way: float, draw: random.Random, has_company: bool) -> Detections:
    boxes, labels, scores = [], [], []
    for label, start, speed in (("person", 0.05, 0.8), ("car", 0.85, -0.7))[: 1 + has_company]:
        if way > 0.8 or draw.random() < 0.05:
            continue
        left, top = start + speed * way + draw.gauss(0, 0.002), 0.4 + draw.gauss(0, 0.002)
        boxes.append((left, top, left + 0.1, top + 0.3))
        labels.append(label if draw.random() < 0.95 else "dog")
        scores.append(min(max(draw.gauss(0.75, 0.08), 0.35), 0.99))
    size = np.array([1280, 720] * 2)
    return Detections(
        *(camera, at_us, MediaTime(0, TICKS), MonotonicNs(0), 1280, 720),
        np.array(np.array(boxes, np.float64).reshape(-1, 4) * size, np.float32),
        np.array(scores, np.float32),
        tuple(labels),
    )


def fill(data: Path) -> None:
    """Decide on the days as the service does, and write what it writes, but for the outbox."""
    with Store(data, SystemClock(), StoreSettings()) as store:
        with store.writer.begin() as connection:
            triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in triggers.fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for camera in CAMERAS:
            setup = Setup(camera, camera.title(), SCENE, house=House(RULES))
            decider = Decider(setup, Start(FIRST_US, f"seed of {camera}"))
            frame_us = WallUs(0)
            for day in range(DAYS):
                with store.writer.begin() as connection:
                    _keep(connection, decider, frame_us, WallUs(FIRST_US + day * DAY_US))
                    frame_us = _live(connection, decider, camera, day)
            progress(f"{camera}: {DAYS * ACTIVE_S * FPS} frames are stored")


def _keep(connection: Connection, decider: Decider, frame_us: WallUs, at_us: WallUs) -> None:
    state, setup = decider.snapshot(), freeze(decider.setup)
    camera = decider.setup.camera_id
    is_start = at_us == FIRST_US
    kept = Snapshot(camera, frame_us, at_us, code_version(), setup, state, is_start)
    Step((), snapshot=kept)(connection)


def _live(connection: Connection, decider: Decider, camera: CameraId, day: int) -> WallUs:
    """Decide on one day and write it; return the time of its last frame."""
    frame_us = WallUs(0)
    for seen in frames(camera, day):
        due_us = decider.due_us
        while due_us is not None and due_us + TICK_US <= seen.wall_us:
            at_us = WallUs(due_us + TICK_US)
            Step(decider.tick(at_us), entry=Entry(camera, frame_us, at_us, EntryKind.TICK))(connection)
            due_us = decider.due_us
        decided = decider.frame(as_stored(seen))
        Step(decided.changes, detection_row(decided.tracked))(connection)
        frame_us = seen.wall_us
    return frame_us


def again(data: Path, to_us: WallUs, cores: int) -> tuple[float, int, int]:
    """Decide on everything before ``to_us`` again and compare it; return seconds, frames and events."""
    started = time.monotonic_ns()
    repeated = replay(Wanted(data, CAMERAS, FIRST_US, to_us), cores)
    with Archive(data) as archive:
        verdict = judge(archive, repeated, FIRST_US, to_us)
    if verdict.found:
        raise SystemExit(f"what was decided again is another thing: {verdict.sentence}")
    return (time.monotonic_ns() - started) / 1e9, verdict.frames, verdict.events


def read(data: Path, camera: CameraId) -> int:
    """Read and unpack a camera's frames, as the replay does; return how many they are."""
    with Archive(data) as archive:
        rows = archive.between(camera, archive.marks(camera)[0], None)
        return sum(len(found_in(row)) >= 0 for row in rows if isinstance(row, StoredFrame))


def floor(data: Path, cores: int) -> float:
    """Return the seconds that reading and unpacking alone take."""
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(read, [data] * cores, CAMERAS[:cores]))  # the processes have started, and know the way
        started = time.monotonic_ns()
        list(pool.map(read, [data] * len(CAMERAS), CAMERAS))
        return (time.monotonic_ns() - started) / 1e9


def megabytes(data: Path) -> float:
    """Return what the database takes, frames and all that was made of them."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (data / DATABASE).stat().st_size / 1e6


def main() -> None:
    """Measure pairs: ours, then the floor."""
    cores = len(os.sched_getaffinity(0))
    month = MONTH_DAYS / DAYS
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        fill(data)
        size = megabytes(data)
        ours: list[float] = []
        floors: list[float] = []
        for pair in range(PAIRS):
            begin_s, _, _ = again(data, WallUs(FIRST_US + 1), cores)
            taken_s, count, events = again(data, WallUs(FIRST_US + DAYS * DAY_US), cores)
            # What it takes to start the processes does not grow with the time that they decide on.
            ours.append(begin_s + (taken_s - begin_s) * month)
            floors.append(floor(data, cores) * month)
            progress(f"pair {pair + 1}: {taken_s:.1f} s for {count} frames, {begin_s:.1f} s of it to begin")
    seconds = median(ours)
    figures: dict[str, object] = {
        "frames_per_s": round(count * month / seconds),
        "frames": round(count * month),
        "events": round(events * month),
        "days_measured": DAYS,
        "scaled_by": month,
        "cores": cores,
        "mb_per_camera_day": round(size / (len(CAMERAS) * DAYS), 3),
        "spread": [round(min(ours), 1), round(max(ours), 1)],
    }
    result("replay", seconds, "s for 30 days of 8 cameras", median(floors), seconds / LIMIT_S, figures)


if __name__ == "__main__":
    main()
