"""The first schema: accounts, lists with their log, relational rows and audit, and administrative events."""

from typing import Final

from alembic import op

revision: Final = "0001"
down_revision: Final = None

_ACCOUNTS: Final = (
    """
    CREATE TABLE users (
        id TEXT COLLATE "C" NOT NULL,
        email TEXT NOT NULL,
        name TEXT NOT NULL,
        hue SMALLINT NOT NULL CONSTRAINT users_hue_check CHECK (hue BETWEEN 0 AND 359),
        password_hash TEXT,
        token_version INTEGER DEFAULT 1 NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX users_email_key ON users (lower(email))",
    "COMMENT ON COLUMN users.password_hash IS 'argon2; NULL for an account without a local password'",
    """
    CREATE TABLE sessions (
        id TEXT COLLATE "C" NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL,
        family TEXT COLLATE "C" NOT NULL,
        token_hash BYTEA NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        rotated_at TIMESTAMP WITH TIME ZONE,
        revoked_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT sessions_pkey PRIMARY KEY (id),
        CONSTRAINT sessions_user_id_fkey FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT sessions_token_hash_key UNIQUE (token_hash)
    )
    """,
    "CREATE INDEX sessions_family_idx ON sessions (family)",
    "CREATE INDEX sessions_user_id_idx ON sessions (user_id)",
    "COMMENT ON COLUMN sessions.family IS 'one sign-in; its tokens replace each other'",
    "COMMENT ON COLUMN sessions.token_hash IS 'sha256 of the refresh token'",
    "COMMENT ON COLUMN sessions.rotated_at IS 'when the next token of the family replaced this one'",
    """
    CREATE UNLOGGED TABLE tickets (
        hash BYTEA NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL,
        list_id TEXT COLLATE "C" NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT tickets_pkey PRIMARY KEY (hash)
    )
    """,
    "CREATE INDEX tickets_expires_at_idx ON tickets (expires_at)",
    "COMMENT ON COLUMN tickets.hash IS 'sha256 of the ticket; redeemed by DELETE ... RETURNING'",
    """
    CREATE TABLE workspaces (
        id TEXT COLLATE "C" NOT NULL,
        name TEXT NOT NULL,
        settings JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        trashed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT workspaces_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE members (
        workspace_id TEXT COLLATE "C" NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL,
        role TEXT NOT NULL CONSTRAINT members_role_check CHECK (role IN ('owner', 'admin', 'editor', 'member')),
        version INTEGER DEFAULT 1 NOT NULL,
        joined_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        removed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT members_pkey PRIMARY KEY (workspace_id, user_id),
        CONSTRAINT members_workspace_id_fkey FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
        CONSTRAINT members_user_id_fkey FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX members_user_id_idx ON members (user_id)",
    "COMMENT ON COLUMN members.version IS 'one more with every change'",
    "COMMENT ON COLUMN members.removed_at IS 'the row stays after a removal, so that its version only grows'",
    """
    CREATE TABLE events (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        workspace_id TEXT COLLATE "C" NOT NULL,
        actor TEXT COLLATE "C" NOT NULL,
        action TEXT NOT NULL,
        subject TEXT,
        detail JSONB DEFAULT '{}'::jsonb NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT events_pkey PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX events_workspace_idx ON events (workspace_id, id)",
)

_LISTS: Final = (
    """
    CREATE TABLE lists (
        id TEXT COLLATE "C" NOT NULL,
        workspace_id TEXT COLLATE "C" NOT NULL,
        name TEXT NOT NULL,
        head BIGINT DEFAULT 0 NOT NULL,
        epoch INTEGER DEFAULT 1 NOT NULL,
        schema JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by TEXT COLLATE "C" NOT NULL,
        trashed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT lists_pkey PRIMARY KEY (id),
        CONSTRAINT lists_workspace_id_fkey FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX lists_workspace_id_idx ON lists (workspace_id)",
    "COMMENT ON COLUMN lists.head IS 'number of the last update'",
    """
    CREATE TABLE updates (
        list_id TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        actor TEXT COLLATE "C" NOT NULL,
        source TEXT NOT NULL,
        batch_id UUID NOT NULL,
        update BYTEA NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT updates_pkey PRIMARY KEY (list_id, seq)
    )
    """,
    "COMMENT ON COLUMN updates.batch_id IS 'tells a commit whose answer was lost from another one'",
    "COMMENT ON COLUMN updates.update IS 'Yjs update, v1 encoding'",
    """
    CREATE TABLE documents (
        list_id TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        state BYTEA NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT documents_pkey PRIMARY KEY (list_id)
    )
    """,
    "COMMENT ON COLUMN documents.seq IS 'the last update that the state holds'",
    """
    CREATE TABLE records (
        list_id TEXT COLLATE "C" NOT NULL,
        row_id TEXT COLLATE "C" NOT NULL,
        workspace_id TEXT COLLATE "C" NOT NULL,
        data JSONB NOT NULL,
        position TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by TEXT COLLATE "C" NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_by TEXT COLLATE "C" NOT NULL,
        trashed_at TIMESTAMP WITH TIME ZONE,
        trashed_by TEXT COLLATE "C",
        CONSTRAINT records_pkey PRIMARY KEY (list_id, row_id)
    )
    """,
    "CREATE INDEX records_order_idx ON records (list_id, position, row_id) WHERE trashed_at IS NULL",
    "CREATE INDEX records_trash_idx ON records (list_id, trashed_at, row_id) WHERE trashed_at IS NOT NULL",
    "COMMENT ON COLUMN records.data IS 'column id -> value; an empty cell has no key'",
    "COMMENT ON COLUMN records.seq IS 'the last update that touched the row'",
    """
    CREATE TABLE links (
        list_id TEXT COLLATE "C" NOT NULL,
        row_id TEXT COLLATE "C" NOT NULL,
        column_id TEXT COLLATE "C" NOT NULL,
        target_row_id TEXT COLLATE "C" NOT NULL,
        target_list_id TEXT COLLATE "C" NOT NULL,
        CONSTRAINT links_pkey PRIMARY KEY (list_id, row_id, column_id, target_row_id)
    )
    """,
    "CREATE INDEX links_target_idx ON links (target_list_id, target_row_id)",
    """
    CREATE TABLE comments (
        list_id TEXT COLLATE "C" NOT NULL,
        comment_id TEXT COLLATE "C" NOT NULL,
        row_id TEXT COLLATE "C" NOT NULL,
        column_id TEXT COLLATE "C",
        parent_id TEXT COLLATE "C",
        author TEXT COLLATE "C" NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        body TEXT NOT NULL,
        mentions TEXT[] DEFAULT '{}'::text[] NOT NULL,
        resolved_by TEXT COLLATE "C",
        resolved_at TIMESTAMP WITH TIME ZONE,
        deleted_by TEXT COLLATE "C",
        deleted_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT comments_pkey PRIMARY KEY (list_id, comment_id)
    )
    """,
    "CREATE INDEX comments_row_idx ON comments (list_id, row_id, at)",
    """
    CREATE TABLE facts (
        list_id TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL,
        row_id TEXT COLLATE "C",
        column_id TEXT COLLATE "C",
        entity TEXT COLLATE "C",
        attribute TEXT,
        "old" JSONB,
        "new" JSONB,
        actor TEXT COLLATE "C" NOT NULL,
        source TEXT NOT NULL,
        reason TEXT,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT facts_pkey PRIMARY KEY (list_id, seq, ordinal)
    )
    """,
    "CREATE INDEX facts_row_idx ON facts (list_id, row_id, seq)",
    "COMMENT ON COLUMN facts.ordinal IS 'from 0 within one update'",
    "COMMENT ON COLUMN facts.reason IS 'why the change was refused; NULL for one that took effect'",
    """
    CREATE TABLE client_ids (
        list_id TEXT COLLATE "C" NOT NULL,
        client_id BIGINT NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL,
        CONSTRAINT client_ids_pkey PRIMARY KEY (list_id, client_id)
    )
    """,
)


def upgrade() -> None:
    """Make every table and index of the first schema."""
    for statement in (*_ACCOUNTS, *_LISTS):
        op.execute(statement)
