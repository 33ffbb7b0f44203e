"""What goes by time: the log up to the state, old facts behind an anchor, and nothing else."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from persistence import retention
from persistence.contract import Committed, ListBroken, LoggedUpdate, Source, StoreUnavailable
from persistence.inspection import Snapshot
from persistence.partitions import SILENT_SECONDS_MAX, Partition, make_ahead, partitions_of
from persistence.pool import reaching
from persistence.retention import PostgresRetention
from realtime.verifying.audit import AuditCheck
from tests.list_scenes import ANA, LIST, PostgresScene, batch, cell_entry, kept
from tests.timing import in_time

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=100)
OLDER = OLD - timedelta(days=40)


async def month_of(scene: PostgresScene, at: datetime) -> None:
    """Make the partitions of a month that is over."""
    begin = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    for parent in ("updates", "facts"):
        await scene.pool.execute(
            f"CREATE TABLE partitions.{parent}_{begin:%Y_%m} PARTITION OF {parent}"
            f" FOR VALUES FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
        )


async def names(scene: PostgresScene) -> set[str]:
    """The partitions that stand, without those of the coming months and the default ones."""
    found = await scene.pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_[0-9]{4}_[0-9]{2}$'"
    )
    return {row["relname"] for row in found if row["relname"][-7:] < f"{NOW:%Y_%m}"}


async def write(scene: PostgresScene, *moments: datetime) -> None:
    """Commit one update with one fact at each of these times."""
    for at in moments:
        head = (await kept(scene)).head
        fact = cell_entry("quay", "rent", None, head)._replace(at=at)
        made = replace(batch(head, audit=[fact]), updates=[LoggedUpdate(ANA, Source.SOCKET, b"\x01", at)])
        assert await scene.store.commit(made) == Committed(head + 1)


@pytest.fixture
async def aged(scene: PostgresScene) -> PostgresScene:
    """A list with entries of two months that are over, and of now: the numbers 2 and 3, 4, 5. Its first one is older still."""
    await month_of(scene, OLDER)
    await month_of(scene, OLD)
    await scene.pool.execute("UPDATE updates SET at = $1", OLDER - timedelta(days=40))
    await write(scene, OLDER, OLDER, OLD, NOW)
    return scene


async def numbers(scene: PostgresScene, table: str = "updates") -> list[int]:
    """The numbers that are kept."""
    return [
        row["seq"] for row in await scene.pool.fetch(f"SELECT seq FROM {table} WHERE list_id = $1 ORDER BY seq", LIST)
    ]


async def audit_says(scene: PostgresScene) -> list[str]:
    """What a check of the audit says."""
    async with scene.pool.acquire() as connection, connection.transaction():
        snapshot = Snapshot(connection, LIST)
        head = await snapshot.head()
        assert head is not None
        return [found.line() async for found in AuditCheck(LIST, head, snapshot.facts()).end()]


@pytest.mark.rule("LOG-18")
async def test_the_log_goes_up_to_the_state_and_no_further(aged: PostgresScene) -> None:
    """Whole months are dropped, the default partition is emptied of what may go, and what is young stays though the state holds it."""
    retention = PostgresRetention(aged.pool, log_days=30)
    await retention.run()
    assert await numbers(aged) == [1, 2, 3, 4, 5], "nothing goes without a state"
    assert list(await retention.due()) == [LIST]
    assert await aged.states.keep_state(LIST, 1, 5, b"state")
    assert list(await retention.due()) == []
    await retention.run()
    assert await numbers(aged) == [5]
    assert not {name for name in await names(aged) if name.startswith("updates")}
    assert await numbers(aged, "facts") == [2, 3, 4, 5], "facts are kept for ever"
    opened = await aged.store.open_list(LIST)
    assert opened is not None
    assert (opened.state_seq, list(opened.log)) == (5, [])
    assert await aged.pool.fetchval("SELECT log_from FROM documents") == 5


@pytest.mark.rule("LOG-18")
async def test_a_month_with_an_entry_that_must_stay_is_not_dropped(aged: PostgresScene) -> None:
    """What the state holds goes, what only the log has stays, and the list opens."""
    assert await aged.states.keep_state(LIST, 1, 2, b"state")
    await PostgresRetention(aged.pool, log_days=30).run()
    assert await numbers(aged) == [3, 4, 5]
    opened = await aged.store.open_list(LIST)
    assert opened is not None
    assert [entry.seq for entry in opened.log] == [3, 4, 5]
    with pytest.raises(ListBroken):
        await aged.store.updates_after(LIST, 1)


@pytest.mark.rule("LOG-11", "LOG-18")
async def test_a_clock_that_jumped_leaves_no_hole(aged: PostgresScene) -> None:
    """Behind an entry that says it is young nothing goes, however old what follows says it is."""
    await write(aged, NOW + timedelta(days=3_650), OLD, NOW)
    assert await aged.states.keep_state(LIST, 1, 8, b"state")
    await PostgresRetention(aged.pool, log_days=30).run()
    assert await numbers(aged) == [5, 6, 7, 8]


@pytest.mark.rule("LOG-18")
async def test_nothing_goes_where_the_log_is_kept_for_ever(aged: PostgresScene) -> None:
    """Without a retention no list is due and no partition is dropped."""
    assert await aged.states.keep_state(LIST, 1, 5, b"state")
    retention = PostgresRetention(aged.pool, log_days=None)
    assert list(await retention.due()) == []
    await retention.run()
    assert await numbers(aged) == [1, 2, 3, 4, 5]


@pytest.mark.rule("LOG-19")
async def test_old_facts_go_behind_an_anchor(aged: PostgresScene) -> None:
    """The chain is checked from the anchor on: the rest is sound, and a changed fact is found."""
    assert await audit_says(aged) == []
    await PostgresRetention(aged.pool, log_days=None, facts_days=30).run()
    assert await numbers(aged, "facts") == [5]
    assert not {name for name in await names(aged) if name.startswith("facts")}
    assert await aged.pool.fetchval("SELECT seq FROM anchors") == 4
    assert await audit_says(aged) == []
    await aged.pool.execute("UPDATE facts SET actor = 'somebody'")
    assert len(await audit_says(aged)) == 1


@pytest.mark.rule("LOG-19")
async def test_a_commit_that_reaches_into_a_young_month_stays_whole(aged: PostgresScene) -> None:
    """Its old fact stays with the young one, in a month that is not dropped, and the chain holds."""
    facts = [cell_entry("quay", "rent", None, at.year)._replace(at=at) for at in (OLD, NOW)]
    assert await aged.store.commit(batch(5, audit=facts)) == Committed(6)
    await write(aged, NOW)
    await PostgresRetention(aged.pool, log_days=None, facts_days=30).run()
    assert await numbers(aged, "facts") == [5, 6, 6, 7]
    assert await audit_says(aged) == []


@pytest.mark.rule("LOG-18")
async def test_commits_go_on_while_partitions_are_dropped(aged: PostgresScene) -> None:
    """Writers and four nodes' upkeep at once: every commit is written, and nothing that must stay goes."""
    assert await aged.states.keep_state(LIST, 1, 4, b"state")
    nodes = [PostgresRetention(aged.pool, log_days=30, facts_days=30) for _ in range(4)]
    await asyncio.gather(write(aged, *[NOW] * 30), *(node.run() for node in nodes for _ in range(3)))
    await nodes[0].run()
    assert await numbers(aged) == list(range(5, 36))
    assert await audit_says(aged) == []


