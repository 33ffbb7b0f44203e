"""People, stock clients and a warm server for all attacks; each attack has a list of its own.

The attacks run in one event loop: one registration of the attacked and the attacker serves them all.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest_asyncio

from realtime.core.codec import uint
from tests.e2e.attacks.siege import Siege
from tests.e2e.hostile import live
from tests.e2e.house import House
from tests.e2e.people import Person, person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients, stock_clients

COLUMNS = [
    {"name": "Note", "type": "text"},
    {"name": "Other", "type": "text"},
    {"name": "Price", "type": "number"},
    {"name": "Story", "type": "long_text"},
]
WARM_BYTES = 15 << 20
WARM_EDITS = 200


@dataclass(frozen=True)
class Town:
    """The server, those who live in it, and what they need."""

    house: House
    sql: asyncpg.Connection
    stock: StockClients
    ana: Person
    ben: Person


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(house: House, database_address: str) -> AsyncIterator[Town]:
    """Ana, and Ben as an editor in her workspace; the server has met large frames and many edits before."""
    ana, ben = await person(house.url, "Ana").register(), await person(house.url, "Ben").register()
    await ana.admit(ben, "editor")
    connection = await asyncpg.connect(database_address)
    async with stock_clients() as stock:
        made = Town(house, connection, stock, ana, ben)
        await warm(made)
        yield made
    await connection.close()
    for one in (ana, ben):
        await one.http.aclose()


async def warm(town: Town) -> None:
    """Let the server allocate once what it keeps for ever, so that growth afterwards is an attack's."""
    async with besieged(town, "warm", lambda _name, _value: None) as siege:
        for _ in range(2):
            async with siege.attacker() as attacker:
                await attacker.send_unread(b"\x00\x01", uint(0) * WARM_BYTES)
                await attacker.until_closed()
            async with siege.attacker() as attacker:
                await siege.sends(attacker, [live(uint(0) + uint(0))] * WARM_EDITS)
        for number in range(WARM_EDITS):
            await siege.writer.write({siege.cell: f"warm {number}" * 50})
        await siege.writer.until_saved()
        siege.begin()
        await siege.stands()


@pytest_asyncio.fixture(loop_scope="session")
async def siege(town: Town, record_property: Callable[[str, object], None]) -> AsyncIterator[Siege]:
    """A list to attack; what it cost stands in the report."""
    async with besieged(town, "under attack", record_property) as made:
        yield made


@asynccontextmanager
async def besieged(town: Town, name: str, record: Callable[[str, object], None]) -> AsyncIterator[Siege]:
    """A list of Ana's in which she works with two clients and a stock one."""
    homes = await town.ana.make_list("Homes", COLUMNS)
    await town.ana.add_rows(homes, [{"Note": "before"}])
    writer, reader = SocketClient(), SocketClient()
    async with writer.connected(town.ana, homes.id), reader.connected(town.ana, homes.id):
        bystander = await town.stock.open(town.ana, homes.id, f"{name} {homes.id}")
        await writer.write({homes.cell(0, "Other"): "known"})
        await writer.until_saved()
        made = Siege(town.house, town.sql, town.ana, town.ben, homes, writer, reader, bystander)
        made.begin()
        yield made
        await bystander.close()
    for figure, value in made.figures.items():
        record(figure, round(value, 1))
