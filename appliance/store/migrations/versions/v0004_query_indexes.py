"""Indexes by which any filter of the events, and a month of any camera, is found without a look at the rest.

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
)


def upgrade() -> None:
    """Put wider indexes in the place of narrow ones; there is one fewer to keep for each event."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
