"""Everything that is stored of a list, read in one snapshot of a running server's database, as streams."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
import orjson

from persistence.contract import AuditEntry, CommentPatch, Fact, FactKind, Json, Source

ORPHANED_TABLES: Final = ("documents", "updates", "facts", "records", "links", "comments", "client_ids", "anchors")
_PREFETCH_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The list's own row, its state and its anchor. `state` is `None` where there is none of this epoch."""

    name: str
    schema: Json
    head: int
    epoch: int
    chain: bytes
    state: bytes | None
    state_seq: int
    state_digest: bytes | None
    log_from: int
    anchor_seq: int
    anchor: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A fact as it is stored; `salt` is its values' proof where they were erased, and `None` where it is older than the chain."""

    seq: int
    ordinal: int
    entry: AuditEntry
    salt: bytes | None
    seal: bytes | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A row of the relational snapshot."""

    row: str
    position: str
    cells: dict[str, Json]
    trashed: bool
    seq: int


_HEAD: Final = """
SELECT l.name, l.schema, l.head, l.epoch, l.chain, d.state, coalesce(d.seq, 0) AS state_seq, d.digest,
    coalesce(d.log_from, 1) AS log_from, coalesce(a.seq, 0) AS anchor_seq, coalesce(a.chain, ''::bytea) AS anchor
FROM lists l
LEFT JOIN documents d ON d.list_id = l.id AND d.epoch = l.epoch
LEFT JOIN anchors a ON a.list_id = l.id
WHERE l.id = $1
"""


class Snapshot:
    """One list at one moment."""

    def __init__(self, connection: asyncpg.Connection, list_id: str) -> None:
        self.list_id = list_id
        self._connection = connection

    async def head(self) -> StoredHead | None:
        """The list's own row; `None` when there is no such list."""
        row = await self._connection.fetchrow(_HEAD, self.list_id)
        if row is None:
            return None
        name, schema, *rest = row
        return StoredHead(name, orjson.loads(schema), *rest)

    async def log(self) -> AsyncIterator[tuple[int, bytes]]:
        """Number and bytes of every update that is kept, in order."""
        async for row in self._stream("SELECT seq, update FROM updates WHERE list_id = $1 ORDER BY seq"):
            yield row["seq"], row["update"]

    async def facts(self) -> AsyncIterator[AuditRow]:
        """Every fact that is kept, in order."""
        async for row in self._stream("SELECT * FROM facts WHERE list_id = $1 ORDER BY seq, ordinal"):
            yield _audit_row(row)

    async def records(self, rows: Sequence[str]) -> dict[str, RecordRow]:
        """These rows, as far as they are there."""
        query = "SELECT * FROM records WHERE list_id = $1 AND row_id = ANY ($2)"
        return {row["row_id"]: _record(row) for row in await self._connection.fetch(query, self.list_id, rows)}

    async def links(self, rows: Sequence[str]) -> set[tuple[str, str, str, str]]:
        """(row, column, target row, target list) of the links of these rows."""
        query = "SELECT row_id, column_id, target_row_id, target_list_id FROM links WHERE list_id = $1 AND row_id = ANY ($2)"
        return {tuple(row) for row in await self._connection.fetch(query, self.list_id, rows)}

    async def row_ids(self, table: str) -> AsyncIterator[str]:
        """The row of every entry of `records` or `links`."""
        assert table in {"records", "links"}, "a table with rows of a list"
        async for row in self._stream(f"SELECT DISTINCT row_id FROM {table} WHERE list_id = $1"):  # noqa: S608
            yield row["row_id"]

    async def comments(self) -> dict[str, CommentPatch]:
        """Every comment."""
        found = await self._connection.fetch("SELECT * FROM comments WHERE list_id = $1", self.list_id)
        return {row["comment_id"]: _comment(row) for row in found}

    async def client_ids(self) -> frozenset[int]:
        """The client ids that have an owner."""
        found = await self._connection.fetch("SELECT client_id FROM client_ids WHERE list_id = $1", self.list_id)
        return frozenset(row["client_id"] for row in found)

    def _stream(self, query: str) -> Any:
        return self._connection.cursor(query, self.list_id, prefetch=_PREFETCH_ROWS)


class Inspector:
    """A connection of its own for reading whole lists; a list that is read holds up no edit."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def list_ids(self) -> Sequence[str]:
        """Every list, in the trash or not."""
        return [row["id"] for row in await self._connection.fetch("SELECT id FROM lists ORDER BY id")]

    async def orphans(self) -> Sequence[tuple[str, str]]:
        """(table, list) of what is stored of lists that do not exist."""
        parts = [
            f"SELECT DISTINCT '{table}' AS place, list_id FROM {table} t"  # noqa: S608 - names of our own
            " WHERE NOT EXISTS (SELECT FROM lists WHERE id = t.list_id)"
            for table in ORPHANED_TABLES
        ]
        return [tuple(row) for row in await self._connection.fetch(" UNION ALL ".join(parts))]

    @asynccontextmanager
    async def snapshot(self, list_id: str) -> AsyncIterator[Snapshot]:
        """One list as it stands now, whatever is committed meanwhile."""
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            yield Snapshot(self._connection, list_id)


@asynccontextmanager
async def inspecting(dsn: str) -> AsyncIterator[Inspector]:
    """Connect for reading whole lists. Raises asyncpg's errors."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "rowhouse verify", "timezone": "UTC"})
    try:
        yield Inspector(connection)
    finally:
        await connection.close()


def _audit_row(row: Any) -> AuditRow:
    old, new = (None if row[name] is None else orjson.loads(row[name]) for name in ("old", "new"))
    place = (row["row_id"], row["column_id"], row["entity"], row["attribute"])
    fact = Fact(FactKind(row["kind"]), *place, old, new)
    at: datetime = row["at"]
    entry = AuditEntry(0, fact, row["actor"], Source(row["source"]), at, row["reason"])
    return AuditRow(row["seq"], row["ordinal"], entry, row["salt"], row["seal"])


def _record(row: Any) -> RecordRow:
    trashed = row["trashed_at"] is not None
    return RecordRow(row["row_id"], row["position"], orjson.loads(row["data"]), trashed, row["seq"])


def _comment(row: Any) -> CommentPatch:
    written = (row["comment_id"], row["row_id"], row["column_id"], row["parent_id"], row["author"], row["at"])
    moved = (row["resolved_by"], row["resolved_at"], row["deleted_by"], row["deleted_at"])
    return CommentPatch(*written, row["body"], row["mentions"], *moved)
