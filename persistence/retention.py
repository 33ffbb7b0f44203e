"""What goes by time: log entries that a full state holds, imports that have ended, and, if an installation wants it, old facts.

The log of a list goes only from its beginning, only up to its state, and `documents.log_from` says from where on it is whole; facts go
only from the beginning of their chain, and the anchor says what the chain was there. A partition in which everything may
go is dropped; in the others, and in the default one, what may go is deleted.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import asyncpg

from persistence.partitions import Partition, make_ahead, partitions_of, take_turn
from persistence.pool import reaching
from persistence.postgres_states import PostgresStates

_LOG_FLOORS: Final = """
UPDATE documents
SET log_from = gone.upto + 1
FROM (
    SELECT d.list_id, least(d.seq, first.seq - 1) AS upto
    FROM documents d JOIN lists l ON l.id = d.list_id AND l.epoch = d.epoch,
        LATERAL (
            SELECT coalesce(min(seq), d.seq + 1) AS seq
            FROM (SELECT seq FROM updates WHERE list_id = d.list_id AND at >= $1 ORDER BY seq LIMIT 1) AS young
        ) AS first
) AS gone
WHERE documents.list_id = gone.list_id AND documents.log_from <= gone.upto
"""
"""Moves each list's beginning of the log up to its state, but not past an entry that is too young to go."""

_LOG_KEPT: Final = "SELECT log_from - 1 FROM documents WHERE list_id = {list}"

_ANCHORS: Final = """
INSERT INTO anchors AS held (list_id, seq, chain)
SELECT l.id, sealed.seq, sealed.seal
FROM lists l,
    LATERAL (
        SELECT coalesce(min(seq), l.head + 1) AS seq
        FROM (SELECT seq FROM facts WHERE list_id = l.id AND at >= $1 ORDER BY seq LIMIT 1) AS young
    ) AS first,
    LATERAL (
        SELECT seq, seal FROM facts WHERE list_id = l.id AND seq < first.seq AND seal IS NOT NULL
        ORDER BY seq DESC, ordinal DESC LIMIT 1
    ) AS sealed
ON CONFLICT (list_id) DO UPDATE SET seq = excluded.seq, chain = excluded.chain WHERE held.seq < excluded.seq
"""
"""Moves each list's anchor to the end of its last commit of which every fact, and every one before it, is old enough to go."""

_FACTS_KEPT: Final = "SELECT seq FROM anchors WHERE list_id = {list}"

_STAYS: Final = """
SELECT EXISTS (
    SELECT FROM lists l,
        LATERAL (SELECT seq FROM {place} WHERE list_id = l.id ORDER BY seq DESC LIMIT 1) AS last
    WHERE last.seq > coalesce(({upto}), 0)
)
"""
_DELETE: Final = """
DELETE FROM {place} AS x
WHERE at < $1 AND (seq <= ({upto}) OR NOT EXISTS (SELECT FROM lists WHERE id = x.list_id))
"""
_OLD_IMPORTS: Final = """
DELETE FROM imports
WHERE finished_at < now() - make_interval(secs => $1) OR (state = 'uploaded' AND created_at < now() - interval '1 day')
"""
"""Imports that ended long ago, and files that nobody has imported; with their files and reports."""
_DELETE_SECONDS_MAX: Final = 600.0


class PostgresRetention:
    """Retention on a pool. `log_days` and `facts_days` say how long entries stay at least; `None` is for ever.

    A month's entries go together, once the last of them is old enough. `imports_days` is how long imports stay after their end.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        log_days: float | None,
        facts_days: float | None = None,
        imports_days: float | None = None,
    ) -> None:
        self._pool = pool
        self._imports_days = imports_days
        self._log_days = log_days
        self._facts_days = facts_days

    async def due(self) -> Sequence[str]:
        """The lists that need a state before their log may go."""
        if self._log_days is None:
            return []
        async with reaching(self._pool) as connection:
            before = await _before(connection, self._log_days)
        return await PostgresStates(self._pool).old_tails(before)

    async def run(self) -> None:
        """Make the partitions of the coming months; let go what is older than its retention.

        Where another node is at it, or edits keep a table busy, that part is left to the next round.
        """
        async with reaching(self._pool) as connection:
            async with _turn(connection) as ours:
                if ours:
                    await make_ahead(connection)
            if self._log_days is not None:
                await _let_go(connection, "updates", self._log_days, _LOG_FLOORS, _LOG_KEPT)
            if self._facts_days is not None:
                await _let_go(connection, "facts", self._facts_days, _ANCHORS, _FACTS_KEPT)
            if self._imports_days is not None:
                await connection.execute(_OLD_IMPORTS, self._imports_days * 86_400, timeout=_DELETE_SECONDS_MAX)


@asynccontextmanager
async def _turn(connection: asyncpg.Connection) -> AsyncIterator[bool]:
    """A transaction, and whether the turn is ours; given up without a word where a lock cannot be had."""
    with suppress(asyncpg.LockNotAvailableError):
        async with connection.transaction():
            yield await take_turn(connection)


async def _let_go(connection: asyncpg.Connection, parent: str, days: float, floors: str, upto: str) -> None:
    before = await _before(connection, days)
    async with _turn(connection) as ours:
        if ours:
            await connection.execute(floors, before)
    for partition in await partitions_of(connection, parent):
        if partition.until is not None and partition.until > before:
            continue
        async with _turn(connection) as ours:
            if not ours or partition not in await partitions_of(connection, parent):
                continue  # another node is at it, or has dropped it meanwhile
            if partition.until is None or not await _dropped(connection, parent, partition, upto):
                delete = _DELETE.format(place=partition.place, upto=upto.format(list="x.list_id"))
                await connection.execute(delete, before, timeout=_DELETE_SECONDS_MAX)


async def _dropped(connection: asyncpg.Connection, parent: str, partition: Partition, upto: str) -> bool:
    """Drop a partition of a month that is over, if nothing in it has to stay."""
    stays = _STAYS.format(place=partition.place, upto=upto.format(list="l.id"))
    if await connection.fetchval(stays):
        return False
    await connection.execute(f"LOCK TABLE ONLY {parent} IN ACCESS EXCLUSIVE MODE")
    if await connection.fetchval(stays):  # what came before the lock was had
        return False
    await connection.execute(f"DROP TABLE {partition.place}")
    return True


async def _before(connection: asyncpg.Connection, days: float) -> datetime:
    before: datetime = await connection.fetchval("SELECT now() - make_interval(secs => $1)", days * 86_400)
    return before
