"""What is still open, and what a start looks for, found at once.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX ix_events_open ON events (camera_id, started_us) WHERE state = 'open'",
    "CREATE INDEX ix_events_cut_off ON events (camera_id, last_seen_us) WHERE state = 'interrupted'",
    "CREATE INDEX ix_events_continues ON events (continues) WHERE continues IS NOT NULL",
    "CREATE INDEX ix_events_tracks ON events (camera_id, track_id)",
    "CREATE INDEX ix_batches_open ON batches (started_us, id) WHERE state = 'open'",
    "CREATE INDEX ix_alerts_open ON alerts (created_us, id) WHERE state = 'open'",
)


def upgrade() -> None:
    """Add them; all but that of the tracks hold a few rows, however many there are."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
