"""Samples: a row a minute with how the box was doing, read back in buckets for charts."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from appliance.domain.time import WallUs

FIGURES = (
    "cpu_percent",
    "memory_percent",
    "gpu_percent",
    "gpu_memory_percent",
    "gpu_temperature_c",
    "disk_free_bytes",
    "footage_bytes",
    "detections_per_s",
    "frames_dropped",
    "commit_p99_ms",
    "cameras_online",
)
"""The columns that can be charted, in the order of ``Sample``."""


class Sample(NamedTuple):
    """How the box was doing in the minute that ended then; ``None`` is what was not known.

    Attributes:
        detections_per_s: frames that the detector looked at in a second.
        frames_dropped: in this minute; frames that it should have looked at and did not.
    """

    at_us: WallUs
    cpu_percent: float | None = None
    memory_percent: float | None = None
    gpu_percent: float | None = None
    gpu_memory_percent: float | None = None
    gpu_temperature_c: float | None = None
    disk_free_bytes: int | None = None
    footage_bytes: int | None = None
    detections_per_s: float | None = None
    frames_dropped: int | None = None
    commit_p99_ms: float | None = None
    cameras_online: int | None = None


class Bucket(NamedTuple):
    """A figure in a part of the time: ``place`` counts the parts from 0."""

    place: int
    least: float
    mean: float
    most: float


_COLUMNS = ", ".join(("at_us", *FIGURES))
_INSERT = (
    f"INSERT INTO samples ({_COLUMNS}) VALUES ({', '.join('?' * (len(FIGURES) + 1))}) "  # noqa: S608 - constants
    "ON CONFLICT (at_us) DO NOTHING"
)
_BUCKETS = (
    "SELECT (at_us - ?) / ? AS bucket, "  # noqa: S608 - constants
    + ", ".join(f"min({name}), avg({name}), max({name})" for name in FIGURES)
    + " FROM samples WHERE at_us >= ? AND at_us < ? GROUP BY bucket ORDER BY bucket"
)


def add(connection: Connection, sample: Sample) -> None:
    """Add a sample; where the clock went back to a moment that has one, that one stays."""
    connection.exec_driver_sql(_INSERT, tuple(sample))


def buckets(
    connection: Connection, from_us: WallUs, to_us: WallUs, bucket_us: int
) -> dict[str, Sequence[Bucket]]:
    """Return each figure in parts of ``bucket_us``; where nothing was known there is no part."""
    rows = connection.exec_driver_sql(_BUCKETS, (from_us, bucket_us, from_us, to_us)).fetchall()
    return {
        name: [Bucket(row[0], *row[at : at + 3]) for row in rows if row[at] is not None]
        for at, name in zip(range(1, 3 * len(FIGURES), 3), FIGURES, strict=True)
    }


def forget(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete up to ``limit`` samples from before a time and return how many there were."""
    return connection.exec_driver_sql(
        "DELETE FROM samples WHERE at_us IN "
        "(SELECT at_us FROM samples WHERE at_us < ? ORDER BY at_us LIMIT ?)",
        (before_us, limit),
    ).rowcount


def cameras_online(connection: Connection) -> int:
    """Return how many cameras are connected now."""
    online: int = connection.exec_driver_sql(
        "SELECT count(*) FROM cameras WHERE status = 'online'"
    ).scalar_one()
    return online


def footage_bytes(connection: Connection) -> int:
    """Return how much footage there is; it goes through a whole index (0.4 s for a million files)."""
    size: int = connection.exec_driver_sql(
        "SELECT coalesce(sum(size), 0) FROM segments INDEXED BY ix_segments_totals WHERE state <> 'deleting'"
    ).scalar_one()
    return size
