"""Killed with SIGKILL in the middle of 2,000 edits and started again: nothing shown or saved is missing.

Every edit is numbered by its cell: no two write the same, so each must have exactly one fact in the end, whether
it was committed before the kill or came home after it.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.house import House
from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import stock_clients

ROWS = 100
COLUMNS_EACH = 10
SAVED_BEFORE_THE_KILL = 300
WRITTEN_BEFORE_THE_KILL_MAX = 700
UNDER_WAY_MAX = 100
TEST_SECONDS_MAX = 240


class Writer:
    """One person's client and the numbered edits that it has to write."""

    def __init__(self, author: Person, target: List, columns: list[str]) -> None:
        self.author = author
        self.client = SocketClient()
        self.cells = [target.cell(row, column) for column in columns for row in range(ROWS)]
        self.target = target
        self.saved: set[str] = set()
        self._next = 0
        self._frames: dict[int, str] = {}

    def value(self, cell: str) -> str:
        """What this writer writes into a cell."""
        return f"{self.author.name} {self.cells.index(cell)}"

    async def write_until_closed(self, most: int) -> None:
        """Write on, up to `most` edits in all and some under way at a time, until all is saved or the connection ends."""
        try:
            async with self.client.connected(self.author, self.target.id):
                await self.client.until(lambda: self.client.saved >= 1)
                self.saved.update(self.cells[: self._next])
                self._frames.clear()
                while self._next < most and self.client.closed is None:
                    cell = self.cells[self._next]
                    self._next += 1
                    update = self.client.make({cell: self.value(cell)})
                    self._frames[self.client.frames + 1] = cell
                    await self.client.send_edit(update)
                    await self.client.until(
                        lambda: self.client.frames - self.client.saved < UNDER_WAY_MAX or self.client.closed is not None
                    )
                await self.client.until(
                    lambda: (
                        (self._next == len(self.cells) and self.client.saved >= self.client.frames)
                        or self.client.closed is not None
                    )
                )
        except ConnectionClosed:
            pass
        finally:
            self.saved.update(cell for frame, cell in self._frames.items() if frame <= self.client.saved)

    async def until_saved(self, count: int) -> None:
        """Wait until this many edits of this connection are committed."""
        await self.client.until(lambda: self.client.saved > count)

    def shown(self, other: "Writer") -> set[str]:
        """The edits of the other one that this writer's client has been shown."""
        return other.cells_in(self.client.values)

    def cells_in(self, values: dict[str, Any]) -> set[str]:
        """Which of this writer's edits stand in a document."""
        return {cell for cell in self.cells if values.get(cell) == self.value(cell)}


def kill_server(house: House) -> None:
    """The server dies, and takes its database with it."""
    house.kill()


def kill_database_then_server(house: House) -> None:
    """The database dies first, under a server that works."""
    house.kill_database()
    house.kill()


@pytest.mark.rule("LOG-1", "LOG-2", "LOG-10")
@pytest.mark.timeout(TEST_SECONDS_MAX)
@pytest.mark.parametrize("strike", [kill_server, kill_database_then_server])
async def test_nothing_shown_or_saved_is_lost(own_house: House, strike: Callable[[House], None]) -> None:
    """2,000 edits by two writers, a kill among them, a new start: all there, each with exactly one fact."""
    ana, ben, grid = await _scene(own_house)
    names = list(grid.columns)
    writers = (Writer(ana, grid, names[:COLUMNS_EACH]), Writer(ben, grid, names[COLUMNS_EACH:]))
    writing = [asyncio.create_task(writer.write_until_closed(WRITTEN_BEFORE_THE_KILL_MAX)) for writer in writers]
    for writer in writers:
        await writer.until_saved(SAVED_BEFORE_THE_KILL)
    strike(own_house)  # at once, and not in a thread: nobody writes on meanwhile
    await asyncio.gather(*writing)
    first, second = writers
    promised = first.saved | second.saved | first.shown(second) | second.shown(first)
    assert len(promised) >= 2 * SAVED_BEFORE_THE_KILL
    assert len(promised) < 2 * ROWS * COLUMNS_EACH, "the kill came in the middle"

    await asyncio.to_thread(own_house.start)
    expected = {cell: writer.value(cell) for writer in writers for cell in writer.cells}
    kept = await _kept(own_house, grid)
    assert promised <= kept.keys(), f"{len(promised - kept.keys())} edits that were shown or saved are missing"
    assert all(expected[cell] == value for cell, value in kept.items())

    for writer in writers:
        writer.author.server = own_house.url
    await asyncio.gather(*(writer.write_until_closed(len(writer.cells)) for writer in writers))
    assert await _kept(own_house, grid) == expected
    async with stock_clients() as stock:
        fresh = await (await stock.open(ana, grid.id, "fresh")).read()
    assert {key: value for key, value in fresh.items() if key.startswith("c:")} == expected
    await asyncio.gather(ana.http.aclose(), ben.http.aclose())


@pytest.mark.rule("OPS-57")
async def test_the_database_alone_dies_and_comes_back(own_house: House) -> None:
    """The server starts its database again, and what was typed meanwhile is saved on the same connection."""
    ana, ben, grid = await _scene(own_house)
    client = SocketClient()
    async with client.connected(ana, grid.id):
        own_house.kill_database()
        await client.write({grid.cell(0, "Column 0"): "typed meanwhile"})
        await client.until_saved()
        assert client.closed is None
    assert await _kept(own_house, grid) == {grid.cell(0, "Column 0"): "typed meanwhile"}
    await asyncio.gather(ana.http.aclose(), ben.http.aclose())


async def _scene(house: House) -> tuple[Person, Person, List]:
    ana, ben = await person(house.url, "Ana").register(), await person(house.url, "Ben").register()
    await ana.admit(ben, "editor")
    columns = [{"name": f"Column {number}", "type": "text"} for number in range(2 * COLUMNS_EACH)]
    grid = await ana.make_list("Grid", columns)
    await ana.add_rows(grid, [{}] * ROWS)
    return ana, ben, grid


async def _kept(house: House, grid: List) -> dict[str, str]:
    """The cells that SQL has; checks that rows and facts agree, and that each has exactly one fact."""
    connection = await asyncpg.connect(house.database_url)
    try:
        facts = await connection.fetch(
            "SELECT row_id, column_id, old, new, reason FROM facts WHERE list_id = $1 AND kind = 'cell'", grid.id
        )
        rows = await connection.fetch("SELECT row_id, data FROM records WHERE list_id = $1", grid.id)
        numbers = await connection.fetch("SELECT seq FROM updates WHERE list_id = $1 ORDER BY seq", grid.id)
        head = await connection.fetchval("SELECT head FROM lists WHERE id = $1", grid.id)
    finally:
        await connection.close()
    assert all(fact["reason"] is None and fact["old"] is None for fact in facts)
    often = Counter(f"c:{fact['row_id']}:{fact['column_id']}" for fact in facts)
    assert [cell for cell, count in often.items() if count > 1] == [], "an edit has more than one fact"
    kept = {f"c:{row['row_id']}:{column}": value for row in rows for column, value in json.loads(row["data"]).items()}
    assert kept == {f"c:{fact['row_id']}:{fact['column_id']}": json.loads(fact["new"]) for fact in facts}
    assert [row["seq"] for row in numbers] == list(range(1, head + 1)), "the log has no gap"
    return kept
