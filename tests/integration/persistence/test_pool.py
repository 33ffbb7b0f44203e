"""The list store's connections: durability is required, and being out of reach has one name."""

import asyncio
import socket
from pathlib import Path

import asyncpg
import pytest

from persistence.contract import StoreUnavailable
from persistence.embedded import EmbeddedPostgres
from persistence.pool import DurabilityOff, create_pool, reaching
from persistence.postgres import PostgresListStore
from tests.list_scenes import LIST, PostgresScene, batch, cell_entry


@pytest.mark.rule("LOG-8")
async def test_a_server_that_may_forget_is_refused(database_url: str) -> None:
    """The throw-away server of the tests runs with fsync off, so an ordinary start on it fails."""
    with pytest.raises(DurabilityOff, match="fsync=off"):
        await create_pool(database_url)


async def test_nobody_listening_is_unavailable() -> None:
    """A port on which nothing listens means that the store is unavailable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(StoreUnavailable):
        await create_pool(f"postgresql://rowhouse@127.0.0.1:{port}/rowhouse")


async def test_a_cut_connection_is_unavailable_and_the_next_call_works(scene: PostgresScene) -> None:
    """When the server ends a connection under a call it is unavailable; the pool then connects anew."""
    with pytest.raises(StoreUnavailable):
        async with reaching(scene.pool) as connection:
            await connection.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await scene.store.updates_after(LIST, 1) == []


async def test_a_connection_that_was_lost_while_idle_is_unavailable_once_at_most(scene: PostgresScene) -> None:
    """Connections that died unused are replaced: at the latest the second call succeeds."""
    async with scene.pool.acquire() as connection:
        await connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    outcomes = await asyncio.gather(*(scene.store.updates_after(LIST, 1) for _ in range(3)), return_exceptions=True)
    assert all(outcome == [] or isinstance(outcome, StoreUnavailable) for outcome in outcomes)
    assert await scene.store.updates_after(LIST, 1) == []


async def test_a_closed_pool_is_unavailable(database_url: str) -> None:
    """A call that comes after the shutdown has begun finds the store unavailable."""
    pool = await create_pool(database_url, volatile_allowed=True)
    await pool.close()
    with pytest.raises(StoreUnavailable):
        await PostgresListStore(pool).open_list(LIST)


async def test_no_free_connection_is_unavailable(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a connection has an end."""
    monkeypatch.setattr("persistence.pool._ACQUIRE_SECONDS", 0.01)
    pool = await create_pool(database_url, connections_max=1, volatile_allowed=True)
    try:
        async with reaching(pool):
            with pytest.raises(StoreUnavailable):
                await PostgresListStore(pool).open_list(LIST)
    finally:
        await pool.close()


async def test_a_mistake_of_ours_is_not_unavailability(scene: PostgresScene) -> None:
    """Errors that a second try cannot heal pass through as they are."""
    with pytest.raises(asyncpg.UndefinedTableError):
        async with reaching(scene.pool) as connection:
            await connection.fetch("SELECT * FROM nothing_of_the_kind")
    with pytest.raises(asyncpg.InterfaceError):
        async with reaching(scene.pool) as connection:
            await connection.fetch("SELECT 1", "an argument too many")


async def test_a_nul_character_stops_before_the_statement(scene: PostgresScene) -> None:
    """What the gate must have refused is an error of ours, and nothing is written."""
    with pytest.raises(AssertionError, match="NUL"):
        await scene.store.commit(batch(1, audit=[cell_entry("quay", "note", None, "a\x00b")]))
    kept = await scene.kept(LIST)
    assert kept is not None
    assert kept.head == 1


@pytest.mark.rule("LOG-8")
async def test_a_server_that_keeps_its_word_is_taken(open_folder: Path) -> None:
    """The embedded server as it runs in earnest has fsync on; a session that turns its commits loose is refused."""
    with EmbeddedPostgres(open_folder) as server:
        pool = await create_pool(server.dsn)
        await pool.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        await pool.close()
        with pytest.raises(DurabilityOff, match="synchronous_commit=off"):
            await create_pool(server.dsn)
