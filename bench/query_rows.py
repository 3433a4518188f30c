"""A database as a busy box has it after a year: a million events, two million frames, a month of footage.

The same seed makes the same rows. They are written by ``sqlite3`` itself, without triggers and with the
indexes made afterwards, since how fast they come is not what is measured. Schema and indexes are the
product's.
"""

import itertools
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from appliance.runtime.clock import SystemClock
from appliance.store.boxes import BOX, STEPS
from appliance.store.engine import DATABASE, Store
from appliance.store.migrate import newest_revision
from appliance.store.settings import StoreSettings
from bench.report import progress

EVENTS = 1_000_000
DETECTIONS = 2_000_000
CAMERAS = ("front", "yard", "garage", "drive", "shop", "till", "store", "lane")
CAMERA_SHARES = (0.3, 0.2, 0.15, 0.15, 0.1, 0.05, 0.04, 0.01)
LABELS = ("person", "car", "dog", "cat", "truck", "bicycle", "bird", "bear")
LABEL_SHARES = (0.45, 0.35, 0.08, 0.06, 0.03, 0.02, 0.0098, 0.0002)
ZONES = ("street", "drive", "gate", "shed")
ZONE_SHARES = (0.5, 0.2, 0.02, 0.0002)
"""The part of the events that were in each; many were in several."""
SEVERITY_SHARES = (0.70, 0.22, 0.07, 0.01)
END_US = 1_790_000_000_000_000
DAY_US = 86_400_000_000
YEAR_DAYS = 365
MONTH_DAYS = 30
MINUTE_US = 60_000_000
FRAME_US = 200_000
EVENTS_OF_A_BATCH = 5
PORTION = 50_000
FILLED = "bench_query_filled_with_zones"
"""The key of ``meta`` that says the rows are whole, with the schema that they were made for."""

