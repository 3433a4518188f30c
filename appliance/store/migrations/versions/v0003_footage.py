"""Footage: storage paths, segments, gaps and exports, and when a camera is recorded.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE cameras ADD COLUMN recording JSON DEFAULT '{}' NOT NULL",
    "CREATE TABLE volumes (id TEXT NOT NULL, path TEXT NOT NULL, created_us INTEGER NOT NULL, CONSTRAINT pk_volumes PRIMARY KEY (id))",
    "CREATE TABLE segments (id TEXT NOT NULL, camera_id TEXT NOT NULL, volume_id TEXT NOT NULL, path TEXT NOT NULL, "
    "start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT, codecs TEXT NOT NULL, "
    "width INTEGER NOT NULL, height INTEGER NOT NULL, state TEXT NOT NULL, has_motion INTEGER DEFAULT 0 NOT NULL, "
    "is_protected INTEGER DEFAULT 0 NOT NULL, former_volume_id TEXT, former_path TEXT, "
    "keep_class TEXT, kept_from_us INTEGER, "
    "CONSTRAINT pk_segments PRIMARY KEY (id), "
    "CONSTRAINT ck_segments_state CHECK (state IN ('open', 'closed', 'deleting')), "
    "CONSTRAINT ck_segments_end_us CHECK (end_us >= start_us), CONSTRAINT ck_segments_keep_class "
    "CHECK (keep_class IN ('continuous', 'motion', 'low', 'medium', 'high', 'critical')))",
    "CREATE INDEX ix_segments_camera_id_start_us ON segments (camera_id, start_us)",
    "CREATE INDEX ix_segments_start_us ON segments (start_us)",
    "CREATE INDEX ix_segments_unfinished ON segments (id) WHERE state <> 'closed' OR former_volume_id IS NOT NULL",
    "CREATE INDEX ix_segments_totals ON segments (keep_class, camera_id, volume_id, is_protected, state, size)",
    "CREATE INDEX ix_segments_keep_class_volume_id_kept_from_us ON segments (keep_class, volume_id, kept_from_us)",
    "CREATE TABLE gaps (id INTEGER NOT NULL, camera_id TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, "
    "cause TEXT NOT NULL, CONSTRAINT pk_gaps PRIMARY KEY (id), CONSTRAINT ck_gaps_end_us CHECK (end_us >= start_us))",
    "CREATE INDEX ix_gaps_camera_id_start_us ON gaps (camera_id, start_us)",
    "CREATE TABLE exports (id TEXT NOT NULL, camera_id TEXT NOT NULL, event_id TEXT, start_us INTEGER NOT NULL, "
    "end_us INTEGER NOT NULL, is_exact INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT DEFAULT '' NOT NULL, "
    "size INTEGER, gaps JSON DEFAULT '[]' NOT NULL, created_us INTEGER NOT NULL, CONSTRAINT pk_exports PRIMARY KEY (id), "
    "CONSTRAINT ck_exports_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')))",
)


def upgrade() -> None:
    """Add tables and column; a camera that is known already is recorded as one that is added now."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
