"""The tables of Rowhouse, for queries (SQLAlchemy Core) and for comparing with the migrations.

Three groups: accounts (`users` to `api_keys`), lists (`lists` to `client_ids`) and the audit of administrative
acts (`events`). The tables that every edit writes have no foreign keys: one statement writes them together
under the lock of the list's own row, so a check per row would cost time and find nothing.

The two indexes of `records` are partial: a query in list order says `trashed_at IS NULL` or `IS NOT NULL`, and the
commit's look-up by row id has only the primary key to choose, even while the planner knows nothing of the table.

Ids are opaque texts; ids and positions are compared by code unit (collation `C`), as the clients compare them.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata: Final = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

_CODE_UNITS: Final = Text(collation="C")
_MOMENT: Final = DateTime(timezone=True)
_NOW: Final = func.now()

users: Final = Table(
    "users",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("hue", SmallInteger, CheckConstraint("hue BETWEEN 0 AND 359", name="hue"), nullable=False),
    Column("password_hash", Text, comment="argon2; NULL for an account without a local password"),
    Column("token_version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
)
Index("users_email_key", func.lower(users.c.email), unique=True)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("user_id", _CODE_UNITS, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("family", _CODE_UNITS, nullable=False, index=True, comment="one sign-in; its tokens replace each other"),
    Column("token_hash", LargeBinary, nullable=False, unique=True, comment="sha256 of the refresh token"),
    Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("expires_at", _MOMENT, nullable=False),
    Column("rotated_at", _MOMENT, comment="when the next token of the family replaced this one"),
    Column("revoked_at", _MOMENT),
)

tickets: Final = Table(
    "tickets",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="sha256 of the ticket; redeemed by DELETE ... RETURNING"),
    Column("user_id", _CODE_UNITS, nullable=False),
    Column("list_id", _CODE_UNITS, nullable=False),
    Column("expires_at", _MOMENT, nullable=False, index=True),
    Column("grant_kind", Text, nullable=False, comment="what its user was let in by: sign_in or key"),
    Column("grant_id", _CODE_UNITS, nullable=False, comment="a family of sessions, or a key"),
    prefixes=["UNLOGGED"],
)

workspaces: Final = Table(
    "workspaces",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("name", Text, nullable=False),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("trashed_at", _MOMENT),
)

members: Final = Table(
    "members",
    metadata,
    Column("workspace_id", _CODE_UNITS, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _CODE_UNITS, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column(
        "role", Text, CheckConstraint("role IN ('owner', 'admin', 'editor', 'member')", name="role"), nullable=False
    ),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="one more with every change"),
    Column("joined_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("removed_at", _MOMENT, comment="the row stays after a removal, so that its version only grows"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("workspace_id", _CODE_UNITS, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", _CODE_UNITS, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True, comment="sha256 of the key"),
    Column("read_only", Boolean, nullable=False),
    Column("lists", ARRAY(Text), comment="the lists that it opens; NULL for every list of the workspace"),
    Column("created_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT),
    Column("last_used_at", _MOMENT, comment="to the minute"),
    Column("revoked_at", _MOMENT),
)

lists: Final = Table(
    "lists",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("workspace_id", _CODE_UNITS, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("head", BigInteger, nullable=False, server_default=text("0"), comment="number of the last update"),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("schema", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("created_by", _CODE_UNITS, nullable=False),
    Column("trashed_at", _MOMENT),
    Column(
        "log_bytes", BigInteger, nullable=False, server_default=text("0"), comment="of all its updates, pruned or not"
    ),
    Column(
        "chain", LargeBinary, nullable=False, server_default=text("''::bytea"), comment="the hash chain of its facts"
    ),
    Column("generation_at", _MOMENT, comment="when the newest of two generations of its document was begun"),
    Index("lists_generation_idx", "generation_at", postgresql_where=text("generation_at IS NOT NULL")),
)

updates: Final = Table(
    "updates",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("actor", _CODE_UNITS, nullable=False),
    Column("source", Text, nullable=False),
    Column("batch_id", Uuid, nullable=False, comment="tells a commit whose answer was lost from another one"),
    Column("update", LargeBinary, nullable=False, comment="Yjs update, v1 encoding"),
    Column("at", _MOMENT, primary_key=True),
    postgresql_partition_by="RANGE (at)",
)

documents: Final = Table(
    "documents",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="the last update that the state holds"),
    Column("state", LargeBinary, nullable=False),
    Column("at", _MOMENT, nullable=False, server_default=_NOW),
    Column("epoch", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="sha256 of the state"),
    Column("log_bytes", BigInteger, nullable=False, comment="of all updates that the state holds"),
    Column(
        "log_from", BigInteger, nullable=False, server_default=text("1"), comment="the log is whole from this number on"
    ),
)

records: Final = Table(
    "records",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("row_id", _CODE_UNITS, primary_key=True),
    Column("workspace_id", _CODE_UNITS, nullable=False),
    Column("data", JSONB, nullable=False, comment="column id -> value; an empty cell has no key"),
    Column("position", _CODE_UNITS, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="the last update that touched the row"),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", _CODE_UNITS, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
    Column("updated_by", _CODE_UNITS, nullable=False),
    Column("trashed_at", _MOMENT),
    Column("trashed_by", _CODE_UNITS),
)
Index(
    "records_order_idx",
    records.c.list_id,
    records.c.position,
    records.c.row_id,
    postgresql_where=records.c.trashed_at.is_(None),
)
Index(
    "records_trash_idx",
    records.c.list_id,
    records.c.trashed_at,
    records.c.row_id,
    postgresql_where=records.c.trashed_at.is_not(None),
)

links: Final = Table(
    "links",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("row_id", _CODE_UNITS, primary_key=True),
    Column("column_id", _CODE_UNITS, primary_key=True),
    Column("target_row_id", _CODE_UNITS, primary_key=True),
    Column("target_list_id", _CODE_UNITS, nullable=False),
)
Index("links_target_idx", links.c.target_list_id, links.c.target_row_id)

comments: Final = Table(
    "comments",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("comment_id", _CODE_UNITS, primary_key=True),
    Column("row_id", _CODE_UNITS, nullable=False),
    Column("column_id", _CODE_UNITS),
    Column("parent_id", _CODE_UNITS),
    Column("author", _CODE_UNITS, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("body", Text, nullable=False),
    Column("mentions", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("resolved_by", _CODE_UNITS),
    Column("resolved_at", _MOMENT),
    Column("deleted_by", _CODE_UNITS),
    Column("deleted_at", _MOMENT),
)
Index("comments_row_idx", comments.c.list_id, comments.c.row_id, comments.c.at)

AUDITED: Final = "reason IS NOT NULL OR kind IN ('meta', 'column')"
"""The facts that a workspace's audit shows: what was refused, and what changed a list itself. Read by `facts_audit_idx`."""

