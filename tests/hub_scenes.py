"""A hub on the store in memory, with lines whose readers take what they are given; nothing waits for time."""

import asyncio
from collections.abc import Callable
from itertools import count
from uuid import uuid4

from auth.principals import Principal
from persistence.contract import Batch, CommitResult, OpenedList, StoreUnavailable
from persistence.memory import MemoryListStore
from realtime.core import codec
from realtime.core.limits import Limits
from realtime.hub import Arrival, Hub, Seat
from tests.property_list import (
    LIST,
    NOW,
    furnished_store,
)


class Line:
    """A transport whose reader takes what it is given, or nothing."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.held = 0
        self.closed: list[int] = []
        self.changed = asyncio.Event()
        self.bytes_max = 0
        self.full: Callable[[], None] = lambda: None
        self.drained: Callable[[], None] = lambda: None

    def write(self, framed: bytes) -> None:
        """Keep a frame."""
        self.written.append(framed)
        self.changed.set()
        if self.held > self.bytes_max:
            self.full()

    def held_bytes(self) -> int:
        """As the test says."""
        return self.held

    def close(self, code: int, sentence: str) -> None:
        """Note the code."""
        self.closed.append(code)
        self.changed.set()

    def watch(self, bytes_max: int, tell_full: Callable[[], None], tell_drained: Callable[[], None]) -> None:
        """Keep whom to tell."""
        self.bytes_max, self.full, self.drained = bytes_max, tell_full, tell_drained

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the line has changed so that the condition holds."""
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class SlowStore(MemoryListStore):
    """A store that can be held up, can fail, and counts how often a list is opened."""

    def __init__(self) -> None:
        super().__init__()
        furnished = furnished_store()
        self.lists, self.members = furnished.lists, furnished.members
        self.opened = 0
        self.failures: list[Exception] = []
        self.away = False
        self.put_back = False  # out of the trash, when the list is opened next
        self.gate = asyncio.Event()
        self.gate.set()

    async def open_list(self, list_id: str) -> OpenedList | None:
        """Count, and let others run meanwhile."""
        self.opened += 1
        await self.gate.wait()
        if self.away:
            raise StoreUnavailable
        if self.put_back:
            self.lists[list_id].trashed = False
        return await super().open_list(list_id)

    async def commit(self, batch: Batch) -> CommitResult:
        """Commit when the gate is open, or fail."""
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop()
        return await super().commit(batch)


def hub_of(store: MemoryListStore, limits: Limits | None = None) -> Hub:
    """A hub with ids that count."""
    ids = count(1)
    return Hub(store, limits or Limits(), clock=lambda: NOW, new_id=lambda: f"id-{next(ids)}", new_batch_id=uuid4)


async def join(hub: Hub, principal: Principal) -> tuple[Seat, Line]:
    """A synced socket in the list."""
    line = Line()
    seat = await hub.join(LIST, principal, Arrival(200, control=True), line)
    seat.receive(b"\x00\x00" + codec.buffer(b"\x00"))
    return seat, line