@pytest.mark.rule("LOG-18")
async def test_a_partition_that_another_node_has_dropped_is_passed_over(
    aged: PostgresScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that saw it standing before it had the turn goes on with the next one."""
    assert await aged.states.keep_state(LIST, 1, 5, b"state")
    seen = []

    async def stale(connection: Any, parent: str) -> list[Partition]:
        standing = await partitions_of(connection, parent)
        if not seen:  # what is seen first stands no more when it is looked at again
            seen.append(parent)
            return [*standing, Partition("updates_1999_01", OLDER)]
        return standing

    monkeypatch.setattr(retention, "partitions_of", stale)
    await PostgresRetention(aged.pool, log_days=30).run()
    assert seen
    assert await numbers(aged) == [5]


@pytest.mark.rule("LOG-18")
async def test_a_report_that_reads_the_log_does_not_hold_up_edits(aged: PostgresScene) -> None:
    """While a long reader keeps a table, upkeep gives up at once and edits are written; the next round does its work."""
    assert await aged.states.keep_state(LIST, 1, 5, b"state")
    retention = PostgresRetention(aged.pool, log_days=30)
    async with aged.pool.acquire() as report:
        reading = report.transaction()
        await reading.start()
        await report.fetch("SELECT count(*) FROM updates")
        async with asyncio.timeout(20):
            await asyncio.gather(retention.run(), write(aged, NOW))
        assert await names(aged)
        await reading.commit()
    await retention.run()
    assert not {name for name in await names(aged) if name.startswith("updates")}


@pytest.mark.rule("LOG-16")
async def test_states_that_meet_leave_the_newest(aged: PostgresScene) -> None:
    """Twenty keepers at once with states of every number, twenty times over: the one of the highest number stays."""
    for _ in range(20):
        await aged.pool.execute("DELETE FROM documents")
        keeps: list[Any] = [aged.states.keep_state(LIST, 1, seq, b"%d" % seq) for seq in (1, 5, 2, 4, 3) * 4]
        await asyncio.gather(*keeps)
        assert tuple(await aged.pool.fetchrow("SELECT seq, state FROM documents")) == (5, b"5")


@pytest.mark.rule("LOG-17")
@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE documents SET state = '\\x00'",
        "UPDATE documents SET digest = '\\x00'",
        "UPDATE documents SET seq = 99",
        "UPDATE lists SET head = 9",
        "UPDATE lists SET head = 3",
        "DELETE FROM documents",
        "DELETE FROM updates",
    ],
)
async def test_a_harmed_list_opens_for_nobody(aged: PostgresScene, harm: str) -> None:
    """A state whose bytes changed, one ahead of the head, a lost state or log: an error, never an empty list, and nothing is written."""
    assert await aged.states.keep_state(LIST, 1, 4, b"state")
    await PostgresRetention(aged.pool, log_days=30).run()
    await aged.pool.execute(harm)
    before = await kept(aged)
    with pytest.raises(ListBroken):
        await aged.store.open_list(LIST)
    with pytest.raises(ListBroken):
        await aged.states.read_document(LIST)
    assert await kept(aged) == before


@pytest.mark.rule("OPS-55")
async def test_upkeep_that_stands_still_keeps_nobody_from_writing(
    scene: PostgresScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the whole log locked when its node is stopped: edits of all lists go on after two seconds, and the next round does the work."""
    locked, goes_on = asyncio.Event(), asyncio.Event()

    async def stand_still(connection: asyncpg.Connection) -> None:
        await connection.execute("LOCK TABLE ONLY updates IN ACCESS EXCLUSIVE MODE")
        locked.set()
        await goes_on.wait()
        await make_ahead(connection)

    upkeep = PostgresRetention(scene.pool, None)
    with monkeypatch.context() as patch:
        patch.setattr(retention, "make_ahead", stand_still)
        patch.setattr(
            retention, "reaching", partial(reaching, silence_seconds=60)
        )  # a stopped node looks after nothing
        running = asyncio.create_task(upkeep.run())
        await locked.wait()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await write(scene, NOW)
        assert in_time(loop.time() - begun, SILENT_SECONDS_MAX + 1.5)
        goes_on.set()
        with pytest.raises(StoreUnavailable):
            await running
    await upkeep.run()
