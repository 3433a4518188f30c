"""``nightjar check``: the invariants of ``docs/schema.md``, each verified on a data directory at rest."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from appliance.store.boxes import BOX, FORMER_BOX
from appliance.store.engine import DATABASE
from appliance.store.migrate import newest_revision
from appliance.store.pictures import FOLDER
from appliance.store.resources import alert_json, batch_json, camera_json, event_json

SAID = {
    "cameras": ("camera", camera_json("t")),
    "events": ("event", event_json("t")),
    "batches": ("batch", batch_json("t")),
    "alerts": ("alert", alert_json("t")),
}
"""For each table that is said whole: the prefix of its messages, and a row's wire form."""


def check(data_dir: Path) -> list[str]:
    """Return every difference found, a sentence each; an empty list when all invariants hold.

    It only reads, and may run beside the service; pictures that are being replaced just then may show up.
    """
    path = data_dir / DATABASE
    if not path.exists():
        return [f"{path}: there is no database"]
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            if other := other_schema(connection):
                return [f"{path}: {other}"]
            return [
                *_pages(connection),
                *_references(connection),
                *_log(connection),
                *_said(connection),
                *_detections(connection),
                *_pictures(connection, data_dir / FOLDER),
            ]
    except sqlite3.DatabaseError as err:
        return [f"{path}: cannot be read: {err}"]


def other_schema(connection: sqlite3.Connection) -> str:
    """Return in words that the tables are not those of this program; empty when they are."""
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    known = newest_revision()
    if found == known:
        return ""
    return f"expected the schema {known}, got {found}; it is brought up to date by starting Nightjar once"


def _pages(connection: sqlite3.Connection) -> Iterator[str]:
    """S1: the file is a sound database."""
    for (finding,) in connection.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield f"S1 integrity: {finding}"


def _references(connection: sqlite3.Connection) -> Iterator[str]:
    """S2: every row's parent is there."""
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"S2 references: row {row_id} of {table} refers to a row of {parent} that is not there"


def _log(connection: sqlite3.Connection) -> Iterator[str]:
    """S3: the outbox has no hole and ends at the last cursor that was given out."""
    first, last, count = connection.execute(
        "SELECT min(cursor), max(cursor), count(*) FROM outbox"
    ).fetchone()
    if count and last - first + 1 != count:
        yield f"S3 outbox: {last - first + 1 - count} of the cursors {first} to {last} are missing"
    given = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    if count and given is None:
        yield f"S3 outbox: no cursor was given out, but the log ends at {last}"
    elif count and given[0] != last:
        yield f"S3 outbox: cursor {given[0]} was given out, but the log ends at {last}"


def _said(connection: sqlite3.Connection) -> Iterator[str]:
    """S4: the last that was said of a row is what the row holds, and of a deleted row that it is gone."""
    for table, (prefix, wire) in SAID.items():
        rows = connection.execute(
            f"WITH said AS (SELECT json_extract(data, '$.id') AS id, max(cursor) AS cursor FROM outbox "  # noqa: S608 - constants
            f"WHERE type GLOB '{prefix}_*' GROUP BY 1) "
            f"SELECT said.id, o.type, o.data IS {wire}, t.id IS NULL FROM said "
            f"JOIN outbox AS o ON o.cursor = said.cursor LEFT JOIN {table} AS t ON t.id = said.id"
        )
        for row_id, message_type, same, gone in rows:
            deleted = message_type == f"{prefix}_deleted"
            if deleted and not gone:
                yield f"S4 said: {prefix} {row_id} was said to be deleted and is there"
            elif not deleted and not gone and not same:
                yield f"S4 said: {prefix} {row_id} is not as the last {message_type} said"
            elif not deleted and gone and prefix in {"camera", "event"}:
                yield f"S4 said: {prefix} {row_id} is gone and nobody was told"


def _detections(connection: sqlite3.Connection) -> Iterator[str]:
    """S5: every analysed frame that the log refers to is there, was said once, and its boxes are whole."""
    query = (
        "SELECT o.cursor FROM outbox AS o LEFT JOIN detections AS d ON d.id = o.detection_id "
        "WHERE o.type = 'detection_created' AND d.id IS NULL"
    )
    for (cursor,) in connection.execute(query):
        yield f"S5 detections: message {cursor} refers to a detection that is not there"
    query = (
        "SELECT d.id, count(o.cursor) FROM detections AS d LEFT JOIN outbox AS o ON o.detection_id = d.id "
        "WHERE d.id >= (SELECT min(detection_id) FROM outbox) GROUP BY d.id HAVING count(o.cursor) <> 1"
    )
    for row_id, count in connection.execute(query):
        yield f"S5 detections: detection {row_id} was said {count} times"
    torn = "SELECT id FROM detections WHERE length(boxes) % iif(model_id IS NULL, ?, ?) <> 0"
    for (row_id,) in connection.execute(torn, (FORMER_BOX.itemsize, BOX.itemsize)):
        yield f"S5 detections: the boxes of detection {row_id} are torn"
    unknown = "SELECT id, model_id FROM detections WHERE model_id NOT IN (SELECT id FROM models)"
    for row_id, model_id in connection.execute(unknown):
        yield f"S5 detections: detection {row_id} names the model {model_id}, which is not there"


def _pictures(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """S6: every picture that a row names is there, and no other file."""
    named = {row[0] for row in connection.execute("SELECT picture FROM events WHERE picture IS NOT NULL")}
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(named - present):
        yield f"S6 pictures: {name} is named by an event and is not there"
    for name in sorted(present - named):
        yield f"S6 pictures: {name} is there and no event names it"
