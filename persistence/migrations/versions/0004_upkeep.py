"""Log and audit in monthly partitions, the audit's hash chain, and full states that are checked when they are read.

What is there is carried over: it goes into the default partition, or that of its month. Facts from before have no chain; each
list's begins after them, and its anchor says where.
"""

from typing import Final

from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

_SETTING_ASIDE: Final = (
    "ALTER TABLE updates RENAME TO updates_before",
    "ALTER TABLE updates_before RENAME CONSTRAINT updates_pkey TO updates_before_pkey",
    "ALTER TABLE facts RENAME TO facts_before",
    "ALTER TABLE facts_before RENAME CONSTRAINT facts_pkey TO facts_before_pkey",
    "DROP INDEX facts_row_idx",
    "DROP INDEX facts_audit_idx",
)

_TABLES: Final = (
    """
    CREATE TABLE updates (
        list_id TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        actor TEXT COLLATE "C" NOT NULL,
        source TEXT NOT NULL,
        batch_id UUID NOT NULL,
        update BYTEA NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT updates_pkey PRIMARY KEY (list_id, seq, at)
    ) PARTITION BY RANGE (at)
    """,
    "COMMENT ON COLUMN updates.batch_id IS 'tells a commit whose answer was lost from another one'",
    "COMMENT ON COLUMN updates.update IS 'Yjs update, v1 encoding'",
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
        salt BYTEA,
        seal BYTEA,
        CONSTRAINT facts_pkey PRIMARY KEY (list_id, seq, ordinal, at)
    ) PARTITION BY RANGE (at)
    """,
    "CREATE INDEX facts_row_idx ON facts (list_id, row_id, seq)",
    """
    CREATE INDEX facts_audit_idx ON facts (list_id, at, seq, ordinal)
    WHERE reason IS NOT NULL OR kind IN ('meta', 'column')
    """,
    "COMMENT ON COLUMN facts.ordinal IS 'from 0 within one update'",
    "COMMENT ON COLUMN facts.reason IS 'why the change was refused; NULL for one that took effect'",
    "COMMENT ON COLUMN facts.salt IS 'hides the values in the chain; NULL before there was one'",
    "COMMENT ON COLUMN facts.seal IS 'the list''s chain after the batch whose last fact this is'",
)

_PARTITIONS: Final = """
DO $$
DECLARE
    parent TEXT;
    month TIMESTAMP;
BEGIN
    FOREACH parent IN ARRAY ARRAY['updates', 'facts'] LOOP
        EXECUTE format('CREATE TABLE partitions.%I PARTITION OF public.%I DEFAULT', parent || '_default', parent);
        FOR ahead IN 0..2 LOOP
            month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
            EXECUTE format(
                'CREATE TABLE partitions.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                parent || to_char(month, '_YYYY_MM'), parent,
                month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
            );
        END LOOP;
    END LOOP;
END $$
"""

_CARRYING_OVER: Final = (
    """
    INSERT INTO updates (list_id, seq, actor, source, batch_id, update, at)
    SELECT list_id, seq, actor, source, batch_id, update, at FROM updates_before
    """,
    """
    INSERT INTO facts (list_id, seq, ordinal, kind, row_id, column_id, entity, attribute, old, new, actor, source, reason, at)
    SELECT list_id, seq, ordinal, kind, row_id, column_id, entity, attribute, old, new, actor, source, reason, at
    FROM facts_before
    """,
    "DROP TABLE updates_before",
    "DROP TABLE facts_before",
)

_CHAIN: Final = (
    "ALTER TABLE lists ADD COLUMN chain BYTEA DEFAULT ''::bytea NOT NULL",
    "COMMENT ON COLUMN lists.chain IS 'the hash chain of its facts'",
    """
    CREATE TABLE anchors (
        list_id TEXT COLLATE "C" NOT NULL,
        seq BIGINT NOT NULL,
        chain BYTEA NOT NULL,
        CONSTRAINT anchors_pkey PRIMARY KEY (list_id)
    )
    """,
    "COMMENT ON COLUMN anchors.seq IS 'facts up to this number are gone, or older than the chain'",
    "COMMENT ON COLUMN anchors.chain IS 'the chain after them'",
    "INSERT INTO anchors (list_id, seq, chain) SELECT id, head, ''::bytea FROM lists WHERE head > 0",
)

_STATES: Final = (
    "ALTER TABLE lists ADD COLUMN log_bytes BIGINT DEFAULT 0 NOT NULL",
    "COMMENT ON COLUMN lists.log_bytes IS 'of all its updates, pruned or not'",
    """
    UPDATE lists
    SET log_bytes = held.bytes
    FROM (SELECT list_id, sum(octet_length(update)) AS bytes FROM updates GROUP BY list_id) AS held
    WHERE held.list_id = lists.id
    """,
    "DELETE FROM documents",  # the log is whole, and makes them anew
    "ALTER TABLE documents ADD COLUMN epoch INTEGER NOT NULL",
    "ALTER TABLE documents ADD COLUMN digest BYTEA NOT NULL",
    "ALTER TABLE documents ADD COLUMN log_bytes BIGINT NOT NULL",
    "ALTER TABLE documents ADD COLUMN log_from BIGINT DEFAULT 1 NOT NULL",
    "COMMENT ON COLUMN documents.digest IS 'sha256 of the state'",
    "COMMENT ON COLUMN documents.log_bytes IS 'of all updates that the state holds'",
    "COMMENT ON COLUMN documents.log_from IS 'the log is whole from this number on'",
)


def upgrade() -> None:
    """Make the partitioned tables, move everything into them, and add what the chain and the states need."""
    for statement in (
        *_SETTING_ASIDE,
        *_TABLES,
        "CREATE SCHEMA partitions",
        _PARTITIONS,
        *_CARRYING_OVER,
        *_CHAIN,
        *_STATES,
    ):
        op.execute(statement)
