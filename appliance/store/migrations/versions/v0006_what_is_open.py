"""What is still open, found at once: small indexes of that alone.

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
    "CREATE INDEX ix_batches_open ON batches (started_us, id) WHERE state = 'open'",
    "CREATE INDEX ix_alerts_open ON alerts (created_us, id) WHERE state = 'open'",
)


def upgrade() -> None:
    """Add them; they hold a few rows, however many there are in all."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
