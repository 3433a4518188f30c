"""Samples: once a minute how the box was doing, for the charts.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was before nobody knows."""
    op.execute(
        "CREATE TABLE samples (at_us INTEGER NOT NULL, cpu_percent FLOAT, memory_percent FLOAT, gpu_percent FLOAT, "
        "gpu_memory_percent FLOAT, gpu_temperature_c FLOAT, disk_free_bytes INTEGER, footage_bytes INTEGER, "
        "detections_per_s FLOAT, frames_dropped INTEGER, commit_p99_ms FLOAT, cameras_online INTEGER, "
        "CONSTRAINT pk_samples PRIMARY KEY (at_us))"
    )


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
