"""What the suites share: one throw-away PostgreSQL, and for each test that asks a migrated database of its own."""

import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck, settings

from persistence.embedded import EmbeddedPostgres
from persistence.migrate import upgrade

TEMPLATE = "rowhouse_template"
PACKAGES = ("api", "auth", "persistence", "realtime", "snapshots")

# How long an example takes says something of the machine only; the first text of all waits for a table of every character.
settings.register_profile("rowhouse", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rowhouse")


@pytest.fixture(autouse=True)
def log_of_the_run() -> Iterator[None]:
    """A test that sets up the log as a server does leaves no trace of it for the next one."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers[:] = [handler for handler in root.handlers if handler in handlers]
        root.setLevel(level)
        for package in PACKAGES:
            logging.getLogger(package).setLevel(logging.NOTSET)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder with a short path that every system account can enter; pytest's own are closed."""
    with _open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def make_state_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders like `open_folder`, as many as are asked for; they are removed when the run ends."""
    with ExitStack() as folders:
        yield lambda: folders.enter_context(_open_folder())


@pytest.fixture(scope="session")
def throwaway_postgres() -> Iterator[EmbeddedPostgres]:
    """A running cluster that need not survive anything: fsync is off. Durability tests start their own."""
    with _open_folder() as folder, EmbeddedPostgres(folder, fsync=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template_database(throwaway_postgres: EmbeddedPostgres) -> str:
    """The address of the server, in which the database `TEMPLATE` has been migrated."""
    await _execute(throwaway_postgres.dsn, f"CREATE DATABASE {TEMPLATE}")
    await upgrade(database_address(throwaway_postgres.dsn, TEMPLATE))
    return throwaway_postgres.dsn


@pytest_asyncio.fixture
async def database_url(template_database: str) -> AsyncIterator[str]:
    """The `postgresql://` address of a fresh database at the newest revision; it is dropped after the test."""
    name = f"test_{secrets.token_hex(8)}"
    await _execute(template_database, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    yield database_address(template_database, name)
    await _execute(template_database, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def empty_database_url(throwaway_postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The address of a database without any table, for tests of the migrations themselves."""
    name = f"empty_{secrets.token_hex(8)}"
    await _execute(throwaway_postgres.dsn, f"CREATE DATABASE {name}")
    yield database_address(throwaway_postgres.dsn, name)
    await _execute(throwaway_postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)")


def database_address(server: str, name: str) -> str:
    """The address of the database `name` on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@contextmanager
def _open_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="rowhouse-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


async def _execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
