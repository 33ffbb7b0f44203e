"""`rowhouse rebuild` while people type at two nodes, and killed in the middle."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from api.verification import verify_lists
from realtime.verifying import Difference
from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import ROOT, ROWHOUSE, House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients
from tests.e2e.two_nodes import NAME, Scene, note, two_nodes

STALE_EPOCH = 4409
EDITS_AFTER = 5


@pytest.fixture
async def scene(newcomer: Newcomer, neighbour: House) -> AsyncIterator[Scene]:
    """A list, open at both nodes."""
    async with two_nodes(newcomer, neighbour) as made:
        yield made


def rebuild(house: House, list_id: str) -> subprocess.Popen[str]:
    """Begin to rebuild a list."""
    arguments = [str(ROWHOUSE), "rebuild", list_id, "--data", str(house.folder)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The status of a command, and what it said."""
    said, wrong = await asyncio.to_thread(process.communicate, timeout=60)
    return process.returncode, said + wrong


async def sound(address: str, grid: List) -> None:
    """Verifying has nothing to say of the list."""
    found: list[Difference] = []
    assert await verify_lists(address, [grid.id], found.append) == (1, 0), found


async def written(sql: Sql, grid: List, row: int) -> list[str]:
    """The texts that the audit has of a row's name, in order."""
    query = "SELECT new #>> '{}' AS text FROM facts WHERE list_id = $1 AND row_id = $2 AND kind = 'cell' AND reason IS NULL ORDER BY seq, ordinal"
    return [fact["text"] for fact in await sql.fetch(query, grid.id, grid.rows[row])]


class Board:
    """What somebody was shown: texts, and who waits for one of them."""

    def __init__(self) -> None:
        self._shown: dict[str, asyncio.Event] = {}

    def of(self, text: str) -> asyncio.Event:
        """Set once the text was shown."""
        return self._shown.setdefault(text, asyncio.Event())

    def look(self, client: SocketClient) -> None:
        """Take note of every text that a client shows."""
        for value in client.values.values():
            self.of(value).set()


class Typist:
    """Somebody who writes text after text into a cell; closed as stale, they load the page again and go on from what it shows."""

    def __init__(self, someone: Person, grid: List, row: int, board: Board) -> None:
        self.person, self.list, self.cell, self.row, self.board = someone, grid, grid.cell(row, NAME), row, board
        self.texts: list[str] = []
        self.closes: list[int] = []
        self.settled = True
        self.in_last_page = 0

    def next(self) -> str:
        """The text that is to be written: the last one, as long as it is not known to be saved."""
        if self.settled:
            self.texts.append(note())
            self.settled = False
        return self.texts[-1]

    def goes_on(self, enough: asyncio.Event) -> bool:
        """Until the rebuild is over and the page of after it works."""
        return not (enough.is_set() and self.closes and self.in_last_page >= EDITS_AFTER)

    def settle(self) -> None:
        """The last text is saved."""
        self.settled = True
        self.in_last_page += 1

    async def type_until(self, enough: asyncio.Event) -> None:
        """Write, each text once the one before it is acknowledged."""
        while self.goes_on(enough):
            page, self.in_last_page = SocketClient(), 0
            page.on_update = lambda _update, page=page: self.board.look(page)  # type: ignore[misc]  # bound now
            with suppress(ConnectionClosed):
                async with page.connected(self.person, self.list.id):
                    while self.goes_on(enough) and page.closed is None:
                        if page.values.get(self.cell) != self.next():
                            await page.write({self.cell: self.next()})
                        await page.until(lambda page=page: page.saved >= page.frames or page.closed is not None)  # type: ignore[misc]
                        if page.closed is None:
                            self.settle()
            if page.closed is not None and self.goes_on(enough):
                self.closes.append(page.closed[0])


