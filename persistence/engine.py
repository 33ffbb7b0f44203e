"""The SQLAlchemy engine for accounts, workspaces and reads; edits of lists go through the store's own pool.

Functions of this package that take a connection never commit: the caller's `engine.begin()` is the boundary.
"""

import time
from functools import partial
from typing import Any, Final

import asyncpg
import orjson
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import AdaptedConnection, ExceptionContext, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from persistence.contract import StoreUnavailable
from persistence.pool import OUT_OF_REACH, SILENCE_SECONDS, Connection, connect
from persistence.vigil import Vigil

CONNECTIONS_MAX: Final = 10
WAIT_SECONDS_MAX: Final = 10
STATEMENT_SECONDS_MAX: Final = 30
IDLE_SECONDS_MAX: Final = 5
"""What a node has locked that says nothing for so long, since it stands still, is let go of by the server."""
_BEGIN_SECONDS_MAX: Final = 2.0
_TRUSTED_SECONDS: Final = 1.0
_VIGIL: Final = "vigil"
_LEFT_AT: Final = "left at"


class _EngineConnection(Connection):
    """A connection that is dropped when it does not begin at once, or when its server is not at work on a commit.

    Every use begins with BEGIN, which needs no work: who does not answer it is gone, and SQLAlchemy takes all that were
    opened before to be gone, too.
    """

    async def execute(self, query: str, *arguments: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's signature
        if not query.startswith("BEGIN"):
            vigil = Vigil(self, SILENCE_SECONDS, _nothing_more)
            try:
                return str(await super().execute(query, *arguments, timeout=timeout))
            finally:
                vigil.end()
        try:
            return str(await super().execute(query, timeout=_BEGIN_SECONDS_MAX))
        except TimeoutError as error:
            self.terminate()
            raise asyncpg.ConnectionDoesNotExistError("the server does not answer") from error


def open_engine(dsn: str) -> AsyncEngine:
    """Make an engine for a `postgresql://` address; it connects on first use. Close it with `dispose()`.

    Whatever means that the server is out of reach is `StoreUnavailable`.
    """
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS_MAX,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "async_creator_fn": partial(connect, connection_class=_EngineConnection),
            "command_timeout": STATEMENT_SECONDS_MAX + 1,
            "server_settings": {
                "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
                "idle_in_transaction_session_timeout": f"{IDLE_SECONDS_MAX}s",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "before_cursor_execute", _begin_vigil)
    event.listen(engine.sync_engine, "after_cursor_execute", _end_vigil)
    event.listen(engine.sync_engine, "checkout", _look_after)
    event.listen(engine.sync_engine, "checkin", _leave)
    event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


def for_reads(engine: AsyncEngine) -> AsyncEngine:
    """The same connections, for reads: every statement stands for itself, so that nothing is begun or ended around it."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _look_after(connection: AdaptedConnection, record: ConnectionPoolEntry, _lent: object) -> None:
    """Before a connection is lent again: is it still there? What was in use a moment ago is not asked, which costs three round trips."""
    driver = connection.driver_connection
    assert isinstance(driver, Connection), "async_creator_fn makes no other"
    if driver.is_closed():
        raise InvalidatePoolError
    if time.monotonic() - record.info.get(_LEFT_AT, time.monotonic()) > _TRUSTED_SECONDS:
        try:
            connection.ping()  # type: ignore[attr-defined]  # as the pool's own pings do
        except Exception as error:  # whatever it says: another connection is made
            raise InvalidatePoolError from error


def _leave(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_LEFT_AT] = time.monotonic()
    _end(record.info)


def _begin_vigil(connection: sqlalchemy.Connection, *_statement: object) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, Connection), "async_creator_fn makes no other"
    connection.info[_VIGIL] = Vigil(driver, SILENCE_SECONDS, _nothing_more)


def _end_vigil(connection: sqlalchemy.Connection, *_statement: object) -> None:
    _end(connection.info)


def _end(info: dict[str, Any]) -> None:
    vigil: Vigil | None = info.pop(_VIGIL, None)
    if vigil is not None:
        vigil.end()


async def _nothing_more() -> None:
    """SQLAlchemy drops the other connections by itself when one turns out to be closed."""


def _translate(context: ExceptionContext) -> StoreUnavailable | None:
    """Give what is out of reach its one name, and wait no more for what has failed."""
    if context.connection is not None:
        _end_vigil(context.connection)
    cause = context.original_exception.__cause__
    if not isinstance(cause, OUT_OF_REACH):
        return None
    return StoreUnavailable(str(cause) or type(cause).__name__)