EVENT = (
    "INSERT INTO events (id, visit_id, batch_id, camera_id, track_id, state, label, started_us, "
    "last_seen_us, ended_us, score, box, risk_score, severity, risk_factors, summary, picture, reviewed, "
    "zones) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
EVENT_ZONES = (
    "INSERT INTO event_zones "
    "SELECT value, camera_id, label, severity, reviewed, state, started_us, events.id "
    "FROM events, json_each(events.zones) ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
)
"""As the trigger does it."""
BATCH = (
    "INSERT INTO batches (id, chain_id, camera_id, state, started_us, ended_us, severity, event_count, "
    "summary) VALUES (?, ?, ?, 'completed', ?, ?, 1, ?, ?)"
)
DETECTION = (
    "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes, model_id) "
    "VALUES (?, ?, 640, 360, ?, ?, 1)"
)
SEGMENT = (
    "INSERT INTO segments (id, camera_id, volume_id, path, start_us, end_us, size, sha256, codecs, width, "
    "height, state, has_motion, is_protected, keep_class, kept_from_us) "
    "VALUES (?, ?, 'hot', ?, ?, ?, 15000000, ?, 'avc1.64001f', 1920, 1080, 'closed', ?, ?, ?, ?)"
)
GAP = "INSERT INTO gaps (camera_id, start_us, end_us, cause) VALUES (?, ?, ?, ?)"
FACTORS = (
    '[{"name":"label","points":35,"detail":"a person"},{"name":"night","points":20,'
    '"detail":"between 22 and 6"},{"name":"duration","points":10,"detail":"stayed for 40 s"}]'
)
BOX_TEXT = "[0.4121,0.2333,0.5212,0.8125]"


class Drawn:
    """The events' columns, drawn once; what has to do with an event looks here."""

    def __init__(self, count: int) -> None:
        draw = np.random.default_rng(7)
        span_us = YEAR_DAYS * DAY_US
        self.started = np.sort(draw.integers(END_US - span_us, END_US - MINUTE_US, count))
        self.camera = draw.choice(len(CAMERAS), count, p=CAMERA_SHARES)
        self.label = draw.choice(len(LABELS), count, p=LABEL_SHARES)
        self.severity = draw.choice(4, count, p=SEVERITY_SHARES)
        self.lasts = draw.integers(2_000_000, 12_000_000, count)
        old = self.started < END_US - MONTH_DAYS * DAY_US
        self.reviewed = np.where(old, draw.random(count) < 0.98, draw.random(count) < 0.5)
        self.random = draw.integers(0, 1 << 48, count)
        self.zones = draw.random((count, len(ZONES))) < ZONE_SHARES

    def id(self, index: int) -> str:
        """Return the id of one event, which sorts by time as the product's own do."""
        return f"{int(self.started[index]) // 1000:012x}{int(self.random[index]):012x}"


def fill(data_dir: Path) -> None:
    """Make the database in that folder, or leave it as it is when it is whole already."""
    if is_filled(data_dir):
        progress("the database is there already")
        return
    with Store(data_dir, SystemClock(), StoreSettings()):
        pass
    connection = sqlite3.connect(data_dir / DATABASE, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    drawn = Drawn(EVENTS)
    _cameras(connection)
    _write(connection, "batches", BATCH, _batches(drawn), EVENTS // EVENTS_OF_A_BATCH)
    _write(connection, "events", EVENT, _events(drawn), EVENTS)
    connection.execute(EVENT_ZONES)
    _write(connection, "detections", DETECTION, _detections(drawn), DETECTIONS)
    _write(connection, "segments", SEGMENT, _segments(), len(CAMERAS) * MONTH_DAYS * 1440)
    _write(connection, "gaps", GAP, _gaps(), len(CAMERAS) * MONTH_DAYS)
    for name, sql in indexes:
        progress(f"index {name}")
        connection.execute(sql)
    connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (FILLED, newest_revision()))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def is_filled(data_dir: Path) -> bool:
    """Return whether the folder has the rows, in the present schema."""
    if not (data_dir / DATABASE).exists():
        return False
    connection = sqlite3.connect(data_dir / DATABASE)
    try:
        found = connection.execute("SELECT value FROM meta WHERE key = ?", (FILLED,)).fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return bool(found == (newest_revision(),))


def _write(
    connection: sqlite3.Connection, name: str, statement: str, rows: Iterator[tuple[object, ...]], whole: int
) -> None:
    done = 0
    while portion := list(itertools.islice(rows, PORTION)):
        connection.execute("BEGIN")
        connection.executemany(statement, portion)
        connection.execute("COMMIT")
        done += len(portion)
        if done % (5 * PORTION) == 0 or done == whole:
            progress(f"{name}: {done:,} of {whole:,}")


def _cameras(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO cameras (id, name, url, status, created_us) VALUES (?, ?, 'demo:', 'online', ?)",
        [(camera, camera.title(), END_US - YEAR_DAYS * DAY_US + i) for i, camera in enumerate(CAMERAS)],
    )
    connection.execute("INSERT INTO volumes (id, path, created_us) VALUES ('hot', '/mnt/footage', 0)")


def _batch_id(drawn: Drawn, index: int) -> str:
    first = index - index % EVENTS_OF_A_BATCH
    return drawn.id(first)[:-1] + "b"


def _batches(drawn: Drawn) -> Iterator[tuple[object, ...]]:
    for first in range(0, len(drawn.started), EVENTS_OF_A_BATCH):
        id_, began = _batch_id(drawn, first), int(drawn.started[first])
        camera = CAMERAS[drawn.camera[first]]
        yield id_, id_, camera, began, began + MINUTE_US, EVENTS_OF_A_BATCH, "2 persons and a car at the door"


def _events(drawn: Drawn) -> Iterator[tuple[object, ...]]:
    for index in range(len(drawn.started)):
        id_, began = drawn.id(index), int(drawn.started[index])
        ended = began + int(drawn.lasts[index])
        severity, label = int(drawn.severity[index]), LABELS[drawn.label[index]]
        camera = CAMERAS[drawn.camera[index]]
        state = "interrupted" if index % 997 == 0 else "ended"
        yield (
            *(id_, id_, _batch_id(drawn, index), camera, index, state, label, began, ended, ended, 0.8125),
            *(BOX_TEXT, (15, 45, 72, 90)[severity], severity, FACTORS, f"1 {label} at {camera.title()}"),
            *(f"{id_}-1.jpg", int(drawn.reviewed[index]), _zones(drawn, index)),
        )


def _zones(drawn: Drawn, index: int) -> str:
    return json.dumps([zone for zone, was_in in zip(ZONES, drawn.zones[index], strict=True) if was_in])


def _detections(drawn: Drawn) -> Iterator[tuple[object, ...]]:
    """Yield five frames a second of the newest events, from the oldest of these on."""
    frames = drawn.lasts // FRAME_US
    newest_first = np.cumsum(frames[::-1])
    many = int(np.searchsorted(newest_first, DETECTIONS)) + 1
    record = np.zeros(2, BOX)
    record["unit"] = np.rint(np.array([(100, 60, 180, 300), (300, 80, 400, 320)]) / ((640, 360) * 2) * STEPS)
    record["score"] = 0.8125 * STEPS, 0.75 * STEPS
    left = DETECTIONS
    for index in range(len(frames) - many, len(frames)):
        record["track_id"] = index, 0
        label, camera = f'["{LABELS[drawn.label[index]]}"]', CAMERAS[drawn.camera[index]]
        packed, began = record.tobytes(), int(drawn.started[index])
        for number in range(min(left, int(frames[index]))):
            yield camera, began + number * FRAME_US, label, packed
        left -= min(left, int(frames[index]))


def _segments() -> Iterator[tuple[object, ...]]:
    """Yield a month of minutes of each camera, with the holes of ``_gaps``."""
    draw = np.random.default_rng(8)
    first = END_US - MONTH_DAYS * DAY_US
    motion = draw.random((MONTH_DAYS * 1440, len(CAMERAS))) < 0.3
    for minute in range(MONTH_DAYS * 1440):
        began = first + minute * MINUTE_US
        if minute % 1440 < 10:
            continue
        for number, camera in enumerate(CAMERAS):
            moves = int(motion[minute, number])
            id_ = f"{began // 1000 + number:012x}{minute * 8 + number:012x}"
            yield (
                *(id_, camera, f"{camera}/2026-09-21/{id_}.mp4", began, began + MINUTE_US, f"{minute:064x}"),
                *(moves, int(minute % 1000 == 11), "motion" if moves else "continuous", began),
            )


def _gaps() -> Iterator[tuple[object, ...]]:
    """Yield ten minutes a day that each camera was away."""
    first = END_US - MONTH_DAYS * DAY_US
    for day in range(MONTH_DAYS):
        for camera in CAMERAS:
            began = first + day * DAY_US
            yield camera, began, began + 10 * MINUTE_US, "camera_down" if day % 3 else "service_down"
