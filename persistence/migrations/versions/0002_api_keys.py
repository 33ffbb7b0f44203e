"""Personal API keys, and tickets that remember what their user was let in by."""

from typing import Final

from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

_STATEMENTS: Final = (
    """
    CREATE TABLE api_keys (
        id TEXT COLLATE "C" NOT NULL,
        workspace_id TEXT COLLATE "C" NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL,
        name TEXT NOT NULL,
        hash BYTEA NOT NULL,
        read_only BOOLEAN NOT NULL,
        lists TEXT[],
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE,
        last_used_at TIMESTAMP WITH TIME ZONE,
        revoked_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT api_keys_pkey PRIMARY KEY (id),
        CONSTRAINT api_keys_workspace_id_fkey FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
        CONSTRAINT api_keys_user_id_fkey FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT api_keys_hash_key UNIQUE (hash)
    )
    """,
    "CREATE INDEX api_keys_workspace_id_idx ON api_keys (workspace_id)",
    "CREATE INDEX api_keys_user_id_idx ON api_keys (user_id)",
    "COMMENT ON COLUMN api_keys.hash IS 'sha256 of the key'",
    "COMMENT ON COLUMN api_keys.lists IS 'the lists that it opens; NULL for every list of the workspace'",
    "COMMENT ON COLUMN api_keys.last_used_at IS 'to the minute'",
    "TRUNCATE tickets",  # good for thirty seconds; whoever held one asks for another
    "ALTER TABLE tickets ADD COLUMN grant_kind TEXT NOT NULL",
    'ALTER TABLE tickets ADD COLUMN grant_id TEXT COLLATE "C" NOT NULL',
    "COMMENT ON COLUMN tickets.grant_kind IS 'what its user was let in by: sign_in or key'",
    "COMMENT ON COLUMN tickets.grant_id IS 'a family of sessions, or a key'",
)


def upgrade() -> None:
    """Make the table, and give tickets their two columns."""
    for statement in _STATEMENTS:
        op.execute(statement)
