"""Containment: the deaths of processes that a list may be the reason of, and the lists that no node opens any more."""

from typing import Final

from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE strikes (
            list_id text COLLATE "C" NOT NULL,
            death uuid NOT NULL,
            at timestamptz NOT NULL,
            share double precision NOT NULL,
            hung boolean NOT NULL,
            PRIMARY KEY (list_id, death)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE quarantines (
            list_id text COLLATE "C" PRIMARY KEY,
            at timestamptz NOT NULL
        )
        """
    )
    op.execute("COMMENT ON COLUMN strikes.death IS 'the black box of the process that died'")
    op.execute("COMMENT ON COLUMN strikes.share IS 'the death divided by the lists that may be its reason'")
