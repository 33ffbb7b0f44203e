"""The audit's hash chain: whatever somebody with every right does to a fact afterwards is found."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from persistence.chain import SALT_BYTES, BatchDigest, values_proof
from persistence.contract import BulkRecord, Committed, Conflict, NewList
from persistence.inspection import Snapshot
from realtime.verifying.audit import AuditCheck
from tests.list_scenes import ANA, LIST, START, WORKSPACE, PostgresScene, batch, cell_entry, row_patch

MUTATIONS = int(os.environ.get("ROWHOUSE_AUDIT_MUTATIONS", "1000"))
SEED = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
TEXTS = ("row_id", "column_id", "entity", "attribute", "actor", "source", "kind", "reason")
BYTES = ("salt", "seal")


async def told(connection: Any, list_id: str = LIST) -> list[str]:
    """What a check of the list's audit says."""
    snapshot = Snapshot(connection, list_id)
    head = await snapshot.head()
    assert head is not None
    check = AuditCheck(list_id, head, snapshot.facts())
    return [difference.line() async for difference in check.end()]


async def furnish_audit(scene: PostgresScene) -> None:
    """Fifty facts in commits of every shape, refusals and rows in bulk among them."""
    random, head = Random(7), 1
    for number in range(18):
        updates = random.choice((1, 1, 2, 3))
        places = [random.randrange(updates) for _ in range(random.choice((0, 1, 2, 5)))]
        values = (None, True, "text", 5, 2.5, -0.0, 1e22, {"by": ANA, "n": [1, 2.0]}, "ünïcode")
        audit = [
            cell_entry("quay", "rent", random.choice(values), random.choice(values), update=place, reason=reason)
            for place in places
            for reason in (random.choice((None, None, "role")),)
        ]
        made = batch(head, updates, audit=audit)
        if number % 6 == 5:
            records = [BulkRecord(f"bulk-{number}-{n}", f"b{n}", {"rent": n}, update=n % updates) for n in range(4)]
            result = await scene.store.commit(replace(made, records=records))
        else:
            result = await scene.store.commit(made)
        assert result == Committed(head + updates)
        head += updates


@asynccontextmanager
async def undone(scene: PostgresScene) -> AsyncIterator[Any]:
    """A connection on which everything is done and nothing stays."""
    async with scene.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:
            await transaction.rollback()


THERE = "list_id = $1 AND seq = $2 AND ordinal = $3"
STATEMENTS = {
    "edit": "UPDATE facts SET {column} = '{other}' WHERE " + THERE,
    "old value": "UPDATE facts SET old = '\"forged\"' WHERE " + THERE,
    "new value": "UPDATE facts SET new = '[]' WHERE " + THERE,
    "bytes": "UPDATE facts SET {bytes} = '\\x00' WHERE " + THERE,
    "salt gone": "UPDATE facts SET salt = NULL WHERE " + THERE,
    "delete": "DELETE FROM facts WHERE " + THERE,
    "truncate": "DELETE FROM facts WHERE list_id = $1 AND (seq, ordinal) >= ($2, $3)",
    "behead": "DELETE FROM facts WHERE list_id = $1 AND (seq, ordinal) <= ($2, $3)",
    "time": "UPDATE facts SET at = at + interval '1 microsecond' WHERE " + THERE,
    "another number": "UPDATE facts SET seq = 1000 WHERE " + THERE,
    "another ordinal": "UPDATE facts SET ordinal = 1000 WHERE " + THERE,
    "insert": f"""INSERT INTO facts SELECT (jsonb_populate_record(f, '{{{{"ordinal": 1000}}}}')).* FROM facts f WHERE {THERE}""",
    "exchange": """UPDATE facts f SET old = o.old, new = o.new, salt = o.salt, row_id = o.row_id FROM facts o
        WHERE f.list_id = $1 AND o.list_id = $1 AND (f.seq, f.ordinal) IN (($2, $3), ({seq}, {ordinal}))
        AND (o.seq, o.ordinal) IN (($2, $3), ({seq}, {ordinal})) AND (o.seq, o.ordinal) <> (f.seq, f.ordinal)""",
}


async def mutate(connection: Any, random: Random, facts: list[Any]) -> str:
    """Do one thing to a random fact, as a superuser may; returns what."""
    what = random.choice(sorted(STATEMENTS))
    fact, other = random.sample(facts, 2)
    column = random.choice(TEXTS)
    values = {"column": column, "other": "trash" if column == "kind" else "import" if column == "source" else "x"}
    place = {"seq": other["seq"], "ordinal": other["ordinal"], "bytes": random.choice(BYTES)}
    done = await connection.execute(STATEMENTS[what].format(**values, **place), LIST, fact["seq"], fact["ordinal"])
    assert not done.endswith(" 0"), f"{what} did nothing"
    return f"{what} {values} {place} of {fact}"


