"""The connections of the list store, and what counts as the store being out of reach.

JSON stays text on these connections (asyncpg's default for `jsonb`): the store makes and reads it with orjson
once for a whole batch, so a codec called for each value would only cost time.

The pool is for the store's own few statements, which are prepared once and read by primary key only. So plans are
generic and made once, and the table scan, which looks cheap only while a table is small, is turned off.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from persistence.contract import StoreUnavailable

_ACQUIRE_SECONDS: Final = 5.0
_COMMAND_SECONDS: Final = 10.0
_CONNECTIONS_MAX: Final = 10

_SESSION: Final = {
    "application_name": "rowhouse",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
}

_OUT_OF_REACH: Final = (
    OSError,  # refused and broken connections, and time limits: TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, crashed, starting up, cancelled
    asyncpg.InsufficientResourcesError,  # no connection left, disk full
    asyncpg.TransactionRollbackError,  # chosen as the victim of a deadlock
    asyncpg.ReadOnlySQLTransactionError,  # a standby that was not promoted yet
    asyncpg.PostgresSystemError,  # the server could not read or write its files
)


class DurabilityOff(Exception):
    """The server answers a commit before it is on disk; "saved" would not be true."""


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that changes no session state, so giving it back needs no query."""

    def get_reset_query(self) -> str:
        return ""


async def create_pool(
    dsn: str, *, connections_max: int = _CONNECTIONS_MAX, volatile_allowed: bool = False
) -> asyncpg.Pool:
    """Open the list store's connections to `dsn`; the caller closes the pool.

    Raises `DurabilityOff` where `fsync` or `synchronous_commit` is off (`volatile_allowed` is for tests), and
    `StoreUnavailable` where the server cannot be reached.
    """
    try:
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections_max,
            max_queries=2**31,
            command_timeout=_COMMAND_SECONDS,
            connection_class=_Connection,
            server_settings=_SESSION,
        )
    except _OUT_OF_REACH as error:
        raise StoreUnavailable(str(error)) from error
    try:
        if not volatile_allowed:
            await _require_durability(pool)
    except BaseException:  # whatever ends the check, the connections must not outlive it
        await pool.close()
        raise
    return pool


@asynccontextmanager
async def reaching(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection; whatever means that the server is out of reach becomes `StoreUnavailable`."""
    try:
        async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            try:
                yield connection
            except asyncpg.InterfaceError as error:
                if connection.is_closed():
                    raise StoreUnavailable(str(error)) from error
                raise
    except _OUT_OF_REACH as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    except asyncpg.InterfaceError as error:
        if pool.is_closing():
            raise StoreUnavailable(str(error)) from error
        raise


async def _require_durability(pool: asyncpg.Pool) -> None:
    async with reaching(pool) as connection:
        fsync = await connection.fetchval("SHOW fsync")
        commit = await connection.fetchval("SHOW synchronous_commit")
    if fsync != "on" or commit not in {"on", "remote_apply"}:
        raise DurabilityOff(f"PostgreSQL runs with fsync={fsync} and synchronous_commit={commit}: both must be on")
