"""Incidents: what was turned away at a door, on its way into the audit.

Whoever is turned away must not gain a way to slow the server or to fill its tables: noting an incident waits for nothing
and never fails, a person has so many a minute, and what cannot be written is dropped and counted in the server's log.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.events import Event, add_events

PER_PERSON_PER_MINUTE_MAX: Final = 10
WAITING_MAX: Final = 1_000
WRITE_SECONDS_MAX: Final = 10.0
_MINUTE: Final = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class Incidents:
    """The incidents of one node. `clock` gives the time in UTC."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(WAITING_MAX)
        self._noted: Counter[str] = Counter()
        self._minute_ends = clock()
        self._dropped = 0
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write what is noted."""
        self._writer = asyncio.get_running_loop().create_task(self._write_on())

    async def settle(self) -> None:
        """Wait until everything noted so far is written or dropped."""
        await self._waiting.join()

    async def close(self) -> None:
        """Write what still waits, and end."""
        await self.settle()
        self._tell_dropped()
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer

    def note(self, event: Event) -> None:
        """Take note of an incident; beyond a person's share of the minute it is only counted."""
        now = self._clock()
        if now >= self._minute_ends:
            self._tell_dropped()
            self._noted.clear()
            self._minute_ends = now + _MINUTE
        self._noted[event.actor] += 1
        if self._noted[event.actor] > PER_PERSON_PER_MINUTE_MAX or self._waiting.full():
            self._dropped += 1
        else:
            self._waiting.put_nowait(event)

    def _tell_dropped(self) -> None:
        dropped, self._dropped = self._dropped, 0
        if dropped:
            _log.warning("incidents beyond the limit", count=dropped)

    async def _write_on(self) -> None:
        while True:
            found = [await self._waiting.get()]
            while not self._waiting.empty():
                found.append(self._waiting.get_nowait())
            await self._write(found)
            for _ in found:
                self._waiting.task_done()

    async def _write(self, found: list[Event]) -> None:
        try:
            async with asyncio.timeout(WRITE_SECONDS_MAX), self._engine.begin() as connection:
                await add_events(connection, found)
        except Exception as error:  # noqa: BLE001 - the root of a task: the server goes on without these entries
            _log.warning("incidents not written", count=len(found), error=type(error).__name__)
