"""Bring the schema up to date: a copy first, then everything in one transaction, then the triggers anew."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from appliance.errors import StoreUnavailable
from appliance.store import triggers

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, path: Path) -> None:
    """Upgrade the database to the newest schema, or do nothing but renew the triggers.

    With foreign keys on, the DROP TABLE of a batch migration would delete the children's rows, and with the
    triggers in place each copied row would be said again: both are off meanwhile.

    Raises:
        StoreUnavailable: the database was made by a newer version of Nightjar.
    """
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        head = newest_revision()
        if current is not None and current not in known_revisions():
            raise StoreUnavailable(
                f"{path.name}: expected a schema up to {head}, got {current}: it was made by a newer Nightjar"
            )
        if current not in (None, head):
            copy_before(path, current)
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.commit()
        with connection.begin():
            if current != head:
                triggers.remove(connection)
                _upgrade(connection)
                _expect_sound_references(connection)
            triggers.install(connection)
            if current not in (None, head):
                triggers.say_cameras_again(connection)
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.commit()


def newest_revision() -> str | None:
    """Return the schema that this program knows."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def known_revisions() -> list[str]:
    """Return every schema that this program can read, the oldest first."""
    scripts = ScriptDirectory(str(SCRIPTS)).walk_revisions()
    return [script.revision for script in scripts][::-1]


def knows_revision(revision: str) -> bool:
    """Return whether this program can bring a database of that schema up to date."""
    return revision in known_revisions()


def copy_before(path: Path, revision: str | None) -> Path:
    """Copy the database with SQLite's backup API to ``NAME.before-REVISION`` beside it."""
    target = path.with_name(f"{path.name}.before-{revision}")
    target.touch(mode=0o600)  # it holds what the database does
    source = sqlite3.connect(path)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    return target


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _expect_sound_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreUnavailable(
            f"the upgrade would leave {len(broken)} rows without their parents; nothing changed"
        )
