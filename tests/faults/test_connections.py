"""The connections to the database: when it is gone, mute, another one, or short of connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.contract import Source, StoreUnavailable
from persistence.engine import open_engine
from persistence.migrate import upgrade
from persistence.pool import create_pool, reaching
from persistence.postgres import PostgresListStore
from realtime.core.writes import AddRow
from realtime.hub import Hub
from tests.faults.database import Database
from tests.faults.lists import EDITOR, make_lists
from tests.faults.proxy import Proxy
from tests.list_scenes import LIST, batch, furnish, postgres_scene

NOTICED_SECONDS_MAX = 8.0
"""Two seconds of silence, two until the server cannot be asked, and a busy machine."""
LISTS = 12
WRITES = 15


@asynccontextmanager
async def pool_at(url: str, **options: int) -> AsyncIterator[asyncpg.Pool]:
    """The list store's connections."""
    pool = await create_pool(url, **options)
    try:
        yield pool
    finally:
        await pool.close()


@pytest.mark.rule("LOG-42")
@pytest.mark.parametrize("mute", ["black hole", "frozen"])
async def test_a_mute_server_is_noticed_and_a_healed_one_is_used_at_once(
    database: Database, proxy: Proxy, mute: str
) -> None:
    """No call waits for an answer that never comes, and no dead connection is used after that."""
    async with pool_at(database.url(proxy.port)) as pool:
        store = PostgresListStore(pool)
        await asyncio.gather(*(store.updates_after(LIST, 0) for _ in range(5)))
        if mute == "frozen":
            database.freeze()
        else:
            proxy.swallow()
        async with asyncio.timeout(NOTICED_SECONDS_MAX):
            with pytest.raises(StoreUnavailable):
                await store.updates_after(LIST, 0)
        database.thaw()
        proxy.heal(deliver=False)
        async with asyncio.timeout(NOTICED_SECONDS_MAX):
            assert await store.updates_after(LIST, 0) == []


@pytest.mark.rule("LOG-42")
async def test_a_connection_that_dies_while_the_server_lives_is_noticed_by_asking(
    database: Database, proxy: Proxy
) -> None:
    """The network heals under a call, but not for its connection: the server, asked on another one, is not at work on it."""
    async with pool_at(database.url(proxy.port)) as pool:
        store = PostgresListStore(pool)
        await store.updates_after(LIST, 0)
        proxy.swallow()
        call = asyncio.create_task(store.updates_after(LIST, 0))
        await asyncio.sleep(0)
        proxy.heal(deliver=False)
        async with asyncio.timeout(NOTICED_SECONDS_MAX):
            with pytest.raises(StoreUnavailable):
                await call


@pytest.mark.rule("LOG-42")
async def test_a_commit_under_a_hold_notices_a_mute_server_as_well(database: Database, proxy: Proxy) -> None:
    """Who held the list waits no longer for its commit than others do, though a hold itself may be silent."""
    async with pool_at(database.url(proxy.port)) as pool:
        scene = await postgres_scene(pool)
        await furnish(scene)
        assert len(await scene.store.hold(LIST, 0)) == 1
        proxy.swallow()
        commit = asyncio.create_task(scene.store.commit(batch(1)))
        await asyncio.sleep(0)
        proxy.heal(deliver=False)
        async with asyncio.timeout(NOTICED_SECONDS_MAX):
            with pytest.raises(StoreUnavailable):
                await commit


@pytest.mark.rule("LOG-42")
async def test_a_slow_server_is_waited_for(database: Database) -> None:
    """Whoever works is not interrupted, however often it is asked after."""
    async with pool_at(database.url()) as pool, reaching(pool, silence_seconds=0.1) as connection:
        assert await connection.fetchval("SELECT 'done' FROM pg_sleep(2)") == "done"


