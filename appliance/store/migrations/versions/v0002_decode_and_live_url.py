"""What is decoded of a camera, and its second address.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    "decode TEXT DEFAULT 'auto' NOT NULL "
    "CONSTRAINT ck_cameras_decode CHECK (decode IN ('auto', 'always', 'keyframes'))",
    "live_url TEXT",
)


def upgrade() -> None:
    """Add the columns; a camera that is known already is decoded as one that is added now."""
    for column in COLUMNS:
        op.execute(f"ALTER TABLE cameras ADD COLUMN {column}")


def downgrade() -> None:
    """Go back by the copy that was made before the upgrade."""
    raise RuntimeError("restore the copy made before the upgrade")
