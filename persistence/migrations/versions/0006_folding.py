"""Folding: when a list began a new generation of live edits, so that the older one is folded away in time."""

from typing import Final

from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    """Add the column, with an index of the few lists that have it."""
    op.execute("ALTER TABLE lists ADD COLUMN generation_at timestamptz")
    op.execute(
        "COMMENT ON COLUMN lists.generation_at IS 'when the newest of two generations of its document was begun'"
    )
    op.execute("CREATE INDEX lists_generation_idx ON lists (generation_at) WHERE generation_at IS NOT NULL")