@pytest.mark.rule("LOG-40")
async def test_a_server_that_turned_forgetful_is_not_used(database: Database, proxy: Proxy) -> None:
    """Every new connection is asked, not the first one alone; once the server keeps its word again it is used again."""
    async with pool_at(database.url(proxy.port)) as pool:
        store = PostgresListStore(pool)
        assert await store.updates_after(LIST, 0) == []
        await database.say("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        proxy.cut()
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await store.updates_after(LIST, 0)
        await database.say("ALTER ROLE CURRENT_USER RESET synchronous_commit")
        assert await store.updates_after(LIST, 0) == []


@pytest.mark.rule("LOG-41")
async def test_a_standby_is_unavailable_until_it_is_promoted(
    own_database: Database, proxy: Proxy, make_state_folder: Callable[[], Path]
) -> None:
    """The address leads to a standby: nothing is read from it or written; promoted, it serves without a restart of ours."""
    await upgrade(own_database.url())
    proxy.upstream = own_database.port
    standby = await own_database.make_standby(make_state_folder() / "standby")
    engine = open_engine(own_database.url(proxy.port))
    try:
        async with pool_at(own_database.url(proxy.port)) as pool:
            store = PostgresListStore(pool)
            assert await store.updates_after(LIST, 0) == []
            proxy.upstream = standby.port
            own_database.shoot()
            for _ in range(3):
                with pytest.raises(StoreUnavailable):
                    await store.updates_after(LIST, 0)
                with pytest.raises(StoreUnavailable):
                    await _ask(engine)
            await standby.promote()
            assert await store.updates_after(LIST, 0) == []
            assert await _ask(engine) == 1
    finally:
        await engine.dispose()
        standby.stop()


@pytest.mark.rule("LOG-42")
async def test_calls_beside_the_store_notice_a_mute_server_as_well(database: Database, proxy: Proxy) -> None:
    """Waiting connections are tried before they are used, and one that is in use is asked after."""
    engine = open_engine(database.url(proxy.port))
    try:
        assert await asyncio.gather(*(_ask(engine) for _ in range(4))) == [1] * 4
        proxy.swallow()
        async with asyncio.timeout(2 * NOTICED_SECONDS_MAX):
            with pytest.raises(StoreUnavailable):
                await _ask(engine)
        proxy.heal(deliver=False)
        assert await _ask(engine) == 1
        async with asyncio.timeout(NOTICED_SECONDS_MAX), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            proxy.swallow()
            proxy.heal(deliver=False)
            with pytest.raises(StoreUnavailable):
                await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()


async def _ask(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT 1")))


@pytest.mark.rule("LOG-43")
async def test_what_a_stopped_node_has_locked_is_let_go_of(
    database: Database, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node stops in the middle of a transaction: others wait for its lock only so long, and its own end is unavailability."""
    monkeypatch.setitem(create_pool.__globals__["_SESSION"], "idle_in_transaction_session_timeout", "300ms")
    async with pool_at(database.url()) as stopped, pool_at(database.url(proxy.port)) as other:
        await furnish(await postgres_scene(other))
        with pytest.raises(StoreUnavailable):
            await _be_stopped_holding_a_lock(stopped, other)
        assert await other.fetchval("SELECT name FROM lists WHERE id = $1", LIST) == "Theirs"


async def _be_stopped_holding_a_lock(stopped: asyncpg.Pool, other: asyncpg.Pool) -> None:
    async with reaching(stopped) as connection, connection.transaction():
        await connection.execute("SELECT FROM lists WHERE id = $1 FOR UPDATE", LIST)
        await other.execute("UPDATE lists SET name = 'Theirs' WHERE id = $1", LIST, timeout=10)
        await connection.execute("UPDATE lists SET name = 'Ours' WHERE id = $1", LIST)


@pytest.mark.rule("LOG-44")
@pytest.mark.parametrize("connections", [1, 2])
async def test_too_few_connections_delay_and_lose_nothing(
    database: Database, proxy: Proxy, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many lists share a connection or two, and most calls give up waiting for one: all edits are there, in order, once."""
    monkeypatch.setattr("persistence.pool._ACQUIRE_SECONDS", 0.02)
    async with pool_at(database.url(proxy.port), connections_max=connections) as pool:
        scene = await postgres_scene(pool)
        names = [f"list-{number:07}" for number in range(LISTS)]
        hub = await make_lists(scene, names)
        await asyncio.gather(*(_make_rows(hub, name) for name in names))
        await hub.close()
        for name in names:
            kept = await scene.kept(name)
            assert kept is not None
            made_rows = [fact.entry.fact.row for fact in kept.facts if fact.entry.fact.row is not None]
            assert made_rows == [_row(number) for number in range(WRITES)]
            assert [entry.seq for entry in kept.log] == list(range(1, kept.head + 1))


async def _make_rows(hub: Hub, list_id: str) -> None:
    """Ask one after another without waiting for answers, as people do; to open the list may take several tries."""
    while True:
        try:
            await hub.write(list_id, EDITOR, [AddRow(_row(0))], source=Source.API)
        except StoreUnavailable:
            continue
        break
    await asyncio.gather(
        *(hub.write(list_id, EDITOR, [AddRow(_row(number))], source=Source.API) for number in range(1, WRITES))
    )


def _row(number: int) -> str:
    return f"row-{number:08}"
