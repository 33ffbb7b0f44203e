"""The list store on PostgreSQL: a commit is one statement; an import adds COPY in the same transaction, a conversion its values."""

from collections.abc import Iterable, Sequence

import asyncpg
import orjson

from persistence.bulk import Bulk
from persistence.commit_statement import COMMIT
from persistence.contract import (
    Batch,
    BulkRecord,
    CommitResult,
    Committed,
    Conflict,
    LogEntry,
    NewList,
    OpenedList,
    RightsMoved,
)
from persistence.filling import fill_column
from persistence.holds import Hold
from persistence.payload import arguments
from persistence.pool import BULK_SILENCE_SECONDS, reaching
from persistence.postgres_states import LOG, checked_state
from persistence.states import OtherEpoch, check_log, check_whole

_LIST = """
SELECT l.workspace_id, l.epoch, l.head, d.state, d.digest, coalesce(d.seq, 0) AS state_seq
FROM lists l
JOIN workspaces w ON w.id = l.workspace_id
LEFT JOIN documents d ON d.list_id = l.id AND d.epoch = l.epoch
WHERE l.id = $1 AND l.trashed_at IS NULL AND w.trashed_at IS NULL
"""
_AFTER = """
SELECT l.epoch, l.head, u.seq, u.update, u.batch_id, u.actor
FROM lists l
LEFT JOIN updates u ON u.list_id = l.id AND u.seq > $2
WHERE l.id = $1
ORDER BY u.seq
"""
_OWNERS = "SELECT client_id, user_id FROM client_ids WHERE list_id = $1"
_MEMBERS = "SELECT user_id, version, removed_at IS NULL AS active FROM members WHERE workspace_id = $1"
_LISTS = "SELECT id FROM lists WHERE workspace_id = $1 AND trashed_at IS NULL"
_NEW_LIST = """
INSERT INTO lists (id, workspace_id, name, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""


class PostgresListStore:
    """`ListStore` on the connections of `persistence.pool.create_pool`; the caller closes the pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._holds: dict[str, Hold] = {}

    async def open_list(self, list_id: str) -> OpenedList | None:
        """Read a list as it stands at one moment; `None` when it, or its workspace, is missing or in the trash."""
        async with (
            reaching(self._pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(_LIST, list_id)
            if row is None:
                return None
            log = await connection.fetch(LOG, list_id, row["state_seq"])
            owners = await connection.fetch(_OWNERS, list_id)
            members = await connection.fetch(_MEMBERS, row["workspace_id"])
            lists = await connection.fetch(_LISTS, row["workspace_id"])
        opened = OpenedList(
            list_id=list_id,
            workspace_id=row["workspace_id"],
            epoch=row["epoch"],
            head=row["head"],
            state=checked_state(list_id, row),
            state_seq=row["state_seq"],
            log=[LogEntry(*entry) for entry in log],
            client_owners=dict(owners),
            members=frozenset(member["user_id"] for member in members if member["active"]),
            members_version=sum(member["version"] for member in members),
            lists=frozenset(entry["id"] for entry in lists),
        )
        check_whole(opened)
        return opened

    async def updates_after(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read the log entries with numbers above `seq`, in order; none for a list that does not exist. Raises `OtherEpoch`."""
        async with reaching(self._pool) as connection:
            return await self._read_after(connection, list_id, seq, epoch)

    async def hold(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read the log in a transaction that locks the list's row: others wait for it, and for our next commit."""
        before = self._holds.pop(list_id, None)
        if before is not None:
            await before.end()
        hold = self._holds[list_id] = Hold(self._pool, list_id)
        return await hold.begin(lambda connection: self._read_after(connection, list_id, seq, epoch))

    @staticmethod
    async def _read_after(
        connection: asyncpg.Connection, list_id: str, seq: int, epoch: int | None
    ) -> Sequence[LogEntry]:
        rows = await connection.fetch(_AFTER, list_id, seq)
        log = [LogEntry(*entry) for _, _, *entry in rows if entry[0] is not None]
        if rows:
            if epoch not in (None, rows[0]["epoch"]):
                raise OtherEpoch
            head = rows[0]["head"]
            check_log(list_id, min(seq, head), head, log)
        return log

    async def commit(self, batch: Batch) -> CommitResult:
        """Write the batch in one statement, or nothing of it; with rows in bulk, in one transaction."""
        bulk = Bulk(batch, batch.records).encoded() if batch.records else None
        hold = self._holds.pop(batch.list_id, None)
        if hold is not None and hold.lasts:
            return await hold.write(lambda connection: _commit(connection, batch, bulk))
        if bulk is None and not batch.fills:
            async with reaching(self._pool) as connection:
                return await _commit(connection, batch)
        reached = reaching(self._pool, silence_seconds=BULK_SILENCE_SECONDS)
        async with reached as connection, connection.transaction():
            return await _commit(connection, batch, bulk)

    async def create_list(self, new: NewList, batch: Batch, records: Iterable[BulkRecord] = ()) -> CommitResult:
        """Make the list, write its first batch and its rows in one transaction; else there is no list."""
        return await self._create(((new, batch, records),))

    async def create_lists(self, lists: Sequence[tuple[NewList, Batch]]) -> CommitResult:
        """Make the lists in one transaction; else there is none of them."""
        return await self._create([(new, batch, ()) for new, batch in lists])

    async def _create(self, lists: Sequence[tuple[NewList, Batch, Iterable[BulkRecord]]]) -> CommitResult:
        result: CommitResult = Conflict()  # of none
        try:
            bulk = reaching(self._pool, silence_seconds=BULK_SILENCE_SECONDS)
            async with bulk as connection, connection.transaction():
                for new, batch, records in lists:
                    result = await _make_list(connection, new, batch, records)
        except _NotMade as not_made:  # what was made before it is rolled back
            return not_made.result
        return result


class _NotMade(Exception):
    """A list cannot be made, so nothing is."""

    def __init__(self, result: CommitResult) -> None:
        super().__init__()
        self.result = result


async def _make_list(
    connection: asyncpg.Connection, new: NewList, batch: Batch, records: Iterable[BulkRecord]
) -> Committed:
    assert batch.list_id == new.list_id, "the first batch is the new list's own"
    place = (new.list_id, new.workspace_id, new.name, new.created_by, new.created_at)
    if await connection.fetchval(_NEW_LIST, *place) is None:
        raise _NotMade(Conflict())
    result = await _commit(connection, batch, Bulk(batch, records))
    if not isinstance(result, Committed):
        raise _NotMade(result)
    return result


async def _commit(connection: asyncpg.Connection, batch: Batch, bulk: Bulk | None = None) -> CommitResult:
    row = await connection.fetchrow(COMMIT, *arguments(batch, facts_follow=bulk is not None))
    result = _result(batch, row)
    if isinstance(result, Committed):
        if bulk is not None:
            await bulk.write(connection, row["workspace_id"])
        for fill in batch.fills:  # maybe of rows that have just come
            await fill_column(connection, batch.list_id, fill)
    return result


def _result(batch: Batch, row: asyncpg.Record | None) -> CommitResult:
    if row is None:
        return Conflict()
    if row["committed"]:
        return Committed(batch.expected_head + len(batch.updates))
    current = orjson.loads(row["memberships"] or "{}")
    moved: dict[str, tuple[str, int] | None] = {}
    for user, judged_version in batch.memberships.items():
        role, version = current.get(user, (None, None))
        if version != judged_version:
            moved[user] = None if role is None else (role, version)
    return RightsMoved(moved) if moved else Conflict()
