"""A list that one node holds: others wait, for a moment, whatever becomes of the node."""

import asyncio

import pytest

from persistence.contract import HOLD_SECONDS, BulkRecord, Committed, Conflict, StoreUnavailable
from persistence.postgres import PostgresListStore
from tests.list_scenes import LIST, PostgresScene, batch

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def until_waiting(scene: PostgresScene) -> None:
    """Come back when a statement waits for a lock that another transaction holds."""
    while not await scene.pool.fetchval(WAITING):
        pass


@pytest.mark.rule("BUS-5")
async def test_who_holds_a_list_commits_before_the_others(scene: PostgresScene) -> None:
    """What they send meanwhile waits, and then fails, since the head has moved; a second hold waits as well."""
    other = PostgresListStore(scene.pool)
    log = await scene.store.hold(LIST, 0)
    assert [entry.seq for entry in log] == [1]
    rival = asyncio.create_task(other.commit(batch(1)))
    await until_waiting(scene)
    held = asyncio.create_task(other.hold(LIST, 1))
    assert await scene.store.commit(batch(1)) == Committed(2)
    assert await rival == Conflict()
    assert [entry.seq for entry in await held] == [2]
    assert await other.commit(batch(2)) == Committed(3)
    assert await scene.store.commit(batch(3)) == Committed(4)


@pytest.mark.rule("BUS-5", "LOG-46")
async def test_rows_in_bulk_are_written_under_a_hold(scene: PostgresScene) -> None:
    """All of it in the transaction that holds the list; a rival's, of the same rows, is not written and leaves no trace."""
    other = PostgresListStore(scene.pool)
    rows = [BulkRecord(f"row-{number}", f"b{number}", {"rent": number}) for number in range(3)]
    await scene.store.hold(LIST, 0)
    rival = asyncio.create_task(other.commit(batch(1, records=rows)))
    await until_waiting(scene)
    assert await scene.store.commit(batch(1, records=rows)) == Committed(2)
    assert await rival == Conflict()
    counted = "SELECT count(*) FROM {} WHERE list_id = $1 AND row_id LIKE 'row-_'"
    assert [await scene.pool.fetchval(counted.format(table), LIST) for table in ("records", "facts")] == [3, 3]


@pytest.mark.rule("BUS-5")
async def test_a_hold_that_nobody_uses_ends(scene: PostgresScene) -> None:
    """After two seconds others go on; what its node commits afterwards is compared as ever."""
    loop, other = asyncio.get_running_loop(), PostgresListStore(scene.pool)
    begun = loop.time()
    await scene.store.hold(LIST, 0)
    assert await other.commit(batch(1)) == Committed(2)
    assert loop.time() - begun < HOLD_SECONDS + 3
    assert await scene.store.commit(batch(1)) == Conflict()
    assert await scene.store.commit(batch(2)) == Committed(3)


@pytest.mark.rule("BUS-5")
async def test_holding_again_lets_go_first(scene: PostgresScene) -> None:
    """A node does not wait for itself."""
    await scene.store.hold(LIST, 0)
    assert [entry.seq for entry in await scene.store.hold(LIST, 0)] == [1]
    assert await scene.store.commit(batch(1)) == Committed(2)


@pytest.mark.rule("BUS-5", "ROOM-6")
async def test_a_hold_whose_connection_dies_writes_nothing(scene: PostgresScene) -> None:
    """Its commit is unanswered, and others go on at once."""
    await scene.store.hold(LIST, 0)
    killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
    await scene.pool.execute(killed)
    other = PostgresListStore(scene.pool)
    with pytest.raises(StoreUnavailable):
        await scene.store.commit(batch(1))
    assert await other.commit(batch(1)) == Committed(2)
