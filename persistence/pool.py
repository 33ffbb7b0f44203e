"""The connections of the list store, and what counts as the store being out of reach.

JSON stays text on these connections (asyncpg's default for `jsonb`): the store makes and reads it with orjson
once for a whole batch, so a codec called for each value would only cost time.

The pool is for the store's own few statements, which are prepared once and read by primary key only. So plans are
generic and made once, and the table scan, which looks cheap only while a table is small, is turned off.

Who waits too long for an answer asks on another connection whether the server is still at it (`persistence.vigil`). No statement
is cancelled for taking long: what may have been committed must not be shown as saved before a synchronous standby has it, and a cancelled
commit would be.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg
import structlog

from persistence.contract import StoreUnavailable
from persistence.vigil import Vigil

_ACQUIRE_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 2.0
BULK_SILENCE_SECONDS: Final = 10.0
"""For what is sent while it is made: then it may be the server that waits."""
_CONNECTIONS_MAX: Final = 10

_SESSION: Final = {
    "application_name": "rowhouse",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    # What a node that is gone has locked is let go of, though nobody said goodbye:
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}

OUT_OF_REACH: Final = (
    StoreUnavailable,
    OSError,  # refused and broken connections, and time limits: TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, crashed, starting up, cancelled
    asyncpg.InsufficientResourcesError,  # no connection left, disk full
    asyncpg.TransactionRollbackError,  # chosen as the victim of a deadlock
    asyncpg.ReadOnlySQLTransactionError,  # a standby that was not promoted yet
    asyncpg.IdleInTransactionSessionTimeoutError,  # we were stopped for so long that our transaction was ended
    asyncpg.PostgresSystemError,  # the server could not read or write its files
    asyncpg.InternalClientError,  # a connection that was cut while it was lent: its protocol has lost its place
)
"""What means that the database cannot be reached just now, or cannot do its work: another try may succeed."""

_STANDING: Final = """
SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
    pg_is_in_recovery() AS standby, pg_backend_pid() AS pid
"""
_AT_WORK: Final = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE pid = $1
        AND (state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'
            OR state_change > clock_timestamp() - interval '1 second')
)
"""

_log = structlog.get_logger(__name__)


class DurabilityOff(Exception):
    """The server answers a commit before it is on disk; "saved" would not be true."""


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that changes no session state, so giving it back needs no query. Its end waits for nobody.

    `standing` is what the server said of itself; `address` are the arguments by which it was found; `vigil` is kept while the
    connection is lent.
    """

    standing: asyncpg.Record
    address: tuple[tuple[Any, ...], dict[str, Any]]
    vigil: Vigil

    def get_reset_query(self) -> str:
        """Nothing was changed that would have to be reset."""
        return ""

    def itself(self) -> "Connection":
        """The connection behind what a pool lends, which is known for longer than that."""
        return self

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's signature
        """Say goodbye, but do not wait long until it is heard."""
        with suppress(*OUT_OF_REACH):
            await super().close(timeout=min(timeout or _CLOSE_SECONDS, _CLOSE_SECONDS))

    async def at_work(self) -> bool:
        """Ask the server by another connection whether it is busy with what was asked on this one."""
        arguments, options = self.address
        try:
            other = await asyncpg.connect(*arguments, **options | {"command_timeout": _CONNECT_SECONDS})
        except asyncpg.TooManyConnectionsError:
            return True  # it lives, and has enough to do
        except OUT_OF_REACH:
            return False
        try:
            return bool(await other.fetchval(_AT_WORK, self.standing["pid"]))
        except OUT_OF_REACH:
            return False
        finally:
            other.terminate()


async def connect(*arguments: Any, **options: Any) -> Connection:
    """Connect as `asyncpg.connect` does, to a server that takes writes.

    Raises `StoreUnavailable` where there is none.
    """
    options = {"timeout": _CONNECT_SECONDS, "connection_class": Connection} | options
    try:
        connection: Connection = await asyncpg.connect(*arguments, **options)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                connection.standing = await connection.fetchrow(_STANDING)
            connection.address = (arguments, options)
            _require_primary(connection)
        except BaseException:  # whatever ends the introduction, the connection must not outlive it
            connection.terminate()
            raise
    except OUT_OF_REACH as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    return connection


async def create_pool(
    dsn: str, *, connections_max: int = _CONNECTIONS_MAX, volatile_allowed: bool = False
) -> asyncpg.Pool:
    """Open the list store's connections to `dsn`; the caller closes the pool.

    Raises `DurabilityOff` where `fsync` or `synchronous_commit` is off (`volatile_allowed` is for tests), and
    `StoreUnavailable` where the server cannot be reached.
    """
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,  # there would be an error with its trace in the log at each try to keep one
        max_size=connections_max,
        max_queries=2**31,
        connect=connect,
        connection_class=Connection,
        init=None if volatile_allowed else _require_durability,
        server_settings=_SESSION,
    )
    try:
        await pool.release(await pool.acquire())
    except BaseException:  # whatever ends the first try, the pool must not outlive it
        pool.terminate()
        raise
    return pool


@asynccontextmanager
async def reaching(
    pool: asyncpg.Pool, *, silence_seconds: float = SILENCE_SECONDS
) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection; whatever means that the server is out of reach becomes `StoreUnavailable`.

    When nothing has come back for `silence_seconds` and the server is not at work on it, the connection is dropped, and so are
    all that wait in the pool. What was asked last may still happen.
    """
    try:
        async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            lent: Connection = connection.itself()
            vigil = lent.vigil = Vigil(lent, silence_seconds, pool.expire_connections)
            try:
                yield connection
            except asyncpg.InterfaceError as error:
                if lent.is_closed():
                    raise StoreUnavailable(str(error)) from error
                raise
            finally:
                vigil.end()
    except OUT_OF_REACH as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    except DurabilityOff as error:
        _log.error("the database may forget what it answers")
        raise StoreUnavailable(str(error)) from error
    except asyncpg.InterfaceError as error:
        if pool.is_closing():
            raise StoreUnavailable(str(error)) from error
        raise


def _require_primary(connection: Connection) -> None:
    """Raise `StoreUnavailable` for a standby: it takes no writes, and what it says may be old (LOG-41)."""
    if connection.standing["standby"]:
        raise StoreUnavailable("the server is a standby")


async def _require_durability(connection: Connection) -> None:
    """Raise `DurabilityOff` for a server that may forget: every new connection may have met another one (LOG-40)."""
    fsync, commit = connection.standing["fsync"], connection.standing["synchronous_commit"]
    if fsync != "on" or commit not in {"on", "remote_apply"}:
        raise DurabilityOff(f"PostgreSQL runs with fsync={fsync} and synchronous_commit={commit}: both must be on")
