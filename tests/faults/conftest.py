"""A database that listens on TCP, with fsync on, behind a proxy, for the tests of connections."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from persistence.migrate import upgrade
from tests.conftest import TEMPLATE
from tests.faults.database import Database
from tests.faults.proxy import Proxy


@pytest.fixture(scope="session")
def server(make_state_folder: Callable[[], Path]) -> Iterator[Database]:
    """A running server with an empty database that the tests share; they may freeze it, but not end it."""
    shared = Database(make_state_folder() / "database")
    shared.start()
    yield shared
    shared.shoot()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated(server: Database) -> Database:
    """The server, with a database `TEMPLATE` that has been migrated."""
    await server.say(f"CREATE DATABASE {TEMPLATE}")
    await upgrade(server.url(name=TEMPLATE))
    return server


@pytest_asyncio.fixture
async def database(migrated: Database) -> Database:
    """The server, with a fresh database to which its addresses lead."""
    name = f"test_{secrets.token_hex(8)}"
    connection = await asyncpg.connect(migrated.url(name="postgres"))
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    await connection.close()
    migrated.name = name
    return migrated


@pytest.fixture
def own_database(make_state_folder: Callable[[], Path]) -> Iterator[Database]:
    """A server of the test's own, with an empty database, which it may end."""
    own = Database(make_state_folder() / "database")
    own.start()
    yield own
    own.shoot()


@pytest_asyncio.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    """A proxy before the server."""
    between = Proxy(database.port)
    await between.start()
    yield between
    await between.stop()
