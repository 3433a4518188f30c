"""What decisions are made of and why: scenes, looks, traces, candidates, journal, snapshots, targets.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE cameras ADD COLUMN scene JSON DEFAULT '{}' NOT NULL",
    "ALTER TABLE cameras ADD COLUMN scene_managed_by TEXT DEFAULT 'api' NOT NULL CONSTRAINT ck_cameras_scene_managed_by CHECK (scene_managed_by IN ('api', 'file'))",
    "ALTER TABLE detections ADD COLUMN model_id INTEGER",
    "ALTER TABLE detections ADD COLUMN searched BLOB",
    "ALTER TABLE events ADD COLUMN kind TEXT DEFAULT 'object' NOT NULL",
    "ALTER TABLE events ADD COLUMN passages JSON DEFAULT '{}' NOT NULL",
    "ALTER TABLE events ADD COLUMN rest JSON",
    "ALTER TABLE events ADD COLUMN trace JSON DEFAULT '[]' NOT NULL",
    "ALTER TABLE events ADD COLUMN second_look JSON",
    "CREATE TABLE event_zones (zone_id TEXT NOT NULL, camera_id TEXT NOT NULL, label TEXT NOT NULL, severity INTEGER NOT NULL, reviewed INTEGER NOT NULL, state TEXT NOT NULL, started_us INTEGER NOT NULL, id TEXT NOT NULL, CONSTRAINT pk_event_zones PRIMARY KEY (zone_id, camera_id, label, severity, reviewed, state, started_us, id)) WITHOUT ROWID",
    "ALTER TABLE rules ADD COLUMN zones JSON",
    "ALTER TABLE rules ADD COLUMN lines JSON",
    "ALTER TABLE rules ADD COLUMN min_dwell_s FLOAT DEFAULT 0.0 NOT NULL",
    "ALTER TABLE rules ADD COLUMN armed JSON",
    "ALTER TABLE rules ADD COLUMN hours JSON DEFAULT '[]' NOT NULL",
    "ALTER TABLE rules ADD COLUMN targets JSON",
    "ALTER TABLE alerts ADD COLUMN trace JSON DEFAULT '[]' NOT NULL",
    "CREATE TABLE models (id INTEGER NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, CONSTRAINT pk_models PRIMARY KEY (id), CONSTRAINT uq_models_sha256 UNIQUE (sha256))",
    "CREATE TABLE candidates (id TEXT NOT NULL, what TEXT NOT NULL, camera_id TEXT NOT NULL, track_id INTEGER NOT NULL, label TEXT NOT NULL, started_us INTEGER NOT NULL, last_seen_us INTEGER NOT NULL, score FLOAT NOT NULL, box JSON, reason TEXT NOT NULL, trace JSON NOT NULL, event_id TEXT, rule_id TEXT, CONSTRAINT pk_candidates PRIMARY KEY (id), CONSTRAINT ck_candidates_what CHECK (what IN ('event', 'alert')))",
    "CREATE INDEX ix_candidates_camera_id_started_us ON candidates (camera_id, started_us)",
    "CREATE INDEX ix_candidates_event_id ON candidates (event_id)",
    "CREATE INDEX ix_candidates_started_us_id ON candidates (started_us, id)",
    "CREATE TABLE journal (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, camera_id TEXT NOT NULL, frame_us INTEGER NOT NULL, at_us INTEGER NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL)",
    "CREATE INDEX ix_journal_camera_id_frame_us_id ON journal (camera_id, frame_us, id)",
    "CREATE TABLE snapshots (id INTEGER NOT NULL, camera_id TEXT NOT NULL, frame_us INTEGER NOT NULL, at_us INTEGER NOT NULL, version TEXT NOT NULL, setup BLOB NOT NULL, state BLOB NOT NULL, is_start INTEGER NOT NULL, journal_id INTEGER NOT NULL, detection_id INTEGER NOT NULL, CONSTRAINT pk_snapshots PRIMARY KEY (id), CONSTRAINT ck_snapshots_is_start CHECK (is_start IN (0, 1)))",
    "CREATE INDEX ix_journal_at_us ON journal (at_us)",
    "CREATE INDEX ix_snapshots_camera_id_at_us ON snapshots (camera_id, at_us)",
    'CREATE TABLE settings ("key" TEXT NOT NULL, value JSON NOT NULL, CONSTRAINT pk_settings PRIMARY KEY ("key")) WITHOUT ROWID',
    'CREATE TABLE setting_changes (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, subject TEXT NOT NULL, "before" JSON, "after" JSON, undoes INTEGER)',
    "CREATE INDEX ix_setting_changes_subject_id ON setting_changes (subject, id)",
    "CREATE INDEX ix_setting_changes_undoes ON setting_changes (undoes) WHERE undoes IS NOT NULL",
    "CREATE TABLE targets (id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, enabled INTEGER DEFAULT 1 NOT NULL, settings JSON NOT NULL, shown TEXT NOT NULL, created_us INTEGER NOT NULL, CONSTRAINT pk_targets PRIMARY KEY (id), CONSTRAINT ck_targets_kind CHECK (kind IN ('webhook', 'ntfy')), CONSTRAINT ck_targets_enabled CHECK (enabled IN (0, 1)))",
    "CREATE TABLE deliveries (alert_id TEXT NOT NULL, target_id TEXT NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, attempts INTEGER DEFAULT 0 NOT NULL, created_us INTEGER NOT NULL, next_us INTEGER NOT NULL, done_us INTEGER, reason TEXT DEFAULT '' NOT NULL, CONSTRAINT pk_deliveries PRIMARY KEY (alert_id, target_id), CONSTRAINT ck_deliveries_state CHECK (state IN ('waiting', 'delivered', 'expired', 'refused')), CONSTRAINT fk_deliveries_alert_id FOREIGN KEY(alert_id) REFERENCES alerts (id) ON DELETE CASCADE, CONSTRAINT fk_deliveries_target_id FOREIGN KEY(target_id) REFERENCES targets (id) ON DELETE CASCADE) WITHOUT ROWID",
    "CREATE INDEX ix_deliveries_created_us ON deliveries (created_us)",
    "CREATE INDEX ix_deliveries_target_id_created_us ON deliveries (target_id, created_us)",
    "CREATE INDEX ix_deliveries_waiting ON deliveries (target_id, created_us) WHERE state = 'waiting'",
)


def upgrade() -> None:
    """Add tables and columns; what is there already stays as it is."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
