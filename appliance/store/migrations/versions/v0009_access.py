"""Who may do what: users, sessions, tokens, tries to log in, an audit log; secrets are sealed.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE camera_credentials ADD COLUMN sealed BLOB",
    "ALTER TABLE targets ADD COLUMN sealed BLOB",
    "CREATE TABLE users (id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, role TEXT NOT NULL, cameras JSON, enabled INTEGER DEFAULT 1 NOT NULL, password_hash TEXT NOT NULL, password_us INTEGER NOT NULL, created_us INTEGER NOT NULL, seen_us INTEGER, CONSTRAINT pk_users PRIMARY KEY (id), CONSTRAINT ck_users_role CHECK (role IN ('viewer', 'operator', 'admin')), CONSTRAINT ck_users_enabled CHECK (enabled IN (0, 1)), CONSTRAINT uq_users_name_key UNIQUE (name_key))",
    "CREATE TABLE sessions (id TEXT NOT NULL, token_hash BLOB NOT NULL, user_id TEXT NOT NULL, created_us INTEGER NOT NULL, seen_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL, CONSTRAINT pk_sessions PRIMARY KEY (id), CONSTRAINT uq_sessions_token_hash UNIQUE (token_hash), CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_sessions_user_id ON sessions (user_id)",
    "CREATE TABLE api_tokens (id TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, secret_hash BLOB NOT NULL, scope TEXT NOT NULL, cameras JSON, created_us INTEGER NOT NULL, seen_us INTEGER, expires_us INTEGER, CONSTRAINT pk_api_tokens PRIMARY KEY (id), CONSTRAINT ck_api_tokens_scope CHECK (scope IN ('metrics', 'read', 'operate', 'admin')), CONSTRAINT fk_api_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_api_tokens_user_id ON api_tokens (user_id)",
    'CREATE TABLE login_buckets ("key" TEXT NOT NULL, left_ FLOAT NOT NULL, at_us INTEGER NOT NULL, CONSTRAINT pk_login_buckets PRIMARY KEY ("key")) WITHOUT ROWID',
    "CREATE TABLE audit (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, address TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL, detail JSON NOT NULL, CONSTRAINT ck_audit_kind CHECK (kind IN ('nobody', 'local', 'user', 'token', 'service')), CONSTRAINT ck_audit_outcome CHECK (outcome IN ('done', 'refused', 'failed')))",
    "CREATE INDEX ix_audit_at_us ON audit (at_us)",
    "CREATE INDEX ix_alerts_camera_id_created_us ON alerts (camera_id, created_us)",
)


def upgrade() -> None:
    """Add tables and columns; what is there already stays as it is."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
