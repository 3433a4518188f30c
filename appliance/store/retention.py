"""Retention: what is older than its time goes, oldest first, a small portion at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from appliance.domain.time import WallUs, wall_after
from appliance.store import audit, camera_samples, deliveries, journal, logins, samples, setting_history
from appliance.store.settings import RetentionSettings
from appliance.store.times import iso_of_us

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
CAMERA_SAMPLES_S = 2 * DAY_S
"""They are looked back at for one day."""
SETTING_CHANGES_S = 365 * DAY_S
AUDIT_S = 365 * DAY_S
MOST_AUDIT = 100_000
"""Rows, whatever their age: anybody can have some written without a login."""
TRIES_S = HOUR_S
"""By then whoever tried to log in has all tries again."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one step of retention did.

    Attributes:
        rows: deleted rows; 0 when nothing of this kind is due any more.
        pictures: files that no row names any more.
    """

    rows: int
    pictures: tuple[str, ...] = ()


Step = Callable[[Connection], Portion]


def steps(settings: RetentionSettings, now_us: WallUs) -> list[Step]:
    """Return the steps in their order, each to be repeated as a unit of its own until it deletes no row.

    The outbox goes first, since a detection is kept for as long as an outbox row refers to it.
    """
    outbox_before = iso_of_us(wall_after(now_us, -settings.outbox_hours * HOUR_S))
    detections_before = wall_after(now_us, -settings.detections_days * DAY_S)
    events_before = wall_after(now_us, -settings.events_days * DAY_S)
    deliveries_before = wall_after(now_us, -settings.deliveries_days * DAY_S)
    samples_before = wall_after(now_us, -settings.samples_days * DAY_S)
    camera_samples_before = wall_after(now_us, -CAMERA_SAMPLES_S)
    changes_before = wall_after(now_us, -SETTING_CHANGES_S)
    audit_before = wall_after(now_us, -AUDIT_S)
    tries_before = wall_after(now_us, -TRIES_S)
    limit = settings.portion_rows
    return [
        lambda connection: _outbox(connection, outbox_before, limit),
        lambda connection: _detections(connection, detections_before, limit),
        lambda connection: _events(connection, events_before, limit),
        lambda connection: _batches(connection, events_before, limit),
        lambda connection: Portion(deliveries.forget(connection, deliveries_before, limit)),
        lambda connection: _candidates(connection, events_before, limit),
        lambda connection: Portion(samples.forget(connection, samples_before, limit)),
        lambda connection: Portion(camera_samples.forget(connection, camera_samples_before, limit)),
        lambda connection: Portion(setting_history.forget(connection, changes_before, limit)),
        lambda connection: Portion(audit.forget(connection, audit_before, limit)),
        lambda connection: Portion(audit.forget_beyond(connection, MOST_AUDIT, limit)),
        lambda connection: Portion(logins.forget_buckets(connection, tries_before, limit)),
        lambda connection: Portion(journal.forget_entries(connection, detections_before, limit)),
        lambda connection: Portion(journal.forget_snapshots(connection, detections_before, limit)),
    ]


def _outbox(connection: Connection, before: str, limit: int) -> Portion:
    # Rows go from the oldest cursor up to the first that is young enough: the log never has a hole.
    deleted = connection.exec_driver_sql(
        "DELETE FROM outbox WHERE cursor IN (SELECT cursor FROM outbox WHERE cursor < "
        "coalesce((SELECT min(cursor) FROM outbox WHERE at >= ?), 9223372036854775807) "
        "ORDER BY cursor LIMIT ?)",
        (before, limit),
    )
    return Portion(deleted.rowcount)


def _detections(connection: Connection, before: WallUs, limit: int) -> Portion:
    # Camera by camera, each from its oldest: so the index on camera and time leads to what is due, and what
    # is not due is never looked at (that took 0.3 s of the writer's time among two million).
    deleted = connection.exec_driver_sql(
        "DELETE FROM detections WHERE id IN ("
        "WITH RECURSIVE seen(camera_id) AS (SELECT min(camera_id) FROM detections UNION ALL "
        "SELECT (SELECT min(camera_id) FROM detections WHERE camera_id > seen.camera_id) FROM seen "
        "WHERE seen.camera_id IS NOT NULL) "
        "SELECT d.id FROM seen CROSS JOIN detections AS d WHERE d.camera_id = seen.camera_id AND d.at_us < ? "
        "AND d.id < coalesce((SELECT detection_id FROM outbox WHERE detection_id IS NOT NULL "
        "ORDER BY cursor LIMIT 1), 9223372036854775807) LIMIT ?)",
        (before, limit),
    )
    return Portion(deleted.rowcount)


def _events(connection: Connection, before: WallUs, limit: int) -> Portion:
    # An event's last sight is never before its first: that bounds the walk along the index.
    due = connection.exec_driver_sql(
        "SELECT id, picture FROM events WHERE started_us < ? AND last_seen_us < ? AND state <> 'open' "
        "ORDER BY started_us LIMIT ?",
        (before, before, limit),
    ).fetchall()
    for event_id, _ in due:
        connection.exec_driver_sql("DELETE FROM events WHERE id = ?", (event_id,))
    return Portion(len(due), tuple(picture for _, picture in due if picture is not None))


def _batches(connection: Connection, before: WallUs, limit: int) -> Portion:
    deleted = connection.exec_driver_sql(
        "DELETE FROM batches WHERE id IN (SELECT id FROM batches AS b WHERE started_us < ? "
        "AND state = 'completed' AND NOT EXISTS (SELECT 1 FROM events WHERE batch_id = b.id) LIMIT ?)",
        (before, limit),
    )
    return Portion(deleted.rowcount)


def _candidates(connection: Connection, before: WallUs, limit: int) -> Portion:
    deleted = connection.exec_driver_sql(
        "DELETE FROM candidates WHERE id IN "
        "(SELECT id FROM candidates WHERE started_us < ? ORDER BY started_us LIMIT ?)",
        (before, limit),
    )
    return Portion(deleted.rowcount)
