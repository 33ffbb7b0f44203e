"""The keeper of a node: the task that keeps full states, makes partitions and prunes what may go.

Every node has one, and they need not know of each other: a state is only ever replaced by a newer one, and of two that prune, one
does. So a keeper that was stopped for an hour and wakes does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from persistence.contract import ListBroken, StoreUnavailable
from persistence.states import StateStore
from realtime.apart import ApartFailed

_log: Final = structlog.get_logger(__name__)

Condense = Callable[[int, bytes | None, Sequence[bytes]], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a list's log after its last state is long enough for the next one, and how often that is looked at."""

    tail_entries: int = 2_000
    tail_bytes: int = 4 * 1024 * 1024
    look_seconds: float = 30.0
    prune_seconds: float = 3_600.0


class Retention(Protocol):
    """What goes by time: partitions are made and dropped, and states are due before a log can go."""

    async def due(self) -> Sequence[str]:
        """The lists that need a state before their log may go."""

    async def run(self) -> None:
        """Make the partitions of the coming months; let go what is older than its retention."""


class Keeper:
    """Keeps the states of all lists of a store, one after another."""

    def __init__(
        self, states: StateStore, retention: Retention, condense: Condense, thresholds: Thresholds | None = None
    ) -> None:
        self._states = states
        self._retention = retention
        self._condense = condense
        self._thresholds = thresholds or Thresholds()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look."""
        loop = asyncio.get_running_loop()
        rounds = ((self.keep_long, self._thresholds.look_seconds), (self.prune, self._thresholds.prune_seconds))
        self._tasks = [loop.create_task(self._repeat(each, seconds)) for each, seconds in rounds]

    async def close(self) -> None:
        """Stop at once; what was being made is made again by whoever looks next."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def keep_long(self) -> None:
        """Keep a state of every list whose log since the last one has grown past a threshold. Raises `StoreUnavailable`."""
        for list_id in await self._states.long_tails(self._thresholds.tail_entries, self._thresholds.tail_bytes):
            await self.keep(list_id)

    async def prune(self) -> None:
        """Keep the states that old log entries wait for, then let go what may go. Raises `StoreUnavailable`."""
        for list_id in await self._retention.due():
            await self.keep(list_id)
        await self._retention.run()

    async def keep(self, list_id: str) -> bool:
        """Keep a state of one list at its head; true if it was progress.

        What cannot be read or condensed stays as it is, and is logged. Raises `StoreUnavailable`.
        """
        try:
            document = await self._states.read_document(list_id)
            if document is None or not document.log:
                return False
            updates = [entry.update for entry in document.log]
            state = await self._condense(document.epoch, document.state, updates)
        except (ListBroken, ApartFailed) as error:
            _log.error("no state kept", list_id=list_id, error=type(error).__name__)
            return False
        return await self._states.keep_state(list_id, document.epoch, document.head, state)

    async def _repeat(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except StoreUnavailable as unavailable:
                _log.warning("upkeep waits for the store", error=type(unavailable.__cause__ or unavailable).__name__)
            except Exception:  # noqa: BLE001 - the root of a task: the next round begins anew, nothing of a list is touched
                _log.exception("upkeep failed")
            await asyncio.sleep(seconds)
