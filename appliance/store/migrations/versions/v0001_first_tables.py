"""The first tables.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE batches (
    id TEXT NOT NULL,
    chain_id TEXT NOT NULL,
    camera_id TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    severity INTEGER DEFAULT 0 NOT NULL,
    event_count INTEGER DEFAULT 0 NOT NULL,
    summary TEXT DEFAULT '' NOT NULL,
    reviewed INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_batches PRIMARY KEY (id),
    CONSTRAINT ck_batches_state CHECK (state IN ('open', 'completed')),
    CONSTRAINT ck_batches_severity CHECK (severity BETWEEN 0 AND 3)
);
CREATE INDEX ix_batches_camera_id_started_us ON batches (camera_id, started_us);
CREATE INDEX ix_batches_started_us_id ON batches (started_us, id);
CREATE TABLE cameras (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    enabled INTEGER DEFAULT 1 NOT NULL,
    loop INTEGER DEFAULT 0 NOT NULL,
    detect_fps FLOAT DEFAULT (5.0) NOT NULL,
    labels JSON,
    managed_by TEXT DEFAULT 'api' NOT NULL,
    status TEXT DEFAULT 'connecting' NOT NULL,
    status_reason TEXT DEFAULT '' NOT NULL,
    status_since_us INTEGER,
    stream JSON,
    created_us INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_cameras PRIMARY KEY (id),
    CONSTRAINT ck_cameras_enabled CHECK (enabled IN (0, 1)),
    CONSTRAINT ck_cameras_loop CHECK (loop IN (0, 1)),
    CONSTRAINT ck_cameras_detect_fps CHECK (detect_fps > 0 AND detect_fps <= 30),
    CONSTRAINT ck_cameras_managed_by CHECK (managed_by IN ('api', 'file')),
    CONSTRAINT ck_cameras_status CHECK (status IN ('connecting', 'online', 'offline', 'auth_failed', 'no_video', 'ended', 'disabled'))
);
CREATE TABLE detections (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    camera_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    labels TEXT NOT NULL,
    boxes BLOB NOT NULL
);
CREATE INDEX ix_detections_camera_id_at_us ON detections (camera_id, at_us);
CREATE TABLE meta (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY ("key")
);
CREATE TABLE outbox (
    cursor INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    camera_id TEXT,
    label TEXT,
    severity INTEGER,
    old_label TEXT,
    old_severity INTEGER,
    detection_id INTEGER,
    data TEXT
);
CREATE TABLE rules (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled INTEGER DEFAULT 1 NOT NULL,
    labels JSON,
    cameras JSON,
    min_severity INTEGER DEFAULT 0 NOT NULL,
    cooldown_s FLOAT DEFAULT (0.0) NOT NULL,
    deduplication TEXT DEFAULT 'batch' NOT NULL,
    CONSTRAINT pk_rules PRIMARY KEY (id),
    CONSTRAINT ck_rules_enabled CHECK (enabled IN (0, 1)),
    CONSTRAINT ck_rules_min_severity CHECK (min_severity BETWEEN 0 AND 3),
    CONSTRAINT ck_rules_cooldown_s CHECK (cooldown_s >= 0),
    CONSTRAINT ck_rules_deduplication CHECK (deduplication IN ('visit', 'batch'))
);
CREATE TABLE camera_credentials (
    camera_id TEXT NOT NULL,
    username TEXT NOT NULL,
    password TEXT NOT NULL,
    CONSTRAINT pk_camera_credentials PRIMARY KEY (camera_id),
    CONSTRAINT fk_camera_credentials_camera_id FOREIGN KEY(camera_id) REFERENCES cameras (id) ON DELETE CASCADE
);
CREATE TABLE events (
    id TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    camera_id TEXT NOT NULL,
    track_id INTEGER DEFAULT 0 NOT NULL,
    continues TEXT,
    state TEXT DEFAULT 'open' NOT NULL,
    label TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    last_seen_us INTEGER NOT NULL,
    ended_us INTEGER,
    score FLOAT DEFAULT (0.0) NOT NULL,
    box JSON,
    zones JSON DEFAULT '[]' NOT NULL,
    risk_score INTEGER DEFAULT 0 NOT NULL,
    severity INTEGER DEFAULT 0 NOT NULL,
    risk_factors JSON DEFAULT '[]' NOT NULL,
    summary TEXT DEFAULT '' NOT NULL,
    picture TEXT,
    reviewed INTEGER DEFAULT 0 NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT ck_events_state CHECK (state IN ('open', 'ended', 'interrupted')),
    CONSTRAINT ck_events_risk_score CHECK (risk_score BETWEEN 0 AND 100),
    CONSTRAINT ck_events_severity CHECK (severity BETWEEN 0 AND 3),
    CONSTRAINT fk_events_batch_id FOREIGN KEY(batch_id) REFERENCES batches (id) ON DELETE CASCADE
);
CREATE INDEX ix_events_batch_id ON events (batch_id);
CREATE INDEX ix_events_camera_id_started_us ON events (camera_id, started_us);
CREATE INDEX ix_events_label_started_us_id ON events (label, started_us, id);
CREATE INDEX ix_events_severity_started_us_id ON events (severity, started_us, id);
CREATE INDEX ix_events_started_us_id ON events (started_us, id);
CREATE TABLE alerts (
    id TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    rule_name TEXT NOT NULL,
    event_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    camera_id TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    label TEXT NOT NULL,
    severity INTEGER NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    created_us INTEGER NOT NULL,
    acknowledged_us INTEGER,
    dismissed_us INTEGER,
    summary TEXT DEFAULT '' NOT NULL,
    dedup_key TEXT NOT NULL,
    CONSTRAINT pk_alerts PRIMARY KEY (id),
    CONSTRAINT ck_alerts_state CHECK (state IN ('open', 'acknowledged', 'dismissed')),
    CONSTRAINT ck_alerts_severity CHECK (severity BETWEEN 0 AND 3),
    CONSTRAINT uq_alerts_rule_id_visit_id UNIQUE (rule_id, visit_id),
    CONSTRAINT uq_alerts_rule_id_dedup_key UNIQUE (rule_id, dedup_key),
    CONSTRAINT fk_alerts_event_id FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
);
CREATE INDEX ix_alerts_created_us_id ON alerts (created_us, id);
CREATE INDEX ix_alerts_event_id ON alerts (event_id);
"""


def upgrade() -> None:
    """Make the tables."""
    for statement in TABLES.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Nothing is older than this: go back by the copy that was made before the upgrade."""
    raise RuntimeError("the first schema has no predecessor; restore the copy made before the upgrade")
