"""The full states of lists in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import asyncpg

from persistence.contract import ListBroken, LogEntry
from persistence.pool import reaching
from persistence.states import StoredDocument, check_whole

LOG: Final = "SELECT seq, update, batch_id, actor FROM updates WHERE list_id = $1 AND seq > $2 ORDER BY seq"

_DOCUMENT: Final = """
SELECT l.epoch, l.head, d.state, d.digest, coalesce(d.seq, 0) AS state_seq
FROM lists l
LEFT JOIN documents d ON d.list_id = l.id AND d.epoch = l.epoch
WHERE l.id = $1
"""
_KEEP: Final = """
INSERT INTO documents AS held (list_id, epoch, seq, state, digest, log_bytes)
SELECT id, epoch, $3, $4, $5, log_bytes - (
    SELECT coalesce(sum(octet_length(update)), 0) FROM updates WHERE list_id = $1 AND seq > $3
)
FROM lists
WHERE id = $1 AND epoch = $2 AND head >= $3
ON CONFLICT (list_id) DO UPDATE
SET epoch = excluded.epoch, seq = excluded.seq, state = excluded.state, digest = excluded.digest,
    log_bytes = excluded.log_bytes, at = now()
WHERE (held.epoch, held.seq) < (excluded.epoch, excluded.seq)
RETURNING list_id
"""
_LONG: Final = """
SELECT l.id
FROM lists l
LEFT JOIN documents d ON d.list_id = l.id AND d.epoch = l.epoch
WHERE l.head > coalesce(d.seq, 0)
    AND (l.head - coalesce(d.seq, 0) >= $1 OR l.log_bytes - coalesce(d.log_bytes, 0) >= $2)
"""
_UNFOLDED: Final = "SELECT id FROM lists WHERE generation_at < $1 AND trashed_at IS NULL"
_OLD: Final = """
SELECT l.id
FROM lists l
LEFT JOIN documents d ON d.list_id = l.id AND d.epoch = l.epoch,
    LATERAL (
        SELECT at FROM updates WHERE list_id = l.id AND seq > coalesce(d.seq, 0) ORDER BY seq LIMIT 1
    ) AS first
WHERE l.head > coalesce(d.seq, 0) AND first.at < $1
"""


class PostgresStates:
    """`StateStore` on the connections of `persistence.pool.create_pool`; the caller closes the pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def read_document(self, list_id: str) -> StoredDocument | None:
        """Read a list's document as it stands at one moment."""
        async with (
            reaching(self._pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(_DOCUMENT, list_id)
            if row is None:
                return None
            log = await connection.fetch(LOG, list_id, row["state_seq"])
        entries = [LogEntry(*entry) for entry in log]
        document = StoredDocument(
            list_id, row["epoch"], row["head"], checked_state(list_id, row), row["state_seq"], entries
        )
        check_whole(document)
        return document

    async def keep_state(self, list_id: str, epoch: int, seq: int, state: bytes) -> bool:
        """Keep a full state, unless it is no progress: of an older number or epoch, or of a list that is gone."""
        digest = sha256(state).digest()
        async with reaching(self._pool) as connection:
            return await connection.fetchval(_KEEP, list_id, epoch, seq, state, digest) is not None

    async def long_tails(self, entries_min: int, bytes_min: int) -> Sequence[str]:
        """The lists whose log after their last state has so many entries, or so many bytes."""
        async with reaching(self._pool) as connection:
            return [row["id"] for row in await connection.fetch(_LONG, entries_min, bytes_min)]

    async def unfolded(self, before: datetime) -> Sequence[str]:
        """The lists that have an older generation beside one that was begun before this time."""
        async with reaching(self._pool) as connection:
            return [row["id"] for row in await connection.fetch(_UNFOLDED, before)]

    async def old_tails(self, before: datetime) -> Sequence[str]:
        """The lists whose log after their last state begins before this time."""
        async with reaching(self._pool) as connection:
            return [row["id"] for row in await connection.fetch(_OLD, before)]


def checked_state(list_id: str, row: Any) -> bytes | None:
    """The state of a row with `state` and `digest`. Raises `ListBroken` where its bytes are not those that were kept."""
    state: bytes | None = row["state"]
    if state is not None and sha256(state).digest() != row["digest"]:
        raise ListBroken(list_id, "the bytes of its state have changed")
    return state
