"""A hold: one node keeps a list to itself for a moment, by a transaction that has locked the list's row.

Nodes that write in one list at once race for the next number, and whoever commits without a pause always wins. A node
that has lost twice reads the log under the lock; the commits of others wait, and fail in their turn. The lock is the
database's own: it ends with the transaction, the connection or `HOLD_SECONDS`; the server lets go of that of a node which stands
still a second later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from persistence.contract import HOLD_SECONDS, CommitResult, LogEntry
from persistence.pool import reaching

_LOCK = "SELECT set_config('idle_in_transaction_session_timeout', $2, true) FROM lists WHERE id = $1 FOR UPDATE"
_LET_GO = f"{(HOLD_SECONDS + 1) * 1000:.0f}ms"

Read = Callable[[asyncpg.Connection], Awaitable[Sequence[LogEntry]]]
Write = Callable[[asyncpg.Connection], Awaitable[CommitResult]]


class Hold:
    """One transaction: it locks the list, reads the log, and waits for the one commit that it is there for."""

    def __init__(self, pool: asyncpg.Pool, list_id: str) -> None:
        self._pool = pool
        self._list_id = list_id
        loop = asyncio.get_running_loop()
        self._log: asyncio.Future[Sequence[LogEntry]] = loop.create_future()
        self._write: asyncio.Future[Write | None] = loop.create_future()
        self._over = False
        self._task: asyncio.Task[CommitResult | None] | None = None

    @property
    def lasts(self) -> bool:
        """The statement can still be written under the lock."""
        return not self._over and self._task is not None and not self._task.done()

    async def begin(self, read: Read) -> Sequence[LogEntry]:
        """Lock the list; returns what `read` reads then. Raises `StoreUnavailable`."""
        self._task = asyncio.get_running_loop().create_task(self._keep(read))
        first: set[asyncio.Future[Any]] = {self._task, self._log}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not self._log.done():
            await self._task  # it has failed, and says why
        return await self._log

    async def write(self, write: Write) -> CommitResult:
        """Write under the lock, while it `lasts`; durable when it returns. Raises `StoreUnavailable`."""
        assert self._task is not None, "a hold has begun"
        self._write.set_result(write)
        result = await asyncio.shield(self._task)
        assert result is not None, "something was written"
        return result

    async def end(self) -> None:
        """Let go without having written."""
        if not self._write.done():
            self._write.set_result(None)
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _keep(self, read: Read) -> CommitResult | None:
        try:
            async with reaching(self._pool) as connection, connection.transaction():
                await connection.execute(_LOCK, self._list_id, _LET_GO)
                log = await read(connection)
                vigil = connection.itself().vigil
                vigil.end()
                self._log.set_result(log)
                await asyncio.wait([self._write], timeout=HOLD_SECONDS)
                vigil.go_on()
                write = self._write.result() if self._write.done() else None
                self._over = True
                return None if write is None else await write(connection)
        finally:
            self._over = True
