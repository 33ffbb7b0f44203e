"""Background jobs: a queue in PostgreSQL (pgqueuer), whose jobs are put in by the transaction that wants them done.

A job is a name and an id. Whoever works on one says so every few seconds; when that stops (the worker was killed), another
worker takes the job up, and a job may be begun more than once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.pool import OUT_OF_REACH, Connection, connect

_SETTINGS: Final = DBSettings(db_schema="jobs")
_SILENT: Final = timedelta(seconds=8)
"""Whose job says nothing for so long is taken to be dead."""
_LOOK: Final = timedelta(seconds=2)
_AGAIN: Final = timedelta(seconds=1)
_AGAIN_SECONDS_MAX: Final = 15.0

_log = structlog.get_logger(__name__)

Work = Callable[[str], Awaitable[None]]


class PutBack(Exception):
    """The job is not done, and goes back into the queue: the worker ends, or the database is away."""


async def put_job(connection: AsyncConnection, name: str, subject: str) -> None:
    """Put a job into the queue, as a part of the connection's transaction."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, asyncpg.Connection), "the engine is made for asyncpg"
    await _queries(driver).enqueue(name, subject.encode(), dedupe_key=f"{name}:{subject}")


class JobQueue:
    """Takes jobs out and does them, at most `at_once` at a time, until it is closed. If `run` is cancelled, its jobs go back."""

    def __init__(self, dsn: str, jobs: dict[str, Work], at_once: int) -> None:
        self._dsn = dsn
        self._jobs = jobs
        self._at_once = at_once
        self._ending = asyncio.Event()
        self._taken: QueueManager | None = None

    def close(self) -> None:
        """Take no more jobs; `run` ends when those under way have ended."""
        self._ending.set()
        if self._taken is not None:
            self._taken.shutdown.set()

    async def run(self) -> None:
        """Do jobs. A database that is away is waited for."""
        pause = _AGAIN.total_seconds()
        while not self._ending.is_set():
            try:
                await self._consume()
                pause = _AGAIN.total_seconds()
            except (*OUT_OF_REACH, asyncpg.InterfaceError, PgqException) as error:
                _log.warning("the queue of jobs cannot be reached", error=type(error).__name__, seconds=pause)
                try:
                    await asyncio.wait_for(self._ending.wait(), pause)
                except TimeoutError:
                    pause = min(2 * pause, _AGAIN_SECONDS_MAX)

    async def _consume(self) -> None:
        connection = await connect(self._dsn, connection_class=Connection)
        try:
            self._taken = taken = QueueManager(_queries(connection))
            for name, work in self._jobs.items():
                taken.entrypoint(name, on_failure="delete")(partial(_do, work))
            if not self._ending.is_set():
                await taken.run(
                    batch_size=1,
                    max_concurrent_tasks=max(2, self._at_once),
                    dequeue_timeout=_LOOK,
                    heartbeat_timeout=_SILENT,
                    shutdown_on_listener_failure=True,
                )
        finally:
            self._taken = None
            await connection.close(timeout=1)


async def _do(work: Work, job: Job) -> None:
    try:
        await work((job.payload or b"").decode())
    except (PutBack, asyncio.CancelledError) as back:  # a cancelled job would be taken for one that is done with
        raise RetryRequested(_AGAIN, "put back") from back


def _queries(connection: asyncpg.Connection) -> Queries:
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(_SETTINGS),
        qbq=QueryQueueBuilder(_SETTINGS),
        qbs=QuerySchedulerBuilder(_SETTINGS),
    )
