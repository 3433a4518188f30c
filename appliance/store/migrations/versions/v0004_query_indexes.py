"""What makes any filter of the events, and a month of any camera, quick: indexes, and days that have changed.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    "DROP INDEX ix_events_label_started_us_id",
    "DROP INDEX ix_events_severity_started_us_id",
    "CREATE INDEX ix_events_kinds ON events (camera_id, label, severity, reviewed, state, started_us, id)",
    "DROP INDEX ix_events_camera_id_started_us",
    "CREATE INDEX ix_events_timeline ON events (camera_id, started_us, severity)",
    "DROP INDEX ix_segments_camera_id_start_us",
    "CREATE INDEX ix_segments_timeline ON segments (camera_id, start_us, end_us, has_motion, is_protected, state)",
    "DROP INDEX ix_gaps_camera_id_start_us",
    "CREATE INDEX ix_gaps_timeline ON gaps (camera_id, start_us, end_us, cause)",
    "CREATE TABLE changed_days (camera_id TEXT NOT NULL, day INTEGER NOT NULL, changes INTEGER NOT NULL, "
    "CONSTRAINT pk_changed_days PRIMARY KEY (camera_id, day)) WITHOUT ROWID",
)


def upgrade() -> None:
    """Put wider indexes in the place of narrow ones: each event has one fewer; a day without row is 0."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
