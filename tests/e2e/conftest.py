"""One running server for the suite, and for each test people, a connection for SQL, and stock clients."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.house import House
from tests.e2e.people import Person, person
from tests.e2e.stock_clients import StockClients, stock_clients

Newcomer = Callable[[str], Awaitable[Person]]
Sql = asyncpg.Connection
FOLD_EDITS_MIN = 20


@pytest.fixture(scope="session")
def house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server without the demo that the tests share; each makes its own people and lists in it.

    Whatever they do to it, it must not have met an error of its own.
    """
    shared = House(make_state_folder(), "--no-demo", ROWHOUSE_WORKER="true")
    yield from running(shared)
    assert "Traceback" not in shared.log(), shared.log()


@pytest.fixture
def own_house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server of the test's own, which it may kill."""
    yield from running(House(make_state_folder(), "--no-demo"))


@pytest.fixture
def quick_house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server that folds lists within seconds."""
    settings = {
        "ROWHOUSE_FOLD_EDITS_MIN": str(FOLD_EDITS_MIN),
        "ROWHOUSE_FOLD_GRACE_HOURS": "0.0008",
        "ROWHOUSE_FOLD_LOOK_SECONDS": "0.2",
    }
    yield from running(House(make_state_folder(), "--no-demo", **settings))


@pytest.fixture(scope="session")
def neighbour(house: House) -> Iterator[House]:
    """A second node on the shared server's database."""
    second = house.neighbour()
    yield from running(second)
    assert "Traceback" not in second.log(), second.log()


def running(house: House) -> Iterator[House]:
    """Start a server, and stop it afterwards, whatever happened."""
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.fixture
async def newcomer(house: House) -> AsyncIterator[Newcomer]:
    """Registers someone by their first name."""
    async with newcomers(house) as register:
        yield register


@asynccontextmanager
async def newcomers(house: House) -> AsyncIterator[Newcomer]:
    """What registers someone by their first name at a server."""
    known: list[Person] = []

    async def register(name: str) -> Person:
        known.append(person(house.url, name))
        return await known[-1].register()

    yield register
    for one in known:
        await one.http.aclose()


@pytest.fixture(scope="session")
def database_address(house: House) -> str:
    """What `rowhouse db-url` says of the shared server."""
    return house.database_url


@pytest.fixture
async def sql(database_address: str) -> AsyncIterator[Sql]:
    """A connection of its own to the shared server's database."""
    connection = await asyncpg.connect(database_address)
    yield connection
    await connection.close()


@pytest.fixture
async def stock() -> AsyncIterator[StockClients]:
    """Stock Yjs clients."""
    async with stock_clients() as clients:
        yield clients
