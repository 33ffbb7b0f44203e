"""Reading the audit of a workspace: events by time, and the facts that an audit shows by an index of their own.

The index of facts is partial: an edit of a cell that takes effect, which is nearly every fact, writes nothing to it.
"""

from typing import Final

from alembic import op

revision: Final = "0003"
down_revision: Final = "0001"


def upgrade() -> None:
    """Make the indexes that the audit is read by."""
    op.execute(
        """
        CREATE INDEX facts_audit_idx ON facts (list_id, at, seq, ordinal)
        WHERE reason IS NOT NULL OR kind IN ('meta', 'column')
        """
    )
    op.execute("DROP INDEX events_workspace_idx")
    op.execute("CREATE INDEX events_workspace_idx ON events (workspace_id, at, id)")
