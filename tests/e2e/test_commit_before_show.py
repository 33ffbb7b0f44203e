"""The promise: an edit that a teammate can see is on disk, audited and in SQL at that moment, not a little later."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients

EDITS = 100
SEEN = """
    SELECT (SELECT data ->> $3 FROM records WHERE list_id = $1 AND row_id = $2) AS record,
           (SELECT count(*) FROM facts WHERE list_id = $1 AND row_id = $2 AND new = to_jsonb($4::text)) AS facts,
           (SELECT head FROM lists WHERE id = $1) AS head,
           (SELECT max(seq) FROM updates WHERE list_id = $1) AS logged
"""


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def ben(newcomer: Newcomer, ana: Person) -> Person:
    """An editor in Ana's workspace."""
    editor = await newcomer("Ben")
    await ana.admit(editor, "editor")
    return editor


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Note", "type": "text"}])
    await ana.add_rows(made, [{"Note": "before"}])
    return made


class Witness:
    """Asks SQL, on a connection of its own, what is there of a value at the moment when someone sees it."""

    def __init__(self, statement: Any, target: List) -> None:
        self._statement = statement
        self._target = target
        self._asked: list[tuple[str, asyncio.Task[Any]]] = []
        self._turn = asyncio.Lock()

    def saw(self, value: str) -> None:
        """Someone sees `value` now."""
        self._asked.append((value, asyncio.get_running_loop().create_task(self._ask(value))))

    async def _ask(self, value: str) -> Any:
        async with self._turn:
            target = self._target
            return await self._statement.fetchrow(target.id, target.rows[0], target.columns["Note"], value)

    async def check(self) -> int:
        """Check that every value that was seen had been durable, audited and readable; how many they were."""
        for value, task in self._asked:
            answer = await task
            assert answer["facts"] == 1, f"{value} was seen before it was audited"
            assert int(answer["record"]) >= int(value), f"{value} was seen before it was in its row"
            assert answer["head"] == answer["logged"]
        return len(self._asked)


@pytest.mark.rule("ROOM-1")
async def test_what_a_teammate_sees_is_committed(ana: Person, ben: Person, homes: List, sql: Sql) -> None:
    """At each of 100 receipts the seen value stands in `records`, `facts` and `updates`."""
    witness = Witness(await sql.prepare(SEEN), homes)
    writer, reader = SocketClient(), SocketClient()
    cell = homes.cell(0, "Note")
    async with writer.connected(ana, homes.id), reader.connected(ben, homes.id):
        reader.on_update = lambda _update: witness.saw(reader.values[cell])
        for number in range(EDITS):
            await writer.write({cell: str(number)})
            await reader.until(lambda wanted=str(number): reader.values[cell] == wanted)  # type: ignore[misc]
        await writer.until_saved()
        assert await witness.check() == EDITS


@pytest.mark.rule("ROOM-1")
async def test_what_a_stock_client_sees_is_committed(
    ana: Person, ben: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """The same for a stock client, whose update handler tells the witness; the author is told "saved" later only."""
    witness = Witness(await sql.prepare(SEEN), homes)
    writer, reader = await stock.open(ana, homes.id), await stock.open(ben, homes.id)
    cell = homes.cell(0, "Note")

    def saw(event: dict[str, Any]) -> None:
        if event["event"] == "update" and event["name"] == reader.name and cell in event["changed"]:
            witness.saw(event["changed"][cell])

    stock.on_event = saw
    for number in range(EDITS):
        await writer.write({cell: str(number)})
    await reader.sees(cell, str(EDITS - 1))
    assert await witness.check() > 0


@pytest.mark.rule("ROOM-1")
async def test_saved_means_committed(ana: Person, homes: List, database_address: str) -> None:
    """When an author is told "saved", the edit is in SQL."""
    writer = SocketClient()
    connection = await asyncpg.connect(database_address)
    try:
        async with writer.connected(ana, homes.id):
            for number in range(20):
                await writer.write({homes.cell(0, "Note"): f"saved {number}"})
                await writer.until_saved()
                kept = await connection.fetchval("SELECT data FROM records WHERE list_id = $1", homes.id)
                assert json.loads(kept) == {homes.columns["Note"]: f"saved {number}"}
    finally:
        await connection.close()