facts: Final = Table(
    "facts",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False, comment="from 0 within one update"),
    Column("kind", Text, nullable=False),
    Column("row_id", _CODE_UNITS),
    Column("column_id", _CODE_UNITS),
    Column("entity", _CODE_UNITS),
    Column("attribute", Text),
    Column("old", JSONB(none_as_null=True)),
    Column("new", JSONB(none_as_null=True)),
    Column("actor", _CODE_UNITS, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, comment="why the change was refused; NULL for one that took effect"),
    Column("at", _MOMENT, primary_key=True),
    Column("salt", LargeBinary, comment="hides the values in the chain; NULL before there was one"),
    Column("seal", LargeBinary, comment="the list's chain after the batch whose last fact this is"),
    postgresql_partition_by="RANGE (at)",
)
Index("facts_row_idx", facts.c.list_id, facts.c.row_id, facts.c.seq)
Index(
    "facts_audit_idx",
    facts.c.list_id,
    facts.c.at,
    facts.c.seq,
    facts.c.ordinal,
    postgresql_where=text(AUDITED),
)

anchors: Final = Table(
    "anchors",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="facts up to this number are gone, or older than the chain"),
    Column("chain", LargeBinary, nullable=False, comment="the chain after them"),
)

client_ids: Final = Table(
    "client_ids",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("client_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", _CODE_UNITS, nullable=False),
)

events: Final = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("workspace_id", _CODE_UNITS, nullable=False),
    Column("actor", _CODE_UNITS, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("at", _MOMENT, nullable=False, server_default=_NOW),
)
Index("events_workspace_idx", events.c.workspace_id, events.c.at, events.c.id)
