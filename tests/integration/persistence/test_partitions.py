"""Log and audit in their partitions: nothing that a clock says makes a commit fail, and numbers stay unique."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from persistence.contract import Batch, Committed, Conflict, LoggedUpdate, Source
from persistence.migrate import upgrade
from persistence.partitions import make_ahead, partitions_of, take_turn
from tests.list_scenes import ANA, LIST, PostgresScene, batch, cell_entry

WHERE = "SELECT tableoid::regclass::text FROM {table} WHERE list_id = $1 AND seq = $2"
BEFORE = """
INSERT INTO workspaces (id, name) VALUES ('w', 'W');
INSERT INTO lists (id, workspace_id, name, head, created_by) VALUES ('old', 'w', 'Old', 2, 'ana');
INSERT INTO updates (list_id, seq, actor, source, batch_id, update, at) VALUES
    ('old', 1, 'ana', 'api', gen_random_uuid(), '\\x01', now() - interval '400 days'),
    ('old', 2, 'ana', 'api', gen_random_uuid(), '\\x0203', now());
INSERT INTO facts (list_id, seq, ordinal, kind, new, actor, source, at) VALUES
    ('old', 1, 0, 'meta', '"Old"', 'ana', 'api', now() - interval '400 days'),
    ('old', 2, 0, 'meta', '"Older"', 'ana', 'api', now());
"""


def dated(head: int, at: datetime) -> Batch:
    """A batch of one update and one fact, dated as a node's clock would."""
    fact = cell_entry("quay", "rent", None, head)._replace(at=at)
    return replace(batch(head, audit=[fact]), updates=[LoggedUpdate(ANA, Source.SOCKET, b"\x01", at)])


async def place(scene: PostgresScene, table: str, seq: int) -> str:
    """The partition in which an entry lies."""
    found: str = await scene.pool.fetchval(WHERE.format(table=table), LIST, seq)
    return found.replace('"', "")


@pytest.mark.rule("LOG-11")
async def test_a_wrong_clock_never_makes_a_commit_fail(scene: PostgresScene) -> None:
    """Ten years ahead, sixty years back, now: each is committed, in order, and what no month has lies in the default partition."""
    now = datetime.now(UTC)
    moments = [now, now + timedelta(days=3_650), datetime(1966, 3, 1, tzinfo=UTC), now]
    for head, at in enumerate(moments, 1):
        assert await scene.store.commit(dated(head, at)) == Committed(head + 1)
    month = f"partitions.updates_{now:%Y_%m}"
    assert [await place(scene, "updates", seq) for seq in (2, 3, 4, 5)] == [
        month,
        "partitions.updates_default",
        "partitions.updates_default",
        month,
    ]
    assert await place(scene, "facts", 3) == "partitions.facts_default"
    entries = await scene.store.updates_after(LIST, 1)
    assert [entry.seq for entry in entries] == [2, 3, 4, 5]


@pytest.mark.rule("LOG-11")
async def test_a_number_is_taken_once_whatever_the_partition(scene: PostgresScene) -> None:
    """Two commits on one head whose times lie in different partitions: one is written, twenty times over."""
    now = datetime.now(UTC)
    for head in range(1, 21):
        both = [dated(head, now), dated(head, now - timedelta(days=900))]
        results = await asyncio.gather(*(scene.store.commit(each) for each in both))
        assert sorted(map(str, results)) == sorted(map(str, [Committed(head + 1), Conflict()]))
    for table in ("updates", "facts"):
        counted = await scene.pool.fetchrow(f"SELECT count(*), count(DISTINCT seq) FROM {table} WHERE seq > 1")
        assert tuple(counted) == (20, 20)


@pytest.mark.rule("LOG-11")
async def test_upkeep_makes_the_months_ahead_and_moves_what_lay_in_the_default_one(scene: PostgresScene) -> None:
    """A month that is missing is made, with what came meanwhile; entries keep their numbers."""
    now = datetime.now(UTC)
    gone = f"updates_{now:%Y_%m}"
    await scene.pool.execute(f'DROP TABLE partitions."{gone}"')
    assert await scene.store.commit(dated(1, now)) == Committed(2)
    assert await place(scene, "updates", 2) == "partitions.updates_default"
    async with scene.pool.acquire() as connection, connection.transaction():
        assert await take_turn(connection)
        await make_ahead(connection)
        names = [partition.name for partition in await partitions_of(connection, "updates")]
    assert gone in names
    assert len(names) == 4
    assert await place(scene, "updates", 2) == f"partitions.{gone}"
    assert await scene.store.commit(dated(2, now)) == Committed(3)


async def test_one_node_at_a_time_works_on_partitions(scene: PostgresScene) -> None:
    """While one has the turn another has not, and does not wait for it."""
    async with scene.pool.acquire() as one, scene.pool.acquire() as other:
        async with one.transaction():
            assert await take_turn(one)
            async with other.transaction():
                assert not await take_turn(other)
        async with other.transaction():
            assert await take_turn(other)


@pytest.mark.rule("LOG-11")
async def test_the_log_is_read_by_its_keys_in_every_partition(scene: PostgresScene) -> None:
    """The log after a number is found by index in each partition, with the plan that was made when they were empty."""
    async with scene.pool.acquire() as connection:
        query = "EXPLAIN SELECT seq, update FROM updates WHERE list_id = 'a' AND seq > 5 ORDER BY seq"
        plan = "\n".join(row[0] for row in await connection.fetch(query))
    assert "Seq Scan" not in plan
    assert plan.startswith("Merge Append")
    assert plan.count("Index Scan using") == 4


@pytest.mark.rule("LOG-11")
async def test_existing_entries_are_carried_over(empty_database_url: str) -> None:
    """A database of the revision before keeps every update and fact, and each list's chain begins after them."""
    await upgrade(empty_database_url, "0003")
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute(BEFORE)
        held = [await connection.fetch(f"SELECT * FROM {table} ORDER BY seq") for table in ("updates", "facts")]
        await upgrade(empty_database_url)
        names = [", ".join(row.keys()) for row, *_ in held]
        after = [
            await connection.fetch(f"SELECT {columns} FROM {table} ORDER BY seq")
            for table, columns in zip(("updates", "facts"), names, strict=True)
        ]
        assert after == held
        assert tuple(await connection.fetchrow("SELECT * FROM anchors")) == ("old", 2, b"")
        assert await connection.fetchval("SELECT log_bytes FROM lists") == 3
    finally:
        await connection.close()
