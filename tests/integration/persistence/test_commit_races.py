"""Commits that meet: two on one head, one and a revocation, and many writers at once."""

import asyncio

import pytest

from auth.roles import Role
from persistence.contract import Batch, CommitResult, Committed, Conflict, RightsMoved
from persistence.memory import Membership
from tests.list_scenes import ANA, LIST, WORKSPACE, PostgresScene, batch, cell_entry, row_patch

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def marked(head: int, mark: int) -> Batch:
    """A batch whose update, fact and row all carry the same mark."""
    audit = [cell_entry("quay", "rent", None, mark)]
    return batch(head, audit=audit, rows=[row_patch("quay", {"rent": mark})], memberships={ANA: 1})


async def until_waiting(scene: PostgresScene) -> None:
    """Come back when a statement waits for a lock that another transaction holds."""
    while not await scene.pool.fetchval(WAITING):
        pass


@pytest.mark.rule("LOG-2")
async def test_exactly_one_of_two_committers_wins(scene: PostgresScene) -> None:
    """Of two batches on one head one is written, and of the other nothing is, forty times over."""
    for head in range(1, 41):
        batches = [marked(head, mark) for mark in (2 * head, 2 * head + 1)]
        results = await asyncio.gather(*(scene.store.commit(each) for each in batches))
        assert sorted(map(str, results)) == sorted(map(str, [Committed(head + 1), Conflict()]))
        kept = await scene.kept(LIST)
        assert kept is not None
        winner = batches[results.index(Committed(head + 1))]
        assert kept.log[-1].batch_id == winner.batch_id
        assert kept.rows["quay"].cells == dict(winner.rows[0].cells)
        assert kept.facts[-1].entry == winner.audit[0]
        assert (len(kept.log), len(kept.facts)) == (head + 1, head)


@pytest.mark.rule("LOG-4")
async def test_facts_are_written_exactly_once(scene: PostgresScene) -> None:
    """Eight writers that retry every conflict write each of their edits, its fact and its number once."""
    each, writers = 15, 8

    async def write(writer: int) -> None:
        for number in range(each):
            result: CommitResult = Conflict()
            while result == Conflict():
                head = await scene.pool.fetchval("SELECT head FROM lists WHERE id = $1", LIST)
                result = await scene.store.commit(marked(head, writer * each + number))

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    kept = await scene.kept(LIST)
    assert kept is not None
    assert sorted(int(str(fact.entry.fact.new)) for fact in kept.facts) == list(range(each * writers))
    assert [fact.seq for fact in kept.facts] == [entry.seq for entry in kept.log[1:]]
    assert [entry.seq for entry in kept.log] == list(range(1, each * writers + 2))


@pytest.mark.rule("LOG-3")
async def test_a_commit_waits_for_a_revocation_and_then_sees_it(scene: PostgresScene) -> None:
    """A commit that meets an uncommitted revocation waits; once that has committed nothing is written."""
    async with scene.pool.acquire() as connection:
        revocation = connection.transaction()
        await revocation.start()
        await connection.execute(
            "UPDATE members SET removed_at = now(), version = version + 1 WHERE workspace_id = $1 AND user_id = $2",
            *(WORKSPACE, ANA),
        )
        commit = asyncio.create_task(scene.store.commit(marked(1, 5)))
        await until_waiting(scene)
        await revocation.commit()
    assert await commit == RightsMoved({ANA: None})
    kept = await scene.kept(LIST)
    assert kept is not None
    assert (kept.head, kept.facts) == (1, [])


@pytest.mark.rule("LOG-3")
async def test_a_commit_goes_on_when_a_revocation_is_given_up(scene: PostgresScene) -> None:
    """A revocation that rolls back has never been."""
    async with scene.pool.acquire() as connection:
        revocation = connection.transaction()
        await revocation.start()
        await connection.execute("UPDATE members SET version = 2 WHERE workspace_id = $1", WORKSPACE)
        commit = asyncio.create_task(scene.store.commit(marked(1, 5)))
        await until_waiting(scene)
        await revocation.rollback()
    assert await commit == Committed(2)


@pytest.mark.rule("LOG-3")
async def test_nothing_is_accepted_after_a_revocation(scene: PostgresScene) -> None:
    """While one writer goes on, a removal commits at a random moment: the log ends where the removal stands."""
    accepted = 1
    under_way = asyncio.Event()

    async def write() -> CommitResult:
        nonlocal accepted
        while True:
            result = await scene.store.commit(marked(accepted, accepted))
            if not isinstance(result, Committed):
                return result
            accepted = result.head
            if accepted == 10:
                under_way.set()

    writing = asyncio.create_task(write())
    await under_way.wait()
    await scene.set_member(ANA, Membership(Role.EDITOR, 2, active=False))
    head_then = await scene.pool.fetchval("SELECT head FROM lists WHERE id = $1", LIST)
    assert await writing == RightsMoved({ANA: None})
    assert head_then == accepted


@pytest.mark.rule("LOG-2")
async def test_a_commit_waits_for_the_trash_and_then_sees_it(scene: PostgresScene) -> None:
    """An edit that meets a list on its way into the trash waits and is not written."""
    async with scene.pool.acquire() as connection:
        trashing = connection.transaction()
        await trashing.start()
        await connection.execute("UPDATE lists SET trashed_at = now() WHERE id = $1", LIST)
        commit = asyncio.create_task(scene.store.commit(marked(1, 5)))
        await until_waiting(scene)
        await trashing.commit()
    assert await commit == Conflict()


async def test_each_edit_reads_its_row_by_the_primary_key(scene: PostgresScene) -> None:
    """A plan made on empty tables stays good: a commit into 3,000 rows walks no index of the whole list."""
    await scene.pool.execute(
        """INSERT INTO records (list_id, row_id, workspace_id, data, position, seq,
            created_at, created_by, updated_at, updated_by)
        SELECT $1, 'row' || n, $2, '{}', 'b' || n, 1, now(), 'ana', now(), 'ana' FROM generate_series(1, 3000) AS n""",
        *(LIST, WORKSPACE),
    )
    await scene.store.commit(batch(1, rows=[row_patch(f"row{n}", {"rent": n}) for n in range(1, 21)]))
    await scene.pool.execute("SELECT pg_stat_force_next_flush()")
    scans = dict(
        await scene.pool.fetch("SELECT indexrelname, idx_scan FROM pg_stat_user_indexes WHERE relname = 'records'")
    )
    assert scans.pop("records_pkey") >= 20
    assert set(scans.values()) == {0}