@pytest.mark.rule("LOG-12")
async def test_every_change_of_a_fact_is_found(scene: PostgresScene) -> None:
    """Edits of any column, deletions, insertions, exchanges, truncations and moves of random facts, by a superuser."""
    await furnish_audit(scene)
    random = Random(SEED)
    async with undone(scene) as connection:
        assert await told(connection) == []
        facts = await connection.fetch("SELECT * FROM facts WHERE list_id = $1 ORDER BY seq, ordinal", LIST)
    for number in range(MUTATIONS):
        async with undone(scene) as connection:
            what = await mutate(connection, random, facts)
            assert await told(connection), f"{number}: nobody noticed: {what}"


@pytest.mark.rule("LOG-12")
async def test_a_chain_that_was_set_back_is_found(scene: PostgresScene) -> None:
    """The list's own row holds where the chain must end."""
    await furnish_audit(scene)
    async with undone(scene) as connection:
        await connection.execute("UPDATE lists SET chain = sha256(chain) WHERE id = $1", LIST)
        assert await told(connection) == [
            f"{LIST}, number {await last(connection)}: the audit ends before its hash chain does"
        ]


async def last(connection: Any) -> int:
    """The number of the last fact."""
    number: int = await connection.fetchval("SELECT max(seq) FROM facts WHERE list_id = $1", LIST)
    return number


@pytest.mark.rule("LOG-12")
async def test_commits_that_meet_leave_one_chain(scene: PostgresScene) -> None:
    """Whoever loses the head has not touched the chain, and a batch without facts leaves it as it is."""
    for head in range(1, 21):
        both = [batch(head, audit=[cell_entry("quay", "rent", None, mark)]) for mark in (1, 2)]
        results = await asyncio.gather(*(scene.store.commit(each) for each in both))
        assert sorted(map(str, results)) == sorted(map(str, [Committed(head + 1), Conflict()]))
    chain = await scene.pool.fetchval("SELECT chain FROM lists WHERE id = $1", LIST)
    assert await scene.store.commit(batch(21, rows=[row_patch("quay", {"rent": 3})])) == Committed(22)
    assert await scene.pool.fetchval("SELECT chain FROM lists WHERE id = $1", LIST) == chain
    async with undone(scene) as connection:
        assert await told(connection) == []


@pytest.mark.rule("LOG-12")
async def test_a_list_made_in_bulk_has_its_chain(scene: PostgresScene) -> None:
    """The facts of thousands of rows are one commit of the chain; a changed one is found."""
    records = (BulkRecord(f"row-{number}", f"a{number}", {}) for number in range(4_500))
    new = NewList("bulk", WORKSPACE, "Bulk", ANA, START)
    assert await scene.store.create_list(new, batch(0, list_id="bulk"), records) == Committed(1)
    async with undone(scene) as connection:
        assert await told(connection, "bulk") == []
        assert await connection.fetchval("SELECT count(*) FROM facts WHERE list_id = 'bulk' AND seal IS NOT NULL") == 1
        await connection.execute("UPDATE facts SET new = '\"a7\"' WHERE list_id = 'bulk' AND ordinal = 2500")
        assert len(await told(connection, "bulk")) == 1


@pytest.mark.rule("LOG-13")
async def test_values_can_be_erased_without_breaking_the_chain(scene: PostgresScene) -> None:
    """With its proof in the place of its salt a fact's values may go; who did what and when stays checked."""
    await furnish_audit(scene)
    async with undone(scene) as connection:
        erased = await connection.fetch("SELECT * FROM facts WHERE list_id = $1 AND salt IS NOT NULL", LIST)
        assert len({fact["salt"] for fact in erased}) == len(erased)
        assert all(len(fact["salt"]) == SALT_BYTES for fact in erased)
        snapshot = Snapshot(connection, LIST)
        rows = [row async for row in snapshot.facts()]
        for row in rows:
            assert row.salt is not None
            proof = values_proof(row.salt, row.entry.fact.old, row.entry.fact.new)
            await connection.execute(
                "UPDATE facts SET old = NULL, new = NULL, salt = $3 WHERE list_id = $1 AND seq = $2 AND ordinal = $4",
                *(LIST, row.seq, proof, row.ordinal),
            )
        assert await told(connection) == []
        await connection.execute("UPDATE facts SET actor = 'somebody' WHERE seq = $1 AND ordinal = 0", rows[3].seq)
        assert await told(connection) != []


def test_the_audit_of_one_list_cannot_pass_for_anothers() -> None:
    """The same facts give another digest in another list."""
    here, there = BatchDigest("here"), BatchDigest("there")
    for digest in (here, there):
        digest.add(0, b"fact")
    assert here.digest() != there.digest()
    assert BatchDigest("here").digest() is None
