"""Giving a list a new epoch: one transaction under the list's row, in which everything else of the list waits.

The rebuild is a commit like any other, of an update that changes nothing: so it has a number, stands in the log, and its fact
is sealed in the list's hash chain. With it the new full state takes the place of the old one, and the log is whole from there on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import asyncpg
import orjson

from persistence.commit_statement import COMMIT
from persistence.contract import Batch
from persistence.events import LIST_EVENT, Act
from persistence.payload import arguments
from persistence.quarantine import ACTOR

NOTHING: Final = b"\x00\x00"
"""The update that changes nothing: what the log holds of a rebuild, so that its numbers have no gap."""
LOCK_SECONDS_MAX: Final = 30
_SETTINGS: Final = {
    "application_name": "rowhouse rebuild",
    "timezone": "UTC",
    "synchronous_commit": "on",
    "lock_timeout": f"{LOCK_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": "0",
}
_LOCK: Final = """
SELECT l.head, l.epoch, l.trashed_at IS NOT NULL AS trashed,
    EXISTS (SELECT FROM workspaces w WHERE w.id = l.workspace_id AND w.trashed_at IS NOT NULL) AS workspace_trashed
FROM lists l
WHERE l.id = $1
FOR UPDATE
"""
_RAISE: Final = "UPDATE lists SET epoch = epoch + 1 WHERE id = $1"
_KEEP: Final = """
INSERT INTO documents (list_id, epoch, seq, state, digest, log_bytes, log_from)
SELECT id, epoch, head, $2, $3, log_bytes, head + 1 FROM lists WHERE id = $1
ON CONFLICT (list_id) DO UPDATE
SET epoch = excluded.epoch, seq = excluded.seq, state = excluded.state, digest = excluded.digest,
    log_bytes = excluded.log_bytes, log_from = excluded.log_from, at = now()
"""
_DISOWN: Final = "DELETE FROM client_ids WHERE list_id = $1"


class RenewalRefused(Exception):
    """The list keeps its epoch, and nothing was written: the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class HeldList:
    """A list that nobody else can write in: its head and epoch, and the transaction that holds it."""

    list_id: str
    head: int
    epoch: int
    connection: asyncpg.Connection

    async def renew(self, batch: Batch, state: bytes) -> None:
        """Commit `batch`, the rebuild's own entry, and raise the epoch to that of `state`, the document as of that entry.

        Nobody owns a client id in the new epoch. Raises `RenewalRefused`; then the transaction must not be committed.
        """
        assert (batch.expected_head, batch.epoch, len(batch.updates)) == (self.head, self.epoch, 1), "the rebuild alone"
        written = await self.connection.fetchrow(COMMIT, *arguments(batch))
        if written is None or not written["committed"]:
            raise RenewalRefused(f"The list {self.list_id} was changed meanwhile. Run the command again.")
        await self.connection.execute(_RAISE, self.list_id)
        await self.connection.execute(_KEEP, self.list_id, state, sha256(state).digest())
        await self.connection.execute(_DISOWN, self.list_id)
        detail = orjson.dumps({"epoch": self.epoch + 1, "head": self.head + 1}).decode()
        at = batch.updates[0].at
        await self.connection.execute(LIST_EVENT, self.list_id, ACTOR, Act.LIST_REBUILT, at, detail)


@asynccontextmanager
async def holding(dsn: str, list_id: str) -> AsyncIterator[HeldList]:
    """Lock a list for a rebuild; what is done in the block is durable when it ends, or nothing of it.

    Edits of the list wait meanwhile. Raises `RenewalRefused`, and asyncpg's errors.
    """
    connection = await asyncpg.connect(dsn, server_settings=_SETTINGS)
    try:
        async with connection.transaction():
            yield await _locked(connection, list_id)
    finally:
        await connection.close()


async def _locked(connection: asyncpg.Connection, list_id: str) -> HeldList:
    try:
        row = await connection.fetchrow(_LOCK, list_id)
    except asyncpg.LockNotAvailableError as error:
        raise RenewalRefused(
            f"Something else has held the list {list_id} for {LOCK_SECONDS_MAX} seconds. Run the command again."
        ) from error
    if row is None:
        raise RenewalRefused(f"There is no list {list_id}.")
    if row["workspace_trashed"]:
        raise RenewalRefused(f"The workspace of the list {list_id} was deleted. Nothing is rebuilt in it.")
    if row["trashed"]:
        raise RenewalRefused(f"The list {list_id} is in the trash. Restore it, then run the command again.")
    return HeldList(list_id, row["head"], row["epoch"], connection)
