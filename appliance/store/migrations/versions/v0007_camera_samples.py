"""Camera samples: every few minutes how each camera's stream was, for its last 24 hours.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was before nobody knows."""
    op.execute(
        "CREATE TABLE camera_samples (camera_id TEXT NOT NULL, at_us INTEGER NOT NULL, watched_s FLOAT NOT NULL, "
        "online_s FLOAT NOT NULL, fps FLOAT, bitrate_bps INTEGER, losses INTEGER NOT NULL, "
        "corrupt_frames INTEGER NOT NULL, CONSTRAINT pk_camera_samples PRIMARY KEY (camera_id, at_us)) "
        "WITHOUT ROWID"
    )


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
