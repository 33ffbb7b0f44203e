"""A node that is told to end, and a deploy: two nodes behind a plain TCP proxy are replaced one after the other."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from tests.e2e.conftest import running
from tests.e2e.house import House
from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient
from tests.timing import in_time

CLIENTS = 16
CALLERS = 2
NAME = "Name"
OFFLINE_SECONDS_MAX = 3.0
EXIT_SECONDS_MAX = 10.0
BACK_OFF_SECONDS = 0.2
TEST_SECONDS_MAX = 120
CLEAN_CLOSES = {1001, 1000}  # the second is the clients' own goodbye at the end


@dataclass
class Proxy:
    """A proxy that knows nothing of what it passes on: each connection goes to the next node that accepts it."""

    ports: list[int]
    port: int = 0
    turn: int = 0
    pipes: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Proxy"]:
        """Listen."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()
        for pipe in self.pipes:
            pipe.cancel()

    @property
    def url(self) -> str:
        """Where clients call."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            self.turn += 1
            first = self.turn % len(self.ports)
            for port in (*self.ports[first:], *self.ports[:first]):
                try:
                    upstream = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    continue
                with contextlib.closing(upstream[1]):
                    await self._pass_on((reader, upstream[1]), (upstream[0], writer))
                return

    async def _pass_on(self, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        pipes = [asyncio.create_task(_pipe(*way)) for way in ways]
        self.pipes.update(pipes)
        await asyncio.gather(*pipes)
        self.pipes.difference_update(pipes)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


@dataclass
class Worker:
    """Somebody whose client comes back by itself, and writes numbered values into a cell as long as it may."""

    who: Person
    grid: List
    number: int
    client: SocketClient = field(default_factory=SocketClient)
    closes: list[int] = field(default_factory=list)
    longest_gap: float = 0.0
    saved: int = 0
    shown: dict[str, int] = field(default_factory=dict)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cell(self) -> str:
        """The one cell that this client writes."""
        return self.grid.cell(self.number, NAME)

    async def work(self) -> None:
        """Write until told to stop, over as many connections as it takes."""
        written, since = 0, time.monotonic()
        while not self.stopped.is_set():
            try:
                async with self.client.connected(self.who, self.grid.id):
                    self.longest_gap = max(self.longest_gap, time.monotonic() - since)
                    await self.client.until_saved()
                    while not self.stopped.is_set() and self.client.closed is None:
                        written += 1
                        await self.client.write({self.cell: str(written)})
                        await self.client.until_saved()
                        self.saved = written
                        self.note()
            except (ConnectionClosed, InvalidStatus, InvalidMessage, OSError, AssertionError):
                pass
            since = time.monotonic()
            if self.client.closed is not None:
                self.closes.append(self.client.closed[0])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BACK_OFF_SECONDS * (0.5 + random.random())):
                    await self.stopped.wait()

    def note(self) -> None:
        """Remember the newest value seen in every cell."""
        for key, value in self.client.values.items():
            if key.startswith("c:"):
                self.shown[key] = max(self.shown.get(key, 0), int(value))


@dataclass
class Caller:
    """Somebody who writes by HTTP, each call on a connection of its own, and notes every status."""

    who: Person
    grid: List
    url: str
    statuses: dict[int, int] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        """Make records until told to stop."""
        number = 0
        while not self.stopped.is_set():
            number += 1
            headers = {"authorization": f"Bearer {self.who.token}"}
            body = {"records": [{"fields": {}}]}
            async with httpx.AsyncClient(base_url=self.url, timeout=20) as http:
                answer = await http.post(f"/api/lists/{self.grid.id}/records", json=body, headers=headers)
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
            if answer.is_success:
                self.made.append(answer.json()["items"][0]["id"])


def _port(house: House) -> int:
    return int(house.url.rsplit(":", 1)[1])


async def _replace(house: House, proxy: Proxy, index: int) -> float:
    """End a node as an orchestrator does, and start its successor; returns how long its end took."""
    begun = time.monotonic()
    await asyncio.to_thread(house.terminate)
    took = time.monotonic() - begun
    await asyncio.to_thread(house.start)
    proxy.ports[index] = _port(house)
    return took


@pytest.mark.rule("ROOM-30", "ROOM-31", "API-31")
@pytest.mark.timeout(TEST_SECONDS_MAX)
async def test_a_deploy_loses_nothing_and_keeps_nobody_away(
    house: House, make_state_folder: Callable[[], Path]
) -> None:
    """Two nodes are replaced under load: nothing saved or shown is lost, nobody is away for three seconds, no call fails."""
    first, second = (
        House(make_state_folder(), served=house.database_url, ROWHOUSE_SECRET="one secret of both nodes, long enough")
        for _ in range(2)
    )
    with contextlib.ExitStack() as stack:
        for node in (first, second):
            stack.enter_context(contextlib.contextmanager(running)(node))
        await _deploy(first, second)


async def _deploy(first: House, second: House) -> None:
    ana = await person(first.url, "Ana").register()
    grid = await ana.make_list("Grid", [{"name": NAME, "type": "text"}])
    await ana.add_rows(grid, [{}] * CLIENTS)
    async with Proxy([_port(first), _port(second)]).open() as proxy:
        there = ana.at(proxy.url)
        workers = [Worker(there, grid, number) for number in range(CLIENTS)]
        callers = [Caller(ana, grid, proxy.url) for _ in range(CALLERS)]
        tasks = [asyncio.create_task(someone.work()) for someone in (*workers, *callers)]
        for worker in workers:
            await worker.client.until(lambda worker=worker: worker.saved >= 1)
        ends = [await _replace(node, proxy, index) for index, node in enumerate((first, second))]
        for someone in (*workers, *callers):
            someone.stopped.set()
        await asyncio.gather(*tasks)
        values = await _kept(ana, first, grid, {row for caller in callers for row in caller.made})
        await there.http.aclose()
    await ana.http.aclose()
    gaps = [worker.longest_gap for worker in workers]
    assert in_time(max(ends), EXIT_SECONDS_MAX)
    assert in_time(max(gaps), OFFLINE_SECONDS_MAX)
    assert all(1001 in worker.closes for worker in workers), "everybody was sent away by one node at least"
    assert {code for worker in workers for code in worker.closes} <= CLEAN_CLOSES
    for worker in workers:
        assert int(values[worker.cell]) >= worker.saved
        assert all(int(values[cell]) >= shown for cell, shown in worker.shown.items())
    assert {status for caller in callers for status in caller.statuses} <= {200, 201, 503}
    rows = {key.split(":")[1] for key in values if key.startswith("r:")}
    assert all(row in rows for caller in callers for row in caller.made)


async def _kept(ana: Person, node: House, grid: List, made: set[str]) -> dict[str, str]:
    """What a newcomer is shown after it all, once the node has heard of every row that another one has made."""
    late, fresh = ana.at(node.url), SocketClient()
    async with fresh.connected(late, grid.id):
        await fresh.until(lambda: {f"r:{row}" for row in made} <= fresh.values.keys())
        values = fresh.values
    await late.http.aclose()
    return values


@pytest.mark.rule("API-32")
@pytest.mark.timeout(TEST_SECONDS_MAX)
async def test_a_database_that_hangs_keeps_no_node_alive(own_house: House) -> None:
    """A node with an edit at a database that has stopped answering ends within ten seconds of SIGTERM, and says 1001."""
    node = own_house.neighbour()
    with contextlib.contextmanager(running)(node):
        ana = await person(node.url, "Ana").register()
        grid = await ana.make_list("Grid", [{"name": NAME, "type": "text"}])
        await ana.add_rows(grid, [{}])
        client = SocketClient()
        async with client.connected(ana, grid.id):
            await client.until_saved()
            with _frozen(own_house):
                await client.write({grid.cell(0, NAME): "never answered"})
                begun = time.monotonic()
                await asyncio.to_thread(node.terminate)
                assert (await client.until_closed())[0] == 1001
                assert in_time(time.monotonic() - begun, EXIT_SECONDS_MAX)
        await ana.http.aclose()


@contextlib.contextmanager
def _frozen(house: House) -> Iterator[None]:
    """Every process of the embedded PostgreSQL stands still."""
    (pid_file,) = house.folder.rglob("postmaster.pid")
    postmaster = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    frozen = [postmaster, *(pid for pid, parent in parents.items() if parent == postmaster)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0