class StockTypist(Typist):
    """The same with a stock client, which nobody tells what is saved: what others are shown is."""

    async def type_with(self, stock: StockClients, enough: asyncio.Event) -> None:
        """Write, each text once somebody was shown the one before it."""
        while self.goes_on(enough):
            name = f"{self.person.name} {self.row} {len(self.closes)}"
            page, self.in_last_page = await stock.open(self.person, self.list.id, name), 0
            closed = asyncio.create_task(page.closed())
            while self.goes_on(enough) and not closed.done():
                if (await page.read()).get(self.cell) != self.next():
                    await page.write({self.cell: self.next()})
                shown = asyncio.create_task(self.board.of(self.next()).wait())
                await asyncio.wait((shown, closed), return_when=asyncio.FIRST_COMPLETED)
                if shown.done():
                    self.settle()
                shown.cancel()
            if closed.done():
                self.closes.append((await closed)["code"])
            closed.cancel()
            await page.close()


@pytest.mark.rule("LOG-24", "OPS-49", "ROOM-45")
async def test_people_who_type_at_two_nodes_lose_nothing(
    scene: Scene, house: House, stock: StockClients, sql: Sql, database_address: str
) -> None:
    """Everybody is closed as stale once, starts again by themselves, and every text is in the audit, the rows and the document once."""
    await scene.ana.add_rows(scene.homes, [{NAME: "12 Oak Lane"} for _ in range(3)])
    here, there, rebuilt, over = Board(), Board(), asyncio.Event(), asyncio.Event()
    typists = [Typist(scene.ana, scene.homes, 0, here), Typist(scene.ben, scene.homes, 1, there)]
    others = [StockTypist(scene.ana, scene.homes, 2, there), StockTypist(scene.ben, scene.homes, 3, here)]
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for one in typists:
            group.create_task(one.type_until(over))
        typing = [group.create_task(one.type_with(stock, rebuilt)) for one in others]
        for one in others:
            await one.board.of(one.next()).wait()
        status, said = await ended(rebuild(house, scene.homes.id))
        rebuilt.set()
        await asyncio.wait(typing)
        over.set()
    assert (status, "epoch 2" in said) == (0, True), said
    for one in (*typists, *others):
        assert one.closes == [STALE_EPOCH]
        assert await written(sql, scene.homes, one.row) == ["12 Oak Lane", *one.texts]
    last = {one.cell: one.texts[-1] for one in (*typists, *others)}
    for someone in (scene.ana, scene.ben):
        async with SocketClient().connected(someone, scene.homes.id) as page:
            await page.until(lambda page=page: last.items() <= page.values.items())  # type: ignore[misc]  # bound now
    await sound(database_address, scene.homes)


@pytest.mark.rule("LOG-24")
async def test_a_rebuild_that_is_killed_is_whole_or_not_at_all(
    scene: Scene, house: House, sql: Sql, database_address: str
) -> None:
    """Killed before its commit, nothing has happened and edits that waited are saved; killed after it, the list is rebuilt."""
    page, epoch = SocketClient(), "SELECT epoch FROM lists WHERE id = $1"
    async with page.connected(scene.ana, scene.homes.id):
        async with sql.transaction():
            await sql.execute("LOCK TABLE documents IN SHARE MODE")
            rebuilding = rebuild(house, scene.homes.id)
            await until(
                sql,
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'rowhouse rebuild' AND wait_event_type = 'Lock')",
            )
            await page.write({scene.homes.cell(0, NAME): "waits"})
            rebuilding.send_signal(signal.SIGKILL)
            assert (await ended(rebuilding))[0] == -signal.SIGKILL
        await page.until_saved()
    assert await sql.fetchval(epoch, scene.homes.id) == 1
    await sound(database_address, scene.homes)
    rebuilding = rebuild(house, scene.homes.id)
    await until(sql, f"SELECT ({epoch}) = 2", scene.homes.id)
    rebuilding.kill()
    await ended(rebuilding)
    async with SocketClient().connected(scene.ben, scene.homes.id) as other:
        assert other.values[scene.homes.cell(0, NAME)] == "waits"
        await other.write({scene.homes.cell(0, NAME): "goes on"})
        await other.until_saved()
    await sound(database_address, scene.homes)


async def until(sql: Sql, query: str, *arguments: str) -> None:
    """Wait until the database says yes."""
    async with asyncio.timeout(30):
        while not await sql.fetchval(query, *arguments):
            await sql.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")
